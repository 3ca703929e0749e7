"""What every command of a stage does alike, and how options are called."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.models import OptionInfo

from gaupt.cli import COMMANDS, options
from gaupt.config import load_config, read_config
from gaupt.stage import Plan
from tests.cli.conftest import Gaupt

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
    found: dict[str, str] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        option = parameter.annotation.__metadata__[0]
        # typer keeps the first name where a default would stand, and makes one where there is none.
        if isinstance(option, OptionInfo):
            said = [part for part in (option.default, *(option.param_decls or ())) if isinstance(part, str)]
            long = [part for part in said if part.startswith("--")]
            found |= dict.fromkeys(long or [f"--{name.replace('_', '-')}"], name)
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
    assert set(inspect.signature(COMMANDS[command]).parameters) - read_in_body(COMMANDS[command]) == set()


def read_in_body(command: Callable[..., None]) -> set[str]:
    """The names that the body of a function reads; what it only assigns to is not among them."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(command))).body
    assert isinstance(function, ast.FunctionDef)
    nodes = (node for statement in function.body for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def test_a_name_that_is_declared_or_assigned_to_is_not_read_by_that() -> None:
    def command(used: int, unused: int, assigned: int, default: int = 0) -> None:
        assigned = used  # noqa: F841
        print(f"{default}")

    assert {"used", "default"} <= read_in_body(command)
    assert not {"unused", "assigned"} & read_in_body(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_of_a_command_are_those_of_its_help(command: str, gaupt: Gaupt) -> None:
    shown = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", gaupt(command, "--help").done().out, re.MULTILINE)
    assert {*shown} - {"--help"} == names(COMMANDS[command]).keys()


def carry_out(said: list[str], **chosen: bool) -> None:
    def plan() -> Plan:
        said.append("plan")
        return Plan(load_config("demo"), {"files": 1234, "output": "out (new)"}, {"more": [1]}, "a table\n")

    def do() -> dict[str, int]:
        said.append("do")
        return {"kept": 3}

    def describe(result: dict[str, int]) -> str:
        said.append("describe")
        return f"kept {result['kept']}"

    flags = {"dry_run": False, "show_config": False, "quiet": False, "as_json": False} | chosen
    options.carry_out(plan, do, describe, **flags)


def test_a_stage_does_its_work_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    carry_out(said)
    assert (said, capsys.readouterr().out) == (["do", "describe"], "kept 3\n")
    said.clear()
    carry_out(said, quiet=True)
    assert (said, capsys.readouterr().out) == (["do"], "")
    for quiet in (False, True):
        said.clear()
        carry_out(said, as_json=True, quiet=quiet)
        assert (said, json.loads(capsys.readouterr().out)) == (["do"], {"kept": 3})


def test_a_dry_run_plans_and_does_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said: list[str] = []
    carry_out(said, dry_run=True, quiet=True)
    out = capsys.readouterr().out
    assert said == ["plan"]
    plan = "files:  1,234\noutput: out (new)\na table\n"
    assert out == plan
    carry_out(said, dry_run=True, show_config=True)
    out = capsys.readouterr().out
    assert out.startswith(plan)
    (tmp_path / "config.toml").write_text(out.removeprefix(plan))
    assert read_config(tmp_path / "config.toml") == load_config("demo")


def test_a_plan_as_json_has_the_config_and_all_facts(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    carry_out(said, dry_run=True, as_json=True)
    assert said == ["plan"]
    plan = json.loads(capsys.readouterr().out)
    assert plan["plan"] == {"files": 1234, "output": "out (new)", "more": [1]}
    assert plan["config"]["tokenizer"]["vocab_size"] == 4000


def test_a_plan_of_config_and_facts_alone_ends_with_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan(load_config(), {"bytes": 1_234_567, "skipped": {"png": 1000}})
    options.print_plan(plan, show_config=False, as_json=False)
    assert capsys.readouterr().out == "bytes:   1,234,567\nskipped: {'png': 1000}\n"


def test_json_is_one_document_that_people_can_read(capsys: pytest.CaptureFixture[str]) -> None:
    options.print_json([{"text": "天"}])
    assert capsys.readouterr().out == '[\n  {\n    "text": "天"\n  }\n]\n'
