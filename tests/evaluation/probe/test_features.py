import numpy as np
from scipy.sparse import csr_array

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.probe.features import (
    context_of,
    embed_by_ngrams,
    embed_by_states,
    row_features,
    texts_of,
)
from gaupt.evaluation.probe.states import freeze
from gaupt.evaluation.tasks.rows import Choice, Labelled
from tests.evaluation.small import CPU

PAIR = Labelled(None, "0", ("天地", "山水"), "0")
SINGLE = Labelled(None, "0", ("天地",), "0")
CHOICE = Choice(None, "0", "天地", "哪？", ("山", "水"), 0)


def test_two_texts_give_difference_and_product(encoder: Encoder) -> None:
    embed = embed_by_states(freeze(encoder, CPU, 1000), texts_of([PAIR]), 64)
    u, v = embed(["天地"])[0], embed(["山水"])[0]
    np.testing.assert_allclose(row_features([PAIR], embed)[0], np.concatenate([abs(u - v), u * v]), atol=1e-6)
    np.testing.assert_array_equal(row_features([SINGLE], embed)[0], u)


def test_ngrams_give_the_same_design_sparse() -> None:
    embed = embed_by_ngrams(["天地", "山水"])
    features = row_features([PAIR], embed)
    assert isinstance(features, csr_array)
    u, v = embed(["天地"]).toarray()[0], embed(["山水"]).toarray()[0]
    np.testing.assert_allclose(features.toarray()[0], np.concatenate([abs(u - v), u * v]))


def test_choices_give_a_row_each(encoder: Encoder) -> None:
    embed = embed_by_states(freeze(encoder, CPU, 1000), texts_of([CHOICE]), 64)
    assert row_features([CHOICE, CHOICE], embed).shape == (4, 64)


def test_the_context_of_a_blank_is_what_stands_round_it() -> None:
    blank = Choice("#1#", "0", "天" * 99 + "地", "人" + "山" * 99, ("大小多少",), 0, blank=True)
    assert context_of(blank) == "天" * 39 + "地人" + "山" * 39
    assert context_of(CHOICE) == "哪？天地"
