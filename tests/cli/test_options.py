"""What every command of a stage does alike, and how options are called."""

import ast
import inspect
import json
import textwrap
from collections.abc import Callable

import pytest

from gaupt.cli import COMMANDS, options
from gaupt.config import load_config, read_config
from gaupt.stage import Plan

PARAMETERS = {
    "--config": "config_file",
    "--preset": "preset",
    "--set": "overrides",
    "--workers": "workers",
    "--seed": "seed",
    "--dry-run": "dry_run",
    "--overwrite": "overwrite",
    "--quiet": "quiet",
    "--output": "output",
    "--profile": "profile",
    "--type": "type_",
    "--vocab-size": "vocab_size",
}
"""The name that the option has in every command that has it."""


def names(command: Callable[..., None]) -> dict[str, str]:
    """The long options of a command and the names of their parameters."""
    found = {}
    for name, parameter in inspect.signature(command).parameters.items():
        option = parameter.annotation.__metadata__[0]
        # typer keeps the first name where a default would stand.
        for long in (option.default, *(option.param_decls or ())):
            if isinstance(long, str) and long.startswith("--"):
                found[long] = name
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_one_option_has_one_name_everywhere(command: str) -> None:
    found = names(COMMANDS[command])
    shared = found.keys() & PARAMETERS.keys()
    assert {option: found[option] for option in shared} == {option: PARAMETERS[option] for option in shared}
    # `gaupt bench --json FILE` writes a file; everywhere else --json is a flag.
    assert found.get("--json", "as_json") == ("json_file" if command == "bench" else "as_json")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_is_accepted_and_ignored(command: str) -> None:
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(COMMANDS[command]))).body
    assert isinstance(function, ast.FunctionDef)
    read = {node.id for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    assert set(inspect.signature(COMMANDS[command]).parameters) - read == set()


def carry_out(said: list[str], **chosen: bool) -> None:
    def plan() -> Plan:
        said.append("plan")
        return Plan(load_config("demo"), {"files": 1234, "output": "out (new)"}, {"more": [1]}, "a table\n")

    def do() -> dict[str, int]:
        said.append("do")
        return {"kept": 3}

    flags = {"dry_run": False, "quiet": False, "as_json": False} | chosen
    options.carry_out(plan, do, lambda result: f"kept {result['kept']}", **flags)


def test_a_stage_does_its_work_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    carry_out(said)
    assert (said, capsys.readouterr().out) == (["do"], "kept 3\n")
    carry_out(said, quiet=True)
    assert (said, capsys.readouterr().out) == (["do", "do"], "")
    carry_out(said, as_json=True, quiet=True)
    assert json.loads(capsys.readouterr().out) == {"kept": 3}


def test_a_dry_run_plans_and_does_nothing(capsys: pytest.CaptureFixture[str], tmp_path) -> None:  # type: ignore[no-untyped-def]
    said: list[str] = []
    carry_out(said, dry_run=True, quiet=True)
    out = capsys.readouterr().out
    assert said == ["plan"]
    assert out.endswith("# files: 1,234\n# output: out (new)\na table\n")
    (tmp_path / "config.toml").write_text(out.partition("# files")[0])
    assert read_config(tmp_path / "config.toml") == load_config("demo")


def test_a_plan_as_json_has_the_config_and_all_facts(capsys: pytest.CaptureFixture[str]) -> None:
    carry_out([], dry_run=True, as_json=True)
    plan = json.loads(capsys.readouterr().out)
    assert plan["plan"] == {"files": 1234, "output": "out (new)", "more": [1]}
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000
