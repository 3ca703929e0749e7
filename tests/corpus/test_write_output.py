from itertools import count
from pathlib import Path

import numpy as np

from gaupt.config import CleanConfig
from gaupt.corpus.counts import counts_from_json
from gaupt.corpus.documents import document_line, read_documents
from gaupt.corpus.duplicates.groups import group_parts
from gaupt.corpus.duplicates.minhash import BANDS
from gaupt.corpus.duplicates.paragraphs import find_repeated, paragraph_hashes
from gaupt.corpus.duplicates.search import find_duplicates
from gaupt.corpus.part_files import PartFiles, save_array
from gaupt.corpus.write_output import MAX_OUTPUT, MIN_OUTPUT, Output, output_sizes, write_output
from gaupt.files import read_jsonl_zst
from gaupt.seal import facts_of_file
from gaupt.workers import local_crew
from tests.corpus.made import OTHER, TEXT, write_lines


def test_parts_are_gathered_into_files_of_a_least_size() -> None:
    half = MIN_OUTPUT // 2
    assert output_sizes([half, half, half - 1, half, half]) == [2, 3]
    assert output_sizes([half, half]) == [2]
    assert output_sizes([]) == []
    assert output_sizes([0, 0]) == [2]


def test_large_corpora_have_about_a_thousand_files_up_to_a_size() -> None:
    assert output_sizes([MIN_OUTPUT] * 1000) == [1] * 1000
    assert output_sizes([MIN_OUTPUT] * 1001) == [2] * 500 + [1]
    assert output_sizes([MAX_OUTPUT] * 2000) == [1] * 2000


def test_duplicates_go_and_repeated_paragraphs_are_taken_out(tmp_path: Path) -> None:
    texts = [TEXT, TEXT, f"{OTHER}\n{TEXT}", f"{TEXT}。"]
    parts, own = [PartFiles(tmp_path, name) for name in "ab"], count(100)
    for part, numbers in zip(parts, ((0, 1), (2, 3)), strict=True):
        lines = [document_line(f"d{n}", texts[n], "s") for n in numbers]
        write_lines(part.kept, lines)
        write_lines(part.dropped, [b'{"id": "early"}\n'] if part is parts[0] else [])
        part.ids.write_text("".join(f'"d{n}"\n' for n in numbers))
        keys = [[7, 7] if n < 2 else [next(own), next(own)] for n in numbers]
        save_array(part.keys, np.array(keys, np.uint64))
        save_array(part.bands, np.array([[next(own) for _ in numbers] for _ in range(BANDS)], np.uint64))
        hashes = [(h, place) for place, n in enumerate(numbers) for _, h in paragraph_hashes(texts[n]) if h]
        save_array(part.paragraphs, np.array(hashes, np.uint64))
    groups = group_parts(parts, [2, 2])
    with local_crew(1) as crew:
        duplicates = find_duplicates(groups, tmp_path, True, 0.8, crew)
        repeated = find_repeated(groups, 6, duplicates, 1, crew)
    output = Output(0, tuple(parts), 0, 4, tmp_path, CleanConfig(), duplicates, repeated)
    written = write_output(output)
    assert [(d.id, d.text) for d in read_documents(output.documents)] == [("d0", TEXT), ("d2", OTHER)]
    assert written["files"] == {path.name: facts_of_file(path) for path in (output.documents, output.dropped)}
    dropped = list(read_jsonl_zst(output.dropped))
    assert [(d["id"], d.get("reason")) for d in dropped] == [
        ("early", None),
        ("d1", "exact_duplicate"),
        ("d3", "repeated_paragraphs"),
    ]
    assert dropped[1]["duplicate_of"] == "d0"
    source = counts_from_json(written["changes"]).source("s")
    assert (source.kept, source.dropped.total()) == (-2, 2)
    assert source.bytes_after == -3 * len(TEXT.encode()) - len("。\n".encode())
    second = Output(1, (parts[1],), 2, 4, tmp_path, CleanConfig(), duplicates, repeated)
    assert write_output(second)["changes"]["sources"]["s"]["kept"] == -1
    assert [d.id for d in read_documents(second.documents)] == ["d2"]
