"""How many tokens documents become: exactly as encoded where there is a tokenizer, by the words where there is none."""

from pathlib import Path

import pytest

from gaupt.shards.build import plan
from gaupt.shards.estimate import estimate_shards
from gaupt.shards.format import open_shards
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.words import load_words
from tests.made_documents import small_config, text

TEXTS = [(1.0, text(i)) for i in range(60)]


def test_with_a_tokenizer_the_sample_is_encoded_and_stands_for_the_whole(tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    tokens = len(tokenizer.encode_words([text for _, text in TEXTS], load_words()).ids)
    assert estimate_shards(TEXTS, small_config(), 1, tokenizer).tokens == tokens
    thrice = estimate_shards([(3.0, text) for _, text in TEXTS], small_config(), 1, tokenizer)
    assert thrice.tokens == 3 * tokens
    assert 2 * thrice.tokens <= thrice.disk <= 2.2 * thrice.tokens
    assert thrice.seconds > 0


@pytest.mark.slow
def test_a_long_sample_is_not_encoded_whole(tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    once = estimate_shards(TEXTS, small_config(), 1, tokenizer).tokens
    assert estimate_shards(TEXTS * 100, small_config(), 1, tokenizer).tokens == pytest.approx(
        100 * once, rel=0.05
    )


@pytest.mark.parametrize(
    ("type_", "size", "least", "most"), [("unigram", 12_000, 0.5, 0.8), ("char", 5_000, 0.9, 1)]
)
def test_without_one_the_words_and_the_size_asked_for_tell(
    type_: str, size: int, least: float, most: float
) -> None:
    config = small_config(type=type_, vocab_size=size)
    texts = [(1.0, "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香。")]
    tokens = estimate_shards(texts, config, 1).tokens
    assert least <= tokens / len(texts[0][1]) <= most
    smaller = estimate_shards(texts, small_config(type=type_, vocab_size=2_000), 1).tokens
    assert smaller >= tokens


def test_nothing_is_nothing() -> None:
    guess = estimate_shards([], small_config(), 1)
    assert (guess.tokens, guess.disk) == (0, 0)


def test_a_plan_tells_the_tokens_of_the_shards(
    documents: Path, tokenizer_folder: Path, shards_folder: Path, tmp_path: Path
) -> None:
    planned = plan(documents, tokenizer_folder, tmp_path / "s", small_config(), workers=1)
    splits = open_shards(shards_folder).manifest["splits"]
    tokens = sum(split["tokens"] for split in splits.values())
    assert planned.details["estimate"]["tokens"] == pytest.approx(tokens, rel=0.3)
    assert planned.facts["tokens"].endswith("samples of 512")
    assert planned.facts["time"].startswith("about ") and planned.facts["disk"].endswith("are free")
    assert "tokens" not in plan(documents, tokenizer_folder, shards_folder, small_config()).facts
