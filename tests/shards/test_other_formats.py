import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gaupt.errors import GauptError
from gaupt.shards.format import open_shards
from gaupt.shards.other_formats import check_formats, export_shards


def stored(shards_folder: Path, split: str) -> list[list[int]]:
    shards = open_shards(shards_folder)
    documents = []
    for name in shards.names(split):
        shard = shards.read(name)
        ids = shard.tokens & np.uint16(shards.word_bit - 1)
        documents += [ids[a:b].tolist() for a, b in pairwise(shard.documents.tolist())]
    return documents


def test_megatron_reads_the_documents(shards_folder: Path, tmp_path: Path) -> None:
    export_shards(open_shards(shards_folder), "megatron", tmp_path)
    index = (tmp_path / "train.idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, documents = struct.unpack_from("<QBQQ", index, 9)
    assert (version, code, documents) == (1, 8, sequences + 1)
    sizes = np.frombuffer(index, "<i4", sequences, 34)
    pointers = np.frombuffer(index, "<i8", sequences, 34 + 4 * sequences)
    bounds = np.frombuffer(index, "<i8", documents, 34 + 12 * sequences)
    assert 34 + 12 * sequences + 8 * documents == len(index)
    assert bounds.tolist() == list(range(documents))
    data = (tmp_path / "train.bin").read_bytes()
    read = [
        np.frombuffer(data, "<u2", n, p).tolist()
        for n, p in zip(sizes.tolist(), pointers.tolist(), strict=True)
    ]
    assert read == stored(shards_folder, "train")


@pytest.mark.slow
def test_parquet_reads_the_documents(shards_folder: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    files = export_shards(open_shards(shards_folder), "parquet", tmp_path)
    rows = [
        row for file in files if file.name.startswith("train") for row in parquet.read_table(file).to_pylist()
    ]
    assert [row["input_ids"] for row in rows] == stored(shards_folder, "train")
    assert all(len(row["word_starts"]) == len(row["input_ids"]) for row in rows)
    assert {row["source"] for row in rows} == {"source0", "source1", "source2"}


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(GauptError, match="megatron, parquet"):
        check_formats(["mds"])
