"""Files and folders of other storage, such as ``s3://bucket/folder``, as far as stages use paths; through fsspec.

Object stores have folders in name only, no rename and no locks. A file is there when all of it is: what is written is
gathered here first and sent in one call, which may be tried again.
"""

import fnmatch
import io
import random
import re
import secrets
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path, PosixPath
from types import SimpleNamespace
from typing import IO, Any, TypeVar

from gaupt.errors import GauptError

Result = TypeVar("Result")

WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try, where the network or the other side fails for a while; file systems try some
times by themselves."""
BLOCK = 8 << 20
"""Bytes that are read at once of a file that is read from its beginning to its end."""
_GAP = 1 << 16
"""Bytes between two ranges that are read together rather than one by one."""
_PASSING = {5, 16, 32, 104, 110, 111, 121}
"""EIO, EBUSY, EPIPE, ECONNRESET, ETIMEDOUT, ECONNREFUSED, EREMOTEIO: what a network or a busy server gives."""
_PASSING_NAMES = {
    "ClientPayloadError",
    "ClientConnectionError",
    "ConnectionError",
    "HTTPClientError",
    "IncompleteRead",
    "ResponseParserError",
    "ServerError",
    "RequestError",
}
"""Names of the same in libraries that need not be installed: aiohttp, botocore, oss2."""
_CREATING = {"s3", "s3a", "memory"}
"""Where a file can be written on condition that there is none."""
_IN_PIECES = {"hdfs", "webhdfs", "file", "local", "ftp", "sftp", "ssh", "smb"}
"""Where a file is seen while it is written, and can be renamed."""


def url_of(path: object) -> str | None:
    """The URL that was given as a path, of which `Path` keeps one slash; None where it is a path."""
    text = str(path)
    return re.sub(":/+", "://", text, count=1) if re.match(r"[a-z][a-z0-9+.-]+:/", text) else None


def place(path: object) -> Path:
    """The file or folder that ``path`` names, here or by a URL; ``file://`` is here.

    Raises:
        GauptError: fsspec, or what it needs for such a URL, is not installed; there is no such protocol.
    """
    url = url_of(path)
    if url is None:
        return path if isinstance(path, Path) else Path(str(path))
    if url.startswith("file://"):
        return Path("/", url.removeprefix("file://"))
    remote = Remote(url)
    remote.file_system()
    return remote


def retrying(call: Callable[[], Result], url: str) -> Result:
    """The result of ``call``, tried again where what fails may work in a moment.

    Raises:
        FileNotFoundError, FileExistsError, IsADirectoryError, PermissionError: as they are.
        GauptError: anything else, and what fails for a while.
    """
    for wait in (*WAITS, None):
        try:
            return call()
        except (FileNotFoundError, FileExistsError, IsADirectoryError, PermissionError, GauptError):
            raise
        except Exception as error:  # every file system has errors of its own
            if wait is None or not _is_passing(error):
                raise GauptError(
                    f"cannot use {url}: {first_line(error)}; the same command continues"
                ) from error
            time.sleep(wait * random.uniform(0.5, 1.5))
    raise AssertionError


def first_line(error: Exception) -> str:
    """What an error of a library says, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _is_passing(error: Exception) -> bool:
    if isinstance(error, ConnectionError | TimeoutError) or getattr(error, "errno", None) in _PASSING:
        return True
    return any(kind.__name__ in _PASSING_NAMES for kind in type(error).__mro__)


def _file_system(url: str) -> tuple[Any, str]:
    try:
        import fsspec.core
    except ImportError:
        raise GauptError(f"{url} needs fsspec: pip install fsspec") from None
    try:
        # Others write here too: a listing that is remembered would hide what they wrote.
        system, key = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        package = getattr(error.__cause__, "name", None) or "fsspec"
        raise GauptError(f"{url} needs the package {package}: pip install {package}") from None
    except ValueError as error:
        raise GauptError(f"{url}: {str(error).splitlines()[0]}") from None
    return system, key


