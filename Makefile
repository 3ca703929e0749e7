PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A marker file is touched only when everything is installed, so an interrupted install starts again.
INSTALL = $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet -c constraints.txt

.PHONY: demo test format clean

demo: $(VENV)/.installed
	$(BIN)/gaupt demo -o demo

test: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/.installed: pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt
	$(INSTALL) -e .[dev]
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) demo
