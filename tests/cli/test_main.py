"""The command line as a whole: help, exit statuses, one-line errors, start-up, precedence."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    "demo",
    "prepare",
    "clean",
    "tokenizer",
    "shard",
    "pretrain",
    "fill",
    "export",
    "import",
    "inspect",
    "report",
]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "gaupt", *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip


def test_help_names_every_command():
    result = run("--help")
    assert result.returncode == 0
    assert all(f"  {command} " in result.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    result = run(command, "--help")
    assert result.returncode == 0
    assert "Usage: " in result.stdout


def test_without_arguments_it_shows_the_help():
    assert run().stdout == run("--help").stdout
    assert run().returncode == 0


COMMON = ["--config", "--preset", "--set", "--workers", "--seed", "--dry-run", "--quiet", "--json"]


@pytest.mark.parametrize("command", ["demo", "prepare", "clean", "tokenizer", "shard", "pretrain"])
def test_the_stages_share_their_options(command):
    text = run(command, "--help").stdout
    assert [option for option in COMMON if option not in text] == []


def test_a_full_disk_or_a_forbidden_folder_is_one_line(monkeypatch, capsys, tmp_path):
    from gaupt import cli
    from gaupt.report import page

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "r.html"))

    monkeypatch.setattr(page, "write_report", full)
    monkeypatch.setattr(sys, "argv", ["gaupt", "report", str(tmp_path), "-o", str(tmp_path / "r.html")])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert error.count("\n") == 1
    assert "r.html: No space left on device" in error


def test_completion_answers_the_shell():
    words = {"COMP_WORDS": "gaupt pretrain --st", "COMP_CWORD": "2", "_GAUPT_COMPLETE": "complete_bash"}
    code = "from gaupt.cli import app; app(prog_name='gaupt')"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=os.environ | words
    )
    assert result.stdout.split() == ["--steps"]


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['gaupt', '--help']\n"
        "import gaupt.cli\n"
        "try: gaupt.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'pydantic', 'sentencepiece', 'tokenizers', 'transformers', 'jieba', 'opencc'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.stderr.strip() == "[]"


def test_cli_py_runs_from_a_clone():
    result = subprocess.run([sys.executable, "cli.py", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert result.stdout.startswith("gaupt ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_script(shell):
    result = run("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert result.returncode == 0
    assert "gaupt" in result.stdout.lower()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nope"], "No such command 'nope'"),
        (["clean"], "no input given"),
        (["prepare"], "Missing argument"),
        (["pretrain", "nowhere", "-o", "{tmp}/run"], "nowhere does not exist"),
        (["pretrain", "nowhere", "-o", "{tmp}/run", "--preset", "huge"], "no preset named 'huge'"),
        (["pretrain", "nowhere", "-o", "{tmp}/run", "--set", "train.lrr=1"], "did you mean lr?"),
        (["prepare", "nowhere", "-o", "{tmp}/p"], "nowhere"),
        (["prepare", "{tmp}/empty.txt", "-o", "{tmp}/p"], "empty"),
        (["prepare", "{tmp}/pictures", "-o", "{tmp}/p"], "pictures"),
        (["export", "{tmp}", "-o", "{tmp}/e"], "is not a model"),
        (["fill", "{tmp}/none", "天[MASK]"], "does not exist"),
        (["inspect", "{tmp}"], "no complete folder"),
        (["report", "{tmp}", "-o", "{tmp}/r.html"], "no complete folder"),
        (["report", "{tmp}", "-o", "{tmp}"], "is a folder; give -o a file"),
        (["pretrai"], "No such command 'pretrai'"),
        (["import", "{tmp}/none", "-o", "{tmp}/i"], "none"),
    ],
)
def test_a_users_mistake_is_one_line_and_status_2(tmp_path, arguments, expected):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(b"\x89PNG")
    before = sorted(tmp_path.rglob("*"))
    result = run(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("gaupt: error: ")
    assert expected in result.stderr
    assert [path for path in before if not path.exists()] == []


def test_dry_run_prints_config_and_plan_and_writes_nothing(tmp_path, prepared):
    sample = ROOT / "data" / "documents"
    result = run("prepare", sample, "-o", tmp_path / "p", "--preset", "demo", "--dry-run", "--json")
    plan = json.loads(result.stdout)
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000
    assert plan["plan"]["files"] > 100
    result = run("demo", "-o", tmp_path / "d", "--set", "train.steps=11", "--dry-run", "--json")
    plan = json.loads(result.stdout)
    assert plan["config"]["train"]["steps"] == 11
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000
    result = run("pretrain", prepared, "-o", tmp_path / "run", "--steps", 7, "--dry-run")
    assert "steps = 7\n" in result.stdout
    assert "# parameters: " in result.stdout
    assert not list(tmp_path.iterdir())
