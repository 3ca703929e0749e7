"""CLUE's zip: predictions for the official test files, which have no answers."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.tasks.rows import Row
from gaupt.files import atomic_write

_FEW_SHOT_NAMES = {
    "csl": "cslf", "tnews": "tnewsf", "ocnli": "ocnlif", "iflytek": "iflytekf", "cluewsc": "cluewscf", "chid": "chidf",
}  # fmt: skip
"""FewCLUE's names of tasks that CLUE has as well."""


def test_paths(data: TaskData) -> list[tuple[str, Path]]:
    """The test files that are there, each with the name that its predictions are handed in by."""
    folder, task = data.files.folder, data.task
    if data.files.few_shot:
        name = f"{_FEW_SHOT_NAMES.get(task.name, task.name)}_predict.json"
        return [(name, folder / "test.json")] if (folder / "test.json").is_file() else []
    # Before version 1.1, test.json was what test1.0.json is now.
    found: dict[str, Path] = {}
    for file, name in task.submission:
        if (folder / file).is_file():
            found.setdefault(name, folder / file)
    return list(found.items())


def test_files(data: TaskData) -> list[tuple[str, Sequence[Row]]]:
    """The rows of `test_paths`.

    Raises:
        GauptError: one of them has none, or is in no format of the task.
    """
    found = []
    for name, path in test_paths(data):
        rows = data.task.read(path)
        if not rows:
            raise GauptError(f"{path} is empty; --submission predicts its rows")
        found.append((name, rows))
    return found


def write_submission(path: Path, files: Mapping[str, str]) -> None:
    """Write ``files`` (name to text) as one zip without folders, the same bytes for the same files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
