"""Writes TensorFlow checkpoints (tensor bundles) for tests, from the format's description alone."""

import struct
from pathlib import Path

import numpy as np

from gaupt.importing.tensor_bundle import MAGIC, _masked_crc32c

RESTART_INTERVAL = 3
"""Entries between two full keys; TensorFlow has 16, tests want several in a block."""
BLOCK_ENTRIES = 5
TYPES = {"float32": 1, "float64": 2, "int64": 9}


def write_bundle(prefix: Path, tensors: dict[str, np.ndarray], shards: int = 1) -> None:
    """Write ``prefix.index`` and ``prefix.data-*``; tensors are dealt to the shards in turn."""
    data = [bytearray() for _ in range(shards)]
    entries = [(b"", field(1, shards) + field(2, 0) + message(3, field(1, 1)))]
    for number, (name, tensor) in enumerate(sorted(tensors.items())):
        shard = number % shards
        shape = b"".join(message(2, field(1, size)) for size in tensor.shape)
        raw = tensor.tobytes()
        value = field(1, TYPES[tensor.dtype.name]) + message(2, shape) + field(3, shard)
        value += (
            field(4, len(data[shard])) + field(5, len(raw)) + b"\x35" + struct.pack("<I", _masked_crc32c(raw))
        )
        entries.append((name.encode(), value))
        data[shard] += raw
    for shard, raw_shard in enumerate(data):
        prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}").write_bytes(raw_shard)
    prefix.with_name(f"{prefix.name}.index").write_bytes(table(entries))


def table(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A sorted string table."""
    out = bytearray()
    handles = []
    for start in range(0, len(entries), BLOCK_ENTRIES):
        part = entries[start : start + BLOCK_ENTRIES]
        handles.append((part[-1][0], append_block(out, part)))
    empty = append_block(out, [])
    index = append_block(out, handles)
    footer = (empty + index).ljust(40, b"\0")
    return bytes(out) + footer + struct.pack("<Q", MAGIC)


def append_block(out: bytearray, entries: list[tuple[bytes, bytes]]) -> bytes:
    """Append a block with its trailer; returns its handle."""
    block, restarts, previous = bytearray(), [], b""
    for number, (key, value) in enumerate(entries):
        if number % RESTART_INTERVAL == 0:
            restarts.append(len(block))
            previous = b""
        shared = 0
        while shared < min(len(key), len(previous)) and key[shared] == previous[shared]:
            shared += 1
        block += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        previous = key
    restarts = restarts or [0]
    block += b"".join(struct.pack("<I", place) for place in restarts) + struct.pack("<I", len(restarts))
    handle = varint(len(out)) + varint(len(block))
    block += b"\0"
    out += block + struct.pack("<I", _masked_crc32c(bytes(block)))
    return handle


def varint(value: int) -> bytes:
    """LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int) -> bytes:
    """A varint field of a protocol buffer; 0 is left out, as TensorFlow does."""
    return varint(number << 3) + varint(value) if value else b""


def message(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(content)) + content
