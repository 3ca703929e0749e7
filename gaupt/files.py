"""Small file helpers that every stage shares: atomic writes, checksums, compressed JSON lines."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import zstandard


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary neighbour of ``path``; on success sync it and rename it to ``path``.

    A reader sees the old file or the whole new one, never a part; an error leaves the old file untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # the system does not say which file found the disk full
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` atomically."""
    with atomic_write(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` atomically as indented UTF-8 JSON."""
    write_bytes(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


def read_json(path: Path) -> Any:
    """Parse a JSON file."""
    return json.loads(path.read_bytes())


def write_sealed_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write ``value`` atomically as JSON that holds its own checksum under ``sha256``, see `read_sealed_json`."""
    write_bytes(path, _sealed(value))


def read_sealed_json(path: Path) -> dict[str, Any]:
    """Parse what `write_sealed_json` wrote, checksum left out. Raises ValueError where a single bit is another."""
    data = path.read_bytes()
    value = json.loads(data)
    if isinstance(value, dict):
        value.pop("sha256", None)
        if _sealed(value) == data:
            return value
    raise ValueError(f"{path} is not what was written")


def _sealed(value: Mapping[str, Any]) -> bytes:
    def text(value: Mapping[str, Any]) -> bytes:
        return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

    return text({**value, "sha256": hashlib.sha256(text(value)).hexdigest()})


def sync_folder(path: Path) -> None:
    """Make a rename inside ``path`` survive a power cut (a no-op where folders cannot be synced)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def write_jsonl_zst(path: Path) -> Iterator[IO[bytes]]:
    """Open ``path`` atomically for lines of UTF-8 bytes, zstd-compressed on the way (level 3, with its checksum)."""
    with (
        atomic_write(path) as raw,
        zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(raw, closefd=False) as file,
    ):
        yield file


def read_zst(path: Path) -> Iterator[bytes]:
    """Yield the decompressed bytes of a zstd file, of one frame or several, in pieces.

    Raises:
        EOFError: it ends in the middle of a frame (zstandard's own reader takes that for the end).
        ValueError: it is not zstd.
    """
    frame = None
    with path.open("rb") as file:
        while data := file.read(1 << 18):
            while data:
                # Long-window files (zstd --long) need a decompressor window of 2^27 bytes and more.
                frame = frame or zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
                try:
                    yield frame.decompress(data)
                except zstandard.ZstdError as error:
                    raise ValueError(str(error)) from error
                data = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError("it ends too early")


def read_jsonl_zst(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a ``.jsonl.zst`` file, one a line. Raises ValueError or EOFError where it is damaged."""
    rest = b""
    for piece in read_zst(path):
        *lines, rest = (rest + piece).split(b"\n")
        yield from map(json.loads, lines)
    if rest:
        yield json.loads(rest)
