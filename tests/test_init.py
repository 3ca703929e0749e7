"""The face of the package: a small sorted list of names, typed, and free until one is used."""

import pkgutil
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import gaupt

ROOT = Path(__file__).resolve().parents[1]


def test_the_names_are_these() -> None:
    assert gaupt.__all__ == [
        "Config",
        "EvaluateOptions",
        "GauptError",
        "Progress",
        "build_shards",
        "build_tokenizer",
        "clean",
        "evaluate",
        "export",
        "fill_masks",
        "import_checkpoint",
        "load_config",
        "load_model",
        "prepare",
        "pretrain",
        "read_documents",
        "score_file",
    ]
    assert sorted(gaupt.__all__) == gaupt.__all__
    assert set(gaupt.__all__) <= set(dir(gaupt))


@pytest.mark.parametrize("name", gaupt.__all__)
def test_each_name_is_a_documented_thing_of_one_module(name: str) -> None:
    value = getattr(gaupt, name)
    assert value.__doc__
    assert value.__name__ == name
    assert value.__module__.startswith("gaupt.")
    assert getattr(sys.modules[value.__module__], name) is value


def test_what_type_checkers_read_is_what_is_handed_on() -> None:
    text = Path(gaupt.__file__).read_text(encoding="utf-8")
    typed = re.findall(r"^    from (\S+) import (\w+) as (\w+)$", text, re.M)
    assert [(name, name, getattr(gaupt, name).__module__) for name in gaupt.__all__] == sorted(
        (name, handed_on, module) for module, name, handed_on in typed
    )


def test_no_name_is_that_of_a_module_which_would_hide_it() -> None:
    modules = {module.name for module in pkgutil.iter_modules(gaupt.__path__)}
    assert modules & set(gaupt.__all__) == set()


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'gaupt' has no attribute 'pretrian'"):
        gaupt.pretrian  # noqa: B018


def test_importing_it_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import gaupt; print(*set(sys.modules) - before)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    names = result.stdout.split()
    assert [name for name in names if name.split(".")[0] not in sys.stdlib_module_names] == ["gaupt"]


@pytest.mark.parametrize("call", ["import gaupt", "from gaupt.cli import main; main()"])
def test_on_windows_it_says_in_one_line_where_it_runs(call: str) -> None:
    code = f"import sys; sys.platform = 'win32'; {call}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "gaupt: error: gaupt runs on Linux and macOS; on Windows install and run it inside WSL2\n"
    )


def test_it_says_that_it_is_typed() -> None:
    assert (Path(gaupt.__file__).parent / "py.typed").is_file()


def test_the_version_has_one_source() -> None:
    assert version("gaupt") == gaupt.__version__
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_changelog_tells_of_this_version() -> None:
    headings = [
        line.split()[1]
        for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## ") and "Unreleased" not in line
    ]
    assert headings[0] == gaupt.__version__
