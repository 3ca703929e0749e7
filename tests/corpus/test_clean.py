"""The cleaning stage: the same folder from any number of processes, and from work that was broken off."""

import gzip
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import CleanConfig, Config
from gaupt.corpus import clean as cleaning
from gaupt.corpus import clean_parts
from gaupt.corpus.clean import clean, plan
from gaupt.corpus.read import records as records_module
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.seal import verify
from tests.corpus.made import OTHER, TEXT, json_line, jsonl, random_text, run, text, texts


@pytest.mark.slow
def test_output_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    for name, numbers in (("a", range(300)), ("b", range(200, 500))):
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(numbers))
    inputs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for workers in (1, 2):
        clean(inputs, tmp_path / f"out{workers}", Config(), workers=workers)
    names = sorted(p.name for p in (tmp_path / "out1").glob("d*"))
    assert names == ["documents-00000.jsonl.zst", "dropped-00000.jsonl.zst"]
    for name in names:
        assert (tmp_path / "out1" / name).read_bytes() == (tmp_path / "out2" / name).read_bytes()


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


def test_an_input_that_grows_while_it_is_read_is_said_and_the_folder_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "a.jsonl", cleaning.finished_parts
    path.write_bytes(jsonl(range(4)))

    def grow(work: Path) -> object:
        with path.open("ab") as file:
            file.write(b'{"text": "half a li')
        return real(work)

    with monkeypatch.context() as patch:
        patch.setattr(cleaning, "finished_parts", grow)
        with pytest.raises(GauptError, match=r"input a\.jsonl changed while it was read; .*--overwrite"):
            run([path], tmp_path / "out")
    assert not (tmp_path / "out" / "report.json").exists()
    with pytest.raises(GauptError, match=r"input a\.jsonl changed"):
        run([path], tmp_path / "out")
    assert clean([path], tmp_path / "out", Config(), workers=1, overwrite=True)["read"] == 4


def test_a_damaged_report_of_a_complete_folder_is_named(tmp_path: Path) -> None:
    path, report = tmp_path / "a.jsonl", tmp_path / "out" / "report.json"
    path.write_bytes(jsonl(range(4)))
    run([path], tmp_path / "out")
    report.write_bytes(report.read_bytes()[:100])
    with pytest.raises(GauptError, match=r"report\.json is damaged: it has 100 bytes .*--overwrite"):
        run([path], tmp_path / "out")
    clean([path], tmp_path / "out", Config(), workers=1, overwrite=True)
    assert list(verify(tmp_path / "out")) == [""] * 6


@pytest.mark.slow
def test_interrupted_work_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(range(800)) + jsonl(range(50)))
    monkeypatch.setattr(clean_parts, "part_bytes", lambda files: 10_000)
    whole = run([path], tmp_path / "whole")
    real, calls = clean_parts.clean_part, []

    def failing(part, config, folder):  # type: ignore[no-untyped-def]
        calls.append(part.name)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(part, config, folder)

    monkeypatch.setattr(clean_parts, "clean_part", failing)
    with pytest.raises(KeyboardInterrupt):
        clean([path], tmp_path / "out", Config(), workers=1)
    report = clean([path], tmp_path / "out", Config(), workers=1)
    assert sorted(calls) == sorted([*set(calls), calls[4]])  # only the part that was interrupted ran twice
    assert {k: v for k, v in report.items() if k != "seconds"} == {
        k: v for k, v in whole.items() if k != "seconds"
    }
    for name in ("documents-00000.jsonl.zst", "dropped-00000.jsonl.zst"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not (tmp_path / "out" / "work").exists()


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


@pytest.mark.slow
def test_planted_faults_are_handled(shared: Path, tmp_path: Path) -> None:
    report = run([shared / "dirty" / "raw"], tmp_path / "out")
    assert sum(sum(reasons.values()) for reasons in report["unreadable"].values()) == 8
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


@pytest.mark.slow
def test_a_plan_writes_nothing_and_says_what_stays_how_long_it_takes_and_what_is_there(
    tmp_path: Path,
) -> None:
    path, output = tmp_path / "a.jsonl", tmp_path / "out"
    draw = random.Random(0)
    path.write_bytes(
        b"".join(json_line(random_text(draw, 100)) for _ in range(300)) + json_line("short") * 100
    )
    planned = plan([path], output, workers=1)
    facts = planned.facts
    assert (facts["files"], facts["bytes"]) == (1, path.stat().st_size)
    assert "skipped" not in facts
    assert facts["output"] == f"{output} (new)"
    assert facts["documents"].startswith("about 300 of 400 stay, 0.1 MB of text (by a sample of 400, ")
    assert facts["time"].startswith("about ") and facts["time"].endswith(" with 1 process")
    assert facts["disk"].endswith(" are free")
    guess = planned.details["estimate"]
    assert (guess["sampled"], guess["documents"], guess["kept"]) == (400, 400, 300)
    assert guess["disk"] < guess["free_disk"]
    assert planned.text.endswith("warning: not_chinese drops 25% of a; another --profile may fit it better\n")
    assert not output.exists()
    clean([path], output, workers=1)
    assert plan([path], output).facts == {
        "files": 1,
        "bytes": path.stat().st_size,
        "output": f"{output} (complete)",
    }
    assert "time" in plan([path], output, overwrite=True).facts


def test_a_plan_names_the_files_that_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("清晨的雾还没有散，茶农们已经背着竹篓上山。")
    for name in ("a.png", "b.png", "c.pdf"):
        (tmp_path / name).write_bytes(b"x")
    assert plan([tmp_path], tmp_path / "out").facts["skipped"] == "2 .png, 1 .pdf"


@pytest.mark.parametrize("quiet", [False, True])
def test_what_is_skipped_is_said_in_one_line_unless_it_shall_be_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("清晨的雾还没有散，茶农们已经背着竹篓上山。")
    for name in ("a.docx", "b.docx", "c.pdf"):
        (folder / name).write_bytes(b"x")
    clean([folder], tmp_path / "out", workers=1, progress=Progress(quiet))
    said = "skipped 2 .docx, 1 .pdf: no format that gaupt reads\n"
    assert capsys.readouterr().err.count(said) == (0 if quiet else 1)


def test_a_file_without_a_text_field_is_told_in_the_report_and_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(range(3)))
    (tmp_path / "b.jsonl").write_text('{"id": 1, "desc": "今天天气很好"}\n' * 2)
    report = clean([tmp_path], tmp_path / "out", workers=1, progress=Progress())
    reason = "no field text, content, …; the records have id, desc: use --text-field desc"
    assert report["unreadable"] == {"b.jsonl": {reason: 2}}
    assert capsys.readouterr().err == f"warning: b.jsonl: {reason} (2 times)\n"


