"""Files opened decompressed: every compression, damage, and files that unpack to far more than they are."""

import bz2
import codecs
import gzip
import io
import lzma
import random
import struct
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli
import fsspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.documents import read_documents
from gaupt.corpus.read import streams
from gaupt.corpus.read.encodings import SAMPLE
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Problem, Record
from gaupt.corpus.read.streams import (
    BROKEN,
    Bomb,
    Stream,
    Utf8Lines,
    open_raw,
    open_stream,
    read_all,
    read_limited,
    reason_of,
    unpack,
    unpack_start,
)
from tests.corpus.made import TEXT, items, jsonl, run, text, texts
from tests.corpus.read.dumps import dump, multistream

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "xz": partial(lzma.compress, preset=0),  # the usual one takes 90 MiB for each call
    "bz2": bz2.compress,
}
"""Of files."""
PACK_BODY: dict[str, Callable[[bytes], bytes]] = {
    **PACK,
    "zlib": zlib.compress,
    "deflate": lambda data: zlib.compress(data, wbits=-zlib.MAX_WBITS),
    "br": lambda data: bytes(brotli.compress(data, quality=3)),
}
"""Of these, and of bodies of HTTP."""


def packed(folder: Path, compression: str | None, data: bytes) -> InputFile:
    path = folder / "a.bin"
    path.write_bytes(data)
    return InputFile(str(path), path.name, "s", "text", compression, len(data))


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".zst", zstandard.ZstdCompressor().compress),
        (".xz", lzma.compress),
        (".bz2", bz2.compress),
    ],
)
def test_every_compression_of_json_lines(tmp_path: Path, suffix: str, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / f"news.jsonl{suffix}"
    path.write_bytes(pack(jsonl(range(5))))
    report = run([path], tmp_path / "out")
    assert texts(tmp_path / "out") == [text(n) for n in range(5)]
    assert list(report["sources"]) == ["news"]
    assert [d.id for d in read_documents(tmp_path / "out")] == [f"n{n}" for n in range(5)]


def test_a_file_that_cannot_be_opened_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("good.jsonl", "bad.jsonl", "bad.txt", "bad.zip"):
        (tmp_path / name).write_bytes(jsonl(range(3)))
    real = streams.open_raw

    def refusing(path: str):  # type: ignore[no-untyped-def]
        if "bad" in path:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(streams, "open_raw", refusing)
    monkeypatch.setattr("gaupt.corpus.read.archives.open_raw", refusing)
    report = run(sorted(tmp_path.iterdir()), tmp_path / "out")
    assert report["kept"] == 3
    reason = {"cannot be read (Permission denied)": 1}
    assert report["unreadable"] == {name: reason for name in ("bad.jsonl", "bad.txt", "bad.zip")}


@pytest.mark.slow
def test_damaged_bz2(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    damaged = bytearray(multistream(dump(300)))
    damaged[len(damaged) // 2] ^= 0xFF
    (folder / "a.xml.bz2").write_bytes(damaged)
    (folder / "b.xml.bz2").write_bytes(b"no bz2 at all")
    report = run([folder], tmp_path / "out", near_duplicates=False)
    assert report["unreadable"] == {"a.xml.bz2": {"damaged": 1}, "b.xml.bz2": {"damaged": 1}}
    assert 80 < report["kept"] < 200


def test_a_damaged_header_of_a_later_stream_is_no_end(tmp_path: Path) -> None:
    first, second = dump(40)[:3000], dump(40)[3000:]
    for suffix, pack in ((".bz2", bz2.compress), (".xz", lzma.compress)):
        path = tmp_path / f"a.xml{suffix}"
        path.write_bytes(pack(first) + b"x" + pack(second)[1:])
        assert items(path)[-1] == Problem(path.name, "damaged")
    path = tmp_path / "padded.xml.xz"
    path.write_bytes(lzma.compress(first) + bytes(1 << 13) + lzma.compress(second) + bytes(1 << 12))
    assert [type(item) for item in items(path)] == [Record] * 40
    path.write_bytes(bytes(8) + lzma.compress(first))  # padding follows a stream
    assert items(path) == [Problem(path.name, "damaged")]


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "pack"), [(".bz2", PACK["bz2"]), (".xz", PACK["xz"])])
def test_memory_of_a_file_that_unpacks_a_thousandfold(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(pack(bytes(32 << 20)))
    tracemalloc.start()
    try:
        with open_stream(find_files([path])[0][0]) as stream:
            for _ in range(50):
                assert stream.read(1 << 16)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_of_a_body_that_unpacks_a_thousandfold() -> None:
    for compression in ("xz", "bz2", "br", "gz"):
        data = PACK_BODY[compression](bytes(8 << 20))
        tracemalloc.start()
        try:
            with pytest.raises(Bomb, match="larger than 0 MiB"):
                unpack_start(data, compression, 1000)
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
        finally:
            tracemalloc.stop()


@pytest.mark.slow
def test_one_read_unpacks_256_kib_from_portions_of_1_kib(tmp_path: Path) -> None:
    noise = random.Random(0).randbytes(300_000)  # packed it is as long
    for compression in ("zst", "xz"):
        with open_stream(packed(tmp_path, compression, PACK[compression](noise))) as stream:
            stream.read(1)
            assert 256 << 10 < stream.position() <= 257 << 10
    for compression in ("bz2", "xz"):
        with open_stream(packed(tmp_path, compression, PACK[compression](bytes(1 << 20)))) as stream:
            assert len(stream.read(1 << 20)) == 256 << 10


@pytest.mark.slow
def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT)
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(bytes(70 << 20)))
    report = run([folder], tmp_path / "out")
    assert [document.id for document in read_documents(tmp_path / "out")] == ["good.txt"]
    assert {name: list(reasons) for name, reasons in report["unreadable"].items()} == {
        "bomb.jsonl.gz": [
            "a record longer than 64 MiB",
            "decompression bomb (more than 1000 times its size)",
        ],
    }


