import bz2
import gzip
import json
import lzma
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard

from gaupt.config import CleanConfig, Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.errors import GauptError
from gaupt.text.characters import common_han, traditional_only

WORDS = (
    "山水云雾茶农竹篓清晨午后孩子黄狗城市公路桥梁机器数学物理历史文学音乐绘画医院学校图书农田河流森林海洋星空"
)


def text(number: int) -> str:
    """A document that shares no long run of characters with others."""
    rows = [
        f"第{number}篇的第{row}段讲{WORDS[(number * 7 + row * 3) % 48]}与{WORDS[(number + row * 5) % 48]}，"
        f"其中{WORDS[(number * number + row) % 48]}占{number * 37 + row}份。"
        for row in range(4)
    ]
    return "\n".join(rows)


def jsonl(numbers: range) -> bytes:
    return "".join(
        json.dumps({"id": f"n{n}", "text": text(n)}, ensure_ascii=False) + "\n" for n in numbers
    ).encode()


def texts(folder: Path) -> list[str]:
    return [document.text for document in read_documents(folder)]


def run(inputs: list[Path], output: Path, **config: object) -> dict[str, object]:
    report = clean(
        [str(i) for i in inputs], output, Config(clean=CleanConfig.model_validate(config)), workers=1
    )
    dropped = sum(report["dropped"].values())
    assert report["read"] == report["kept"] + dropped
    assert report["kept"] == sum(1 for _ in read_documents(output))
    for source in report["sources"].values():
        assert source["read"] == source["kept"] + sum(source["dropped"].values())
    return report


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
    assert list(report["sources"]) == ["news"]  # type: ignore[call-overload]
    assert [d.id for d in read_documents(tmp_path / "out")] == [f"n{n}" for n in range(5)]


def test_formats(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(text(1), encoding="gb18030")
    (folder / "b.md").write_text(text(2), encoding="utf-16")
    paragraphs = "".join(f"<p>{line}</p>" for line in text(3).split("\n"))
    (folder / "c.html").write_text(
        f"<html><head><meta charset='gb2312'></head><body><nav>首页</nav><article>{paragraphs}</article>"
        "<script>var a</script></body></html>",
        encoding="utf-8",
    )
    (folder / "d.json").write_text(json.dumps([{"content": text(4)}, {"content": text(5)}]))
    (folder / "e.csv").write_text(f'id,text\nr1,"{text(6)}"\nr2,"{text(7)}, ""引号"""\n')
    (folder / "f.tsv").write_text(f'title\ttext\n标题\t{text(8).replace(chr(10), "")}"半个引号\n')
    (folder / "g.bin").write_bytes(b"\x00\x01")
    report = run([folder], tmp_path / "out")
    assert report["kept"] == 8
    assert report["files"]["skipped"] == {".bin": 1}  # type: ignore[index]
    documents = {d.id: d for d in read_documents(tmp_path / "out")}
    assert documents["a.txt"].text == text(1)
    assert documents["c.html"].text == text(3)
    assert documents["r2"].text == text(7) + ', "引号"'
    assert documents["d.json:2"].text == text(5)
    assert {d.source for d in documents.values()} == {"in", "d", "e", "f"}


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pyarrow.table({"id": list(range(20)), "text": [text(n) for n in range(20)], "other": [1.5] * 20})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=7)
    run([tmp_path / "t.parquet"], tmp_path / "out")
    assert texts(tmp_path / "out") == [text(n) for n in range(20)]


