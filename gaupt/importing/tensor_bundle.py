"""Reader of TensorFlow's checkpoint format, the tensor bundle, without TensorFlow.

``NAME.index`` is a sorted string table as LevelDB writes it (without compression): blocks of entries whose keys
share prefixes, an index block of the last key and the place of each, and a footer with the index's place.
Values are protocol buffers: under the empty key a header, else name -> type, shape, shard, offset, size.
``NAME.data-NNNNN-of-NNNNN`` are the tensors' bytes. (tensorflow/core/util/tensor_bundle, core/lib/io/table)
"""

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import fstat
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gaupt.errors import GauptError
from gaupt.files import one_line

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
"""Bytes: two block handles, padding, the magic number."""
TRAILER = 5
"""Bytes after each block: compression type and checksum."""
DTYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    9: np.dtype("<i8"),
    19: np.dtype("<f2"),
}
"""DataType of types.proto."""
_LONGEST_VARINT = 63
"""Bits before the last seven of a number."""
_CRC_POLYNOMIAL = 0x82F63B78


class Damaged(ValueError):
    """The file is not what its format says."""


@dataclass(frozen=True)
class Entry:
    """Where a tensor's bytes lie."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int


def find_bundle(folder: Path) -> Path | None:
    """The ``.index`` file of the TensorFlow checkpoint in ``folder``, or None.

    Raises:
        GauptError: there are several.
    """
    found = sorted(folder.glob("*.index"))
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise GauptError(f"{folder} holds several TensorFlow checkpoints ({names}); leave one in it")
    return found[0] if found else None


def read_bundle(index: Path, keep: Callable[[str], bool] = lambda name: True) -> dict[str, torch.Tensor]:
    """The tensors, by name, of the checkpoint that ``index`` belongs to; ``keep`` chooses by name.

    Raises:
        GauptError: a file is missing or damaged, or a tensor is of a type that is not a number.
    """
    try:
        entries, shards = _read_index(index.read_bytes())
        return {
            name: _read_tensor(index, shards, name, entry) for name, entry in entries.items() if keep(name)
        }
    except OSError as error:
        raise GauptError(f"cannot read {error.filename}: {error.strerror}") from None
    except (ValueError, IndexError, OverflowError, struct.error) as error:
        raise GauptError(f"{index} is damaged or not a TensorFlow checkpoint: {one_line(error)}") from None


def _read_index(data: bytes) -> tuple[dict[str, Entry], int]:
    """Entries by tensor name, and the number of data files."""
    if len(data) < FOOTER or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise Damaged("no footer")
    footer = data[-FOOTER:]
    _, place = _handle(footer, 0)
    (offset, size), _ = _handle(footer, place)
    entries: dict[str, Entry] = {}
    shards = 0
    for _, handle in _block(data, offset, size):
        (offset, size), _ = _handle(handle, 0)
        for key, value in _block(data, offset, size):
            if key:
                entries[key.decode()] = _entry(value)
            else:
                header = _numbers(value)
                if header.get(2, 0) != 0:
                    raise Damaged("big-endian tensors")
                shards = header.get(1, 0)
    if not shards:
        raise Damaged("no header")
    return entries, shards


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the block at ``offset``."""
    block = data[offset : offset + size + TRAILER]
    if len(block) < size + TRAILER:
        raise Damaged("a block is cut off")
    (stored,) = struct.unpack("<I", block[size + 1 :])
    if _masked_crc32c(block[: size + 1]) != stored:
        raise Damaged("the checksum of a block does not match")
    if block[size] != 0:
        raise Damaged("compressed blocks, which TensorFlow itself does not write")
    (restarts,) = struct.unpack("<I", block[size - 4 : size])
    end = size - 4 * (restarts + 1)
    place, key = 0, b""
    while place < end:
        shared, place = _varint(block, place)
        unshared, place = _varint(block, place)
        length, place = _varint(block, place)
        key = key[:shared] + block[place : place + unshared]
        place += unshared
        yield key, block[place : place + length]
        place += length


def _handle(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    offset, place = _varint(data, place)
    size, place = _varint(data, place)
    return (offset, size), place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > _LONGEST_VARINT:
            raise Damaged("a number of more than 64 bits")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and values of a protocol buffer: numbers for varints and fixed widths, else bytes."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(message, place)
            yield number, value
        elif kind == 2:
            length, place = _varint(message, place)
            yield number, message[place : place + length]
            place += length
        elif kind in (1, 5):
            width = 8 if kind == 1 else 4
            yield number, int.from_bytes(message[place : place + width], "little")
            place += width
        else:
            raise Damaged(f"wire type {kind}")


def _numbers(message: bytes) -> dict[int, int]:
    """The number fields of a protocol buffer."""
    return {number: value for number, value in _fields(message) if isinstance(value, int)}


def _entry(message: bytes) -> Entry:
    """A BundleEntryProto."""
    values: dict[int, int] = {}
    shape: tuple[int, ...] = ()
    for number, value in _fields(message):
        if isinstance(value, int):
            values[number] = value
        elif number == 2:
            dims = [dim for field, dim in _fields(value) if field == 2 and isinstance(dim, bytes)]
            shape = tuple(_numbers(dim).get(1, 0) for dim in dims)
        elif number == 7:
            raise Damaged("a variable cut into slices")
    return Entry(values.get(1, 0), shape, values.get(3, 0), values.get(4, 0), values.get(5, 0))


def _read_tensor(index: Path, shards: int, name: str, entry: Entry) -> torch.Tensor:
    path = index.with_suffix(f".data-{entry.shard:05d}-of-{shards:05d}")
    dtype = DTYPES.get(entry.dtype)
    if dtype is None:
        raise GauptError(
            f"{index}: {name} is of TensorFlow's type {entry.dtype}, which is not a number type we read"
        )
    if entry.size != math.prod(entry.shape) * dtype.itemsize:
        raise Damaged(f"{name} has {entry.size} bytes for shape {entry.shape}")
    with path.open("rb") as file:
        # Before it is read: room for what is asked for would be made at once.
        if fstat(file.fileno()).st_size < entry.offset + entry.size:
            raise GauptError(f"{path} is cut off: {name} is not all there")
        file.seek(entry.offset)
        data = file.read(entry.size)
    return torch.from_numpy(np.frombuffer(data, dtype).reshape(entry.shape).copy())


def _masked_crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), rotated and shifted as LevelDB stores it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CRC_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


_CRC_TABLE = _crc_table()
