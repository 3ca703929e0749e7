"""What is said of a bad config: the place that it comes from, what is wrong, and what to do."""

from pathlib import Path

import pytest

from gaupt.config import load_config
from gaupt.errors import GauptError


def problem(*overrides: str, preset: str | None = None, file: Path | None = None, **named: object) -> str:
    with pytest.raises(GauptError) as caught:
        load_config(preset, file, overrides, {key.replace("__", "."): value for key, value in named.items()})
    return str(caught.value)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("train.lrr=1", "unknown option (did you mean train.lr?)"),
        ("lr=1e-4", "unknown option (did you mean train.lr or evaluate.lr?)"),
        ("training.lr=1", "unknown option (did you mean train.lr?)"),
        ("train.lr=abc", "expected a number, > 0"),
        ("train.lr=-1", "expected a number, > 0"),
        ("train.lr=inf", "expected a finite number, > 0"),
        ("train.lr=", "expected a number, > 0"),
        ("train.steps=1.5", "expected a whole number, ≥ 1"),
        ("train.betas=[0.9, 2]", "expected a list of 2 numbers, ≥ 0, < 1, such as [0.9, 0.999]"),
        ("train.betas=[0.9]", "expected a list of 2 numbers, ≥ 0, < 1, such as [0.9, 0.999]"),
        ("train.source_weights.wiki=-1", "expected a number, ≥ 0"),
        ("export.formats=[gguf]", 'expected a list of hf, onnx, gau-alpha, roformer, such as ["hf"]'),
        ("tokenizer.type=wordpiece", "expected unigram, bpe or char"),
        ("clean.sources.wiki.profile=book", "expected web, article or short"),
        ("train.lr.x=1", "train.lr is one option and no section: expected a number, > 0"),
        ("train=3", "this is a section; set an option of it, such as train.steps"),
        ("model=3", "this is a section; set an option of it, such as model.architecture"),
        ("model.num_layer=3", "unknown option (did you mean model.num_layers?)"),
        ("model.num_layers=many", "expected a whole number"),
        ("model.num_layers=0", "num_layers = 0 is less than 1"),
        ("model.num_heads=12", "a GAU has one head and no such option; leave it out"),
        ("model.num_attention_heads=12", "a GAU has one head and no such option; leave it out"),
        ("model.feedforward_size=9", "a gau has no feedforward_size; leave that out"),
        ("model.architecture=bert", "expected gau or roformer"),
        ("nothing.here=1", "unknown option (gaupt config lists all options)"),
    ],
)
def test_an_option_is_blamed_for_what_it_says_whatever_else_there_is(override: str, expected: str) -> None:
    assert problem(override) == f"--set {override}: {expected}"
    assert problem(override, preset="demo", seed=3) == f"--set {override}: {expected}"


def test_a_named_option_is_called_as_on_the_command_line() -> None:
    assert problem(clean__profile="book") == "--profile book: expected web, article or short"
    assert problem(tokenizer__vocab_size=3).startswith("--vocab-size 3: expected a whole number, ≥ 32")
    assert problem(export__formats=["gguf"]).startswith(
        "--format gguf: expected hf, onnx, gau-alpha or roformer, found 'gguf'"
    )


def test_a_file_is_blamed_for_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(
        "lr = 1\n[train]\nstepz = 1\nlr = 'x'\n[training]\nlr = 1\n[xyzzy]\n[model]\nnum_heads = 3\n"
    )
    said = problem("train.steps=2", preset="small", file=file).split("; ")
    assert sorted(part.removeprefix(f"{file}") for part in said if part.startswith(str(file))) == [
        ": [model] num_heads: a GAU has one head and no such option",
        ': [train] lr = "x": expected a number, > 0',
        ": [train] stepz: unknown option (did you mean train.steps?)",
        ": lr: unknown option (did you mean train.lr or evaluate.lr?)",
        ": unknown section [training] (did you mean [train]?)",
        ": unknown section [xyzzy] (sections: clean, tokenizer, shards, model, train, evaluate, export)",
    ]


def test_a_preset_is_blamed_for_options_that_another_architecture_lacks() -> None:
    assert problem("model.architecture=roformer", preset="base") == (
        "preset base sets model.expanded_size and model.key_size, which a roformer does not have; "
        "take --preset roformer-v1-base or roformer-v1-small or roformer-v1-tiny or roformer-v2-base or "
        "roformer-v2-small or roformer-v2-tiny"
    )


def test_of_several_options_that_do_not_fit_together_each_is_named() -> None:
    assert problem("model.num_heads=5", preset="roformer-v2-small") == (
        "preset roformer-v2-small: [model] hidden_size = 384 with --set model.num_heads=5: "
        "num_heads = 5 does not divide hidden_size = 384"
    )
    assert problem("train.mask_token_share=0.95").startswith("--set train.mask_token_share=0.95: ")


def test_what_tasks_take_from_the_section_above_is_told_once() -> None:
    assert problem("evaluate.lr=-1", preset="small") == "--set evaluate.lr=-1: expected a number, > 0"


def test_all_problems_are_named_at_once() -> None:
    assert problem("train.lr=-1", "train.stepz=1").count("--set ") == 2