def test_malformed_lines_and_broken_files_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(
        jsonl(range(3))
        + b'{"id": 1, "text": "cut\nnot json\n{"id": 2}\n\xff\xfe\xfa{"text": "x"}\n'
        + jsonl(range(3, 5))
    )
    whole = gzip.compress(os.urandom(0) + jsonl(range(5, 400)))
    (folder / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    whole = zstandard.ZstdCompressor().compress(jsonl(range(400, 800)))
    (folder / "c.jsonl.zst").write_bytes(whole[: len(whole) // 2])
    (folder / "d.txt").write_bytes(b"")
    (folder / "e.txt").write_bytes(bytes(range(256)) * 50)
    (folder / "f.parquet").write_bytes(b"PAR1 no table")
    report = run([folder], tmp_path / "out")
    assert report["unreadable"] == {
        "a.jsonl": {"malformed line": 3, "no text field": 1},
        "b.jsonl.gz": {"truncated": 1},
        "c.jsonl.zst": {"truncated": 1},
        "d.txt": {"empty file": 1},
        "e.txt": {"not text in any known encoding": 1},
        "f.parquet": {"damaged": 1},
    }
    assert {f"n{n}" for n in range(6)} <= {d.id for d in read_documents(tmp_path / "out")}


def test_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": "\\ud800", "source": "s\\udfff", "text": "' + text(1).replace("\n", "") + '\\ud83d。"}\n'
    )
    run([path], tmp_path / "out")
    (document,) = read_documents(tmp_path / "out")
    assert (document.id, document.source) == ("?", "s?")
    assert document.text.endswith("?。")


def test_exact_duplicates_keep_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [text(1), text(2), text(1) + " \r\n\n", text(1).replace("，", ","), text(3)]
    path.write_text("".join(json.dumps({"text": line}) + "\n" for line in lines))
    report = run([path], tmp_path / "out")
    assert [d.id for d in read_documents(tmp_path / "out")] == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:5"]
    assert report["dropped"] == {"exact_duplicate": 2}
    raw = (
        zstandard.ZstdDecompressor()
        .stream_reader((tmp_path / "out" / "dropped-00000.jsonl.zst").read_bytes())
        .read()
    )
    assert [json.loads(line)["duplicate_of"] for line in raw.splitlines()] == ["a.jsonl:1", "a.jsonl:1"]
    report = run([path], tmp_path / "all", exact_duplicates=False, near_duplicates=False)
    assert report["kept"] == 5


def test_output_is_the_same_for_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, numbers in (("a", range(300)), ("b", range(200, 500))):
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(numbers))
    inputs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for workers in (1, 2):
        clean(inputs, tmp_path / f"out{workers}", Config(), workers=workers)
    names = sorted(p.name for p in (tmp_path / "out1").glob("d*"))
    assert names == ["documents-00000.jsonl.zst", "dropped-00000.jsonl.zst"]
    for name in names:
        assert (tmp_path / "out1" / name).read_bytes() == (tmp_path / "out2" / name).read_bytes()


def test_blocks_join_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small parts give what one large part gives, whatever falls on their borders."""
    from gaupt.corpus import clean as pipeline
    from gaupt.corpus.read import cut as parts

    path = tmp_path / "a.csv"
    path.write_text("text\n" + "".join(f'"{text(n)}\n""引,用"""\n' for n in range(60)))
    run([path], tmp_path / "one")
    monkeypatch.setattr(parts, "READ", 100)
    monkeypatch.setattr(pipeline, "part_bytes", lambda files: 700)
    run([path], tmp_path / "many")
    assert texts(tmp_path / "many") == texts(tmp_path / "one")
    assert len(texts(tmp_path / "one")) == 60


def test_a_complete_folder_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(range(4)))
    first = run([path], tmp_path / "out")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir() if p.name != ".lock"}
    assert clean([path], tmp_path / "out", Config(), workers=1) == first
    assert before == {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir() if p.name != ".lock"}
    with pytest.raises(GauptError, match="traditional simplify -> keep"):
        clean([path], tmp_path / "out", Config(clean=CleanConfig(traditional="keep")), workers=1)
    clean([path], tmp_path / "out", Config(clean=CleanConfig(traditional="keep")), workers=1, overwrite=True)


