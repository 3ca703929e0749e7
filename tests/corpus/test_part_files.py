from pathlib import Path

from gaupt.corpus.documents import document_line
from gaupt.corpus.part_files import PartFiles, finished_parts
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
