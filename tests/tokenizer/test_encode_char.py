"""BERT's tokenization by table: the ids and places of the tokenizers library, faster."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer import encode_char
from gaupt.tokenizer.convert import from_wordpiece
from gaupt.tokenizer.encode import FastEncode
from gaupt.tokenizer.encode_char import CharEncode, is_bert
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.special import SPECIAL_TOKENS
from tests.tokenizer.texts import TEXTS

VOCAB = [
    *SPECIAL_TOKENS,
    *"今天气很好，。",
    "good",
    "Good",
    "##s",
    "a",
    "##b",
    "1",
    "##9",
    "é",
    "e",
    "##́",
    "±",
]
ODD = st.text(st.sampled_from("今好goodsGOab19é\u0301鱻，。 \n\t\x00\u200b\ufffdß±İ＋"), max_size=12)
LISTS = st.lists(st.one_of(ODD, TEXTS), max_size=4)


@pytest.fixture(scope="module", params=[True, False], ids=["lower case", "case kept"])
def fast(request: pytest.FixtureRequest) -> FastTokenizer:
    return from_wordpiece(VOCAB, request.param, "a test")


@pytest.fixture(scope="module")
def table(fast: FastTokenizer) -> CharEncode:
    """One for all examples, so that it has seen some characters and not others."""
    return CharEncode(fast)


@pytest.mark.slow
@settings(max_examples=300)
@given(texts=LISTS)
def test_ids_and_places_are_the_tokenizers_librarys(
    fast: FastTokenizer, table: CharEncode, texts: list[str]
) -> None:
    ours, theirs = table(texts), FastEncode(fast)(texts)
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.places.tolist() == theirs.places.tolist()
    assert ours.offsets.tolist() == theirs.offsets.tolist()


@pytest.mark.slow
@given(length=st.integers(98, 103), word=st.sampled_from(["a", "ab", "1", "z"]))
def test_a_word_longer_than_a_hundred_characters_is_unknown(
    fast: FastTokenizer, table: CharEncode, length: int, word: str
) -> None:
    text = (word * length)[:length]
    assert table([text]).ids.tolist() == fast.encode(text, add_special_tokens=False).ids
    if length > 100:
        assert table([text]).ids.tolist() == [1]


def test_the_line_end_between_two_texts_is_no_token_and_separates_words(table: CharEncode) -> None:
    encoded = table(["goo", "d", "", "今"])
    assert encoded.offsets.tolist() == [0, 1, 2, 2, 3]
    assert encoded.places.tolist() == [0, 3, 4]
    assert table(["good"]).ids.tolist() == [VOCAB.index("good")]


def test_special_names_are_text(table: CharEncode) -> None:
    assert not set(table(["[MASK]"]).ids.tolist()) & {0, 2, 3, 4}


def test_a_run_that_was_forgotten_is_encoded_again(
    fast: FastTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode_char, "_REMEMBERED_RUNS", 2)
    table = CharEncode(fast)
    texts = ["good", "goods", "ab", "good é", "good"]
    assert [table([text]).ids.tolist() for text in texts] == [
        fast.encode(text, add_special_tokens=False).ids for text in texts
    ]
    assert len(table._runs) <= 2


def changed(fast: FastTokenizer, part: str, **values: object) -> FastTokenizer:
    parts = json.loads(fast.to_str())
    parts[part] |= values
    return FastTokenizer.from_str(json.dumps(parts))


def test_bert_is_told_by_its_normalization_splitting_and_pieces(fast: FastTokenizer) -> None:
    assert is_bert(fast)
    assert not is_bert(changed(fast, "normalizer", handle_chinese_chars=False))
    assert not is_bert(changed(fast, "normalizer", clean_text=False))
    other = FastTokenizer.from_str(fast.to_str())
    other.add_tokens(["今天"])
    assert not is_bert(other)
    parts = json.loads(fast.to_str())
    for part in ("normalizer", "pre_tokenizer"):
        assert not is_bert(FastTokenizer.from_str(json.dumps(parts | {part: None})))


def test_only_character_vocabularies_of_ours_are_berts(folder: Path) -> None:
    assert is_bert(load_tokenizer(folder).fast) == (folder / "vocab.txt").exists()
