import errno
import io
import os
import pickle
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt import files, remote
from gaupt.errors import GauptError
from gaupt.remote import Remote, place, retrying, url_of


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Remote:
    return Remote(f"memory://{request.node.name}")


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits = list[float]()
    monkeypatch.setattr(remote.time, "sleep", waits.append)
    return waits


def test_a_url_is_told_from_a_path_though_a_path_keeps_one_of_its_slashes(tmp_path: Path) -> None:
    assert url_of(Path("s3://bucket/a")) == url_of("s3://bucket/a") == "s3://bucket/a"
    assert url_of(tmp_path) is url_of(Path("a:b/c")) is None


def test_what_is_here_is_a_path(tmp_path: Path) -> None:
    assert place(tmp_path) is tmp_path
    assert place(str(tmp_path)) == place(f"file://{tmp_path}") == tmp_path
    for given_as in ("memory://a/b", Path("memory://a/b"), Remote("memory://a/b")):
        assert isinstance(place(given_as), Remote) and str(place(given_as)) == "memory://a/b"


def test_what_cannot_be_reached_is_told_at_once() -> None:
    with pytest.raises(GauptError, match=r"nosuch://a: Protocol not known: nosuch"):
        place("nosuch://a")
    with pytest.raises(GauptError, match=r"oss://a/b needs the package \w+: pip install \w+"):
        place("oss://a/b")


def test_names_are_those_of_a_path() -> None:
    file = Remote("s3://bucket/a b") / "documents-00001.jsonl.zst"
    assert isinstance(file, Remote)
    assert (file.name, file.suffix, file.stem) == (
        "documents-00001.jsonl.zst",
        ".zst",
        "documents-00001.jsonl",
    )
    assert str(file.parent) == "s3://bucket/a b"
    assert str(file.with_name("x")) == f"{file.parent / 'x'}" == "s3://bucket/a b/x"
    assert isinstance(file.with_name("x"), Remote) and isinstance(file.parent, Remote)
    assert file == Remote(str(file)) and hash(file) == hash(Remote(str(file)))
    assert file.resolve() is file


def test_a_bucket_is_in_no_folder() -> None:
    bucket = Remote("s3://bucket")
    assert (bucket.parent, [*bucket.parents]) == (bucket, [])
    assert [str(folder) for folder in (bucket / "a" / "b").parents] == ["s3://bucket/a", "s3://bucket"]


def test_it_goes_to_other_processes_as_its_url() -> None:
    file = Remote("s3://bucket/a")
    copy = pickle.loads(pickle.dumps(file))
    assert type(copy) is Remote and copy == file and str(copy) == str(file)


def test_nothing_of_a_url_is_looked_for_on_this_machine() -> None:
    file = Remote("memory://a")
    with pytest.raises(TypeError, match="memory://a is a URL"):
        os.stat(file)
    with pytest.raises(TypeError, match="memory://a is a URL"):
        file.rename("b")
    with pytest.raises(ValueError, match="as bytes alone"):
        file.open("w")


def test_files_are_written_read_listed_and_removed(folder: Remote) -> None:
    assert not folder.exists() and not folder.is_dir() and list(folder.iterdir()) == []
    file, other = folder / "数据 #1%.json", folder / "sub" / "b.bin"
    file.write_text("一\r\n二\n")
    other.write_bytes(b"abc")
    assert file.read_text("utf-8") == "一\n二\n" and file.read_bytes() == "一\r\n二\n".encode()
    assert (file.exists(), file.is_file(), file.is_dir()) == (True, True, False)
    assert (folder.exists(), folder.is_file(), folder.is_dir()) == (True, False, True)
    assert sorted(folder.iterdir()) == [folder / "sub", file]
    assert list(folder.glob("*.json")) == [file]
    assert other.stat().st_size == 3
    other.unlink()
    other.unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        other.unlink()
    with pytest.raises(FileNotFoundError):
        other.stat()
    folder.remove_all()
    folder.remove_all()
    assert not file.exists()


def test_what_the_stages_do_with_files_they_do_with_these(folder: Remote) -> None:
    file = folder / "a.json"
    files.write_sealed_json(file, {"a": 1})
    assert files.read_sealed_json(file) == {"a": 1}
    with files.write_jsonl_zst(folder / "a.jsonl.zst") as out:
        out.write(b'{"n": 1}\n{"n": 2}\n')
    assert [line["n"] for line in files.read_jsonl_zst(folder / "a.jsonl.zst")] == [1, 2]
    assert len(files.sha256(file)) == 64 and len(files.content_hash(file)) == 32
    assert files.free_disk(folder) is None
    files.check_place(folder)
    files.make_folder(folder / "b")
    with files.open_ranges(file) as read:
        assert read(0, 1) == b"{" and read(-2, 2) == b"}\n" and read(3, 0) == b""
        with pytest.raises(EOFError, match=r"a\.json ends too early"):
            read(-2, 3)
    files.remove(folder)
    assert not folder.exists()


def test_what_fails_while_it_is_written_is_not_there_and_leaves_the_old(folder: Remote) -> None:
    file = folder / "a"
    file.write_bytes(b"old")
    for error in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(error), files.atomic_write(file) as out:
            out.write(b"new")
            raise error
    assert file.read_bytes() == b"old"
    assert list(folder.iterdir()) == [file]


