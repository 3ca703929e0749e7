from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.documents import Document
from gaupt.errors import GauptError
from gaupt.shards.cut import TAIL, cut_parts, decompressed_size, in_two, read_part
from tests.made_documents import write_documents

TEXT = st.text("中文ab\n\u2028", max_size=30)


@pytest.mark.slow
@given(
    texts=st.lists(
        st.lists(st.text("中文ab\n\u2028", max_size=30), min_size=1, max_size=8), min_size=1, max_size=3
    ),
    size=st.integers(1, 400),
)
def test_parts_hold_every_document_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], size: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    files, written = [], []
    for number, some in enumerate(texts):
        documents = [Document(f"{number}-{i}", text, "s") for i, text in enumerate(some)]
        files.append(folder / f"documents-{number:05}.jsonl.zst")
        write_documents(files[-1], documents)
        written += documents
    parts = cut_parts(files, list(map(decompressed_size, files)), size)
    assert [part.name for part in parts] == [f"{number:05}" for number in range(len(parts))]
    assert [document for part in parts for document in read_part(part)] == written


@pytest.mark.parametrize("place", [0, 30, -20])
def test_a_damaged_file_is_named(place: int, tmp_path: Path) -> None:
    path = tmp_path / "documents-00000.jsonl.zst"
    write_documents(path, [Document(str(i), f"文本{i}" * 20, "s") for i in range(200)])
    good = bytearray(path.read_bytes())
    good[place : place + 8 if place >= 0 else None] = b"\xff" * 8
    path.write_bytes(good)
    with pytest.raises(GauptError, match=r"documents-00000\.jsonl\.zst is damaged"):
        for part in cut_parts([path], [decompressed_size(path)]):
            list(read_part(part))


def test_a_document_is_cut_in_two_where_a_sentence_ends_before_its_last_share() -> None:
    document = Document("a", "甲甲甲。乙乙乙！”丙丙丙\n丁丁丁丁。", "s")
    first, last = in_two(document, 0.2)
    assert (first.text, last.text) == ("甲甲甲。乙乙乙！”丙丙丙\n", "丁丁丁丁。")
    assert (first.id, last.id, last.source) == ("a", f"a{TAIL}", "s")
    assert [half.text for half in in_two(document, 0.6)] == ["甲甲甲。", "乙乙乙！”丙丙丙\n丁丁丁丁。"]


def test_one_sentence_stays_whole() -> None:
    for text in ("一句话没有第二句。", "没有句号", "。"):
        assert in_two(Document("a", text, "s"), 0.05) == [Document("a", text, "s")]
