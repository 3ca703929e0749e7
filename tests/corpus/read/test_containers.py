"""Archives, web archives and URLs."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.errors import GauptError

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香。"
OTHER = "这座桥修了三年才通车，两岸的居民从此不必再绕远路，孩子们上学也方便多了。"


def run(source: object, output: Path) -> tuple[dict[str, str], dict[str, object]]:
    report = clean([str(source)], output, Config(), workers=1)
    return {d.id: d.text for d in read_documents(output)}, report["unreadable"]


def line(text: str) -> bytes:
    return json.dumps({"text": text}).encode() + b"\n"


def test_zip(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.txt", TEXT.encode("gb18030"))
        archive.writestr("sub/two.jsonl.gz", gzip.compress(line(OTHER) + b"broken\n"))
        archive.writestr("three.zip", b"PK")
        archive.writestr("picture.png", b"\x89PNG")
    documents, unreadable = run(path, tmp_path / "out")
    assert documents == {"a.zip/one.txt": TEXT, "a.zip/sub/two.jsonl.gz:1": OTHER}
    assert unreadable == {
        "a.zip/sub/two.jsonl.gz": {"malformed line": 1},
        "a.zip/three.zip": {"archive inside an archive": 1},
    }


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_tar(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tar" + mode[1:].replace(":", "."))
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in (("one.txt", TEXT.encode()), ("two.csv", f"text\n{OTHER}\n".encode())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    documents, unreadable = run(path, tmp_path / "out")
    assert sorted(documents.values()) == sorted([TEXT, OTHER])
    assert unreadable == {}


def test_bombs_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT)
    zeros = bytes(100 << 20)
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(zeros))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", zeros)
    documents, unreadable = run(folder, tmp_path / "out")
    assert list(documents) == ["good.txt"]
    assert {name: list(reasons) for name, reasons in unreadable.items()} == {  # type: ignore[call-overload]
        "bomb.jsonl.gz": ["malformed line", "decompression bomb (more than 1000 times its size)"],
        "bomb.zip": ["decompression bomb (more than 1000 times its size)"],
    }


def test_damaged_archives_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT)
    for name in ("a.zip", "a.tar", "a.warc", "a.warc.gz"):
        (folder / name).write_bytes(b"\x00nothing of the kind" * 40)
    documents, unreadable = run(folder, tmp_path / "out")
    assert list(documents) == ["good.txt"]
    assert unreadable == {
        "a.zip": {"damaged": 1},
        "a.tar": {"damaged": 1},
        "a.warc": {"malformed record": 1},
        "a.warc.gz": {"damaged": 1},
    }


def warc_record(kind: str, address: str, body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{address[-1] * 8}-0000-0000-0000-000000000000>\r\n"
        f"Content-Type: {'application/http; msgtype=response' if kind == 'response' else 'text/plain'}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def http(kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def test_web_archives(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page = f"<html><body><nav>首页</nav><article><p>{TEXT}</p></article></body></html>".encode("gb18030")
    records = [
        warc_record("response", "http://a.example/1", http("text/html; charset=gb2312", page)),
        warc_record("response", "http://a.example/2", http("image/png", b"\x89PNG")),
    ]
    (folder / "a.warc.gz").write_bytes(b"".join(gzip.compress(record) for record in records))
    (folder / "b.warc.wet").write_bytes(warc_record("conversion", "http://b.example/3", OTHER.encode()))
    documents, unreadable = run(folder, tmp_path / "out")
    assert documents == {"http://a.example/1": TEXT, "http://b.example/3": OTHER}
    assert unreadable == {}


def test_urls(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/sub/a.jsonl", line(TEXT))
    memory.pipe("/bucket/b.txt", OTHER.encode())
    expected = {TEXT, OTHER}
    assert set(run("memory://bucket", tmp_path / "folder")[0].values()) == expected
    assert set(run("memory://bucket/**/*.jsonl", tmp_path / "glob")[0].values()) == {TEXT}
    assert run("memory://bucket/b.txt", tmp_path / "one")[0] == {"b.txt": OTHER}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "c.txt").write_text(TEXT)
    assert set(run(f"file://{tmp_path}/in", tmp_path / "local")[0].values()) == {TEXT}
    with pytest.raises(GauptError, match="does not exist"):
        run("memory://bucket/missing.txt", tmp_path / "missing")
    with pytest.raises(GauptError, match="nosuch"):
        run("nosuch://bucket/a.txt", tmp_path / "protocol")
