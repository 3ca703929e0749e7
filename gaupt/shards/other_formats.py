"""Shards in the formats of others: Megatron-LM's indexed dataset, and parquet."""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaupt.errors import GauptError
from gaupt.files import atomic_write
from gaupt.shards.format import SPLITS, Shards

FORMATS = ("megatron", "parquet")
_MEGATRON_HEADER = b"MMIDIDX\x00\x00"
# Codes of the element types in Megatron-LM's index.
_MEGATRON_CODES = {"<u2": 8, "<i4": 4}


def export_shards(shards: Shards, format_: str, folder: Path) -> list[Path]:
    """Write every split into ``folder`` and return the files.

    Raises:
        GauptError: an unknown format; parquet without pyarrow.
    """
    check_formats([format_])
    if format_ == "megatron":
        return [file for split in SPLITS for file in _export_megatron(shards, split, folder)]
    return [file for split in SPLITS for file in _export_parquet(shards, split, folder)]


def check_formats(formats: Iterable[str]) -> None:
    """Raise GauptError where `export_shards` does not know one of ``formats``."""
    for format_ in formats:
        if format_ not in FORMATS:
            raise GauptError(f"cannot export shards as {format_!r}; choose one of {', '.join(FORMATS)}")


def _export_megatron(shards: Shards, split: str, folder: Path) -> list[Path]:
    """``SPLIT.bin`` and ``SPLIT.idx``, a sequence a document; there is no place for word bits."""
    dtype = "<u2" if shards.manifest["tokenizer"]["vocab_size"] <= 1 << 16 else "<i4"
    lengths: list[NDArray[Any]] = [np.zeros(0, np.int64)]
    data, index = folder / f"{split}.bin", folder / f"{split}.idx"
    with atomic_write(data) as file:
        for name in shards.names(split):
            shard = shards.read(name)
            ids = shard.tokens & shard.tokens.dtype.type(shards.word_bit - 1)
            file.write(ids.astype(dtype).tobytes())
            lengths.append(np.diff(shard.documents.astype(np.int64)))
    sizes = np.concatenate(lengths)
    starts = (np.cumsum(sizes) - sizes) * np.dtype(dtype).itemsize
    with atomic_write(index) as file:
        file.write(_MEGATRON_HEADER)
        file.write(struct.pack("<QBQQ", 1, _MEGATRON_CODES[dtype], len(sizes), len(sizes) + 1))
        file.write(sizes.astype("<i4").tobytes())
        file.write(starts.astype("<i8").tobytes())
        file.write(np.arange(len(sizes) + 1, dtype="<i8").tobytes())
    return [data, index]


def _export_parquet(shards: Shards, split: str, folder: Path) -> list[Path]:
    """``SHARD.parquet``, a row a document: its ``input_ids``, ``word_starts`` and ``source``."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise GauptError("parquet needs pyarrow: pip install pyarrow") from None
    files = []
    sources = {shard["name"]: shard["sources"] for shard in shards.manifest["splits"][split]["shards"]}
    for name in shards.names(split):
        shard = shards.read(name)
        bit = shard.tokens.dtype.type(shards.word_bit)
        bounds = shard.documents.astype(np.int64)
        offsets = pyarrow.array(bounds, pyarrow.int64())

        def column(values: np.ndarray, offsets: object = offsets) -> object:
            return pyarrow.LargeListArray.from_arrays(offsets, pyarrow.array(values))

        table = pyarrow.table(
            {
                "input_ids": column((shard.tokens & ~bit).astype(np.int32)),
                "word_starts": column(shard.tokens & bit == 0),
                "source": pyarrow.array([sources[name][source] for source in shard.sources.tolist()]),
            }
        )
        path = folder / f"{name}.parquet"
        with atomic_write(path) as file:
            parquet.write_table(table, file, compression="zstd")
        files.append(path)
    return files
