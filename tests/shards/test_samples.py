from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.shards.samples import SentenceEnds, cut_samples
from gaupt.tokenizer.load import load_tokenizer


@pytest.mark.slow
@given(st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(4, 30), st.randoms())
def test_samples_tile_their_documents_and_fit(lengths: list[int], limit: int, random: object) -> None:
    documents = np.cumsum([0, *lengths])
    draw = np.random.default_rng(random.randrange(1 << 30))  # type: ignore[attr-defined]
    ends, starts = draw.random(documents[-1]) < 0.1, draw.random(documents[-1]) < 0.7
    bounds = cut_samples(ends, starts, documents, limit).astype(np.int64)
    assert set(documents.tolist()) <= set(bounds.tolist())
    assert bounds[0] == 0 and bounds[-1] == documents[-1]
    assert np.diff(bounds).min() > 0 and np.diff(bounds).max() <= limit
    for cut in set(bounds.tolist()) - set(documents.tolist()):
        # Inside a sentence only where no sentence end fits, inside a word only where no word start does.
        first = bounds[np.searchsorted(bounds, cut) - 1]
        if not ends[cut - 1]:
            assert not ends[first + limit // 2 - 1 : first + limit].any() or limit // 2 == 0
            if not starts[cut]:
                assert not starts[first + 1 : first + limit + 1].any()


def test_a_long_document_is_cut_after_sentences() -> None:
    ends = np.zeros(100, np.bool_)
    ends[[9, 19, 39, 49, 79, 99]] = True
    assert cut_samples(ends, np.ones(100, np.bool_), np.array([0, 100]), 30).tolist() == [0, 20, 50, 80, 100]


def test_a_closing_quotation_mark_belongs_to_its_sentence(tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    sentence_ends = SentenceEnds(tokenizer)
    pieces = ["。", "<0x0A>", "！", "]", "？"]
    ids = np.array([tokenizer.fast.token_to_id(piece) for piece in pieces])
    assert sentence_ends.after(ids).tolist() == [True, True, False, True, True]
