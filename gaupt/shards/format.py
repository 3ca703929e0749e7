"""The shards format, version 1: token ids on disk, to be memory-mapped. See docs/formats.md for every bit.

A folder holds ``manifest.json`` (the marker, written last), ``tokenizer/`` and for each shard NNNNN of each
split ("train", "validation") four files of little-endian integers:

- ``SPLIT-NNNNN.tokens.bin``: one unsigned integer a token, 16 bits wide (32 beyond 32,768 pieces). The top
  bit says "continues the previous word", the others are the id.
- ``SPLIT-NNNNN.documents.bin``: uint64, the tokens before each document, and in all.
- ``SPLIT-NNNNN.sources.bin``: uint32, the index of each document's source in the manifest.
- ``SPLIT-NNNNN.samples.bin``: uint64, the tokens before each sample, and in all; every document's start is
  among them, so that a sample lies in one document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, write_bytes
from gaupt.folders import unexpected
from gaupt.seal import LIST, facts_of
from gaupt.seal import verify as verify_listed

MANIFEST = "manifest.json"
"""Marker of a complete shards folder."""
FORMAT = "gaupt-shards"
VERSION = 1
TOKENIZER_FOLDER = "tokenizer"
TRAIN, VALIDATION = SPLITS = ("train", "validation")
_PARTS: dict[str, Any] = {"tokens": None, "documents": "<u8", "sources": "<u4", "samples": "<u8"}


@dataclass(frozen=True)
class Shard:
    """One shard, in memory or memory-mapped."""

    tokens: NDArray[Any]
    """Ids with the word bit: uint16 or uint32, shape [tokens]."""
    documents: NDArray[np.uint64]
    """Tokens before each document, and in all: shape [documents + 1]."""
    sources: NDArray[np.uint32]
    """Source of each document: shape [documents]."""
    samples: NDArray[np.uint64]
    """Tokens before each sample, and in all: shape [samples + 1]."""


@dataclass(frozen=True)
class Shards:
    """A complete folder of shards."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def seq_len(self) -> int:
        """Tokens in the longest sample, [CLS] and [SEP] included."""
        return int(self.manifest["seq_len"])

    @property
    def word_bit(self) -> int:
        """The bit of a token that says "continues the previous word"."""
        return 1 << (8 * token_dtype(self.manifest["tokenizer"]["vocab_size"]).itemsize - 1)

    def names(self, split: str) -> list[str]:
        """Names of a split's shards, in order."""
        return [shard["name"] for shard in self.manifest["splits"][split]["shards"]]

    def read(self, name: str) -> Shard:
        """Memory-map one shard.

        Raises:
            GauptError: a file is missing or of another size than the manifest says.
        """
        arrays: dict[str, Any] = {}
        dtypes = _PARTS | {"tokens": token_dtype(self.manifest["tokenizer"]["vocab_size"])}
        for part, dtype in dtypes.items():
            path = self.folder / f"{name}.{part}.bin"
            expected = self.manifest["files"][path.name]["bytes"]
            if not path.exists():
                raise GauptError(f"{path} is missing; run gaupt shard again with --overwrite")
            if path.stat().st_size != expected:
                raise GauptError(
                    f"{path} has {path.stat().st_size} bytes instead of {expected}; "
                    "run gaupt shard again with --overwrite"
                )
            # An empty file cannot be mapped.
            arrays[part] = np.memmap(path, dtype, "r") if expected else np.zeros(0, dtype)
        return Shard(**arrays)


def token_dtype(vocab_size: int) -> np.dtype[Any]:
    """Little-endian unsigned integer that holds an id and the word bit."""
    return np.dtype("<u2" if vocab_size <= 1 << 15 else "<u4")


def shards_folder(data: Path) -> Path:
    """The shards folder that ``data`` is, or that `gaupt prepare` put in it.

    Raises:
        GauptError: there is none, or it is not complete.
    """
    for folder in (data, data / "shards"):
        if (folder / MANIFEST).is_file():
            return folder
    raise unexpected(data, "prepared", "shards", remedy="gaupt prepare makes one of raw text")


def open_shards(data: Path) -> Shards:
    """Open a shards folder, or the one inside a `gaupt prepare` folder.

    Raises:
        GauptError: there is none, it is not complete, damaged, or of another version.
    """
    folder = shards_folder(data)
    path = folder / MANIFEST
    try:
        manifest = read_sealed_json(path)
        format_, version = manifest["format"], manifest["version"]
    except (ValueError, KeyError):
        raise GauptError(f"{path} is damaged; run gaupt shard again with --overwrite") from None
    if format_ != FORMAT or version != VERSION:
        raise GauptError(
            f"{path} is {format_} version {version}; this gaupt reads {FORMAT} version {VERSION}"
        )
    return Shards(folder, manifest)


def write_shard(folder: Path, name: str, shard: Shard) -> dict[str, dict[str, Any]]:
    """Write a shard's files atomically; return bytes and sha256 of each by file name."""
    files = {}
    for part, dtype in _PARTS.items():
        array = getattr(shard, part)
        path = folder / f"{name}.{part}.bin"
        data = np.ascontiguousarray(array, dtype or array.dtype.newbyteorder("<")).tobytes()
        write_bytes(path, data)
        files[path.name] = facts_of(data)
    return files


def verify(folder: Path) -> Iterator[str]:
    """For each file of a folder of shards, what is wrong with it, or an empty line. Raises as `open_shards`."""
    shards = open_shards(folder).folder
    # The manifest names the files too, all that there are where an older gaupt or another program wrote them.
    yield from verify_listed(shards, LIST if (shards / LIST).is_file() else MANIFEST)
