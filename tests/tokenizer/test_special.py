"""The five special tokens under our names and others'."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.errors import GauptError
from gaupt.tokenizer.special import SPECIAL_TOKENS, SpecialIds, our_names, special_ids


def test_names_of_others_become_ours() -> None:
    assert our_names({"<s>", "</s>", "<pad>", "<unk>", "<mask>", "中"}) == {
        "<s>": "[CLS]",
        "</s>": "[SEP]",
        "<pad>": "[PAD]",
        "<unk>": "[UNK]",
        "<mask>": "[MASK]",
    }


def test_a_token_that_has_our_name_already_takes_no_other() -> None:
    assert our_names({"[MASK]", "<mask>", "<pad>"}) == {"<pad>": "[PAD]"}
    assert our_names(set(SPECIAL_TOKENS)) == {}


def test_of_several_names_of_a_token_the_first_that_is_known_counts() -> None:
    assert our_names({"<|endoftext|>", "<sep>", "<eos>"}) == {"<sep>": "[SEP]"}
    assert our_names({"<|endoftext|>"}) == {"<|endoftext|>": "[SEP]"}


@given(st.permutations(range(100, 105)))
def test_ids_are_looked_up_by_name(ids: list[int]) -> None:
    vocab = dict(zip(SPECIAL_TOKENS, ids, strict=True))
    assert special_ids(vocab.get, "here") == SpecialIds(*ids)


def test_an_id_of_zero_is_an_id() -> None:
    assert special_ids(dict(zip(SPECIAL_TOKENS, range(5), strict=True)).get, "here").pad == 0


def test_every_token_that_is_missing_is_named() -> None:
    with pytest.raises(GauptError, match=r"the vocabulary in here has no \[PAD\], \[MASK\]; a masked LM"):
        special_ids({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}.get, "here")
