"""The files inside zip and tar archives, and the archives that are refused."""

import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from gaupt.corpus.read import archives
from gaupt.corpus.read.archives import Member, members
from gaupt.corpus.read.file import InputFile
from tests.corpus.made import OTHER, TEXT, input_file, json_line, kept, run


def zipped(path: Path, files: dict[str, bytes]) -> list[Member]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return list(members(input_file(path)))


def tarred(path: Path, files: dict[str, bytes], mode: str = "w") -> list[Member]:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return list(members(input_file(path)))


def test_zip(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.txt", TEXT.encode("gb18030"))
        archive.writestr("sub/two.jsonl.gz", gzip.compress(json_line(OTHER) + b"broken\n"))
        archive.writestr("three.zip", b"PK")
        archive.writestr("picture.png", b"\x89PNG")
    unreadable = run([path], tmp_path / "out")["unreadable"]
    documents = kept(tmp_path / "out")
    assert documents == {"a.zip/one.txt": TEXT, "a.zip/sub/two.jsonl.gz:1": OTHER}
    assert unreadable == {
        "a.zip": {"member of a format that is not read (.png)": 1},
        "a.zip/sub/two.jsonl.gz": {"malformed line": 1},
        "a.zip/three.zip": {"archive inside an archive": 1},
    }


def test_members_without_an_extension_are_told_by_content(tmp_path: Path) -> None:
    article = f'<doc id="1" url="x" title="y">\n{OTHER}\n</doc>'.encode()
    files = {
        "AA/wiki_00": json_line(TEXT),
        "AA/wiki_01.gz": gzip.compress(article),
        "README": TEXT.encode(),
        "a.log": json_line(TEXT),
        "b.gz": b"no gzip",
        "c.bin": b"\0",
    }
    path = tmp_path / "wiki.zip"
    lines, articles, *others = zipped(path, files)
    assert lines == Member(
        InputFile(str(path), "wiki.zip/AA/wiki_00", "wiki", "jsonl", None, len(json_line(TEXT))),
        json_line(TEXT),
    )
    assert articles == Member(
        InputFile(str(path), "wiki.zip/AA/wiki_01.gz", "wiki", "wikiextractor", None, len(article)), article
    )
    assert [member.problem for member in others] == [
        f"member of a format that is not read ({extension})"
        for extension in ("no extension", ".log", ".gz", ".bin")
    ]
    run([path], tmp_path / "out")
    assert kept(tmp_path / "out") == {"wiki.zip/AA/wiki_00:1": TEXT, "1": OTHER}


def test_records_under_an_unknown_extension_have_a_text_of_a_usual_name(tmp_path: Path) -> None:
    review = json.dumps({"review": TEXT}).encode()
    files = {"reviews": review, "reviews.train": review, "texts.train": json_line(TEXT)}
    assert [member.problem for member in zipped(tmp_path / "a.zip", files)] == [
        None,
        "member of a format that is not read (.train)",
        None,
    ]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_tar(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tar" + mode[1:].replace(":", "."))
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in (("one.txt", TEXT.encode()), ("two.csv", f"text\n{OTHER}\n".encode())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    unreadable = run([path], tmp_path / "out")["unreadable"]
    documents = kept(tmp_path / "out")
    assert sorted(documents.values()) == sorted([TEXT, OTHER])
    assert unreadable == {}


@pytest.mark.slow
def test_an_archive_that_unpacks_to_a_huge_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT)
    zeros = bytes(70 << 20)
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", zeros)
    unreadable = run([folder], tmp_path / "out")["unreadable"]
    documents = kept(tmp_path / "out")
    assert list(documents) == ["good.txt"]
    assert {name: list(reasons) for name, reasons in unreadable.items()} == {
        "bomb.zip": ["decompression bomb (more than 1000 times its size)"],
    }


def test_damaged_archives_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT)
    for name in ("a.zip", "a.tar"):
        (folder / name).write_bytes(b"\x00nothing of the kind" * 40)
    unreadable = run([folder], tmp_path / "out")["unreadable"]
    documents = kept(tmp_path / "out")
    assert list(documents) == ["good.txt"]
    assert unreadable == {
        "a.zip": {"damaged": 1},
        "a.tar": {"damaged": 1},
    }


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_come_in_order_what_is_hidden_does_not_and_what_is_not_read_is_counted(
    tmp_path: Path, pack
) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / ("a.zip" if pack is zipped else "a.tar")
    files = {
        "z.txt": b"1",
        "/sub/a.jsonl": b"2",
        ".hidden.txt": b"3",
        "__MACOSX/a.txt": b"4",
        ".git/a.txt": b"5",
        "a.png": b"6",
        "a.txt": b"7",
    }
    found = pack(path, files)
    assert [(member.file.name, member.data, member.problem) for member in found] == [
        (f"{path.name}/z.txt", b"1", None),
        (f"{path.name}/sub/a.jsonl", b"2", None),
        (path.name, b"", "member of a format that is not read (.png)"),
        (f"{path.name}/a.txt", b"7", None),
    ]
    assert [member.file.source for member in found if member.problem is None] == [path.name, "a", path.name]
    assert found[0].file == InputFile(str(path), f"{path.name}/z.txt", path.name, "text", None, 1)


def test_archives_in_archives_are_told_and_not_opened(tmp_path: Path) -> None:
    found = zipped(
        tmp_path / "a.zip", {"b.tar.gz": gzip.compress(b""), "c.ZIP": b"", "d.tgz": b"", "e.txt": b"x"}
    )
    assert [member.problem for member in found] == ["archive inside an archive"] * 3 + [None]
    assert all(member.data == b"" for member in found[:3])


def test_a_packed_member_is_unpacked_and_a_damaged_one_told_alone(tmp_path: Path) -> None:
    whole = gzip.compress(TEXT.encode())
    files = {"a.txt.gz": whole, "b.txt.gz": whole[:-9], "c.txt.gz": b"no gzip", "d.txt": b"x"}
    for pack, name in ((zipped, "a.zip"), (tarred, "a.tar")):
        found = pack(tmp_path / name, files)
        assert [(member.data, member.problem) for member in found] == [
            (TEXT.encode(), None),
            (b"", "truncated"),
            (b"", "damaged"),
            (b"x", None),
        ]


@pytest.mark.parametrize(("pack", "name"), [(zipped, "a.zip"), (tarred, "a.tar")])
def test_a_member_or_a_number_of_them_over_the_limit_ends_the_archive(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pack,
    name: str,  # type: ignore[no-untyped-def]
) -> None:
    files = {"a.txt": b"12", "b.txt": b"1234", "c.txt": b"1"}
    monkeypatch.setattr(archives, "MAX_MEMBER", 4)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    assert [member.problem for member in pack(tmp_path / name, files)] == [None] * 3
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    found = pack(tmp_path / name, files)
    assert [member.problem for member in found] == [None, None, "more than 2 members"]
    assert found[-1].file == input_file(tmp_path / name)
    assert found[-1].data == b""
    monkeypatch.setattr(archives, "MAX_MEMBER", 3)
    found = pack(tmp_path / name, files)
    assert [(member.data, member.problem) for member in found] == [(b"12", None), (b"", "larger than 0 MiB")]


def test_a_member_may_have_256_mib_and_an_archive_a_million_of_them() -> None:
    assert (archives.MAX_MEMBER, archives.MAX_MEMBERS) == (256 << 20, 1_000_000)


def test_an_archive_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    files = {f"{n}.txt": TEXT.encode() * 100 for n in range(5)}
    tarred(tmp_path / "whole.tar", files)
    path = tmp_path / "a.tar"
    path.write_bytes((tmp_path / "whole.tar").read_bytes()[:30_000])
    found = list(members(input_file(path)))
    assert [member.problem for member in found] == [None, None, "truncated"]
    assert [member.data for member in found[:2]] == [TEXT.encode() * 100] * 2


def change_header(path: Path, place: int, value: int) -> None:
    """Change a byte in the header of a zip archive's first member, and in its directory."""
    data = bytearray(path.read_bytes())
    data[place] = value
    data[data.index(b"PK\x01\x02") + place + 2] = value
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        (6, 1, "encrypted; unpack it yourself"),  # the flag of a password
        (8, 9, "packed by a method that is not known here; unpack it yourself"),  # Deflate64
    ],
)
def test_a_member_that_python_cannot_unpack_is_told_alone(
    tmp_path: Path, place: int, value: int, problem: str
) -> None:
    path = tmp_path / "a.zip"
    zipped(path, {"a.txt": b"x", "b.txt": b"y"})
    change_header(path, place, value)
    found = [(member.file.name, member.data, member.problem) for member in members(input_file(path))]
    assert found == [("a.zip/a.txt", b"", problem), ("a.zip/b.txt", b"y", None)]


