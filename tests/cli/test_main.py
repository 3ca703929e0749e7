"""The command line as a whole: help, exit statuses, one-line errors, start-up, completion."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gaupt import __version__
from gaupt.cli import COMMANDS
from gaupt.errors import GauptError
from tests.cli.conftest import ROOT, Gaupt, run_gaupt

EVERYWHERE = ["demo", "prepare", "clean", "tokenizer", "shard", "pretrain"]
COMMON = [
    "--config",
    "--preset",
    "--set",
    "--workers",
    "--seed",
    "--dry-run",
    "--overwrite",
    "--quiet",
    "--json",
]
STAGES = [*EVERYWHERE, "export", "import"]


def test_help_names_every_command(gaupt: Gaupt) -> None:
    shown = gaupt("--help")
    assert shown.status == 0
    assert all(f"  {command} " in shown.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, gaupt: Gaupt) -> None:
    shown = gaupt(command, "--help")
    assert shown.status == 0
    assert f" {command} " in shown.out.splitlines()[0] and "Usage: " in shown.out


@pytest.mark.slow
def test_without_arguments_it_shows_the_help() -> None:
    assert run_gaupt() == run_gaupt("--help")
    assert run_gaupt().status == 0


@pytest.mark.parametrize("command", EVERYWHERE)
def test_the_stages_share_their_options(command: str, gaupt: Gaupt) -> None:
    text = gaupt(command, "--help").out
    assert [option for option in COMMON if option not in text] == []


@pytest.mark.parametrize("command", STAGES)
def test_every_stage_plans_starts_again_and_answers_as_told(command: str, gaupt: Gaupt) -> None:
    text = gaupt(command, "--help").done().out
    assert [
        option for option in ("--dry-run", "--overwrite", "--quiet", "--json") if option not in text
    ] == []


@pytest.mark.slow
def test_named_options_beat_set_and_set_the_file_and_the_file_the_preset(
    gaupt: Gaupt, tmp_path: Path
) -> None:
    (tmp_path / "my.toml").write_text("[tokenizer]\nvocab_size = 3000\n")
    (tmp_path / "a.txt").write_text("清晨的雾还没有散。")

    def vocab_size(*options: object) -> int:
        command = ("prepare", tmp_path / "a.txt", "-o", tmp_path / "p", "--dry-run", "--json")
        found: int = json.loads(gaupt(*command, *options).done().out)["config"]["tokenizer"]["vocab_size"]
        return found

    named, set_ = ("--vocab-size", 1000), ("--set", "tokenizer.vocab_size=2000")
    file, preset = ("--config", tmp_path / "my.toml"), ("--preset", "demo")
    assert vocab_size(*named, *set_, *file, *preset) == 1000
    assert vocab_size(*set_, *file, *preset) == 2000
    assert vocab_size(*file, *preset) == 3000
    assert vocab_size(*preset) == 4000
    assert vocab_size() == 12_000


def test_the_version_is_the_packages(gaupt: Gaupt) -> None:
    assert gaupt("--version").done().out == f"gaupt {__version__}\n"


def test_h_is_help(gaupt: Gaupt) -> None:
    assert gaupt("-h") == gaupt("--help")
    assert gaupt("clean", "-h") == gaupt("clean", "--help")


def test_a_full_disk_or_a_forbidden_folder_is_one_line(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "r.html"))

    monkeypatch.setattr(page, "write_report", full)
    message = gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    assert "r.html: No space left on device" in message


def test_a_full_disk_that_names_no_file_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(page, "write_report", full)
    message = gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    assert message.startswith("gaupt: error: No space left on device; mend that")


def test_an_error_of_the_system_that_the_user_cannot_mend_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(tmp_path / "r.html"))

    monkeypatch.setattr(page, "write_report", broken)
    with pytest.raises(OSError, match="Input/output error"):
        gaupt("report", tmp_path, "-o", tmp_path / "r.html")


def test_a_message_of_several_lines_is_one_line(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def fail(*_: object, **__: object) -> None:
        raise GauptError("first line;\n  second line")

    monkeypatch.setattr(page, "write_report", fail)
    message = gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    assert message == "gaupt: error: first line; second line\n"


def test_a_wrong_call_says_where_its_help_is(gaupt: Gaupt) -> None:
    assert "(see gaupt clean --help)" in gaupt("clean", "--nope").error()
    assert "(see gaupt --help)" in gaupt("--nope").error()


def test_an_error_of_ours_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    monkeypatch.setattr(page, "write_report", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        gaupt("report", tmp_path, "-o", tmp_path / "r.html")


def test_ctrl_c_is_status_130_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "write_report", interrupted)
    done = gaupt("report", tmp_path, "-o", tmp_path / "r.html")
    assert (done.status, done.err) == (130, "gaupt: interrupted; the same command continues\n")


@pytest.mark.slow
def test_completion_answers_the_shell() -> None:
    words = {"COMP_WORDS": "gaupt pretrain --st", "COMP_CWORD": "2", "_GAUPT_COMPLETE": "complete_bash"}
    code = "import sys; from gaupt.cli import main; sys.argv = ['gaupt']; main()"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=os.environ | words
    )
    assert result.stdout.split() == ["--steps"]


@pytest.mark.slow
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


@pytest.mark.slow
def test_cli_py_runs_from_a_clone() -> None:
    result = subprocess.run([sys.executable, "cli.py", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert result.stdout.startswith("gaupt ")


@pytest.mark.slow
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
    assert message.startswith("gaupt: error: nowhere does not exist; give a folder of gaupt prepare")


def test_an_empty_argument_is_not_the_folder_that_we_are_in(gaupt: Gaupt) -> None:
    for call in (("demo", "-o", ""), ("prepare", "", "-o", "out"), ("fill", "run", "")):
        assert "an argument is empty; a variable of the shell may not be set" in gaupt(*call).error()


@pytest.mark.parametrize(("rank", "told"), [("0", "gaupt: error: No such option: --nope"), ("1", "")])
def test_of_several_processes_with_one_command_line_the_first_tells_of_its_mistake(
    rank: str, told: str, gaupt: Gaupt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", rank)
    called = gaupt("pretrain", "--nope")
    assert called.status == 2
    assert called.err.startswith(told) and bool(called.err) == bool(told)


def test_names_in_an_error_steer_nothing(gaupt: Gaupt, tmp_path: Path) -> None:
    name = "[/x]\x1b[31m\na\u202e\udcff"
    for call in (
        ("clean", tmp_path / name, "-o", tmp_path / "out"),
        ("inspect", tmp_path / name),
        ("presets", name),
        ("config", name),
        ("clean", tmp_path, "-o", tmp_path / "out", "--set", f"clean.{name}=1"),
        (name,),
        ("clean", f"--{name}"),
    ):
        message = gaupt(*call).error()
        assert not {"\x1b", "\u202e", "\udcff"} & {*message} and "\\x1b[31m" in message


def test_links_in_a_circle_are_one_line_wherever_they_come_up(gaupt: Gaupt, tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for call in (
        ("clean", tmp_path / "one", "-o", tmp_path / "out"),
        ("clean", ROOT / "README.md", "-o", tmp_path / "one"),
        ("clean", ROOT / "README.md", "-o", tmp_path / "out", "--config", tmp_path / "one"),
        ("inspect", tmp_path / "one"),
        ("report", tmp_path / "one", "-o", tmp_path / "r.html"),
    ):
        assert "one" in gaupt(*call).error()


def test_a_circle_that_python_finds_is_the_users_to_mend(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def circle(*_: object, **__: object) -> None:
        raise RuntimeError("Symlink loop from '/one'")

    def other(*_: object, **__: object) -> None:
        raise RuntimeError("another")

    monkeypatch.setattr(page, "write_report", circle)
    assert "Symlink loop from '/one'" in gaupt("report", tmp_path, "-o", tmp_path / "r.html").error()
    monkeypatch.setattr(page, "write_report", other)
    with pytest.raises(RuntimeError, match="another"):
        gaupt("report", tmp_path, "-o", tmp_path / "r.html")


def test_a_name_that_is_no_utf8_is_one_line_where_it_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, gaupt: Gaupt, tmp_path: Path
) -> None:
    from gaupt.report import page

    def encode(*_: object, **__: object) -> None:
        "\udcff".encode()

    monkeypatch.setattr(page, "write_report", encode)
    message = gaupt("report", tmp_path / "b\udcff", "-o", tmp_path / "r.html").error()
    assert "b\\xff: a name that is not UTF-8 cannot be used here; rename it" in message
    with pytest.raises(UnicodeEncodeError):
        gaupt("report", tmp_path, "-o", tmp_path / "r.html")
