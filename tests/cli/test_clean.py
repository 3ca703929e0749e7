import json
from pathlib import Path

import pytest

from gaupt.corpus.documents import read_documents
from tests.cli.conftest import Gaupt, written


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(
        "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香。", encoding="utf-8"
    )
    return path


def test_json_report_on_stdout(page: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    done = gaupt("clean", page, "-o", tmp_path / "out", "--json", "--workers", 1)
    assert done.status == 0, done.err
    assert json.loads(done.out)["kept"] == 1


def test_table_on_stdout(page: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    done = gaupt("clean", page, "-o", tmp_path / "out", "--workers", 1)
    assert "Documents by source" in done.out
    assert "1 documents in" in done.out


@pytest.mark.slow
def test_dry_run_does_nothing(page: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    done = gaupt("clean", page, "-o", tmp_path / "out", "--dry-run", "--profile", "short")
    assert done.status == 0
    assert "documents: about 1 of 1 stay" in done.out and "profile" not in done.out
    with_config = gaupt(
        "clean", page, "-o", tmp_path / "out", "--dry-run", "--profile", "short", "--show-config"
    )
    assert with_config.out.startswith(done.out[:40]) and 'profile = "short"' in with_config.out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.txt", "-o", "OUT"), "does not exist"),
        (("PAGE", "-o", "OUT", "--profile", "novel"), "--profile novel: expected web, article or short"),
        (("PAGE", "-o", "OUT", "--set", "clean.rules.min_chines=1"), "did you mean clean.rules.min_chinese?"),
        ((), "no input given; name files, folders or globs"),
        (("PAGE",), "no output given; add -o FOLDER"),
        (
            ("PAGE", "-o", "OUT", "--text-field", "a["),
            "--text-field a[: 'a[' is no field; write a name, or a.b",
        ),
        (("PAGE", "-o", "OUT", "--set", 'clean.text_fields=["text", "+"]'), "'+' is no field; write a name"),
        (("PAGE", "-o", "OUT", "--sample", "5"), "--sample only estimates; add --dry-run"),
        (("PAGE", "-o", "OUT", "--task-index", "0"), "--task-index and --num-tasks belong together"),
        (
            ("PAGE", "-o", "OUT", "--task-index", "3", "--num-tasks", "3"),
            "must be from 0 to --num-tasks - 1 = 2",
        ),
        (("PAGE", "-o", "OUT", "--engine", "spark"), "--engine spark: choose local or dask"),
        (("PAGE", "-o", "OUT", "--dask-address", "tcp://host:1"), "--dask-address is for --engine dask"),
        (
            ("PAGE", "-o", "OUT", "--task-index", "0", "--num-tasks", "2", "--overwrite"),
            "--task-index shares work without --overwrite",
        ),
        (("--explain", "PAGE", "-o", "OUT"), "writes nothing; leave -o out"),
        (("PAGE", "--explain", "PAGE"), "writes nothing; leave INPUT out"),
        (("--explain", "PAGE", "--workers", "2", "--dry-run"), "leave --workers, --dry-run out"),
        (("--explain", "PAGE", "--task-index", "0"), "leave --task-index out"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], message: str, page: Path, tmp_path: Path, gaupt: Gaupt
) -> None:
    places = {"PAGE": page, "OUT": tmp_path / "out"}
    assert message in gaupt("clean", *(places.get(argument, argument) for argument in arguments)).error()
    assert written(tmp_path) == ["a.txt"]


@pytest.mark.slow
def test_a_job_of_an_array_does_what_no_other_does(page: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    command = ("clean", page, "-o", tmp_path / "out", "--workers", 1, "--quiet", "--json")
    for task in (1, 0):
        done = gaupt(*command, "--task-index", task, "--num-tasks", 2)
        assert json.loads(done.out)["kept"] == 1
    assert gaupt(*command).out == done.out


@pytest.mark.slow
def test_the_seed_draws_the_sample(tmp_path: Path, gaupt: Gaupt) -> None:
    for number in range(60):
        (tmp_path / f"{number}.txt").write_text("房间" * (1 if number % 2 else 40))

    def dropped(seed: int) -> float:
        command = ("clean", tmp_path, "-o", tmp_path / "out", "--dry-run", "--sample", 25, "--seed", seed)
        estimate = json.loads(gaupt(*command, "--json").out)["plan"]["estimate"]
        return float(estimate["sources"][tmp_path.name]["dropped"]["too_short"])

    assert dropped(1) == dropped(1)
    assert len({dropped(seed) for seed in range(4)}) > 1


def test_explain_shows_every_rule(tmp_path: Path, gaupt: Gaupt) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "房间干净。联系邮箱abc@163.com"}\nbroken\n{"text": "锟斤拷房间锟斤拷干净"}\n',
        encoding="utf-8",
    )
    done = gaupt("clean", "--explain", path)
    assert done.status == 0, done.err
    assert "a.jsonl:1 (source a, profile article): dropped: too_short" in done.out
    assert "personal_data_masked" in done.out
    assert "DROP too_short" in done.out
    assert "repeated_ngrams" in done.out
    assert "a.jsonl: unreadable: malformed line" in done.out
    assert "dropped: mojibake" in done.out and "DROP mojibake" in done.out
    lines = gaupt("clean", "--explain", path, "--json").out.splitlines()
    assert json.loads(lines[0])["verdict"] == "dropped: too_short"


@pytest.mark.slow
def test_sample_estimates_and_warns(tmp_path: Path, gaupt: Gaupt) -> None:
    path = tmp_path / "reviews.jsonl"
    lines = [f'{{"text": "房间{n}干净"}}' for n in range(50)]
    path.write_text("\n".join(lines), encoding="utf-8")
    done = gaupt("clean", path, "-o", tmp_path / "out", "--dry-run", "--sample", 20)
    assert "warning: sample: all 20 documents were dropped (too_short 20); " in done.out
    assert "time:      about " in done.out
    assert not (tmp_path / "out").exists()
    done = gaupt("clean", path, "-o", tmp_path / "out", "--dry-run", "--sample", 20, "--json")
    guess = json.loads(done.out)["plan"]["estimate"]
    assert guess["sampled"] == 20
    assert guess["sources"]["reviews"]["dropped"] == {"too_short": 1.0}


@pytest.mark.slow
def test_a_dry_run_prints_the_plan(page: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    command = ("clean", page, "-o", tmp_path / "out", "--dry-run")
    out = gaupt(*command).done().out
    assert f"files:     1\nbytes:     {page.stat().st_size}\noutput:    {tmp_path / 'out'} (new)\n" in out
    plan = json.loads(gaupt(*command, "--json", "--profile", "web", "--seed", 3).done().out)
    assert (plan["config"]["clean"]["profile"], plan["config"]["seed"]) == ("web", 3)
    assert (plan["plan"]["files"], plan["plan"]["estimate"]["documents"]) == (1, 1)
    assert written(tmp_path) == ["a.txt"]


def test_quiet_says_nothing(page: Path, tmp_path: Path, gaupt: Gaupt) -> None:
    for _ in ("made", "complete"):
        done = gaupt("clean", page, "-o", tmp_path / "out", "--workers", 1, "--quiet").done()
        assert (done.out, done.err) == ("", "")
    assert (tmp_path / "out" / "report.json").exists()


@pytest.mark.slow
def test_the_profile_decides_what_is_kept_and_overwrite_starts_again(tmp_path: Path, gaupt: Gaupt) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "房间干净，早餐丰富。"}\n{"text": "房间干净，离地铁站很近，早餐也很丰富。"}\n')
    command = ("clean", path, "-o", tmp_path / "out", "--workers", 1, "--json")
    assert json.loads(gaupt(*command).done().out)["kept"] == 1
    assert "profile article -> short" in gaupt(*command, "--profile", "short").error()
    again = gaupt(*command, "--profile", "short", "--overwrite").done()
    assert json.loads(again.out)["kept"] == 2
    assert "is complete; nothing to do" in gaupt(*command, "--profile", "short").done().err


def test_explain_judges_by_the_profile(tmp_path: Path, gaupt: Gaupt) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "房间干净，早餐丰富。"}\n')
    assert "(source a, profile article): dropped: too_short" in gaupt("clean", "--explain", path).done().out
    kept = gaupt("clean", "--explain", path, "--profile", "short").done()
    assert "(source a, profile short): kept" in kept.out