def zip_of_raw_name(path: Path, raw: bytes, extra: bytes = b"") -> None:
    """A zip archive with a member that is called ``raw``, without the flag that says UTF-8."""
    stand_in = "x" * len(raw)
    info = zipfile.ZipInfo(stand_in)
    info.extra = extra
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, TEXT)
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), raw))


def test_names_in_zip_with_the_flag_of_utf8(tmp_path: Path) -> None:
    # In cp437 the Greek letters are two bytes that a character of GBK has too.
    names = ["小说/雪夜.txt", "αß.txt", "café.txt"]
    found = zipped(tmp_path / "书.zip", dict.fromkeys(names, b"x"))
    assert [member.file.name for member in found] == [f"书.zip/{name}" for name in names]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_in_zip_without_the_flag_of_utf8(tmp_path: Path, encoding: str) -> None:
    zip_of_raw_name(tmp_path / "书.zip", "小说/雪夜.txt".encode(encoding))
    (member,) = members(input_file(tmp_path / "书.zip"))
    assert (member.file.name, member.file.source) == ("书.zip/小说/雪夜.txt", "书.zip/小说")


def test_names_in_zip_of_members_with_a_password(tmp_path: Path) -> None:
    zip_of_raw_name(tmp_path / "书.zip", "小说/雪夜.txt".encode("gbk"))
    change_header(tmp_path / "书.zip", 6, 1)
    (member,) = members(input_file(tmp_path / "书.zip"))
    assert (member.file.name, member.problem) == ("书.zip/小说/雪夜.txt", "encrypted; unpack it yourself")


