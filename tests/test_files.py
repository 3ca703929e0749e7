"""Atomic writes, compressed lines, checksums, and folders that are replaced whole."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gaupt import files
from gaupt.errors import GauptError
from gaupt.files import (
    append,
    atomic_write,
    check_new_file,
    check_output,
    check_place,
    check_plain,
    content_hash,
    create_file,
    distinct_names,
    existing_file,
    free_disk,
    make_folder,
    named_files,
    naming,
    new_folder,
    one_line,
    read_json,
    read_jsonl_zst,
    read_lines_zst,
    read_sealed_json,
    refusing,
    sha256,
    write_bytes,
    write_jsonl_zst,
    write_sealed_json,
)


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "value.txt"
    write_bytes(path, b"old")
    with pytest.raises(RuntimeError), atomic_write(path) as file:
        file.write(b"half of the ne")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["value.txt"]


def test_a_write_that_fails_says_which_file(tmp_path):
    path = tmp_path / "value.txt"
    with pytest.raises(OSError, match=r"value\.txt"), atomic_write(path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_on_disk_before_it_gets_its_name_and_the_name_before_the_write_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "value.txt", []

    def sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        synced.append((is_folder, 0 if is_folder else os.fstat(descriptor).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", sync)
    write_bytes(path, b"all of it")
    assert synced == [(False, 9, False), (True, 0, True)]


def test_json_lines_come_back_as_written_whatever_separators_they_hold(tmp_path):
    path = tmp_path / "lines.jsonl.zst"
    with write_jsonl_zst(path) as file:
        file.write('{"text": "一\u2028二\x85三"}\n'.encode())
        file.write('{"text": "四"}\n'.encode())
    assert [record["text"] for record in read_jsonl_zst(path)] == ["一\u2028二\x85三", "四"]


def test_sha256_is_the_standard_one(tmp_path):
    path = tmp_path / "bytes"
    path.write_bytes(b"gaupt" * 1000)
    assert sha256(path) == hashlib.sha256(b"gaupt" * 1000).hexdigest()


def test_a_compressed_file_cut_anywhere_is_noticed(tmp_path):
    path = tmp_path / "lines.jsonl.zst"
    with write_jsonl_zst(path) as file:
        for number in range(500):
            file.write(f'{{"text": "{number * 7919}"}}\n'.encode())
    whole = path.read_bytes()
    for size in (len(whole) - 1, len(whole) // 2, 5):
        path.write_bytes(whole[:size])
        with pytest.raises((EOFError, ValueError)):
            list(read_jsonl_zst(path))


def test_several_frames_read_as_one(tmp_path):
    path = tmp_path / "frames.jsonl.zst"
    with write_jsonl_zst(path) as file:
        file.write(b'{"text": "one"}\n{"text": ')
    first = path.read_bytes()
    with write_jsonl_zst(path) as file:
        file.write(b'"two"}')
    path.write_bytes(first + path.read_bytes())
    assert [record["text"] for record in read_jsonl_zst(path)] == ["one", "two"]


def flips(data: bytes):
    for bit in range(0, 8 * len(data)):
        yield data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@pytest.mark.slow
def test_every_flipped_bit_of_a_compressed_file_is_noticed(tmp_path):
    path = tmp_path / "lines.jsonl.zst"
    with write_jsonl_zst(path) as file:
        file.write('{"text": "人人生而自由，在尊严和权利上一律平等。"}\n'.encode())
    whole, lines = path.read_bytes(), list(read_jsonl_zst(path))
    for damaged in flips(whole):
        path.write_bytes(damaged)
        try:
            # A few bits of the frame's header say how to store, not what.
            assert list(read_jsonl_zst(path)) == lines
        except (EOFError, ValueError):
            continue


@pytest.mark.slow
def test_every_flipped_bit_of_sealed_json_is_noticed(tmp_path):
    path = tmp_path / "record.json"
    value = {"stage": "clean", "inputs": {"一.txt": [3, 4]}, "share": 0.5}
    write_sealed_json(path, value)
    whole = path.read_bytes()
    assert read_sealed_json(path) == value
    for damaged in (*flips(whole), whole[:-1], b"[]", b""):
        path.write_bytes(damaged)
        with pytest.raises(ValueError):
            read_sealed_json(path)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A file that each example of a property test writes anew."""
    return tmp_path_factory.mktemp("lines") / "lines.zst"


TEXTS = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=8)


