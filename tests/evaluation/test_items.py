"""Sequences: what is cut, and where the second text starts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import join, pieces

LENGTHS = st.integers(0, 30)


def test_pieces_know_their_characters(encoder: Encoder) -> None:
    (piece,) = pieces(encoder, ["天ab 地"])
    assert piece.places == [(0, 1), (1, 2), (2, 3), (4, 5)]
    assert piece.cut(1, 3).places == [(1, 2), (2, 3)]


def test_a_text_that_the_vocabulary_has_no_token_for_is_refused(encoder: Encoder) -> None:
    model = WordPiece({"天": 0}, unk_token="[UNK]")
    with pytest.raises(GauptError, match=r"the tokenizer of .* cannot read the texts"):
        pieces(replace(encoder, tokenizer=Tokenizer(model)), ["地"])


def test_one_text_and_two(encoder: Encoder) -> None:
    one = join(encoder, [7, 8], None, 16)
    assert (one.ids, one.second) == ([encoder.cls, 7, 8, encoder.sep], 4)
    two = join(encoder, [7, 8], [9], 16)
    assert (two.ids, two.second) == ([encoder.cls, 7, 8, encoder.sep, 9, encoder.sep], 4)


def test_the_longer_text_gives_way(encoder: Encoder) -> None:
    keywords, abstract = [7] * 4, [9] * 40
    assert join(encoder, keywords, abstract, 20).ids.count(7) == 4
    assert join(encoder, abstract, keywords, 20).ids.count(7) == 4


@pytest.mark.slow
@given(LENGTHS, LENGTHS, st.integers(8, 40))
def test_what_fits_is_whole_and_what_does_not_fills_the_limit(
    encoder: Encoder, a: int, b: int, limit: int
) -> None:
    tokens = join(encoder, [7] * a, [9] * b, limit)
    assert len(tokens.ids) == min(limit, a + b + 3)
    kept = tokens.ids.count(7), tokens.ids.count(9)
    assert kept[0] == a or kept[1] == b or abs(kept[0] - kept[1]) <= 1
    assert tokens.second == kept[0] + 2
