"""Small file helpers that every stage shares: atomic writes, checksums, compressed JSON lines, whole folders."""

import fcntl
import hashlib
import io
import json
import os
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import IO, Any, cast

import xxhash
import zstandard

from gaupt.errors import GauptError
from gaupt.remote import Remote, url_of

_LONGEST = 200
"""Characters of what a library says that a message repeats."""
AnyPath = str | os.PathLike[str]
"""What a caller may name a file or folder by."""


def check_place(path: Path) -> None:
    """Refuse a place where no folder can be.

    Raises:
        GauptError: it is a URL, a home that the shell has not put in, or what stands there or above it is a file or
            a link to nowhere.
    """
    if isinstance(path, Remote):
        path.check()
        return
    if url := url_of(path):
        raise GauptError(f"{url} is a URL; give a folder of this machine")
    if path.parts[:1] == ("~",):
        raise GauptError(
            f"{path}: the shell puts your home for ~ only where no quote and no = stands before it"
        )
    if str(path).startswith("="):
        raise GauptError(f"{path}: a short option takes its value without =; leave that out")
    for place in (path, *path.parents):
        if place.is_symlink() and not place.exists():
            raise GauptError(
                f"{place} is a link to {place.readlink()}, which does not exist; give another place"
            )
        if place.exists():
            if not place.is_dir():
                raise GauptError(f"{place} is a file, where a folder has to be; give another place")
            return


