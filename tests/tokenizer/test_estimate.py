"""How long learning takes, by a small vocabulary learnt on the spot. Timings decide nothing here but their order."""

import pytest

from gaupt.config import TokenizerConfig
from gaupt.tokenizer.estimate import estimate_tokenizer
from tests.made_documents import text

TEXTS = [text(i) for i in range(60)]


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe", "char"])
def test_more_text_takes_longer(type_: str) -> None:
    config = TokenizerConfig.model_validate({"type": type_})
    little, much = (estimate_tokenizer(TEXTS, characters, config, 1) for characters in (1e4, 1e8))
    assert 0 < little < 5 < much


@pytest.mark.slow
def test_what_is_not_sampled_is_read_and_no_more() -> None:
    little, much = (
        estimate_tokenizer(TEXTS, 1e7, TokenizerConfig(sample_chars=wanted), 1)
        for wanted in (10_000, 10_000_000)
    )
    assert little < much


def test_no_text_takes_no_time() -> None:
    assert estimate_tokenizer([], 0, TokenizerConfig(), 1) == 0
    assert estimate_tokenizer(["\n"], 1, TokenizerConfig(), 1) == 0