@pytest.mark.slow
def test_the_last_task_of_an_array_is_the_number_of_tasks_less_one(
    page: Path, tmp_path: Path, gaupt: Gaupt
) -> None:
    command = ("clean", page, "-o", tmp_path / "out", "--workers", 1)
    gaupt(*command, "--task-index", 2, "--num-tasks", 3).done()
    assert "--num-tasks - 1 = 2" in gaupt(*command, "--task-index", 3, "--num-tasks", 3).error()
    assert "belong together" in gaupt(*command, "--num-tasks", 3).error()
    assert "--task-index" in gaupt(*command, "--task-index", -1, "--num-tasks", 3).error()
    assert "--num-tasks" in gaupt(*command, "--task-index", 0, "--num-tasks", 0).error()


def test_the_field_of_the_text_is_named_and_nothing_kept_is_a_warning(gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "清晨的雾还没有散", "desc": "茶"}\n', encoding="utf-8")
    command = ("clean", tmp_path / "a.jsonl", "-o", tmp_path / "out", "--workers", 1, "--text-field", "desc")
    done = gaupt(*command).done()
    assert "warning" in done.err and "--profile short --overwrite" in done.err
    assert "0 documents in" in done.out


LINES = "\n".join(
    f"第{n}篇短文讲的是小城的故事，作者走过第{n * 7}条石板路，想起了故乡。" for n in (1, 2, 3, 1)
)


