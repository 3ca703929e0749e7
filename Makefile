PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A marker file is touched only when everything is installed, so an interrupted install starts again.
INSTALL = $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet -c constraints.txt
# A process a core. Each takes neighbours, and so makes fewer of the fixtures that are shared.
ALL_CORES = -n auto --dist worksteal

# Containers often set it; the tests start some hundred processes of gaupt, and each would compile all of it again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-lowest test-transformers quick format options docs package clean

demo: $(VENV)/.installed
	$(BIN)/gaupt demo -o demo

test: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(ALL_CORES) --cov --cov-report=term

# The inner loop: what takes seconds is left out.
quick: $(VENV)/.installed-dev
	$(BIN)/pytest $(ALL_CORES) -m "not slow"

# The tests with the lowest version of everything that pyproject.toml names, which uv finds; 6 GB on disk.
test-lowest: LOWEST := .venv-lowest
test-lowest:
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct -e .[dev]
	$(LOWEST)/bin/pytest $(ALL_CORES)

# Exports in older and the newest transformers, beside peft, accelerate, optimum and sentence-transformers of their time;
# 2 GB on disk each. `make test-transformers-4.46` is one of them.
test-transformers: test-transformers-4.46 test-transformers-4.57 test-transformers-5

test-transformers-%: OTHER = .venv-transformers-$*
test-transformers-%:
	$(PYTHON) -m venv $(OTHER)
	$(OTHER)/bin/python -m pip install --quiet "$$(grep ^torch== constraints.txt)" -r tests/exporting/transformers-$*.txt -e .[dev]
	$(OTHER)/bin/pytest $(ALL_CORES) tests/exporting tests/importing tests/tokenizer tests/checkpoint tests/evaluation/test_save.py

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# docs/options.md from gaupt/config/sections.py
options: $(VENV)/.installed-dev
	$(BIN)/python docs/options.py > docs/options.md

# The site in site/; a broken link ends it.
docs: $(VENV)/.installed-dev
	NO_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict

# The wheel and the sdist in dist/, each tried where no clone is: the demo of the one, the whole of `make test` in the other.
package: $(VENV)/.installed-dev
	rm -rf dist
	$(BIN)/python -m build
	set -e; away=$$(mktemp -d); trap 'rm -rf "$$away"' EXIT; \
	$(PYTHON) -m venv "$$away/venv"; \
	"$$away/venv/bin/python" -m pip install --quiet -c constraints.txt dist/*.whl; \
	(cd "$$away" && venv/bin/gaupt demo -o demo --set train.steps=20); \
	tar xzf dist/*.tar.gz -C "$$away"; \
	$(MAKE) -C "$$away"/gaupt-* test

$(VENV)/.installed: pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt
	$(INSTALL) -e .[dev]
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .venv-lowest .venv-transformers-* demo dist site
