import json
from pathlib import Path

from gaupt.config import CleanConfig
from gaupt.corpus.documents import document_line, read_documents
from gaupt.corpus.duplicates.paragraphs import paragraph_hashes
from gaupt.corpus.duplicates.search import EXACT
from gaupt.corpus.part_files import PartFiles
from gaupt.corpus.write_output import MIN_OUTPUT, Output, group, write_output
from gaupt.files import read_jsonl_zst
from tests.corpus.made import OTHER, TEXT, write_lines


def test_parts_are_grouped_into_files_of_a_least_size(tmp_path: Path) -> None:
    parts = [PartFiles(tmp_path, number) for number in range(5)]
    half = MIN_OUTPUT // 2
    assert list(group(parts, [half, half, half - 1, half, half])) == [parts[:2], parts[2:]]
    assert list(group([], [])) == []


def test_duplicates_go_and_repeated_paragraphs_are_taken_out(tmp_path: Path) -> None:
    part = PartFiles(tmp_path, 0)
    texts = [TEXT, TEXT, f"{OTHER}\n{TEXT}", TEXT]
    write_lines(part.kept, [document_line(f"d{n}", text, "s") for n, text in enumerate(texts)])
    write_lines(part.dropped, [b'{"id": "early"}\n'])
    hashes = frozenset(hash_ for _, hash_ in paragraph_hashes(TEXT) if hash_ is not None)
    gone = {1: ("d0", EXACT)}
    output = Output(0, (part,), gone, tmp_path, {2: hashes, 3: hashes}, CleanConfig())
    changes = write_output(output)
    assert [(d.id, d.text) for d in read_documents(output.documents)] == [("d0", TEXT), ("d2", OTHER)]
    dropped = list(read_jsonl_zst(output.dropped))
    assert [(d["id"], d.get("reason")) for d in dropped] == [
        ("early", None),
        ("d1", "exact_duplicate"),
        ("d3", "repeated_paragraphs"),
    ]
    assert dropped[1]["duplicate_of"] == "d0"
    source = changes.source("s")
    assert (source.kept, source.dropped.total()) == (-2, 2)
    assert source.bytes_after == -3 * len(TEXT.encode()) - len(b"\n")
    output.documents.unlink()
    assert json.dumps(write_output(output).to_json()) == json.dumps(changes.to_json())  # done: not again
