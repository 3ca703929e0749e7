"""Character vocabularies: the most frequent characters first, then pieces of words of other scripts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.errors import GauptError
from gaupt.tokenizer.char import build_vocab, count_words
from gaupt.tokenizer.special import SPECIAL_TOKENS

WORDS = st.dictionaries(
    st.text("abc中国人", min_size=1, max_size=6), st.integers(1, 50), min_size=1, max_size=8
)


def pieces(words: dict[str, int], size: int, coverage: float = 1.0) -> list[str]:
    """What comes after the special tokens."""
    return build_vocab(Counter(words), size, coverage)[0][len(SPECIAL_TOKENS) :]


def test_words_are_counted_as_bert_splits_them() -> None:
    lines = ["中国 Café，good goods!", "good"]
    assert count_words(lines, lowercase=True) == Counter(
        {"中": 1, "国": 1, "cafe": 1, "，": 1, "good": 2, "goods": 1, "!": 1}
    )
    assert count_words(["Café"], lowercase=False) == Counter({"Café": 1})


@pytest.mark.slow
@given(words=WORDS, coverage=st.floats(0.5, 1), data=st.data())
def test_any_size_from_the_smallest_to_the_largest_is_met_exactly(
    words: dict[str, int], coverage: float, data: st.DataObject
) -> None:
    vocab, _ = build_vocab(Counter(words), 10_000, coverage)
    most = len(vocab)
    assert len(set(vocab)) == most < 10_000
    assert build_vocab(Counter(words), most, coverage)[0] == vocab
    size = data.draw(st.integers(len(SPECIAL_TOKENS) + 1, most))
    try:
        vocab, covered = build_vocab(Counter(words), size, coverage)
    except GauptError as error:
        smallest = int(str(error).split(": ")[1].split(" ")[0])
        assert size < smallest
        vocab, covered = build_vocab(Counter(words), size := smallest, coverage)
    assert tuple(vocab[: len(SPECIAL_TOKENS)]) == SPECIAL_TOKENS
    assert len(vocab) == len(set(vocab)) == size
    assert coverage - 1e-9 <= covered <= 1


def test_one_piece_too_few_for_the_characters_is_refused_with_the_number_needed() -> None:
    words = {"中": 5, "ab": 2}  # 中, a and ##b
    assert pieces(words, 8) == ["中", "##b", "a"]
    with pytest.raises(GauptError, match=r"vocab_size = 7 is too small: 8 pieces cover 100\.00%"):
        pieces(words, 7)


def test_characters_come_by_frequency_and_equals_by_themselves() -> None:
    assert pieces({"国": 3, "中": 3, "人": 9}, 8) == ["人", "中", "国"]


def test_a_character_inside_a_word_is_a_piece_of_its_own() -> None:
    assert pieces({"aa": 4, "a": 1}, 7) == ["a", "##a"]


def test_characters_beyond_the_coverage_come_last_and_only_where_there_is_room() -> None:
    words = {"中": 90, "国": 9, "鱻": 1, "ab": 20}
    common = ["中", "##b", "a", "国"]
    assert pieces(words, 9, coverage=0.99) == common
    assert pieces(words, 10, coverage=0.99) == [*common, "ab"]
    assert pieces(words, 11, coverage=0.99) == [*common, "ab", "鱻"]
    assert pieces(words, 12, coverage=0.99) == [*common, "ab", "鱻"]  # there are no more


def test_the_share_covered_counts_characters_where_they_stand() -> None:
    # 98 of 102 characters: b stands 4 times, inside its word alone.
    vocab, covered = build_vocab(Counter({"中": 94, "ab": 4}), 7, 0.95)
    assert vocab[5:] == ["中", "a"] and covered == pytest.approx(98 / 102)


def test_pairs_are_merged_by_frequency_and_never_for_a_single_occurrence() -> None:
    words = {"lower": 5, "low": 3, "xy": 1}
    vocab = pieces(words, 10_000)
    alphabet = {"l", "x", "##o", "##w", "##e", "##r", "##y"}
    merged = [piece for piece in vocab if piece not in alphabet]
    assert merged[0] in ("##ow", "lo")  # 8 times each; then low, 8 times too
    assert {"low", "lower"} <= set(merged) and "xy" not in merged
    assert merged.index("low") < merged.index("lower")


def test_words_with_characters_outside_the_alphabet_give_no_pieces() -> None:
    words = {"ab": 50, "a鱻": 2}
    vocab, _ = build_vocab(Counter(words), 8, 0.97)
    assert vocab[5:] == ["a", "##b", "ab"]
