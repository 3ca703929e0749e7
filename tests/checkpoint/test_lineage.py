from pathlib import Path
from typing import Any

import pytest

from gaupt.checkpoint.format import Checkpoint
from gaupt.checkpoint.lineage import FROM, lineage, told
from gaupt.config import Config


def checkpoint(folder: Path, step: int, **facts: Any) -> Checkpoint:
    return Checkpoint(folder, Config(), step, facts)


def test_a_checkpoint_of_a_run_is_called_by_the_run_and_its_step(tmp_path: Path) -> None:
    folder = tmp_path / "base/checkpoints/step-0020000"
    for path in (tmp_path / "base", folder):
        found = lineage(path, checkpoint(folder, 20_000, tokens=7), "f00d")
        assert found == {"name": "base", "step": 20_000, "weights": "f00d"}
    assert told(found) == "base at step 20,000"


def test_an_import_is_called_by_its_folder_and_what_it_was(tmp_path: Path) -> None:
    found = lineage(tmp_path / "alpha", checkpoint(tmp_path / "alpha", 0, source="chinese_GAU-alpha"), "f00d")
    assert found == {"name": "alpha", "weights": "f00d", "source": "chinese_GAU-alpha"}
    assert told(found) == "alpha, from chinese_GAU-alpha"


def test_an_exported_folder_has_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "export").mkdir()
    monkeypatch.chdir(tmp_path / "export")
    found = lineage(Path("."), None, "f00d")
    assert (found, told(found)) == ({"name": "export", "weights": "f00d"}, "export")


def test_what_a_model_came_from_goes_along_without_a_place(tmp_path: Path) -> None:
    first = {"name": "alpha", "weights": "f", "source": "chinese_GAU-alpha"}
    folder = tmp_path / "law/checkpoints/step-0000300"
    found = lineage(tmp_path / "law", checkpoint(folder, 300, **{FROM: first}), "f00d")
    assert told(found) == "law at step 300, from alpha, from chinese_GAU-alpha"
    assert str(tmp_path) not in str(found)