LINES = "\n".join((TEXT, OTHER, "", "".join(reversed(TEXT)), OTHER[::-1]))


@pytest.mark.option("clean.text_document", "clean.sources.NAME.text_document")
@pytest.mark.parametrize("where", ["clean", "clean.sources.NAME"])
@pytest.mark.parametrize(("value", "documents"), [("file", 1), ("line", 4), ("block", 2)])
def test_a_text_file_is_one_document_or_one_a_line_or_one_a_block(
    where: str, value: str, documents: int, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
        (folder / "a.txt").write_text(LINES, encoding="utf-8")
    option = {"text_document": value}
    config = option if where == "clean" else {"sources": {"here": option}}
    report = run(folders, tmp_path / "out", **config)
    read = {source: counts["read"] for source, counts in report["sources"].items()}
    assert read == {"here": documents, "there": documents if where == "clean" else 1}


PARAGRAPH = "本文由山间茶社编辑部整理，转载请先征得我们的同意，并在文末注明作者的姓名和出处。"
SHARED = [f"{line}\n{PARAGRAPH}" for line in (TEXT, OTHER, OTHER[::-1])]
CHANGED = TEXT.replace("清晨", "早晨")
DUPLICATES: list[tuple[dict[str, object], list[str], list[str]]] = [
    ({}, [TEXT, OTHER, f"{TEXT} ", CHANGED], [TEXT, OTHER]),
    ({"near_duplicates": False}, [TEXT, OTHER, f"{TEXT} ", CHANGED], [TEXT, OTHER, CHANGED]),
    (
        {"near_duplicates": False, "exact_duplicates": False},
        [TEXT, OTHER, f"{TEXT} ", CHANGED],
        [TEXT, OTHER, TEXT, CHANGED],
    ),
    ({"near_threshold": 1.0}, [TEXT, OTHER, CHANGED], [TEXT, OTHER, CHANGED]),
    ({}, SHARED, SHARED),
    ({"max_paragraph_documents": 3}, SHARED, SHARED),
    ({"max_paragraph_documents": 2}, SHARED, [SHARED[0], OTHER, OTHER[::-1]]),
]


@pytest.mark.option(
    "clean.exact_duplicates",
    "clean.near_duplicates",
    "clean.near_threshold",
    "clean.max_paragraph_documents",
)
@pytest.mark.parametrize(("options", "documents", "left"), DUPLICATES)
def test_an_option_says_which_documents_are_said_again(
    options: dict[str, object], documents: list[str], left: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"".join(map(json_line, documents)))
    run([tmp_path / "a.jsonl"], tmp_path / "out", **options)
    assert texts(tmp_path / "out") == left


POEM = ["夜里的雨打在新搭的竹棚上，", "清早起来，满山都是雾。"]
ASKED, TOLD = "请讲讲这座石桥的来历。", "石桥建于明代，后来修过三次，最近一次是十年前。"


@pytest.mark.option("clean.text_fields")
@pytest.mark.parametrize(
    ("name", "content", "fields", "found"),
    [
        (
            "a.jsonl",
            {"段落数": 2, "段落": [{"行号": 1, "内容": POEM[0]}, {"行号": 2, "内容": POEM[1]}]},
            ["*"],
            POEM,
        ),
        ("a.json", [{"title": "夜雨", "paragraphs": POEM}], ["*"], POEM),
        ("a.json", [{"title": "夜雨", "lines": POEM}], ["title+lines[]"], ["夜雨", *POEM]),
        (
            "a.jsonl",
            {"conversations": [{"from": "human", "value": ASKED}, {"value": TOLD}]},
            ["*"],
            [ASKED, TOLD],
        ),
        ("a.jsonl", {"instruction": ASKED, "input": "", "output": TOLD}, ["text", "*"], [ASKED, TOLD]),
        ("a.jsonl", {"text": "", "content": TOLD}, ["text", "content"], [TOLD]),
        ("a.json", {"title": "石桥", "parts": [{"body": TOLD}]}, ["title+parts[].body"], ["石桥", TOLD]),
        ("wiki_00", {"id": 53, "title": "石桥", "text": TOLD}, ["text"], [TOLD]),
        ("a.jsonl", {"text": f"<p>{ASKED}<br/>{TOLD}</p>"}, ["text"], [ASKED, TOLD]),
    ],
)
def test_records_of_many_shapes_become_documents_with_a_line_a_piece(
    tmp_path: Path, name: str, content: Any, fields: list[str], found: list[str]
) -> None:
    (tmp_path / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    report = run([tmp_path / name], tmp_path / "out", text_fields=fields)
    assert texts(tmp_path / "out") == ["\n".join(found)]
    assert report["unreadable"] == {}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"label": 1, "review": TOLD}, "label, review: use --text-field review"),
        ({"turns": [{"said": TOLD}]}, "turns[].said: use --text-field 'turns[].said'"),
        (
            {"title": "石桥", "summary": ASKED, "parts": [{"content": TOLD}], "tags": ["桥"]},
            "title, summary, parts[].content, tags[]: use --text-field 'parts[].content'",
        ),
    ],
)
def test_a_record_of_no_known_shape_is_one_line_with_its_fields(
    tmp_path: Path, content: Any, named: str
) -> None:
    for name, indent in (("a.json", None), ("b.json", 1), ("c.jsonl", None), ("d.jsonl", 1), ("e", None)):
        (tmp_path / name).write_text(json.dumps(content, ensure_ascii=False, indent=indent), encoding="utf-8")
        with pytest.raises(GauptError) as error:
            clean([tmp_path / name], tmp_path / "out", workers=1)
        said = f"no readable text ({name}: no field text, content, …; the records have {named})"
        assert str(error.value) == f"{tmp_path / name}: {said}"
    assert not (tmp_path / "out" / "report.json").exists()


