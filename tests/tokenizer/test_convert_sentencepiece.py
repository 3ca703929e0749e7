"""sentencepiece models in the tokenizers library."""

from pathlib import Path

import pytest
from hypothesis import given
from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.tokenizer.convert_sentencepiece import from_sentencepiece
from tests.tokenizer.texts import TEXTS
from tests.tokenizer.vocabularies import adopt, has_special_name, learn, sentencepiece_of


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"model_type": "bpe", "byte_fallback": True, "user_defined_symbols": ["<br>"]},
        {"model_type": "char", "vocab_size": 120},
        {"normalization_rule_name": "identity", "remove_extra_whitespaces": False},
        {"pad_id": 3, "user_defined_symbols": ["<mask>", "年"]},
    ],
)
def test_a_sentencepiece_model_of_others_keeps_its_normalization(
    options: dict[str, object], lines: list[str], tmp_path: Path
) -> None:
    original = learn(lines, tmp_path / "spiece.model", **options)
    adopted = adopt(tmp_path, tmp_path / "t")
    odd = ["  两 个  空格 ", "Ｐｙｔｈｏｎ\t①", "生僻字鱻", "", " ", "第1年", "a\u3000b"]
    # Its scores are not rounded: of two segmentations equally good in float32 either may be chosen.
    different = [line for line in [*lines, *odd] if original.encode(line) != adopted.encode(line)]
    assert len(different) <= 0.01 * len(lines) and not set(different) & set(odd)
    sample = lines[7].replace(" ", "")[:-1]  # but for the question mark, which NFKC changes
    assert adopted.decode(adopted.encode(sample)) == sample


def test_a_sentencepiece_model_of_whole_words_is_refused(lines: list[str], tmp_path: Path) -> None:
    learn(lines, tmp_path / "spiece.model", model_type="word", hard_vocab_limit=False)
    with pytest.raises(GauptError, match="of whole words"):
        adopt(tmp_path, tmp_path / "t")


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def others(
    request: pytest.FixtureRequest, lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model of somebody else, with a [MASK] that text matches, as ALBERT's."""
    path = tmp_path_factory.mktemp("others") / "spiece.model"
    learn(
        lines,
        path,
        model_type=request.param,
        user_defined_symbols=["[MASK]", "[CLS]"],
        required_chars="[MASK]",
    )
    return path


def test_special_tokens_get_our_names_and_those_missing_ids_behind_the_last(others: Path) -> None:
    fast = from_sentencepiece(others.read_bytes(), "here")
    names = ("[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]")
    # <s> stays: there is a [CLS] already.
    assert [fast.token_to_id(name) for name in names] == [0, 4, 2, 3, 400]
    assert fast.token_to_id("<s>") == 1 and fast.get_vocab_size() == 401


def test_a_corpus_does_not_match_special_tokens(others: Path) -> None:
    fast = from_sentencepiece(others.read_bytes(), "here")
    assert 3 in fast.encode("一[MASK]", add_special_tokens=False).ids
    fast.encode_special_tokens = True
    assert 3 not in fast.encode("一[MASK]", add_special_tokens=False).ids


def of_ours(folder: Path) -> FastTokenizer | None:
    path = folder / "tokenizer.model"
    return from_sentencepiece(path.read_bytes(), "here") if path.exists() else None


@pytest.mark.slow
@given(sample=TEXTS)
def test_a_model_of_ours_gives_sentencepieces_ids_and_the_text_back(folder: Path, sample: str) -> None:
    fast = of_ours(folder)
    if fast is None or has_special_name(sample):
        return
    ids = fast.encode(sample, add_special_tokens=False).ids
    assert ids == sentencepiece_of(folder).encode(sample)
    assert fast.decode(ids) == sample.replace("▁", " ")


def test_the_name_of_a_byte_is_text(folder: Path) -> None:
    fast = of_ours(folder)
    if fast is not None:
        assert fast.token_to_id("<0x41>") not in fast.encode("<0x41>", add_special_tokens=False).ids


@pytest.mark.slow
def test_spaces_at_the_end_of_words_are_refused(lines: list[str], tmp_path: Path) -> None:
    learn(lines, tmp_path / "m.model", treat_whitespace_as_suffix=True)
    with pytest.raises(GauptError, match="here is a sentencepiece model of whole words, or with spaces at"):
        from_sentencepiece((tmp_path / "m.model").read_bytes(), "here")