@pytest.mark.slow
@given(
    lines=TEXTS,
    ends=st.booleans(),
    frames=st.integers(1, 3),
    bounds=st.lists(st.integers(0, 100), max_size=4),
)
def test_slices_of_a_compressed_file_hold_each_line_once(scratch, lines, ends, frames, bounds):
    data = b"\n".join(lines) + (b"\n" if ends else b"")
    size = len(data) // frames + 1
    packed = (zstandard.compress(data[start : start + size]) for start in range(0, max(len(data), 1), size))
    scratch.write_bytes(b"".join(packed))
    whole = data.split(b"\n")
    if whole[-1] == b"":  # nothing follows the last line feed
        whole.pop()
    assert list(read_lines_zst(scratch)) == whole
    cuts = [0, *sorted(bounds), None]
    slices = [read_lines_zst(scratch, first, stop) for first, stop in pairwise(cuts)]
    assert [line for part in slices for line in part] == whole


def test_a_line_belongs_to_the_slice_that_it_begins_in(tmp_path):
    path = tmp_path / "lines.zst"
    path.write_bytes(zstandard.compress(b"abc\ndef\nghi"))
    assert list(read_lines_zst(path, 0, 4)) == [b"abc"]
    assert list(read_lines_zst(path, 0, 5)) == [b"abc", b"def"]
    assert list(read_lines_zst(path, 4, 8)) == [b"def"]
    assert list(read_lines_zst(path, 5, 8)) == []
    assert list(read_lines_zst(path, 8)) == [b"ghi"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    output = tmp_path / "model"
    for content in ("first", "second"):
        with new_folder(output) as folder:
            (folder / "a").write_text(content)
            assert not (output / "b").exists()
        assert (output / "a").read_text() == content
    with pytest.raises(RuntimeError), new_folder(output) as folder:
        (folder / "a").write_text("half of the thi")
        raise RuntimeError
    assert (output / "a").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_output_may_be_new_empty_or_ours_to_overwrite(tmp_path):
    def ours(folder):
        return (folder / "ours").exists()

    check_output(tmp_path / "new", ours, overwrite=False)
    check_output(tmp_path, ours, overwrite=False)  # empty
    (tmp_path / "ours").touch()
    with pytest.raises(GauptError, match="use --overwrite"):
        check_output(tmp_path, ours, overwrite=False)
    check_output(tmp_path, ours, overwrite=True)
    with pytest.raises(GauptError, match="is a file"):
        check_output(tmp_path / "ours", ours, overwrite=True)
    (tmp_path / "ours").rename(tmp_path / "theirs")
    with pytest.raises(GauptError, match="did not write"):
        check_output(tmp_path, ours, overwrite=True)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/d/a.txt", "/d/b.txt"], ["a.txt", "b.txt"]),
        (["/d/a.txt", "/e/a.txt", "/e/b.txt"], ["d/a.txt", "e/a.txt", "b.txt"]),
        (["/x/d/a.txt", "/y/d/a.txt"], ["x/d/a.txt", "y/d/a.txt"]),
        (["/a.txt", "/d/a.txt"], ["a.txt", "d/a.txt"]),
        (["s3://one/a.txt", "s3://two/a.txt"], ["one/a.txt", "two/a.txt"]),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_parents(paths, names):
    assert distinct_names([PurePosixPath(path) for path in paths]) == names


def test_names_may_have_more_parts_than_the_last():
    paths = [PurePosixPath("/x/in/sub/a.txt"), PurePosixPath("/x/in/b.txt")]
    assert distinct_names(paths, [2, 1]) == ["sub/a.txt", "b.txt"]


def test_a_file_named_twice_is_one(tmp_path):
    (tmp_path / "a.txt").touch()
    assert named_files([tmp_path / "a.txt", tmp_path / "." / "a.txt"]) == {
        "a.txt": (tmp_path / "a.txt").resolve()
    }


def test_a_file_that_an_option_names_is_one_or_the_option_is_told(tmp_path):
    (tmp_path / "a.txt").touch()
    assert existing_file(str(tmp_path / "a.txt"), "shards.exclude") == tmp_path / "a.txt"
    with pytest.raises(GauptError, match=r"^shards\.exclude: .* is a folder; name the files in it"):
        existing_file(tmp_path, "shards.exclude")
    with pytest.raises(GauptError, match=r"^shards\.exclude: .*/b\.txt does not exist; name a file"):
        existing_file(tmp_path / "b.txt", "shards.exclude")
    (tmp_path / "link").symlink_to(tmp_path / "b.txt")
    with pytest.raises(GauptError, match=r"/link is a link to .*/b\.txt, which does not exist; name a file"):
        existing_file(tmp_path / "link", "shards.exclude")
    with pytest.raises(GauptError, match=r"/dev/null is no plain file; name one"):
        existing_file("/dev/null", "shards.exclude")


def test_a_pipe_or_a_device_is_refused_and_what_is_not_there_left_to_its_reader(tmp_path):
    (tmp_path / "a.txt").touch()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "a.txt", tmp_path / "b.txt"):
        check_plain(path)
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(
            GauptError, match=f"^{path} is a pipe or a device; write what comes out of it to a file"
        ):
            check_plain(path)


