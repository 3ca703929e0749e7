import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaupt.config import CleanConfig
from gaupt.corpus import clean_part as module
from gaupt.corpus.clean_part import clean_part
from gaupt.corpus.cleaner import Cleaner
from gaupt.corpus.duplicates.minhash import BANDS
from gaupt.corpus.part_files import PartFiles, PartRecord
from gaupt.corpus.read.cut import Part
from gaupt.files import read_lines_zst
from tests.corpus.made import OTHER, TEXT, input_file, json_line, jsonl, text


def cleaned(folder: Path, lines: bytes, **config: object) -> tuple[PartFiles, PartRecord]:
    path = folder / "a.jsonl"
    path.write_bytes(lines)
    part = Part("part", (input_file(path),), ())
    return PartFiles(folder, "part"), clean_part(part, CleanConfig.model_validate(config), folder)


def test_a_part_leaves_its_documents_their_traces_and_its_counts(tmp_path: Path) -> None:
    files, record = cleaned(tmp_path, jsonl(range(3)) + json_line("短。") + b"broken\n")
    assert list(files.kept_texts(range(9))) == [text(n) for n in range(3)]
    assert files.ids.read_text().split() == ['"n0"', '"n1"', '"n2"']
    assert np.load(files.keys).shape == (3, 2) and np.load(files.bands).shape == (BANDS, 3)
    assert not files.paragraphs.exists()
    assert (record.documents, record.paragraphs) == (3, 0)
    assert record.bytes == len(b"".join(line + b"\n" for line in read_lines_zst(files.kept)))
    assert record.counts.unreadable == {"a.jsonl": {"malformed line": 1}}
    assert record.counts.sources["a"].dropped == {"too_short": 1}


def test_traces_are_left_for_what_is_looked_for_alone(tmp_path: Path) -> None:
    lines = json_line(TEXT) + json_line(f"{TEXT}\n{OTHER}\n短。")
    files, record = cleaned(tmp_path, lines, near_duplicates=False, max_paragraph_documents=2)
    assert (record.documents, record.paragraphs) == (2, 3)
    assert not files.bands.exists()
    hashes, documents = np.load(files.paragraphs).T
    assert documents.tolist() == [0, 1, 1] and len(set(hashes.tolist())) == 2


def test_a_piece_of_which_its_reader_dies_is_left_out_from_there_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.read_piece

    def read(*arguments: Any) -> Iterator[Any]:
        for place, item in enumerate(real(*arguments)):
            if place == 2:
                raise KeyboardInterrupt  # as little is done as where a process is killed
            yield item

    monkeypatch.setattr(module, "read_piece", read)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            cleaned(tmp_path, jsonl(range(4)))
    files, record = cleaned(tmp_path, jsonl(range(4)))
    assert list(files.kept_texts(range(9))) == [text(0), text(1)]
    assert record.counts.unreadable == {"a.jsonl": {module.KILLED_READING: 1}}
    assert not files.tries.exists()


def hang(*_: Any) -> None:
    while True:
        pass


@pytest.mark.slow
def test_a_document_that_takes_too_long_is_set_aside_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Cleaner.clean
    monkeypatch.setattr(module, "SECONDS", 0.05)
    monkeypatch.setattr(
        Cleaner,
        "clean",
        lambda self, text, treatment: hang() if "毒" in text else real(self, text, treatment),
    )
    files, record = cleaned(tmp_path, jsonl(range(2)) + json_line("毒。") + jsonl(range(2, 4)))
    assert list(files.kept_texts(range(9))) == [text(n) for n in range(4)]
    counts = record.counts.sources["a"]
    assert (counts.read, counts.kept, counts.dropped) == (5, 4, {"too_slow": 1})
    (dropped,) = map(json.loads, read_lines_zst(files.dropped))
    assert (dropped["id"], dropped["reason"], dropped["excerpt"]) == ("a.jsonl:3", "too_slow", "毒。")


@pytest.mark.slow
def test_what_takes_too_long_to_read_is_left_out_from_there_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.read_piece

    def read(*arguments: Any) -> Iterator[Any]:
        for place, item in enumerate(real(*arguments)):
            if place == 2:
                hang()
            yield item

    monkeypatch.setattr(module, "SECONDS", 0.05)
    monkeypatch.setattr(module, "read_piece", read)
    files, record = cleaned(tmp_path, jsonl(range(4)))
    assert list(files.kept_texts(range(9))) == [text(0), text(1)]
    assert record.counts.unreadable == {"a.jsonl": {module.SLOW_READING: 1}}
