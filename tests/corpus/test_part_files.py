import errno
import json
import resource
from pathlib import Path

import numpy as np
import pytest

from gaupt.corpus.counts import Counts
from gaupt.corpus.documents import document_line
from gaupt.corpus.part_files import PartFiles, PartRecord, map_array, part_record, save_array
from tests.corpus.made import write_lines


def test_what_is_known_of_a_part_is_read_as_it_was_written() -> None:
    counts = Counts()
    counts.read("s", "甲乙", 2)
    counts.keep("s", "甲", 1)
    record = PartRecord(counts, 7, 1, 3)
    assert part_record(json.loads(json.dumps(record.to_json()))) == record


def test_the_files_of_a_part_have_its_name(tmp_path: Path) -> None:
    part = PartFiles(tmp_path, "a-1")
    files = [part.kept, part.dropped, part.keys, part.bands, part.paragraphs, part.ids]
    assert len(set(files)) == 6
    assert all(file.parent == tmp_path and file.name.startswith("a-1.") for file in files)


def test_the_texts_at_some_positions(tmp_path: Path) -> None:
    part = PartFiles(tmp_path, "0")
    write_lines(part.kept, [document_line(str(n), f"第{n}篇", "s") for n in range(5)])
    assert list(part.kept_texts({1, 3})) == ["第1篇", "第3篇"]


def test_an_array_is_mapped_as_it_was_saved_and_none_that_would_run_code_is_written(tmp_path: Path) -> None:
    save_array(tmp_path / "a.npy", np.arange(6).reshape(2, 3))
    mapped = map_array(tmp_path / "a.npy")
    assert isinstance(mapped, np.memmap) and mapped.tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="allow_pickle=False"):
        save_array(tmp_path / "b.npy", np.array([object()]))
    assert not (tmp_path / "b.npy").exists()


@pytest.mark.slow
def test_a_full_disk_says_why_an_array_did_not_fit(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OSError) as told:
            save_array(tmp_path / "a.npy", np.arange(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (told.value.errno, told.value.filename) == (errno.EFBIG, str(tmp_path / "a.npy"))