def test_content_tells_an_edit_of_one_byte(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(bytes(3 << 20))
    before = content_hash(path)
    with path.open("r+b") as file:
        file.seek(2 << 20)
        file.write(b"1")
    assert content_hash(path) != before
    path.write_bytes(bytes(3 << 20))
    assert content_hash(path) == before


def test_a_place_below_a_file_or_a_link_to_nowhere_is_none_for_a_folder(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for check in (check_place, make_folder):
        for path, message in (
            ("file", "file is a file, where a folder has to be"),
            ("file/a/b", "file is a file, where a folder has to be"),
            ("link", "link is a link to .*nowhere, which does not exist"),
            ("link/a/b", "link is a link to .*nowhere, which does not exist"),
        ):
            with pytest.raises(GauptError, match=message):
                check(tmp_path / path)
    check_place(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("place", ["/proc/gaupt", "/proc/gaupt/a"])
def test_a_folder_that_the_system_refuses_is_one_line(place):
    path = Path(place)
    if not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    with pytest.raises(GauptError, match=f"cannot make the folder {place} "):
        make_folder(path)
    with pytest.raises(GauptError, match="cannot make the folder /proc/gaupt"), new_folder(path):
        pass
    with pytest.raises(GauptError, match=r"cannot (write|make the folder) /proc/gaupt"):
        check_new_file(path)


def test_a_file_to_write_is_checked_before_it_is_there(tmp_path):
    check_new_file(tmp_path / "new" / "file")
    assert list((tmp_path / "new").iterdir()) == []
    with pytest.raises(GauptError, match="new is a folder; give a file in it"):
        check_new_file(tmp_path / "new")


def test_a_url_is_no_folder_of_this_machine():
    with pytest.raises(GauptError, match=r"^s3://bucket/a is a URL"):
        check_place(Path("s3://bucket/a"))


def test_a_folder_that_a_link_leads_to_is_replaced_and_the_link_kept(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with new_folder(tmp_path / "link") as folder:
        (folder / "a").touch()
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real" / "a").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_the_folder_that_we_are_in_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GauptError, match="is the folder that you are in"):
        check_output(Path("."), lambda folder: True, overwrite=True)


def test_the_free_disk_is_that_of_the_folder_above_where_there_is_none_yet(tmp_path: Path) -> None:
    assert free_disk(tmp_path / "not" / "yet") == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.01)


@pytest.mark.parametrize(
    ("place", "told"),
    [("~/run", "the shell puts your home"), ("=run", "a short option takes its value without =")],
)
def test_a_place_that_the_shell_was_to_change_is_none(place, told):
    with pytest.raises(GauptError, match=f"^{place}: {told}"):
        check_place(Path(place))


@pytest.mark.parametrize("read", [read_json, read_sealed_json])
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 600 + "1" + "}" * 600])
def test_a_value_too_deep_for_us_is_damaged(
    read: Callable[[Path], object], text: str, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(text)
    if read is read_json and text.endswith("}"):
        assert read(tmp_path / "a.json")
        return
    with pytest.raises(ValueError, match=r"a\.json"):
        read(tmp_path / "a.json")


class Panic(BaseException):
    """What a library in Rust raises."""


@pytest.mark.parametrize("error", [KeyError("x"), Panic("called\n  unwrap"), MemoryError()])
def test_whatever_a_library_raises_is_one_line(error: BaseException) -> None:
    with (
        pytest.raises(GauptError, match=r"^a is damaged: ('x'|called unwrap|MemoryError); copy it$"),
        refusing("a is damaged", "copy it"),
    ):
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GauptError("ours")])
def test_what_is_no_librarys_goes_on(error: BaseException) -> None:
    with pytest.raises(type(error)) as found, refusing("a is damaged"):
        raise error
    assert found.value is error


def test_a_long_error_is_cut() -> None:
    assert one_line(ValueError("x" * 1000)) == "x" * 200 + "…"


def test_a_full_disk_says_which_file_did_not_fit(tmp_path: Path) -> None:
    with Path("/dev/full").open("ab", buffering=0) as file, pytest.raises(OSError) as told:
        append(file, b"text")
    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, "/dev/full")
    with pytest.raises(OSError) as told, naming(tmp_path):
        raise OSError(errno.ENOSPC, "full")
    assert told.value.filename == str(tmp_path)
    with pytest.raises(OSError) as told, naming(tmp_path):
        raise OSError(errno.ENOSPC, "full", "another")
    assert told.value.filename == "another"


def test_a_file_that_could_not_be_created_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files, "append", full)
    with pytest.raises(OSError):
        create_file(tmp_path / "a", "text")
    assert not list(tmp_path.iterdir())
