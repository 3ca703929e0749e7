"""Defaults and bounds, and options that must fit together."""

import pytest

from gaupt.config import Config, load_config
from gaupt.errors import GauptError


def test_defaults_are_the_papers_base_model() -> None:
    config = Config()
    assert (config.model.architecture, config.model.num_layers, config.model.hidden_size) == ("gau", 24, 768)
    assert (config.train.lr, config.train.steps, config.train.warmup_share) == (3e-4, 30_000, 0.1)
    assert config.train.batch_tokens == 256 * 512


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["train.mask_token_share=0.9", "train.random_token_share=0.4"], "= 1.3: .*at most 1"),
        (["train.ngram_shares=[]"], "ngram_shares sum to 0: expected shares"),
        (["train.ngram_shares=[1.1, -0.1]"], "expected shares, none below 0"),
        (["train.ngram_shares=[nan]"], "ngram_shares sum to nan: expected shares"),
        (["train.ngram_shares=[0, 0]"], "ngram_shares sum to 0: expected shares"),
        (["train.schedule=[]"], "schedule: expected points"),
        (["train.schedule=[[0, 1], [1, 0]]"], "schedule: expected points"),
        (["train.schedule=[[0.5, 1], [0.5, 0]]"], "schedule: expected points"),
        (["train.schedule=[[0.5, 1], [1.1, 0]]"], "schedule: expected points"),
        (["train.schedule=[[1, 1.1]]"], "lie between 0 and 1"),
        (["train.ngram_shares=[0.5, 0.4]"], "ngram_shares sum to 0.9: .* that sum to 1"),
    ],
)
def test_shares_that_do_not_fit_together_are_refused_by_name(options: list[str], message: str) -> None:
    with pytest.raises(GauptError, match=message):
        load_config(overrides=options)


def test_shares_of_exactly_one_whole_fit() -> None:
    config = load_config(overrides=["train.mask_token_share=0.75", "train.random_token_share=0.25"])
    assert config.train.mask_token_share + config.train.random_token_share == 1
    shares = load_config(overrides=["train.ngram_shares=[0.4, 0.3, 0.2, 0.1]"]).train.ngram_shares
    assert shares == (0.4, 0.3, 0.2, 0.1)
    assert load_config(overrides=["train.ngram_shares=[0.3333333, 0.3333333, 0.3333334]"])
