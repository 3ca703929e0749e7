"""Config: precedence, bounds, round trip, and what the messages say."""

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gaupt.config import Config, config_from, load_config, preset_names, to_toml
from gaupt.errors import GauptError


def test_defaults_are_the_papers_base_model():
    config = load_config()
    assert (config.model.num_layers, config.model.hidden_size, config.model.expanded_size) == (24, 768, 1536)
    assert (config.train.lr, config.train.steps, config.train.warmup_steps) == (2e-4, 30_000, 3_000)
    assert config.train.batch_tokens == 256 * 512


def test_later_origins_win(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("seed = 3\n[train]\nlr = 1e-3\nsteps = 7\n")
    config = load_config("small", file, ["train.steps=8"], {"seed": 9, "train.warmup_steps": None})
    assert config.train.lr == 1e-3  # file over preset
    assert config.train.steps == 8  # --set over file
    assert config.seed == 9  # named option over file
    assert config.model.num_layers == 6  # preset where nothing else speaks


def test_bare_words_need_no_quotes():
    assert load_config(overrides=["tokenizer.type=char"]).tokenizer.type == "char"


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_survives_toml(name):
    config = load_config(name)
    assert config_from(tomllib.loads(to_toml(config)), "test") == config


@given(
    seed=st.integers(0, 2**63 - 1),
    lr=st.floats(1e-9, 10, allow_nan=False),
    share=st.floats(0, 0.9),
    pattern=st.text(st.characters(exclude_categories=["Cs"])),
)
@example(seed=0, lr=1e-3, share=0.5, pattern="wiki*")
def test_toml_gives_back_any_value(seed, lr, share, pattern):
    train = {"lr": lr, "mask_token_share": share, "source_weights": {pattern: 2.0}}
    config = Config.model_validate({"seed": seed, "train": train})
    assert config_from(tomllib.loads(to_toml(config)), "test") == config


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("train.lrr=1", "unknown key train.lrr (did you mean lr?)"),
        ("train.lr=inf", "train.lr = inf: input should be a finite number"),
        ("train.betas=[0.9, 2]", "train.betas.1 = 2: input should be less than 1"),
        ("export.formats=[gguf]", "export.formats"),
        ("train.lr=-1", "train.lr = -1: input should be greater than 0"),
        ("model.num_layer=3", "unknown key model.num_layer (did you mean num_layers?)"),
        ("model.num_layers=many", "model.num_layers = 'many': input should be a valid integer"),
        ("nothing.here=1", "unknown key nothing"),
        ("train", "expected section.key=value"),
        ("tokenizer.type=wordpiece", "tokenizer.type = 'wordpiece'"),
    ],
)
def test_a_bad_override_is_named_with_a_remedy(override, expected):
    with pytest.raises(GauptError, match=r".") as caught:
        load_config(overrides=[override])
    assert expected in str(caught.value)


def test_all_problems_are_named_at_once():
    with pytest.raises(GauptError) as caught:
        load_config(overrides=["train.lr=-1", "train.stepz=1"])
    assert "train.lr" in str(caught.value)
    assert "train.stepz" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "does not exist"), ("[train\n", "not valid TOML"), (b"\xff\xfe", "not valid TOML")],
)
def test_a_bad_file_is_named(tmp_path, content, expected):
    file = tmp_path / "bad.toml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(GauptError, match=expected) as caught:
        load_config(file=file)
    assert str(file) in str(caught.value)


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(GauptError, match="choose one of base"):
        load_config("huge")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["train.mask_token_share=0.9", "train.random_token_share=0.4"],
            "train.mask_token_share .*1.3: .*at most 1",
        ),
        (["train.ngram_shares=[]"], "train.ngram_shares: expected shares of spans"),
        (["train.ngram_shares=[0.5, -0.1]"], "train.ngram_shares: expected shares of spans"),
        (["train.ngram_shares=[0, 0]"], "train.ngram_shares: expected shares of spans"),
    ],
)
def test_shares_that_do_not_fit_together_are_refused_by_name(options, message):
    with pytest.raises(GauptError, match=message):
        load_config(overrides=options)


def test_shares_of_exactly_one_whole_fit():
    config = load_config(overrides=["train.mask_token_share=0.75", "train.random_token_share=0.25"])
    assert config.train.mask_token_share + config.train.random_token_share == 1