class Remote(PosixPath):
    """A file or folder of a URL.

    What a `Path` does and is not here fails: nothing of a URL is looked for on this machine.
    """

    def __str__(self) -> str:
        return url_of(super().__str__()) or super().__str__()

    def __fspath__(self) -> str:
        raise TypeError(f"{self} is a URL, where a file of this machine is needed")

    @property
    def parent(self) -> "Remote":
        """The folder that it is in; a bucket is in itself, as ``/`` is."""
        return self if len(self.parts) <= 2 else super().parent

    @property
    def parents(self) -> Sequence["Remote"]:
        """The folders that it is in, the innermost first."""
        above = self.parent
        return () if above == self else (above, *above.parents)

    def file_system(self) -> tuple[Any, str]:
        """What fsspec has for the URL: the file system, and what the file is called there.

        Raises:
            GauptError: as `place`.
        """
        return _file_system(str(self))

    def _call(self, method: str, *arguments: Any, **options: Any) -> Any:
        system, key = self.file_system()
        return retrying(lambda: getattr(system, method)(key, *arguments, **options), str(self))

    def check(self) -> None:
        """Find out whether the storage answers at all.

        Raises:
            GauptError: it does not, or does not let us in.
        """
        system, key = self.file_system()
        try:
            system.info(key)
        except FileNotFoundError:
            pass
        except Exception as error:  # every file system has errors of its own
            raise GauptError(f"cannot use {self}: {first_line(error)}") from None

    def _type(self) -> str | None:
        try:
            return str(self._call("info")["type"])
        except FileNotFoundError:
            return None

    def exists(self, **options: Any) -> bool:
        """Whether there is such a file, or any file in such a folder."""
        return self._type() is not None

    def is_file(self, **options: Any) -> bool:
        """Whether there is such a file."""
        return self._type() == "file"

    def is_dir(self, **options: Any) -> bool:
        """Whether there is any file in such a folder."""
        return self._type() == "directory"

    def is_symlink(self) -> bool:
        """There are none."""
        return False

    def resolve(self, strict: bool = False) -> "Remote":
        """The same: a URL stands for itself."""
        return self

    def stat(self, **options: Any) -> Any:
        """The size of a file, and nothing else.

        Raises:
            FileNotFoundError: there is none.
        """
        return SimpleNamespace(st_size=int(self._call("info")["size"]))

    def iterdir(self) -> Generator["Remote", None, None]:
        """The files and folders in a folder; none where there is no such folder."""
        try:
            names = self._call("ls", detail=False)
        except FileNotFoundError:
            return
        _, key = self.file_system()
        for name in names:
            if name.rstrip("/") != key.rstrip("/"):  # some stores list the folder itself
                yield self / name.rstrip("/").rpartition("/")[2]

    def glob(self, pattern: str, **options: Any) -> Generator["Remote", None, None]:
        """Those whose name is like ``pattern``, in no order."""
        return (found for found in self.iterdir() if fnmatch.fnmatchcase(found.name, pattern))

    def mkdir(self, *arguments: Any, **options: Any) -> None:
        """Nothing: folders come with their files."""

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove a file."""
        try:
            self._call("rm_file")
        except FileNotFoundError:
            if not missing_ok:
                raise

    def remove_all(self) -> None:
        """Remove all files in a folder."""
        with suppress(FileNotFoundError):
            self._call("rm", recursive=True)

    def read_bytes(self) -> bytes:
        """All of a file."""
        data: bytes = self._call("cat_file")
        return data

    def read_text(self, encoding: str | None = None, *arguments: Any, **options: Any) -> str:
        """All of a file, with the line ends of text files."""
        return io.TextIOWrapper(io.BytesIO(self.read_bytes()), encoding).read()

    def read_range(self, start: int, stop: int) -> bytes:
        """Bytes ``start`` to ``stop``."""
        # Nothing of a file would be all of it.
        return self._call("cat_file", start=start, end=stop) if start < stop else b""

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """So many bytes from each of ascending places; neighbours are read together."""
        blocks = list[tuple[int, int]]()
        for start, size in ranges:
            if blocks and start - blocks[-1][1] <= _GAP and start + size - blocks[-1][0] <= BLOCK:
                blocks[-1] = blocks[-1][0], max(blocks[-1][1], start + size)
            else:
                blocks.append((start, start + size))
        found, number = list[bytes](), -1
        data = b""
        for start, size in ranges:
            while number < 0 or start + size > blocks[number][1]:
                number += 1
                data = self.read_range(*blocks[number])
            place = start - blocks[number][0]
            found.append(data[place : place + size])
        return found

    def open(self, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        """Open a file to be read as bytes, from its beginning to its end or elsewhere.

        Raises:
            ValueError: another mode than "rb".
        """
        if mode != "rb":
            raise ValueError(f"{self}: a file of other storage is opened to be read as bytes alone")
        return open_url(str(self))

    def write_bytes(self, data: Any) -> int:
        """Write a file; it is there when all of it is."""
        self.send(io.BytesIO(data))
        return len(data)

    def write_text(self, data: str, encoding: str | None = None, *arguments: Any, **options: Any) -> int:
        """Write a file; it is there when all of it is."""
        return self.write_bytes(data.encode(encoding or "utf-8"))

    def create(self, text: str) -> bool:
        """Write a file that is not there yet; False if it is. Where a store has no way to tell, both of two do."""
        system, key = self.file_system()
        data = f"{text} {secrets.token_hex(8)}".encode()
        if _CREATING.isdisjoint(_names(system.protocol)):
            is_new = not self.exists()
            if is_new:
                self.write_bytes(data)
            return is_new
        while True:
            try:
                retrying(lambda: system.pipe_file(key, data, mode="create"), str(self))
                return True
            except (FileExistsError, GauptError) as error:
                try:
                    # The answer to a try that succeeded may have been lost.
                    return self.read_bytes() == data
                except FileNotFoundError:
                    if not isinstance(error, FileExistsError) and not _is_condition(error):
                        raise error from None
                    # It was there, and has just been removed: tried anew.

    def send(self, file: IO[bytes]) -> None:
        """Write a file from all of an open one, in memory or on disk."""
        system, key = self.file_system()
        in_pieces = not _IN_PIECES.isdisjoint(_names(system.protocol))
        target = f"{key}.{secrets.token_hex(4)}.tmp" if in_pieces else key
        size = file.seek(0, io.SEEK_END)

        def put() -> None:
            if in_pieces:
                system.makedirs(key.rpartition("/")[0], exist_ok=True)
            if isinstance(getattr(file, "name", None), str):
                system.put_file(file.name, target)
            else:
                file.seek(0)
                system.pipe_file(target, file.read())
            if in_pieces:
                if system.exists(key):
                    system.rm_file(key)
                system.mv(target, key)
            if (written := system.info(key)["size"]) != size:
                raise ConnectionError(f"{written} of {size} bytes are there")

        file.flush()
        retrying(put, str(self))


def _is_condition(error: BaseException | None) -> bool:
    """Whether a store says that something is not as we required it to be, in words of its own."""
    return error is not None and ("pre-condition" in str(error) or _is_condition(error.__cause__))


def _names(protocol: str | tuple[str, ...]) -> set[str]:
    return {protocol} if isinstance(protocol, str) else {*protocol}


def open_url(url: str) -> io.BufferedReader:
    """Open the file of a URL to be read.

    Raises:
        FileNotFoundError, PermissionError: there is none, or none for us.
        GauptError: the storage does not answer.
    """
    return io.BufferedReader(_Reader(url), 1 << 18)


class _Reader(io.RawIOBase):
    """A file that goes on being read where it was when the connection broke."""

    def __init__(self, url: str) -> None:
        self._system, self._key = _file_system(url)
        self._url = url
        self._place = 0
        self._file: Any = None
        retrying(self._open, self._url)

    def _open(self) -> None:
        if self._file is None:
            file = self._system.open(self._key, "rb", block_size=BLOCK)
            if self._place:
                file.seek(self._place)
            self._file = file

    def readinto(self, buffer: Any) -> int:
        def read() -> bytes:
            self._open()
            try:
                data: bytes = self._file.read(len(buffer))
                return data
            except Exception:
                self._file = None
                raise

        data = retrying(read, self._url)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        self._open()
        self._place = int(self._file.seek(place, whence))
        return self._place

    def tell(self) -> int:
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        self._open()
        return bool(self._file.seekable())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()
