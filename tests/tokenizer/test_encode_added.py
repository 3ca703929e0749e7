"""Words cut out of a text by us and by the tokenizers library."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer.convert import from_wordpiece
from gaupt.tokenizer.encode import FastEncode
from gaupt.tokenizer.encode_added import AddedWordsEncode, added_words, without_words
from gaupt.tokenizer.encode_char import CharEncode
from gaupt.tokenizer.special import SPECIAL_TOKENS

VOCAB = [*SPECIAL_TOKENS, "天", "地", "人", "a", "##b", "b", "[", "]", "mask"]


def tokenizer(*words: str) -> FastTokenizer:
    fast = from_wordpiece(VOCAB, True, "test")
    fast.add_tokens([AddedToken(word, normalized=False) for word in words])
    return fast


def encoders(*words: str) -> tuple[AddedWordsEncode, FastEncode]:
    fast = tokenizer(*words)
    return AddedWordsEncode(added_words(fast), SPECIAL_TOKENS, CharEncode(without_words(fast))), FastEncode(
        fast
    )


WORDS = ("天地", "天地人", "地人", "ab天", "B", "MASK", "天 地", "MASK]")


@pytest.mark.parametrize(
    "texts",
    [
        ["天地人地人天天地"],
        ["ab天ab", "", "天地", "abB", "B"],
        ["[MASK]MASK] 天 地\n天地"],
        ["é天地\u0301b", "a" * 120 + "天地人"],
        [],
        [""],
    ],
)
def test_words_are_the_leftmost_and_the_longest(texts: list[str]) -> None:
    ours, theirs = (encode(texts) for encode in encoders(*WORDS))
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.places.tolist() == theirs.places.tolist()
    assert ours.offsets.tolist() == theirs.offsets.tolist()


@pytest.mark.slow
@settings(max_examples=300)
@given(
    texts=st.lists(
        st.lists(st.sampled_from([*WORDS, *VOCAB, " ", "\n", "é", "，", "Ａ"]), max_size=8).map("".join),
        max_size=4,
    )
)
def test_random_texts_are_cut_alike(texts: list[str]) -> None:
    ours, theirs = (encode(texts) for encode in encoders(*WORDS))
    assert [field.tolist() for field in ours] == [field.tolist() for field in theirs]


def test_only_words_that_are_matched_as_written_count() -> None:
    fast = tokenizer("天地")
    fast.add_tokens(
        [AddedToken("人天", normalized=True), AddedToken("ab", single_word=True, normalized=False)]
    )
    assert added_words(fast) == {"天地": len(VOCAB)}
    bare = without_words(fast)
    assert bare.token_to_id("天地") is None and bare.token_to_id("人天") is not None
