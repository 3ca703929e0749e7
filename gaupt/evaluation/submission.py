"""CLUE's zip: predictions for the official test files, which have no answers."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gaupt.evaluation.data import TaskData
from gaupt.evaluation.tasks.rows import Row
from gaupt.files import atomic_write

_FEW_SHOT_NAMES = {
    "csl": "cslf", "tnews": "tnewsf", "ocnli": "ocnlif", "iflytek": "iflytekf", "cluewsc": "cluewscf", "chid": "chidf",
}  # fmt: skip
"""FewCLUE's names of tasks that CLUE has as well."""


def test_files(data: TaskData) -> list[tuple[str, Sequence[Row]]]:
    """The test files that are there, by the name that their predictions are handed in by."""
    folder, task = data.files.folder, data.task
    few_shot = any(
        (folder / name).is_file() for name in ("test_public.json", "train_few_all.json", "train_0.json")
    )
    if few_shot:
        path = folder / "test.json"
        name = f"{_FEW_SHOT_NAMES.get(task.name, task.name)}_predict.json"
        return [(name, task.read(path))] if path.is_file() else []
    # Before version 1.1, test.json was what test1.0.json is now.
    found = [(name, folder / file) for file, name in task.submission if (folder / file).is_file()]
    return [(name, task.read(path)) for name, path in found]


def write_submission(path: Path, files: Mapping[str, str]) -> None:
    """Write ``files`` (name to text) as one zip without folders, the same bytes for the same files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
