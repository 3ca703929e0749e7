"""The house: tests stand where their modules do, and no module reaches for another's private names.

Which way imports may run is held by import-linter, see ``[tool.importlinter]`` in pyproject.toml.
"""

import ast
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gaupt"
WITHOUT_TESTS = {
    "__main__.py": "two lines that call gaupt.cli; tests/cli runs it",
    "errors.py": "one exception class without code",
    "corpus/read/piece.py": "dataclasses without code",
}
"""Modules without a test file of their own, and why."""


def modules() -> list[Path]:
    """The package's modules but for the faces of its rooms, relative to it."""
    return [
        path.relative_to(PACKAGE)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py" and "sample" not in path.parts
    ]


def test_each_module_has_its_test_file_or_a_reason() -> None:
    without = {
        module.as_posix()
        for module in modules()
        if not (ROOT / "tests" / module.with_name(f"test_{module.name}")).is_file()
    }
    assert without == set(WITHOUT_TESTS)


def test_each_folder_of_tests_is_a_room() -> None:
    rooms = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")}
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders - rooms == {Path("benchmarks"), Path("end_to_end")}


def private_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gaupt"):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from (name for name in names if name.startswith("_") and not name.startswith("__"))


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["gaupt", "benchmarks", "docs"])
def test_no_module_imports_anothers_private_names(folder: str) -> None:
    found = {path.name: [*private_imports(path)] for path in (ROOT / folder).rglob("*.py")}
    assert {name: names for name, names in found.items() if names} == {}


def test_every_stage_plans_does_and_describes() -> None:
    from gaupt import demo, preparation
    from gaupt.corpus import clean
    from gaupt.exporting import hf
    from gaupt.importing import importer
    from gaupt.shards import build as shards
    from gaupt.tokenizer import build as tokenizer
    from gaupt.training import pretrain

    stages = {
        clean.clean: clean,
        tokenizer.build_tokenizer: tokenizer,
        shards.build_shards: shards,
        preparation.prepare: preparation,
        pretrain.pretrain: pretrain,
        hf.export: hf,
        importer.import_checkpoint: importer,
        demo.run_demo: demo,
    }
    for do, stage in stages.items():
        works_on = [name for name, p in signature(do).parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
        plans = [
            name for name, p in signature(stage.plan).parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        assert plans == works_on, stage.__name__
        assert "output" in works_on
        assert {"progress", "overwrite"} <= signature(do).parameters.keys()
        assert [*signature(stage.describe).parameters][1:] == ["output"]