@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 199), st.integers(0, 60)), max_size=8))
def test_ranges_are_those_of_the_file(data: bytes, ranges: list[tuple[int, int]]) -> None:
    file = Remote("memory://ranges")
    file.write_bytes(data)
    inside = sorted((start, min(size, len(data) - start)) for start, size in ranges if start < len(data))
    expected = [data[start : start + size] for start, size in inside]
    for gap, block in ((0, 1 << 20), (10, 40), (1 << 16, 1 << 20)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(remote, "_GAP", gap)
            patch.setattr(remote, "BLOCK", block)
            assert file.read_ranges(inside) == expected


def test_neighbouring_ranges_are_read_together(folder: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    file, read = folder / "a", list[tuple[int, int]]()
    monkeypatch.setattr(remote, "_GAP", 10)
    monkeypatch.setattr(remote, "BLOCK", 50)
    monkeypatch.setattr(
        Remote, "read_range", lambda self, start, stop: read.append((start, stop)) or b"x" * (stop - start)
    )
    file.read_ranges([(0, 5), (15, 5), (31, 5), (40, 20), (60, 21), (85, 5)])
    assert read == [(0, 20), (31, 81), (85, 90)]


def test_one_of_two_creates_a_file(folder: Remote) -> None:
    assert (folder / "a").create("one")
    assert not (folder / "a").create("two")
    assert (folder / "a").read_text().startswith("one ")


def test_a_file_whose_creation_was_not_answered_is_ours(
    folder: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, _ = folder.file_system()
    real = system.pipe_file

    def lost(path: str, data: bytes, **options: Any) -> None:
        real(path, data)
        raise FileExistsError(path)

    monkeypatch.setattr(type(system), "pipe_file", staticmethod(lost))
    assert (folder / "a").create("one")


def test_where_files_are_seen_while_they_are_written_another_name_is_taken(
    folder: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_IN_PIECES", {"memory"})
    system, _ = folder.file_system()
    written, real = list[str](), type(system).put_file

    def put_file(self: Any, source: str, target: str, **options: Any) -> None:
        written.append(target)
        real(self, source, target, **options)

    monkeypatch.setattr(type(system), "put_file", put_file)
    for data in (b"one", b"two"):
        with files.atomic_write(folder / "a") as out:
            out.write(data)
    assert (folder / "a").read_bytes() == b"two"
    assert list(folder.iterdir()) == [folder / "a"]
    assert all(name.endswith(".tmp") for name in written) and len(set(written)) == 2


class ClientPayloadError(Exception):
    """As aiohttp calls it."""


class Narrower(ClientPayloadError):
    pass


PASSING = [
    ConnectionResetError(),
    TimeoutError(),
    OSError(errno.EBUSY, "slow down"),
    OSError(errno.EIO, "503"),
    ClientPayloadError(),
    Narrower(),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_may_work_in_a_moment_is_tried_again(error: Exception, waited: list[float]) -> None:
    failures = [error] * 4

    def call() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert retrying(call, "s3://a") == "done"
    assert len(waited) == 4
    for seconds, least in zip(waited, remote.WAITS, strict=True):
        assert least / 2 <= seconds <= least * 3 / 2


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_fails_for_a_while_is_one_line(error: Exception, waited: list[float]) -> None:
    def call() -> None:
        raise error

    with pytest.raises(GauptError, match=r"cannot use s3://a: .*; the same command continues"):
        retrying(call, "s3://a")
    assert len(waited) == 4


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError("a"), FileNotFoundError),
        (PermissionError("a"), PermissionError),
        (FileExistsError("a"), FileExistsError),
        (OSError(errno.EINVAL, "bad request"), GauptError),
        (ValueError("NoCredentials\nmore"), GauptError),
    ],
)
def test_what_would_fail_again_is_told_at_once(
    error: Exception, kind: type[Exception], waited: list[float]
) -> None:
    def call() -> None:
        raise error

    with pytest.raises(kind) as told:
        retrying(call, "s3://a")
    assert waited == [] and "more" not in str(told.value)


class Breaking(io.BytesIO):
    """A file whose connection breaks after each so many bytes."""

    left = 7

    def read(self, size: int | None = -1, /) -> bytes:
        if self.left <= 0:
            raise ConnectionResetError
        data = super().read(min(size or 0, self.left) if size is None or size >= 0 else self.left)
        self.left -= len(data)
        return data


def test_a_file_goes_on_being_read_where_the_connection_broke(
    folder: Remote, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    data = bytes(range(100))
    (folder / "a").write_bytes(data)
    system = fsspec.filesystem("memory")
    monkeypatch.setattr(type(system), "open", lambda self, path, mode, **options: Breaking(data))
    with (folder / "a").open("rb") as file:
        assert file.read() == data
        assert len(waited) == 14
        file.seek(90)
        assert file.read(3) == data[90:93] and file.tell() == 93
    waited.clear()
    monkeypatch.setattr(Breaking, "left", 0)
    with (folder / "a").open("rb") as file, pytest.raises(GauptError, match="the same command continues"):
        file.read()


def test_storage_that_does_not_answer_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    system = fsspec.filesystem("memory")

    def info(self: Any, path: str, **options: Any) -> None:
        raise ConnectionRefusedError("nobody there\nat all")

    monkeypatch.setattr(type(system), "info", info)
    with pytest.raises(GauptError, match=r"^cannot use memory://a: nobody there$"):
        files.check_place(Remote("memory://a"))
