import json
from pathlib import Path

import pytest

from gaupt.demo import sample_documents
from tests.cli.conftest import TINY_OPTIONS, Gaupt, written
from tests.corpus.made import jsonl


@pytest.mark.slow
def test_a_dry_run_prints_config_and_plan_and_writes_nothing(gaupt: Gaupt, tmp_path: Path) -> None:
    command = ("prepare", sample_documents(), "-o", tmp_path / "p", "--preset", "demo", "--dry-run", "--json")
    plan = json.loads(gaupt(*command).out)
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000
    assert plan["plan"]["files"] > 100
    assert written(tmp_path) == []


@pytest.mark.slow
def test_named_options_beat_the_preset(gaupt: Gaupt, tmp_path: Path) -> None:
    named = ("--profile", "short", "--type", "char", "--vocab-size", 777, "--seed", 5)
    command = ("prepare", sample_documents(), "-o", tmp_path / "p", "--preset", "demo", *named, "--dry-run")
    config = json.loads(gaupt(*command, "--json").out)["config"]
    assert config["clean"]["profile"] == "short" and config["clean"]["rules"]["min_chinese"] == 4
    assert (config["tokenizer"]["type"], config["tokenizer"]["vocab_size"]) == ("char", 777)
    assert config["seed"] == 5
    assert "char, 777 pieces" in gaupt(*command).out


@pytest.mark.slow
def test_people_read_tables_and_scripts_the_report(gaupt: Gaupt, tmp_path: Path) -> None:
    command = ("prepare", sample_documents(), "-o", tmp_path / "p", "--workers", 1, *TINY_OPTIONS)
    done = gaupt(*command)
    assert "Documents by source" in done.out and "documents: 225 of 231 kept" in done.out
    again = gaupt(*command, "--json")
    assert json.loads(again.out)["clean"]["kept"] == 225
    assert again.err.count("is complete; nothing to do") == 3
    assert gaupt(*command, "--quiet").out == ""


def tokenizer_of(shards: Path) -> str:
    return json.loads((shards / "manifest.json").read_bytes())["tokenizer"]["fingerprint"]


@pytest.mark.slow
def test_a_tokenizer_that_is_there_is_taken_and_none_learnt(
    gaupt: Gaupt, prepared: Path, tmp_path: Path
) -> None:
    command = ("prepare", sample_documents(), "-o", tmp_path / "p", "--tokenizer", prepared, "--workers", 1)
    plan = json.loads(gaupt(*command, *TINY_OPTIONS, "--dry-run", "--json").done().out)["plan"]
    assert plan["tokenizer"] == f"{tmp_path / 'p/tokenizer'}: that of {prepared}"
    assert plan["estimate"]["seconds"]["tokenizer"] == 0
    assert written(tmp_path) == []
    report = json.loads(gaupt(*command, *TINY_OPTIONS, "--json").done().out)
    assert (report["tokenizer"]["from"], report["tokenizer"]["type"]) == ("prepared", "char")
    assert tokenizer_of(tmp_path / "p/shards") == tokenizer_of(prepared / "shards")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("EMPTY", "-o", "OUT", "--tokenizer", "nowhere"), "nowhere does not exist"),
        (("EMPTY", "-o", "OUT", "--tokenizer", "x", "--type", "char"), "with --tokenizer leave them out"),
        (("nowhere", "-o", "OUT"), "nowhere does not exist"),
        (("EMPTY", "-o", "OUT"), "every file is empty"),
        (("PICTURES", "-o", "OUT"), "holds no file of a format"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], message: str, gaupt: Gaupt, tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(b"\x89PNG")
    places = {"EMPTY": tmp_path / "empty.txt", "PICTURES": tmp_path / "pictures", "OUT": tmp_path / "out"}
    assert message in gaupt("prepare", *(places.get(argument, argument) for argument in arguments)).error()
    assert written(tmp_path) == ["cat.png", "empty.txt", "pictures"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("清晨的雾还没有散，茶农们已经背着竹篓上山。", encoding="utf-8")
    return path


def test_a_dry_run_for_people_is_a_fact_a_line(gaupt: Gaupt, page: Path, tmp_path: Path) -> None:
    output = tmp_path / "p"
    lines = gaupt("prepare", page, "-o", output, "--dry-run").done().out.splitlines()
    assert lines[:2] == ["files:     1", f"bytes:     {page.stat().st_size}"]
    assert lines[2].startswith(f"clean:     {output / 'clean'} (new): about 1 of 1 documents stay")
    assert lines[3] == f"tokenizer: {output / 'tokenizer'}: unigram, 12,000 pieces at most"
    assert lines[4].startswith(f"shards:    {output / 'shards'}: about ")
    assert [line.split(":")[0] for line in lines[5:]] == ["disk", "time", "warning"]
    assert written(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--profile", "novel", "--profile novel: expected web, article or short"),
        ("--type", "words", "--type words: expected unigram, bpe or char"),
        ("--vocab-size", 31, "--vocab-size 31: expected a whole number, ≥ 32"),
        ("--workers", 0, "--workers"),
        ("--seed", -1, "--seed"),
    ],
)
def test_a_value_out_of_bounds_names_its_option(
    option: str, value: object, message: str, gaupt: Gaupt, page: Path, tmp_path: Path
) -> None:
    assert message in gaupt("prepare", page, "-o", tmp_path / "p", option, value).error()
    assert written(tmp_path) == ["a.txt"]


