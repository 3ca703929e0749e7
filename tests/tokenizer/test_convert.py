"""Vocabularies in the tokenizers library: BERT's way of cutting, and how texts are framed."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models, pre_tokenizers, processors

from gaupt.errors import GauptError
from gaupt.tokenizer.convert import from_wordpiece, with_template
from gaupt.tokenizer.special import SPECIAL_TOKENS
from tests.tokenizer.vocabularies import adopt


def test_a_pair_is_framed_as_ours_whatever_the_template_was(tmp_path: Path) -> None:
    vocab = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "中": 5, "国": 6}
    fast = FastTokenizer(models.WordLevel(vocab, "<unk>"))
    fast.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    fast.save(str(tmp_path / "tokenizer.json"))
    assert adopt(tmp_path / "tokenizer.json", tmp_path / "t").fast.encode("中", "国").ids == [0, 5, 2, 6, 2]


VOCAB = [*SPECIAL_TOKENS, "今", "天", "，", "good", "##s", "Good", "cafe", "café"]


def pieces(fast: FastTokenizer, text: str) -> list[str]:
    found: list[str] = fast.encode(text, add_special_tokens=False).tokens
    return found


def test_chinese_characters_and_punctuation_stand_apart_and_words_in_pieces() -> None:
    fast = from_wordpiece(VOCAB, True, "here")
    assert pieces(fast, "今天，goods 鱻good") == ["今", "天", "，", "good", "##s", "[UNK]", "good"]


@pytest.mark.parametrize(("lowercase", "expected"), [(True, ["good", "cafe"]), (False, ["Good", "café"])])
def test_case_and_accents_are_kept_or_not_as_asked(lowercase: bool, expected: list[str]) -> None:
    assert pieces(from_wordpiece(VOCAB, lowercase, "here"), "Good café") == expected


def test_ids_are_the_places_in_the_list() -> None:
    fast = from_wordpiece(VOCAB[::-1], True, "here")
    assert [fast.token_to_id(piece) for piece in VOCAB] == list(range(len(VOCAB)))[::-1]


def test_a_wordpiece_vocabulary_without_a_special_token_is_refused() -> None:
    with pytest.raises(GauptError, match=r"here has no \[CLS\]"):
        from_wordpiece([piece for piece in VOCAB if piece != "[CLS]"], True, "here")


def test_texts_are_framed_and_all_of_token_type_0() -> None:
    fast = from_wordpiece(VOCAB, True, "here")
    assert fast.encode("今").tokens == ["[CLS]", "今", "[SEP]"]
    pair = fast.encode("今", "天")
    assert pair.tokens == ["[CLS]", "今", "[SEP]", "天", "[SEP]"]
    assert set(pair.type_ids) == {0}


def test_special_tokens_that_are_missing_get_ids_behind_the_last() -> None:
    fast = FastTokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "今": 2}, "[UNK]"))
    fast.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    with_template(fast, "here")
    assert [fast.token_to_id(token) for token in SPECIAL_TOKENS] == [0, 1, 3, 4, 5]
    assert fast.encode("今").ids == [3, 2, 4]
    assert pieces(fast, "今[MASK]今") == ["今", "[MASK]", "今"]
    assert fast.decode([3, 2, 4]) == "今"