def test_what_unpacks_a_thousandfold_is_read_and_what_unpacks_further_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "FREE", 1500)
    for size, packed_size, fine in ((1500, 1, True), (1501, 1, False), (2000, 2, True), (2001, 2, False)):
        if fine:
            assert len(read_limited(io.BytesIO(bytes(size)), 1 << 20, packed_size)) == size
        else:
            with pytest.raises(Bomb, match="more than 1000 times"):
                read_limited(io.BytesIO(bytes(size)), 1 << 20, packed_size)


class Pieces:
    """A stream that gives these pieces, one a call."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = [*pieces]
        self.asked = set[int]()

    def read(self, size: int, /) -> bytes:
        self.asked.add(size)
        return self._pieces.pop(0) if self._pieces else b""


@pytest.mark.slow
def test_64_mib_are_never_too_much() -> None:
    block = bytes(1 << 20)
    whole = Pieces(*[block] * 64)
    assert len(read_limited(whole, 1 << 30, 1)) == 64 << 20
    assert whole.asked == {1 << 20}  # no portion is larger
    with pytest.raises(Bomb, match="more than 1000 times"):
        read_limited(Pieces(*[block] * 64, b"x"), 1 << 30, 1)


def test_what_a_file_unpacks_to_is_measured_by_what_has_been_read_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bz2.compress(bytes(1 << 20))
    assert len(data) < 100  # of which all is read for the first byte
    monkeypatch.setattr(streams, "FREE", 100_000)
    with open_stream(packed(tmp_path, "bz2", data)) as stream:
        assert stream.read(99_999) + stream.read(1) == bytes(100_000)
        with pytest.raises(Bomb, match="more than 1000 times"):
            stream.read(1)


@pytest.mark.slow
@pytest.mark.parametrize("read", [unpack, unpack_start])
def test_a_limit_is_the_last_size_that_passes(read: Callable[[bytes, str, int], bytes]) -> None:
    data = bytes(1 << 20)
    for compression, pack in PACK_BODY.items():
        assert read(pack(data), compression, 1 << 20) == data
        assert read(pack(data[:9]), compression, 9) == data[:9]
        with pytest.raises(Bomb, match=r"^larger than 1 MiB$"):
            read(pack(data + b"x"), compression, 1 << 20)
        with pytest.raises(Bomb, match=r"^larger than 0 MiB$"):
            read(pack(data[:9]), compression, 8)


def test_of_a_damaged_body_the_start_is_given_if_there_is_one() -> None:
    lines = "".join(f"第{n}行\n" for n in range(9000)).encode()
    for compression, pack in PACK_BODY.items():
        if compression in ("gz", "zlib", "deflate", "br"):  # the others unpack by larger blocks
            start = unpack_start(pack(lines)[:-20], compression, 1 << 20)
            assert lines.startswith(start) and len(start) > 1000
        with pytest.raises(BROKEN):
            unpack_start(b"\xff\xff\xff no such thing", compression, 1 << 20)
        assert unpack_start(b"", compression, 1 << 20) == b""


def test_no_more_than_4_kib_before_a_damage_are_lost() -> None:
    block = random.Random(0).randbytes(8000)
    stored = gzip.compress(b"")[:10] + b"\0" + struct.pack("<HH", 8000, 0xFFFF - 8000) + block
    start = unpack_start(stored + b"\xff" * 9, "gz", 1 << 20)
    assert block.startswith(start) and len(start) >= 8000 - 4096


def zstd_frame(window_log: int, content: bytes) -> bytes:
    """A frame of one block that is stored, and says that it needs a window of so many bits."""
    block = struct.pack("<I", len(content) << 3 | 1)[:3]
    return b"\x28\xb5\x2f\xfd\0" + bytes([(window_log - 10) << 3]) + block + content


def test_zstd_may_have_a_window_of_2_gib() -> None:
    """As ``zstd --ultra --long=31`` makes it."""
    assert unpack(zstd_frame(31, b"12345"), "zst", 9) == b"12345"
    with pytest.raises(BROKEN):
        unpack(zstd_frame(32, b"12345"), "zst", 9)


def test_zeros_are_padding_between_streams_alone() -> None:
    noise = random.Random(0).randbytes(1 << 20)  # zstd stores it as it is
    assert unpack(PACK["zst"](b"1") + PACK["zst"](noise), "zst", 2 << 20) == b"1" + noise


def test_a_url_is_opened_by_its_protocol(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"file")
    fsspec.filesystem("memory").pipe_file("/test_streams/a.txt", b"memory")
    for path, content in ((str(tmp_path / "a.txt"), b"file"), ("memory://test_streams/a.txt", b"memory")):
        with open_raw(path) as file:
            assert file.read() == content


def test_a_file_on_disk_is_opened_without_fsspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (tmp_path / "a.txt").write_bytes(b"file")
    with open_raw(str(tmp_path / "a.txt")) as file:
        assert file.read() == b"file"


@pytest.mark.slow
@pytest.mark.parametrize("compression", [None, *PACK])
def test_a_whole_file_is_read_to_one_byte_over_its_limit(tmp_path: Path, compression: str | None) -> None:
    pack = PACK.get(compression or "", bytes)
    file = packed(tmp_path, compression, pack(b"0123456789"))
    assert [len(read_all(file, limit)) for limit in (8, 9, 10, 11)] == [9, 10, 10, 10]
    file = packed(tmp_path, compression, pack(b"01234") + pack(b"56789"))
    assert [len(read_all(file, limit)) for limit in (4, 5, 6)] == [5, 6, 7]
    data = b"".join(b"%d\n" % n for n in range(170_000))
    assert len(data) > 1 << 20
    assert read_all(packed(tmp_path, compression, pack(data)), 1 << 22) == data


@pytest.mark.slow
@pytest.mark.parametrize("compression", PACK)
@given(st.lists(st.binary(max_size=400), max_size=4), st.integers(1, 300))
def test_frames_one_after_the_other_are_one_stream(
    tmp_path_factory: pytest.TempPathFactory, compression: str, pieces: list[bytes], size: int
) -> None:
    data = b"".join(PACK[compression](piece) for piece in pieces)
    file = packed(tmp_path_factory.mktemp("frames"), compression, data)
    found, position = bytearray(), 0
    with open_stream(file) as stream:
        while piece := stream.read(size):
            assert len(piece) <= size and stream.position() >= position
            position = stream.position()
            found += piece
        assert stream.position() == len(data)
    assert found == b"".join(pieces)


@pytest.mark.parametrize("compression", PACK)
def test_what_stands_before_a_break_is_given_first(tmp_path: Path, compression: str) -> None:
    first = jsonl(range(40))
    data = PACK[compression](first) + PACK[compression](jsonl(range(40, 80)))[:60]
    found = bytearray()
    with open_stream(packed(tmp_path, compression, data)) as stream, pytest.raises(BROKEN) as error:
        while piece := stream.read(1000):
            found += piece
    assert found.startswith(first)
    assert reason_of(error.value) == "truncated"


@pytest.mark.parametrize("compression", PACK_BODY)
def test_packed_data_that_breaks_off_is_not_unpacked(compression: str) -> None:
    data = PACK_BODY[compression](TEXT.encode())
    assert unpack(data, compression, 1000) == TEXT.encode()
    for cut in (data[:-1], data[:-9]):
        with pytest.raises(BROKEN) as error:
            unpack(cut, compression, 1000)
        assert reason_of(error.value) == "truncated"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Bomb("larger than 3 MiB"), "larger than 3 MiB"),
        (EOFError("whatever"), "truncated"),
        (PermissionError(13, "Permission denied"), "cannot be read (Permission denied)"),
        (OSError("Invalid data stream"), "damaged"),
        (gzip.BadGzipFile("Not a gzipped file"), "damaged"),
        (zlib.error("Error -5 while decompressing data: incomplete or truncated stream"), "truncated"),
        (zlib.error("Error -3 while decompressing data: invalid block type"), "damaged"),
        (lzma.LZMAError("Compressed data ended before the end-of-stream marker was reached"), "truncated"),
        (OSError("Unexpected end of data"), "truncated"),
        (OSError("a bad end"), "damaged"),
        (OSError("unexpected block before header"), "damaged"),
        (zstandard.ZstdError("Unknown frame descriptor"), "damaged"),
    ],
)
def test_what_is_wrong_is_named_in_the_words_of_the_report(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


LONG = "".join(f"第{n}行，共{n * n}字😀\n" for n in range(4000))
"""Longer than what is looked at for the encoding, in any of them."""


@pytest.mark.parametrize("size", [5, 999, 1 << 20])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
    ],
)
@pytest.mark.untraced
def test_wide_encodings_become_utf8_wherever_they_are_cut(encoding: str, mark: bytes, size: int) -> None:
    assert len(LONG) > SAMPLE // 2
    raw = io.BytesIO(mark + LONG.encode(encoding))
    assert read_lines(Stream(raw, raw), size).decode() == LONG


def read_lines(stream: Stream | Pieces, size: int) -> bytes:
    lines, found = Utf8Lines(stream), bytearray()
    while piece := lines.read(size):
        found += piece
    return bytes(found)


def test_a_part_of_a_character_is_no_end() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        head, *rest = [LONG[:99].encode(encoding), *(bytes([byte]) for byte in "雨，😀\n".encode(encoding))]
        assert read_lines(Pieces(head, *rest), 9).decode() == f"{LONG[:99]}雨，😀\n"


def test_one_line_feed_tells_utf16_and_what_is_broken_in_it_is_replaced() -> None:
    for encoding, lone in (("utf-16-le", b"\0\xd8"), ("utf-16-be", b"\xd8\0")):
        assert read_lines(Pieces("清晨\n".encode(encoding)), 9).decode() == "清晨\n"
        mark = "\ufeff".encode(encoding)
        assert read_lines(Pieces(mark, lone + "散".encode(encoding)), 9).decode() == "\ufffd散"
        without_mark = (TEXT * 3 + "\n").encode(encoding) + lone + "散".encode(encoding)
        assert read_lines(Pieces(without_mark), 9).decode() == f"{TEXT * 3}\n\ufffd散"


def test_of_a_file_with_the_mark_of_utf8_the_lines_in_gbk_pass_as_they_are() -> None:
    data = f"{TEXT}\n".encode() + TEXT.encode("gb18030")
    assert read_lines(Pieces(codecs.BOM_UTF8 + data), 9) == data


def test_what_is_no_wide_encoding_passes_as_it_is() -> None:
    for data in (TEXT.encode("gb18030"), b"", bytes(100), bytes(range(256))):
        raw = io.BytesIO(data)
        lines = Utf8Lines(Stream(raw, raw))
        assert lines.read(1 << 20) == data
        assert lines.read(1 << 20) == b""