def test_a_name_with_back_slashes_names_a_folder(tmp_path: Path) -> None:
    zip_of_raw_name(tmp_path / "a.zip", "小说\\雪夜.txt".encode("gbk"))
    (member,) = members(input_file(tmp_path / "a.zip"))
    assert (member.file.name, member.file.source) == ("a.zip/小说/雪夜.txt", "a.zip/小说")


def test_the_unicode_name_of_info_zip_comes_first(tmp_path: Path) -> None:
    raw, name = b"caf\x82.txt", "珈琲.txt"
    for crc, expected in ((zlib.crc32(raw), name), (0, "café.txt")):  # of another name: not to be believed
        field = b"\x01" + struct.pack("<I", crc) + name.encode()
        other = struct.pack("<HH", 0x5455, 5) + b"other"
        extra = other + struct.pack("<HH", 0x7075, len(field)) + field + other
        zip_of_raw_name(tmp_path / "a.zip", raw, extra)
        (member,) = members(input_file(tmp_path / "a.zip"))
        assert member.file.name == f"a.zip/{expected}"


def test_names_in_tar(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT, encoding="gbk") as archive:
        for name in ("小说/雪夜.txt", "三体.txt"):
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
    assert [member.file.name for member in members(input_file(tmp_path / "a.tar"))] == [
        "a.tar/小说/雪夜.txt",
        "a.tar/三体.txt",
    ]


def test_folders_and_links_are_no_members(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        folder, link = tarfile.TarInfo("folder.txt"), tarfile.TarInfo("link.txt")
        folder.type, link.type, link.linkname = tarfile.DIRTYPE, tarfile.SYMTYPE, "../../secret.txt"
        archive.addfile(folder)
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("a.txt"))
    assert [member.file.name for member in members(input_file(path))] == ["a.tar/a.txt"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive_:
        archive_.mkdir("folder.txt")
        archive_.writestr("a.txt", b"")
    assert [member.file.name for member in members(input_file(tmp_path / "a.zip"))] == ["a.zip/a.txt"]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_leads_out_of_the_archive_is_counted(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / ("a.zip" if pack is zipped else "a.tar")
    found = pack(
        path, {"../x.txt": b"1", "a/../../y.txt": b"2", "/etc/z.txt": b"3", "..a.txt": b"4", "b.txt": b"5"}
    )
    assert [(member.file.name, member.problem) for member in found] == [
        (path.name, archives.LEADS_OUT),
        (path.name, archives.LEADS_OUT),
        (f"{path.name}/etc/z.txt", None),
        (f"{path.name}/b.txt", None),
    ]


def test_a_member_without_a_name_and_a_dictionary_without_bounds_are_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    zipped(path, {"a.txt": b"x"})
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.find(b"PK\x01\x02") + 28, 0)  # the length of the name
    path.write_bytes(data)
    assert [member.problem for member in members(input_file(path))] == ["damaged"]

    def without_memory(*_: object) -> None:
        raise MemoryError

    zipped(path, {"a.txt": b"x"})
    monkeypatch.setattr(archives, "read_limited", without_memory)
    assert [member.problem for member in members(input_file(path))] == ["damaged"]
