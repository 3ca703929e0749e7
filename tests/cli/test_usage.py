"""Wrong calls: each is one line that says what is meant."""

import subprocess
import sys

import pytest

from gaupt.cli import COMMANDS
from gaupt.cli.usage import COMMAND_SYNONYMS, SECTIONS
from gaupt.config.reference import sections
from tests.cli.conftest import ROOT, Gaupt


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ("pretrain x -o y --lr 1e-4", "No such option: --lr; use --set train.lr=1e-4 (see"),
        ("pretrain x -o y --lr=1e-4", "use --set train.lr=1e-4 (see"),
        ("pretrain x -o y --lr", "use --set train.lr=… (see"),
        ("pretrain x -o y --batch-tokens 32 --quiet", "use --set train.batch_tokens=32 (see"),
        ("pretrain x -o y --num_layers 3", "use --set model.num_layers=3 (see"),
        ("evaluate x --lr 3e-5", "use --set evaluate.lr=3e-5 (see"),
        ("clean x --min-chinese 3", "use --set clean.rules.min_chinese=3 (see"),
        ("tokenizer x -o y --words jieba", "use --set tokenizer.words=jieba (see"),  # and not --workers
        ("pretrain x -o y --learning-rate 1e-4", "did you mean --set train.lr=…? (see"),
        ("pretrain x -o y --batch-size 32", "did you mean --set train.batch_tokens=…? (see"),
        ("pretrain x -o y --max-steps 3", "did you mean --steps? (see"),
        ("pretrain x -o y --epochs 3", "did you mean --steps? (see"),
        ("pretrain x -o y --out z", "did you mean --output? (see"),
        ("pretrain x -o y --dryrun", "did you mean --dry-run? (see"),
        ("pretrain x -o y --dry_run", "did you mean --dry-run? (see"),
        ("pretrain x -o y -preset small", "No such option: -preset; did you mean --preset? (see"),
        ("pretrain x -o y --xyzzy", "No such option: --xyzzy (see"),
        ("clean x --vocab-size 3", "gaupt prepare and gaupt tokenizer have it (see"),
        ("fill x y --lr 3", "No such option: --lr (see"),  # it has no --set
        ("--preset small pretrain", "options stand behind the command: gaupt demo --preset (see "),
        ("--nope", "No such option: --nope (see"),
    ],
)  # fmt: skip
def test_an_unknown_option_is_told_with_the_one_that_is_meant(call: str, meant: str, gaupt: Gaupt) -> None:
    assert meant in gaupt(*call.split()).error()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("train", "did you mean pretrain?"),
        ("clen", "did you mean clean?"),
        ("tokenise", "did you mean tokenizer?"),
        ("Pretrain", "did you mean pretrain?"),
        ("xyzzy", "choose one of demo, prepare, clean"),
    ],
)
def test_an_unknown_command_is_told_with_the_one_that_is_meant(name: str, meant: str, gaupt: Gaupt) -> None:
    assert f"No such command '{name}'; {meant}" in gaupt(name, "x").error()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("pretrain", "Missing argument 'DATA': folder of gaupt prepare or gaupt shard (see "),
        ("pretrain x", "Missing option '-o' / '--output': folder to write (see"),
        ("pretrain a b -o c", "Unexpected argument b: pretrain takes DATA (see"),
        ("demo x", "Unexpected argument x: demo takes no argument (see"),
        ("pretrain a train.lr=1e-4 -o c", "did you mean --set train.lr=1e-4? (see"),
        ("pretrain a -o c --set train.lr 1e-4", "--set train.lr 1e-4: expected --set train.lr=1e-4 (see"),
        ("pretrain a -o c --set", "Option '--set' requires an argument (see"),
        ("pretrain a -o c --steps abc", "--steps abc: expected a whole number (see"),
        ("pretrain a -o c --seed=1.5", "--seed=1.5: expected a whole number (see"),
        ("pretrain a -o c --steps 0", "--steps 0: expected at least 1 (see"),
    ],
)  # fmt: skip
def test_what_a_call_lacks_or_has_too_much_is_told_plainly(call: str, told: str, gaupt: Gaupt) -> None:
    assert told in gaupt(*call.split()).error()


@pytest.mark.parametrize("twice", ["-o y -o z", "-o y --output=y", "--steps 3 -o y --steps 4"])
def test_an_option_given_twice_is_refused(twice: str, gaupt: Gaupt) -> None:
    assert "is given twice; name it once" in gaupt("pretrain", "x", *twice.split()).error()


def test_a_repeatable_option_and_a_flag_may_be_given_twice(gaupt: Gaupt) -> None:
    options = ("--set", "seed=1", "--set", "seed=2", "--quiet", "--quiet")
    assert "nowhere does not exist" in gaupt("clean", "nowhere", "-o", "y", *options).error()


def test_the_tables_name_commands_and_sections_that_there_are() -> None:
    assert {*COMMAND_SYNONYMS.values()} | SECTIONS.keys() <= COMMANDS.keys()
    assert not COMMAND_SYNONYMS.keys() & COMMANDS.keys()
    assert {name for names in SECTIONS.values() for name in names} <= {section.name for section in sections()}


@pytest.mark.slow
def test_what_is_wrong_in_the_config_is_told_before_torch_is_imported() -> None:
    calls = ["demo", "prepare x -o y", "clean x -o y", "tokenizer x -o y", "shard x --tokenizer t -o y"]
    calls += ["pretrain x -o y", "evaluate x --task tnews --data d -o y", "export x -o y"]
    code = (
        "import sys, gaupt.cli\n"
        f"for call in {calls}:\n"
        "    for wrong in ('--preset smal', '--set train.lrr=1'):\n"
        "        sys.argv = ['gaupt', *call.split(), *wrong.split()]\n"
        "        try: gaupt.cli.main()\n"
        "        except SystemExit as stop: print(stop.code, 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "2 False\n" * 16
    assert done.stderr.count("did you mean") == 16
