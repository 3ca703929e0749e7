from pathlib import Path

import numpy as np
import pytest

from gaupt.corpus.documents import document_line
from gaupt.corpus.part_files import PartFiles, finished_parts, map_array, save_array
from tests.corpus.made import empty_counts, write_lines


def test_a_part_is_done_when_its_counts_are_there(tmp_path: Path) -> None:
    parts = [PartFiles(tmp_path, number) for number in (10, 2)]
    for part in parts:
        write_lines(part.kept, [])
        assert not part.is_done()
        empty_counts(part, size=7)
        assert part.is_done()
    assert finished_parts(tmp_path) == parts[::-1]
    assert parts[0].read_counts()[1] == 7


def test_the_texts_at_some_positions(tmp_path: Path) -> None:
    part = PartFiles(tmp_path, 0)
    write_lines(part.kept, [document_line(str(n), f"第{n}篇", "s") for n in range(5)])
    assert list(part.kept_texts({1, 3})) == ["第1篇", "第3篇"]


def test_an_array_is_mapped_as_it_was_saved_and_none_that_would_run_code_is_written(tmp_path: Path) -> None:
    save_array(tmp_path / "a.npy", np.arange(6).reshape(2, 3))
    mapped = map_array(tmp_path / "a.npy")
    assert isinstance(mapped, np.memmap) and mapped.tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="allow_pickle=False"):
        save_array(tmp_path / "b.npy", np.array([object()]))
    assert not (tmp_path / "b.npy").exists()
