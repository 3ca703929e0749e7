import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def gaupt(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "cli.py", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(
        "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香。", encoding="utf-8"
    )
    return path


def test_json_report_on_stdout(page: Path, tmp_path: Path) -> None:
    done = gaupt("clean", page, "-o", tmp_path / "out", "--json", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kept"] == 1


def test_table_on_stdout(page: Path, tmp_path: Path) -> None:
    done = gaupt("clean", page, "-o", tmp_path / "out", "--workers", 1)
    assert "Documents by source" in done.stdout
    assert "1 documents in" in done.stdout


def test_dry_run_does_nothing(page: Path, tmp_path: Path) -> None:
    done = gaupt("clean", page, "-o", tmp_path / "out", "--dry-run", "--profile", "short")
    assert done.returncode == 0
    assert 'profile = "short"' in done.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.txt"], "does not exist"),
        (["cli.py", "--profile", "novel"], "should be 'web', 'article' or 'short'"),
        (["cli.py", "--set", "clean.rules.min_chines=1"], "did you mean min_chinese?"),
    ],
)
def test_mistakes_give_one_line_and_status_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = gaupt("clean", *arguments, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_explain_shows_every_rule(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "房间干净。联系邮箱abc@163.com"}\nbroken\n{"text": "锟斤拷房间锟斤拷干净"}\n',
        encoding="utf-8",
    )
    done = gaupt("clean", "--explain", path)
    assert done.returncode == 0, done.stderr
    assert "a.jsonl:1 (source a, profile article): dropped: too_short" in done.stdout
    assert "personal_data_masked" in done.stdout
    assert "DROP too_short" in done.stdout
    assert "repeated_ngrams" in done.stdout
    assert "a.jsonl: unreadable: malformed line" in done.stdout
    assert "dropped: mojibake" in done.stdout and "DROP mojibake" in done.stdout
    lines = gaupt("clean", "--explain", path, "--json").stdout.splitlines()
    assert json.loads(lines[0])["verdict"] == "dropped: too_short"


def test_sample_estimates_and_warns(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    lines = [f'{{"text": "房间{n}干净"}}' for n in range(50)]
    path.write_text("\n".join(lines), encoding="utf-8")
    done = gaupt("clean", path, "-o", tmp_path / "out", "--dry-run", "--sample", 20)
    assert "warning: too_short drops 100% of reviews" in done.stdout
    assert "expected time" in done.stdout
    assert not (tmp_path / "out").exists()
    done = gaupt("clean", path, "-o", tmp_path / "out", "--dry-run", "--sample", 20, "--json")
    guess = json.loads(done.stdout)["plan"]["estimate"]
    assert guess["sampled"] == 20
    assert guess["sources"]["reviews"]["dropped"] == {"too_short": 1.0}