def make_folder(path: Path) -> None:
    """Make ``path`` and the folders above it, where they are not there yet.

    Raises:
        GauptError: as `check_place`, or the system does not let us.
    """
    if isinstance(path, Remote):
        return  # folders come with their files
    check_place(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GauptError(f"cannot make the folder {path} ({error.strerror}); give another place") from None


def check_new_file(path: Path) -> None:
    """Refuse a file that cannot be written, before there is anything to write; makes the folder that it goes into.

    Raises:
        GauptError: ``path`` is a folder, or no file can be made in its folder.
    """
    if path.is_dir():
        raise GauptError(f"{path} is a folder; give a file in it")
    make_folder(path.parent)
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise GauptError(f"cannot write {path} ({error.strerror}); give another place") from None


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary neighbour of ``path``; on success sync it and rename it to ``path``.

    A reader sees the old file or the whole new one, never a part; an error leaves the old file untouched.
    """
    if isinstance(path, Remote):
        with tempfile.NamedTemporaryFile(prefix="gaupt-") as gathered:
            yield gathered.file
            path.send(gathered)
        return
    make_folder(path.parent)
    temporary, file = _open_temporary(path)
    try:
        with naming(path), file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        sync(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have errors of the system that name no file name ``path``: a full disk does not say what did not fit on it."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def append(file: io.FileIO, data: bytes) -> None:
    """Write all of ``data`` to an unbuffered ``file``; errors of the system name it."""
    with naming(Path(str(file.name))):
        while data:
            data = data[file.write(data) :]


def _open_temporary(path: Path) -> tuple[Path, IO[bytes]]:
    """An empty neighbour of ``path``: one that a killed process left, or another where a living one writes that."""
    temporary = path.with_name(f".{path.name}.tmp")
    file = os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT, 0o666), "wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It may have become the file itself before it was locked.
        if os.path.samestat(os.fstat(file.fileno()), temporary.stat()):
            file.truncate(0)
            return temporary, file
    except OSError:
        pass
    file.close()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    return temporary, temporary.open("wb")


def is_temporary_of(path: Path, other: Path) -> bool:
    """Whether ``other`` is a neighbour that `atomic_write` of ``path`` writes, or has left behind."""
    return other.name.startswith(f".{path.name}.") and other.name.endswith(".tmp")


def create_file(path: Path, text: str) -> bool:
    """Write a file that is not there yet; False if it is."""
    if isinstance(path, Remote):
        return path.create(text)
    try:
        file = path.open("xb", buffering=0)
    except FileExistsError:
        return False
    try:
        with file:
            append(file, text.encode())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return True


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that it holds; nothing where it is not there."""
    if isinstance(path, Remote):
        path.remove_all()
    elif path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` atomically."""
    with atomic_write(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` atomically as indented UTF-8 JSON."""
    write_bytes(path, as_json(value))


def as_json(value: Any) -> bytes:
    """``value`` as indented UTF-8 JSON; what is none, of a file's name, as JSON's escape."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def read_json(path: Path) -> Any:
    """Parse a JSON file. Raises ValueError where it is none, or deeper than we can follow."""
    return _parsed(path, path.read_bytes())


def _parsed(path: Path, data: bytes) -> Any:
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError(f"{path} holds lists or objects in too many others") from None


@contextmanager
def refusing(what: str, remedy: str = "") -> Iterator[None]:
    """Have a library read what others wrote: whatever it raises, a panic of Rust's too, says in a line that ``what``.

    Raises:
        GauptError: ``what``, why, and the ``remedy``.
    """
    try:
        yield
    except (GauptError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # panics are no Exception
        told = f"{what}: {one_line(error)}"
        raise GauptError(f"{told}; {remedy}" if remedy else told) from None


def one_line(error: BaseException) -> str:
    """What went wrong, as a piece of a line: a library's own words may have many, or quote a whole file."""
    text = " ".join(str(error).split())
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") or type(error).__name__


def write_sealed_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write ``value`` atomically as JSON that holds its own checksum under ``sha256``, see `read_sealed_json`."""
    write_bytes(path, as_sealed_json(value))


def read_sealed_json(path: Path) -> dict[str, Any]:
    """Parse what `write_sealed_json` wrote, checksum left out. Raises ValueError where a single bit is another."""
    data = path.read_bytes()
    value = _parsed(path, data)
    if isinstance(value, dict):
        value.pop("sha256", None)
        with suppress(RecursionError):  # writing goes less deep than reading
            if as_sealed_json(value) == data:
                return value
    raise ValueError(f"{path} is not what was written")


def as_sealed_json(value: Mapping[str, Any]) -> bytes:
    """``value`` as JSON that holds its own checksum."""

    def text(value: Mapping[str, Any]) -> bytes:
        return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")

    return text({**value, "sha256": hashlib.sha256(text(value)).hexdigest()})


def sync(path: Path) -> None:
    """Make what is in a file, or a rename in a folder, survive a power cut (nothing where folders cannot be synced)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        with naming(path):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_disk(folder: Path) -> int | None:
    """Bytes free where ``folder`` is or will be; None: other storage knows no end."""
    if isinstance(folder, Remote):
        return None
    there = folder.resolve()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str:
    """Hex xxh3 of a file's bytes: tells an edit of a user's file as fast as a disk reads, and no forger."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()


def distinct_names(paths: Sequence[PurePath], parts: Sequence[int] = ()) -> list[str]:
    """The last part of each path (or its last ``parts``), and of those alike the parents that tell them apart."""
    known = [path.parts[1:] if path.is_absolute() else path.parts for path in paths]
    taken = list(parts) or [1] * len(paths)
    while True:
        names = ["/".join(path[-count:]) for path, count in zip(known, taken, strict=True)]
        often = Counter(names)
        alike = [i for i, name in enumerate(names) if often[name] > 1 and taken[i] < len(known[i])]
        if not alike:
            return names
        for i in alike:
            taken[i] += 1


def check_plain(path: Path) -> None:
    """Refuse what would be waited for, or has no end; what is not there is left to whoever reads it.

    Raises:
        GauptError: ``path``, which is no folder, is a pipe or a device.
    """
    if path.exists() and not path.is_file():
        raise GauptError(f"{path} is a pipe or a device; write what comes out of it to a file and name that")


def existing_file(path: AnyPath, option: str) -> Path:
    """The file that an ``option`` names.

    Raises:
        GauptError: it is not there, or is none.
    """
    path = Path(path)
    if path.is_file():
        return path
    if path.is_symlink() and not path.exists():
        what = f"is a link to {path.readlink()}, which does not exist; name a file"
    elif path.is_dir():
        what = "is a folder; name the files in it"
    else:
        what = "is no plain file; name one" if path.exists() else "does not exist; name a file"
    raise GauptError(f"{option}: {path} {what}")


def named_files(paths: Iterable[Path]) -> dict[str, Path]:
    """Each file once, by its name, with the parents that tell files of one name apart."""
    files = list(dict.fromkeys(path.resolve() for path in paths))
    return dict(zip(distinct_names(files), files, strict=True))


@contextmanager
def write_jsonl_zst(path: Path, digest: Any = None) -> Iterator[IO[bytes]]:
    """Open ``path`` atomically for lines of UTF-8 bytes, zstd-compressed on the way (level 3, with its checksum).

    ``digest``, of hashlib, is told what goes into the file.
    """
    with (
        atomic_write(path) as raw,
        zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(
            raw if digest is None else cast("IO[bytes]", _Told(raw, digest)), closefd=False
        ) as file,
    ):
        yield file


class _Told:
    """A file that tells a digest what is written to it."""

    def __init__(self, file: IO[bytes], digest: Any) -> None:
        self._file, self._digest = file, digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def read_ranges(path: Path, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """So many bytes from each place of a file, ascending."""
    if isinstance(path, Remote):
        return path.read_ranges(ranges)
    with open_ranges(path) as read:
        return [read(start, size) for start, size in ranges]


@contextmanager
def open_ranges(path: Path) -> Iterator[Callable[[int, int], bytes]]:
    """Open ``path`` to read so many bytes from a place, which counts from the end where it is negative."""
    if isinstance(path, Remote):
        end = path.stat().st_size

        def read_remote(start: int, size: int) -> bytes:
            place = start + end if start < 0 else start
            if place < 0 or place + size > end:
                raise EOFError(f"{path} ends too early")
            return path.read_range(place, place + size)

        yield read_remote
        return
    with path.open("rb", buffering=0) as file:
        end = os.fstat(file.fileno()).st_size

        def read(start: int, size: int) -> bytes:
            place, pieces = start + end if start < 0 else start, list[bytes]()
            if place < 0 or place + size > end:
                raise EOFError(f"{path} ends too early")
            while size and (piece := os.pread(file.fileno(), size, place)):
                pieces.append(piece)
                place, size = place + len(piece), size - len(piece)
            return b"".join(pieces)

        yield read


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


def read_lines_zst(path: Path, first: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield the lines of a zstd file, without their line feeds; what follows the last one is a line too.

    With ``first`` and ``stop``, places in bytes of the decompressed file, only lines that begin between them: a
    line that began before ``first`` belongs to whoever reads what stands before. Raises as `read_zst`.
    """
    place, rest = 0, b""
    inside = first > 0  # the end of a line that began before is still to come
    for piece in read_zst(path):
        if inside:
            # The line feed just before ``first`` ends a line: then one begins exactly there.
            end = piece.find(b"\n", max(0, first - 1 - place))
            if end < 0:
                place += len(piece)
                continue
            place, piece, inside = place + end + 1, piece[end + 1 :], False
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if stop is not None and place >= stop:
                return
            yield line
            place += len(line) + 1
    if rest and (stop is None or place < stop):
        yield rest


def read_jsonl_zst(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a ``.jsonl.zst`` file, one a line. Raises ValueError or EOFError where it is damaged."""
    return map(json.loads, read_lines_zst(path))


def check_output(output: Path, ours: Callable[[Path], bool], overwrite: bool) -> None:
    """Refuse an ``output`` that holds anything, unless it is ``ours`` and may be overwritten.

    Raises:
        GauptError: it is a file, somebody else's folder, or there already and ``overwrite`` is false.
    """
    check_place(output)
    if output.resolve() == Path.cwd():
        raise GauptError(f"-o {output} is the folder that you are in, and it would be replaced; give another")
    if not output.is_dir() or not any(output.iterdir()):
        return
    if not ours(output):
        raise GauptError(f"{output} holds files that this command did not write; choose an empty folder")
    if not overwrite:
        raise GauptError(f"{output} holds another model; use --overwrite to replace it, or another -o folder")


@contextmanager
def new_folder(output: Path) -> Iterator[Path]:
    """A temporary neighbour of ``output`` to fill; it takes the place of ``output`` on success."""
    given, output = output, output.resolve()  # the folder that a link leads to, not the link
    make_folder(output.parent)
    temporary = output.with_name(f".{output.name}.tmp")
    replaced = output.with_name(f".{output.name}.old")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir()
    except OSError as error:
        raise GauptError(f"cannot make the folder {given} ({error.strerror}); give another place") from None
    try:
        yield temporary
        for path in (*temporary.rglob("*"), temporary):
            sync(path)
        if output.exists():
            output.rename(replaced)
        temporary.rename(output)
        sync(output.parent)
        shutil.rmtree(replaced, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