@pytest.mark.parametrize(("document", "read"), [("file", 1), ("line", 4), ("block", 2)])
def test_a_text_file_is_a_document_or_holds_many(
    document: str, read: int, gaupt: Gaupt, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(LINES.replace("\n", "\n \r\n", 1) if document == "block" else LINES, encoding="utf-8")
    command = ("clean", path, "-o", tmp_path / "out", "--workers", 1, "--text-document", document, "--json")
    report = json.loads(gaupt(*command).done().out)
    assert report["read"] == read
    assert report["dropped"] == ({"exact_duplicate": 1} if document == "line" else {})


def test_one_source_may_hold_a_document_a_line(gaupt: Gaupt, tmp_path: Path) -> None:
    for name in ("novels", "lines1"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "a.txt").write_text(LINES, encoding="utf-8")
    (tmp_path / "c.toml").write_text('[clean.sources."lines*"]\ntext_document = "line"\n', encoding="utf-8")
    command = ("clean", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1, "--json")
    report = json.loads(gaupt(*command, "--config", tmp_path / "c.toml").done().out)
    assert {name: source["read"] for name, source in report["sources"].items()} == {"lines1": 4, "novels": 1}


REVIEWS = {
    "甲": "今天天气很好，我们一起去公园散步，看见很多花开了。",
    "乙": "房间干净整洁,离地铁站很近,下次还会住。",
}


@pytest.mark.parametrize(
    ("table", "encoding"),
    [
        ("id;label;text\n甲;1;{甲}\n乙;0;{乙}\n", "utf-8"),
        ("sep=|\r\nid|label|text\r\n甲|1|{甲}\r\n乙|0|{乙}\r\n", "utf-16"),
        ("id\tlabel\tTEXT\n甲\t1\t{甲}\n乙\t0\t{乙}\n", "gb18030"),
        ('ID,label,Text\n甲,1,{甲}\n乙,0,"{乙}"\n', "utf-8-sig"),
    ],
    ids=["semicolon", "named", "tab", "comma"],
)
def test_tables_of_any_delimiter(table: str, encoding: str, gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(table.format(**REVIEWS).encode(encoding))
    out = tmp_path / "out"
    report = json.loads(gaupt("clean", tmp_path / "a.csv", "-o", out, "--workers", 1, "--json").done().out)
    assert (report["kept"], report["unreadable"]) == (2, {})
    assert {document.id: document.text for document in read_documents(out)} == REVIEWS


def test_a_quote_that_nothing_closes_costs_one_row_and_is_counted(gaupt: Gaupt, tmp_path: Path) -> None:
    rows = [f"{n},第{n}条评论说这家店的商品质量不错，{n * 31}号店员推荐购买。" for n in range(40)]
    rows[20] = rows[20].replace(",", ',"', 1)
    (tmp_path / "a.csv").write_text("\n".join(["id,text", *rows]), encoding="utf-8")
    command = ("clean", tmp_path / "a.csv", "-o", tmp_path / "out", "--workers", 1, "--json")
    report = json.loads(gaupt(*command, "--set", "clean.near_duplicates=false").done().out)
    assert (report["kept"], report["unreadable"]) == (39, {"a.csv": {"malformed line": 1}})


def test_quotes_escaped_by_a_backslash(gaupt: Gaupt, tmp_path: Path) -> None:
    table = 'id,text\n1,"她说 \\"你好，世界\\" 然后走进了人群，没有再回头。"\n'
    (tmp_path / "a.csv").write_text(table, encoding="utf-8")
    gaupt("clean", tmp_path / "a.csv", "-o", tmp_path / "out", "--workers", 1).done()
    (document,) = read_documents(tmp_path / "out")
    assert document.text == '她说 "你好，世界" 然后走进了人群，没有再回头。'


NAMES = ["[/forum]", "[news]", "[bold red]x", "a\x1b[31mb", "<script>", "a\nb", "a\u202eb", "---", ":smile:"]
SHOWN = [
    "[/forum]",
    "[news]",
    "[bold red]x",
    "a\\x1b[31mb",
    "<script>",
    "a\\nb",
    "a\\u202eb",
    "---",
    ":smile:",
]


@pytest.mark.slow
def test_names_are_shown_as_they_are_and_steer_no_terminal(tmp_path: Path, gaupt: Gaupt) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    text = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香"
    lines = [
        json.dumps({"text": text + chr(0x4E10 + 9 * n) * 3, "source": name}) for n, name in enumerate(NAMES)
    ]
    (folder / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for name in NAMES[3:7]:
        (folder / f"{name}.jsonl").write_text("broken\n")
    output = tmp_path / "out[/x]\x1b[31m\n\u202e"
    command = ("clean", folder, "-o", output, "--workers", 1)
    for call in ((*command, "--dry-run"), command, command, ("clean", "--explain", folder / "a.jsonl")):
        done = gaupt(*call).done()
        assert not {"\x1b", "\u202e"} & {*done.out, *done.err}
        assert [name for name in SHOWN if name not in done.out] == []
    for call in ((*command, "--json"), (*command, "--json", "--overwrite")):
        done = gaupt(*call).done()
        assert set(json.loads(done.out)["sources"]) == set(NAMES) and "\u202e" not in done.out
    (line, *_) = gaupt("clean", "--explain", folder / "a.jsonl", "--json").done().out.splitlines()
    assert json.loads(line)["source"] == NAMES[0]


@pytest.mark.slow
def test_the_same_call_twice_with_the_output_in_the_input(
    page: Path, tmp_path: Path, gaupt: Gaupt, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    gaupt("clean", tmp_path, "-o", output, "--workers", 1).done()
    first = {path.name: path.read_bytes() for path in output.glob("documents-*")}
    (tmp_path / "link").symlink_to(".")
    monkeypatch.chdir(tmp_path)
    for spelling in (tmp_path, ".", "link", "*", "./", "link/./link"):
        again = gaupt("clean", spelling, "-o", "out", "--workers", 1).done()
        assert "out is complete; nothing to do" in again.err, spelling
        assert again.err.count("out is in the input: what gaupt writes there is left out") == 1
    gaupt("clean", page, output, "-o", output, "--workers", 1).done()  # what the shell makes of *
    dry = gaupt("clean", ".", "-o", "out", "--workers", 1, "--dry-run").done()
    assert "out is in the input" in dry.out
    gaupt("clean", ".", "-o", "out", "--workers", 1, "--overwrite").done()
    assert {path.name: path.read_bytes() for path in output.glob("documents-*")} == first
    (tmp_path / "other.txt").symlink_to("a.txt")
    (tmp_path / "single").mkdir()
    gaupt("clean", "a.txt", "-o", "single/out", "--workers", 1).done()
    for spelling in (page, "other.txt", "link/a.txt", "./single/../a.txt"):
        assert "nothing to do" in gaupt("clean", spelling, "-o", "single/out", "--workers", 1).done().err
    assert [document.id for document in read_documents(tmp_path / "single" / "out")] == ["a.txt"]
