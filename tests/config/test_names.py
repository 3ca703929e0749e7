"""What a user may have meant by a name that is none of ours."""

import pytest

from gaupt.config import ExportConfig
from gaupt.config.names import SECTION_SYNONYMS, SYNONYMS, find, hint, near_keys, near_section
from gaupt.config.reference import SECTIONS, option_at
from gaupt.errors import GauptError


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("lr", ["train.lr", "evaluate.lr"]),
        ("train.lrr", ["train.lr"]),
        ("training.lr", ["train.lr"]),
        ("Train.LR", ["train.lr"]),
        ("train.learning_rate", ["train.lr"]),
        ("evaluate.learning-rate", ["evaluate.lr"]),
        ("train.batch_size", ["train.batch_tokens", "evaluate.batch_size"]),
        ("num_hidden_layers", ["model.num_layers"]),
        ("max_steps", ["train.steps"]),
        ("warmup_ratio", ["train.warmup_share", "evaluate.warmup_share"]),
        ("clean.min_chinese", ["clean.rules.min_chinese"]),
        ("shards.vocab_size", ["tokenizer.vocab_size", "model.vocab_size"]),
        ("clean.sources.wiki.profil", ["clean.sources.NAME.profile"]),
        ("xyzzy", []),
        ("a.b.c.d", []),
    ],
)
def test_near_options(key: str, meant: list[str]) -> None:
    assert sorted(near_keys(key.split("."))) == sorted(meant)


@pytest.mark.parametrize(
    ("name", "section"),
    [("train", "train"), ("training", "train"), ("clen", "clean"), ("eval", "evaluate"), ("xyzzy", None)],
)
def test_near_sections(name: str, section: str | None) -> None:
    assert near_section(name) == section


def test_the_names_of_others_mean_options_that_there_are() -> None:
    for key in {key for keys in SYNONYMS.values() for key in keys}:
        assert any(option_at(key.split("."), each) for each in ("gau", "roformer")), key
    assert {*SECTION_SYNONYMS.values()} <= {*SECTIONS}


def test_a_hint_names_the_options_or_where_they_are_listed() -> None:
    assert hint(["lr"]) == "did you mean train.lr or evaluate.lr?"
    assert hint(["train", "xyzzy"]) == "gaupt config train lists its options"
    assert hint(["xyzzy"]) == "gaupt config lists all options"


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("train.lr", ["train.lr"]),
        ("lr", ["train.lr", "evaluate.lr", "evaluate.tasks.NAME.lr"]),
        ("seed", ["seed"]),
        ("[export]", [f"export.{name}" for name in ExportConfig.model_fields]),
        ("evaluate.tasks.csl.lr", ["evaluate.tasks.NAME.lr"]),
        ("model.num_heads", ["model.num_heads"]),
    ],
)
def test_a_key_finds_a_section_or_options(key: str, keys: list[str]) -> None:
    assert [option.key for section in find(key) for option in section.options] == keys


def test_no_key_finds_everything_and_a_section_what_is_in_it() -> None:
    assert len(find(None)) == len(SECTIONS)
    assert [section.title for section in find("clean")] == ["clean", "clean.rules", "clean.sources.NAME"]


def test_an_unknown_key_is_told_with_near_ones() -> None:
    with pytest.raises(GauptError, match=r"no option and no section train\.lrr \(did you mean train\.lr\?\)"):
        find("train.lrr")