def test_the_least_values_are_taken(gaupt: Gaupt, page: Path, tmp_path: Path) -> None:
    least = ("--vocab-size", 32, "--workers", 1, "--seed", 0)
    assert (
        "unigram, 32 pieces" in gaupt("prepare", page, "-o", tmp_path / "p", *least, "--dry-run").done().out
    )


@pytest.mark.slow
def test_options_that_change_are_refused_and_overwrite_plans_anew(gaupt: Gaupt, prepared: Path) -> None:
    command = ("prepare", sample_documents(), "-o", prepared, *TINY_OPTIONS, "--dry-run")
    assert f"{prepared / 'clean'} (complete)" in gaupt(*command).done().out
    assert "profile article -> short" in gaupt(*command, "--profile", "short").error()
    assert f"{prepared / 'clean'} (complete): about" in gaupt(*command, "--overwrite").done().out


@pytest.mark.slow
def test_its_parts_go_into_no_folder_of_another_kind(
    gaupt: Gaupt, shards_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("我们学习。", encoding="utf-8")
    before = written(shards_folder)
    for more in ((), ("--dry-run",)):
        message = gaupt("prepare", tmp_path / "a.txt", "-o", shards_folder, *more).error()
        assert "is a folder of gaupt shard; choose another" in message
    assert written(shards_folder) == before


RECORD = '{"id": 1, "title": "茶", "desc": "清晨的雾还没有散，茶农们已经背着竹篓上山。"}\n'


@pytest.mark.slow
def test_the_field_of_the_text_is_named_and_comes_alone(gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(RECORD, encoding="utf-8")
    command = ("prepare", tmp_path / "a.jsonl", "-o", tmp_path / "p", "--workers", 1)
    told = gaupt(*command).error()
    assert "the records have id, title, desc: use --text-field desc" in told
    named = ("--text-field", "desc", "--text-field", "title")
    plan = json.loads(gaupt(*command, *named, "--dry-run", "--json").done().out)
    assert plan["config"]["clean"]["text_fields"] == ["desc", "title"]


@pytest.mark.slow
def test_a_text_too_short_to_keep_is_one_line_with_the_remedy(gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("今天天气真好。", encoding="utf-8")
    command = ("prepare", tmp_path / "a.txt", "-o", tmp_path / "p", "--workers", 1, "--type", "char")
    told = gaupt(*command).error()
    assert "the only document was dropped (too_short 1)" in told and "--profile short --overwrite" in told
    # Then the next thing that is missing is told.
    again = gaupt(*command, "--profile", "short", "--overwrite", "--quiet")
    assert "a text file is one document" in again.error()


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "char"])
def test_two_short_texts_make_shards(type_: str, gaupt: Gaupt, tmp_path: Path) -> None:
    for number, text in enumerate(
        ("清晨的雾还没有散，茶农们已经背着竹篓上山。", "这座桥修了三年才通车，孩子们上学也方便多了。")
    ):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    done = gaupt("prepare", tmp_path, "-o", tmp_path / "p", "--workers", 1, "--type", type_).done()
    assert "as many as this text supports (12,000 asked)" in done.err
    size = json.loads((tmp_path / "p" / "report.json").read_text())["tokenizer"]["vocab_size"]
    for folder in ("tokenizer", "."):
        assert f"vocab_size = {size}\n" in (tmp_path / "p" / folder / "config.toml").read_text()


@pytest.mark.slow
def test_one_text_file_is_enough(gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香。", encoding="utf-8"
    )
    done = gaupt("prepare", tmp_path / "a.txt", "-o", tmp_path / "p", "--workers", 1).done()
    assert "there is one document only: its last 5% are held out for validation" in done.err
    shards = json.loads((tmp_path / "p" / "report.json").read_text())["shards"]
    assert all(split["tokens"] > 0 for split in shards.values())


@pytest.mark.slow
@pytest.mark.parametrize("output", ["out", "."])
def test_the_same_call_twice_with_the_output_in_the_input(
    output: str, gaupt: Gaupt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(jsonl(range(30) if name == "a.jsonl" else range(30, 40)))
    monkeypatch.chdir(tmp_path)
    command = ("prepare", ".", "-o", output, *TINY_OPTIONS, "--workers", 1)
    gaupt(*command).done()
    again = gaupt(*command).done()
    assert again.err.count("nothing to do") == 3
    assert f"{output} is in the input: what gaupt writes there is left out" in again.err
    assert "nothing is left to do" in gaupt(*command, "--dry-run").done().out
