"""The command line as a whole: help, exit statuses, one-line errors, start-up, completion."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gaupt.cli import COMMANDS
from tests.cli.conftest import ROOT, Gaupt, run_gaupt

EVERYWHERE = ["demo", "prepare", "clean", "tokenizer", "shard", "pretrain"]
COMMON = ["--config", "--preset", "--set", "--workers", "--seed", "--dry-run", "--quiet", "--json"]


def test_help_names_every_command(gaupt: Gaupt) -> None:
    shown = gaupt("--help")
    assert shown.status == 0
    assert all(f"  {command} " in shown.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, gaupt: Gaupt) -> None:
    shown = gaupt(command, "--help")
    assert shown.status == 0
    assert f" {command} " in shown.out.splitlines()[0] and "Usage: " in shown.out


def test_without_arguments_it_shows_the_help() -> None:
    assert run_gaupt() == run_gaupt("--help")
    assert run_gaupt().status == 0


@pytest.mark.parametrize("command", EVERYWHERE)
def test_the_stages_share_their_options(command: str, gaupt: Gaupt) -> None:
    text = gaupt(command, "--help").out
    assert [option for option in COMMON if option not in text] == []


def test_a_full_disk_or_a_forbidden_folder_is_one_line(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "r.html"))

    monkeypatch.setattr(page, "write_report", full)
    message = gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    assert "r.html: No space left on device" in message


def test_an_error_of_ours_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    monkeypatch.setattr(page, "write_report", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        gaupt("report", tmp_path, "-o", tmp_path / "r.html")


def test_ctrl_c_is_status_130_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "write_report", interrupted)
    done = gaupt("report", tmp_path, "-o", tmp_path / "r.html")
    assert (done.status, done.err) == (130, "gaupt: interrupted; the same command continues\n")


def test_completion_answers_the_shell() -> None:
    words = {"COMP_WORDS": "gaupt pretrain --st", "COMP_CWORD": "2", "_GAUPT_COMPLETE": "complete_bash"}
    code = "from gaupt.cli import app; app(prog_name='gaupt')"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=os.environ | words
    )
    assert result.stdout.split() == ["--steps"]


def test_help_imports_nothing_heavy() -> None:
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


def test_cli_py_runs_from_a_clone() -> None:
    result = subprocess.run([sys.executable, "cli.py", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert result.stdout.startswith("gaupt ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_script(shell: str) -> None:
    shown = run_gaupt("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert shown.status == 0
    assert "gaupt" in shown.out.lower()


@pytest.mark.parametrize("command", ["nope", "pretrai"])
def test_an_unknown_command_is_one_line(command: str, gaupt: Gaupt) -> None:
    assert f"No such command '{command}'" in gaupt(command).error()


@pytest.mark.slow
def test_a_users_mistake_in_a_process_of_its_own_is_one_line_too(tmp_path: Path) -> None:
    """Nothing that a library prints at import or exit comes between."""
    message = run_gaupt("pretrain", "nowhere", "-o", tmp_path / "run").error()
    assert message == "gaupt: error: nowhere does not exist\n"