def test_interrupted_work_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gaupt.corpus import clean as pipeline

    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(range(800)) + jsonl(range(50)))
    monkeypatch.setattr(pipeline, "part_bytes", lambda files: 10_000)
    whole = run([path], tmp_path / "whole")
    real, calls = pipeline.clean_part, []

    def failing(part, config, folder):  # type: ignore[no-untyped-def]
        calls.append(part.number)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(part, config, folder)

    monkeypatch.setattr(pipeline, "clean_part", failing)
    with pytest.raises(KeyboardInterrupt):
        clean([path], tmp_path / "out", Config(), workers=1)
    report = clean([path], tmp_path / "out", Config(), workers=1)
    assert sorted(calls) == sorted([*set(calls), 4])  # only the part that was interrupted ran twice
    assert {k: v for k, v in report.items() if k != "seconds"} == {
        k: v for k, v in whole.items() if k != "seconds"
    }
    for name in ("documents-00000.jsonl.zst", "dropped-00000.jsonl.zst"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not (tmp_path / "out" / "work").exists()


def test_killed_work_continues(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(jsonl(range(n, n + 500)) for n in range(0, 20_000, 500)))
    command = [sys.executable, "cli.py", "clean", str(path), "-q", "--workers", "1", "-o"]
    root = Path(__file__).resolve().parents[2]
    subprocess.run([*command, str(tmp_path / "whole")], cwd=root, check=True)
    process = subprocess.Popen([*command, str(tmp_path / "out")], cwd=root)
    work = tmp_path / "out" / "work"
    while process.poll() is None and not list(work.glob("*.json")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run([*command, str(tmp_path / "out")], cwd=root, check=True)
    names = sorted(p.name for p in (tmp_path / "whole").glob("d*"))
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, "does not exist"),
        (lambda p: p.mkdir(), "holds no file of a format"),
        (lambda p: p.write_bytes(b""), "every file is empty"),
        (lambda p: p.write_bytes(bytes(range(256)) * 9), "no readable text"),
    ],
)
def test_bad_input_gives_one_clear_line(tmp_path: Path, make, message: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "in")
    with pytest.raises(GauptError, match=message) as error:
        clean([tmp_path / "in"], tmp_path / "out", Config(), workers=1)
    assert "\n" not in str(error.value)
    assert "in" in str(error.value)


def test_an_empty_name_is_not_the_folder_we_are_in(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="an input is empty"):
        clean([""], tmp_path / "out", Config(), workers=1)


def test_a_file_that_cannot_be_opened_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gaupt.corpus.read import streams

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


def test_a_table_whose_first_row_is_longer_than_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gaupt.corpus import clean as pipeline

    path = tmp_path / "a.csv"
    han = sorted(common_han() - traditional_only())
    long = "\n".join("".join(random.Random(n).choices(han, k=40)) for n in range(600))
    path.write_text(f'id,text\nr0,"{long}"\nr1,"{text(1)}"\nr2,"{text(2)}"\n')
    assert path.stat().st_size > 1 << 16  # what is read at once in the beginning
    monkeypatch.setattr(pipeline, "part_bytes", lambda files: 1000)
    run([path], tmp_path / "out")
    assert [d.id for d in read_documents(tmp_path / "out")] == ["r0", "r1", "r2"]


def test_a_glob_without_a_match(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="matches no file"):
        clean([str(tmp_path / "*.txt")], tmp_path / "out", Config(), workers=1)


def test_planted_faults_are_handled(shared: Path, tmp_path: Path) -> None:
    report = run([shared / "dirty" / "raw"], tmp_path / "out")
    assert sum(sum(reasons.values()) for reasons in report["unreadable"].values()) == 8  # type: ignore[attr-defined]
    result = subprocess.run(
        [
            sys.executable,
            shared / "tools" / "check_clean.py",
            shared / "dirty" / "truth.jsonl",
            *sorted((tmp_path / "out").glob("documents-*")),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    last = result.stdout.strip().split("\n")[-1]
    assert "leftovers: 0, mojibake: 0, not Chinese: 0" in last, result.stdout
