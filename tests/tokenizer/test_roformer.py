"""RoFormer's vocabulary of words: transformers' own tokenizer is the reference."""

import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models

from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.encode_roformer import RoFormerEncode
from gaupt.tokenizer.load import copy_tokenizer, load_tokenizer, verify
from gaupt.tokenizer.roformer import WordSplit, split_by_words
from tests.made_documents import WORDS, small_config, text
from tests.tokenizer.test_agreement import from_transformers
from tests.tokenizer.texts import LATIN, ODD
from tests.tokenizer.vocabularies import ROFORMER_PIECES, adopt, write_words

SIGNS = (
    "[MASK]",
    "[UNK]",
    "[unused1]",
    "C++",
    "3.14",
    "T恤",
    "##",
    "İ",
    "ς",
    "ﬁ",
    "Model",
    "TRAINING",
    "①",
    "……",
    "👨‍👩‍👧",
)
RARE = ("豈", "龘", "𠮷", "각", "か\u3099", "\u302e", "ﷺ", "\u3000", "\ufffd", "\r\n", "́", "カタカナ", "😀")


def random_texts(count: int) -> list[str]:
    """Texts of words, Latin, digits, accents, spaces, rare signs, and any others."""
    draw = random.Random(0)

    def anything() -> str:
        return chr(
            draw.choice(
                [draw.randrange(32, 0x3000), draw.randrange(0x4E00, 0x9FFF), draw.randrange(0xE000, 0x11000)]
            )
        )

    parts = (WORDS, WORDS, LATIN, ODD, SIGNS, RARE, ROFORMER_PIECES)
    return [
        "".join(draw.choice([*map(draw.choice, parts), anything()]) for _ in range(draw.randrange(1, 20)))
        for _ in range(count)
    ]


TEXTS = [*random_texts(400), *map(text, range(5))]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tokenizer that a RoFormer's folder gives."""
    folder = tmp_path_factory.mktemp("roformer")
    build_tokenizer(None, folder / "t", small_config(), source=write_words(folder / "public"))
    return folder / "t"


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"do_lower_case": False}, {"strip_accents": False}])
def test_transformers_own_gives_our_ids(options: dict[str, object], tmp_path: Path) -> None:
    public = write_words(tmp_path / "public", tokenizer_class="RoFormerTokenizer", **options)
    tokenizer = adopt(public, tmp_path / "t")
    own = from_transformers(tmp_path / "t")
    assert type(own).__name__.startswith("RoFormerTokenizer")
    for sample in TEXTS:
        encoded = own(sample, add_special_tokens=False, return_offsets_mapping=True)
        assert tokenizer.encode(sample) == encoded["input_ids"], sample
        ours = tokenizer.fast.encode(sample, add_special_tokens=False)
        assert ours.ids == encoded["input_ids"], sample
        assert ours.offsets == [tuple(span) for span in encoded["offset_mapping"]], sample


def test_words_of_the_vocabulary_stay_whole_and_others_are_cut_as_bert_does(words: Path) -> None:
    tokenizer = load_tokenizer(words)
    tokens = [tokenizer.token(id_) for id_ in tokenizer.encode("今天天气，北京和上下 Models[MASK]")]
    assert tokens == ["今天天气", "，", "北京", "[UNK]", "上", "[UNK]", "model", "##s", "[MASK]"]
    assert tokenizer.decode(tokenizer.encode("今天天气")) == "今天天气"


@pytest.mark.slow
def test_copies_and_extensions_are_read_alike(words: Path, tmp_path: Path) -> None:
    original = load_tokenizer(words)
    copy_tokenizer(words, tmp_path / "copy")
    assert list(verify(tmp_path / "copy")) == ["", "", ""]
    again = adopt(tmp_path / "copy", tmp_path / "again")
    assert again.fingerprint == original.fingerprint
    assert [again.encode(sample) for sample in TEXTS] == [original.encode(sample) for sample in TEXTS]
    (tmp_path / "words.txt").write_text("打工人\nhello\n中国\n", encoding="utf-8")
    build_tokenizer(None, tmp_path / "t", small_config(), source=words, words=tmp_path / "words.txt")
    longer, own = load_tokenizer(tmp_path / "t"), from_transformers(tmp_path / "t")
    pieces = [longer.token(id_) for id_ in longer.encode("中国打工人说hello世界")]
    assert pieces[:3] == ["中国", "打工人", "[UNK]"] and "hello" in pieces
    for sample in (*TEXTS, "中国打工人说hello世界"):
        assert longer.encode(sample) == own(sample, add_special_tokens=False)["input_ids"], sample


def test_it_is_encoded_by_table_with_words_of_others_cut_out(words: Path) -> None:
    assert isinstance(load_tokenizer(words).encode_places, RoFormerEncode)


def test_the_parts_of_words_leave_spaces_out() -> None:
    split = WordSplit({"天气"})
    assert split.cut("天气 ab") == ["天气", " ", "ab"]
    assert [split.parts(word) for word in ("天气", " ", "ab", "气候x")] == [
        [(0, 2)], [], [(0, 2)], [(0, 1), (1, 2), (2, 3)]
    ]  # fmt: skip


def test_only_a_wordpiece_of_berts_can_be_split_by_words() -> None:
    with pytest.raises(ValueError, match="WordPiece with BERT's normalization"):
        split_by_words(FastTokenizer(models.BPE({}, [])))
