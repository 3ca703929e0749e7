"""RoFormer's words by table and the tokenizers library alike."""

import re
import unicodedata
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaupt.tokenizer import encode_roformer
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.encode import FastEncode
from gaupt.tokenizer.encode_roformer import RoFormerEncode, is_roformer
from gaupt.tokenizer.load import load_tokenizer
from tests.made_documents import small_config
from tests.tokenizer.test_roformer import RARE, SIGNS
from tests.tokenizer.texts import TEXTS
from tests.tokenizer.vocabularies import write_words

LISTS = st.lists(
    st.one_of(TEXTS, st.lists(st.sampled_from((*SIGNS, *RARE)), max_size=8).map("".join)), max_size=4
)


@pytest.fixture(scope="module", params=[{}, {"do_lower_case": False, "strip_accents": False}])
def engines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RoFormerEncode, FastEncode]:
    """The table, and the library."""
    folder = tmp_path_factory.mktemp("roformer")
    public = write_words(folder / "public", tokenizer_class="RoFormerTokenizer", **request.param)
    build_tokenizer(None, folder / "t", small_config(), source=public)
    fast = load_tokenizer(folder / "t").fast
    assert is_roformer(fast)
    return RoFormerEncode(fast), FastEncode(fast)


@pytest.mark.slow
@settings(max_examples=300)
@given(texts=LISTS)
def test_the_table_gives_ids_places_and_offsets_of_the_library(
    engines: tuple[RoFormerEncode, FastEncode], texts: list[str]
) -> None:
    ours, theirs = (engine(texts) for engine in engines)
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.places.tolist() == theirs.places.tolist()
    assert ours.offsets.tolist() == theirs.offsets.tolist()


def test_no_texts_have_no_tokens(engines: tuple[RoFormerEncode, FastEncode]) -> None:
    assert [array.tolist() for array in engines[0]([])] == [[], [], [0]]
    assert [array.tolist() for array in engines[0](["", " "])] == [[], [], [0, 0, 0]]


def test_what_is_forgotten_is_looked_up_again(
    engines: tuple[RoFormerEncode, FastEncode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode_roformer, "_REMEMBERED_WORDS", 2)
    ours, theirs = (engine(["今天天气很好，我们学习语言"]) for engine in engines)
    assert np.array_equal(ours.ids, theirs.ids)


@pytest.mark.slow
@pytest.mark.untraced
def test_every_mark_that_unicode_moves_and_bert_keeps_is_known() -> None:
    every = map(chr, chain(range(0xD800), range(0xE000, 0x110000)))
    moved = {
        character
        for character in every
        for part in unicodedata.normalize("NFD", character)
        if unicodedata.combining(part) and unicodedata.category(part) != "Mn"
    }
    known = vars(encode_roformer)["_REORDERED"]
    assert isinstance(known, re.Pattern)
    assert {character for character in moved if not known.search(character)} == set()