def test_where_nothing_can_be_read_the_error_names_the_fields_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"id": 1, "desc": "今天天气很好"}\n')
    with pytest.raises(GauptError, match=r"no readable text \(b.jsonl: no field .*use --text-field desc\)"):
        clean([tmp_path / "b.jsonl"], tmp_path / "out", workers=1)


def test_nothing_kept_is_said_loudly_or_refused_where_something_must_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("你好。")
    lost = f"{tmp_path / 'out'}: the only document was dropped (too_short 1); "
    for _ in ("made", "complete"):
        assert clean([tmp_path / "a.txt"], tmp_path / "out", workers=1, progress=Progress())["kept"] == 0
        assert lost in capsys.readouterr().err
    with pytest.raises(GauptError, match=r"for texts as short as these use --profile short --overwrite$"):
        clean([tmp_path / "a.txt"], tmp_path / "out", workers=1, must_keep=True)
    config = Config(clean=CleanConfig(profile="short"))
    with pytest.raises(GauptError, match=r"clean.rules.min_chinese=0 --overwrite$"):
        clean([tmp_path / "a.txt"], tmp_path / "out", config, workers=1, must_keep=True, overwrite=True)


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_texts_too_large_for_one_document_are_refused_where_there_is_nothing_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = "\n".join(text(n) for n in range(20)).encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    monkeypatch.setattr(records_module, "MAX_DOCUMENT", len(data) - 1)
    inputs, output = [tmp_path / name], tmp_path / "out"
    message = re.escape(f"{name}: larger than 32 MiB; one document a line? --text-document line")
    with pytest.raises(GauptError, match=message):
        plan(inputs, output)
    with pytest.raises(GauptError, match=message):
        clean(inputs, output)
    assert not output.exists()
    by_line = Config(clean=CleanConfig(text_document="line"))
    assert clean(inputs, tmp_path / "lines", by_line, workers=1)["read"] == 80
    (tmp_path / "b.jsonl").write_bytes(jsonl(range(3)))
    report = clean([*inputs, tmp_path / "b.jsonl"], output, workers=1, progress=Progress())
    assert (report["kept"], list(report["unreadable"])) == (3, [name])
    assert f"warning: {name}: larger than 32 MiB" in capsys.readouterr().err


def test_a_text_that_looks_like_many_documents_is_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [text(n).replace("\n", "") for n in range(250)]
    (tmp_path / "a.txt").write_text("\n".join([*lines, lines[0], lines[1]]))
    said = "a.txt is read as one document, but its 252 lines, 2 of which stood before"
    assert any(
        said in line for line in plan([tmp_path / "a.txt"], tmp_path / "out").details["estimate"]["warnings"]
    )
    clean([tmp_path / "a.txt"], tmp_path / "out", workers=1, progress=Progress())
    assert f"warning: {said}" in capsys.readouterr().err
