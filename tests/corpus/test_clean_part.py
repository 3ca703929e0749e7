from pathlib import Path

import numpy as np

from gaupt.config import CleanConfig
from gaupt.corpus.clean_part import clean_part
from gaupt.corpus.duplicates.minhash import BANDS
from gaupt.corpus.part_files import PartFiles, finished_parts
from gaupt.corpus.read.cut import cut
from tests.corpus.made import OTHER, TEXT, input_file, json_line, jsonl, text


def cleaned(tmp_path: Path, **config: object) -> tuple[PartFiles, dict[str, object]]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(range(3)) + json_line("短。") + b"broken\n")
    (part,) = cut([input_file(path)], 1 << 20)
    counts = clean_part(part, CleanConfig.model_validate(config), tmp_path)
    files = PartFiles(tmp_path, part.number)
    assert files.read_counts()[0] == counts
    return files, counts.to_json()


def test_a_part_leaves_its_documents_their_traces_and_its_counts(tmp_path: Path) -> None:
    files, counts = cleaned(tmp_path)
    assert list(files.kept_texts(range(9))) == [text(n) for n in range(3)]
    assert files.ids.read_text().split() == ['"n0"', '"n1"', '"n2"']
    assert np.load(files.keys).shape == (3, 2) and np.load(files.bands).shape == (BANDS, 3)
    assert not files.paragraphs.exists()
    assert counts["unreadable"] == {"a.jsonl": {"malformed line": 1}}
    assert counts["sources"]["a"]["dropped"] == {"too_short": 1}  # type: ignore[index]
    assert finished_parts(tmp_path) == [files]


def test_traces_are_left_for_what_is_looked_for_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_line(TEXT) + json_line(f"{TEXT}\n{OTHER}\n短。"))
    (part,) = cut([input_file(path)], 1 << 20)
    clean_part(part, CleanConfig(near_duplicates=False, max_paragraph_documents=2), tmp_path)
    files = PartFiles(tmp_path, 0)
    assert not files.bands.exists()
    hashes, documents = np.load(files.paragraphs).T
    assert documents.tolist() == [0, 1, 1] and len(set(hashes.tolist())) == 2
