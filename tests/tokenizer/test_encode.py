"""Token ids and the characters where tokens begin: sentencepiece and the tokenizers library alike."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer.encode import Encoded, FastEncode, SentencePieceEncode, plain_copy
from gaupt.tokenizer.load import load_tokenizer
from tests.tokenizer.texts import TEXTS
from tests.tokenizer.vocabularies import load_once, sentencepiece_of

LISTS = st.lists(TEXTS, max_size=4)


@pytest.fixture(scope="module")
def model(tokenizer_folder: Path) -> SentencePieceEncode:
    """A unigram model of ours."""
    return SentencePieceEncode(sentencepiece_of(tokenizer_folder))


def texts_of(encoded: Encoded, joined: str) -> list[str]:
    """The part of the joined texts that each token begins, up to the next one; empty inside a character."""
    begins = encoded.places >= 0
    stops = np.append(encoded.places[begins][1:], len(joined)).tolist()
    parts = iter(zip(encoded.places[begins].tolist(), stops, strict=True))
    return [joined[slice(*next(parts))] if begin else "" for begin in begins.tolist()]


@pytest.mark.slow
@given(texts=LISTS)
def test_tokens_cover_the_texts_in_order_and_begin_where_they_stand(
    model: SentencePieceEncode, tokenizer_folder: Path, texts: list[str]
) -> None:
    encoded, joined = model(texts), "".join(texts)
    parts = texts_of(encoded, joined)
    assert "".join(parts) == joined
    processor = sentencepiece_of(tokenizer_folder)
    for id_, part in zip(encoded.ids.tolist(), parts, strict=True):
        piece = processor.id_to_piece(id_)
        if processor.is_byte(id_):
            byte = int(piece[1:-1], 16)
            assert part.encode()[:1] in (b"", bytes([byte]))
        else:
            assert part.replace(" ", "▁") == piece


@pytest.mark.slow
@given(texts=LISTS)
def test_several_texts_are_encoded_as_each_alone(model: SentencePieceEncode, texts: list[str]) -> None:
    encoded, before = model(texts), 0
    assert len(encoded.offsets) == len(texts) + 1
    for number, text in enumerate(texts):
        alone = model([text])
        part = slice(*encoded.offsets[number : number + 2])
        assert encoded.ids[part].tolist() == alone.ids.tolist()
        assert encoded.places[part].tolist() == [p + before if p >= 0 else -1 for p in alone.places.tolist()]
        before += len(text)


def test_no_text_and_empty_texts_have_no_tokens(model: SentencePieceEncode) -> None:
    assert model([]).offsets.tolist() == [0]
    encoded = model(["", ""])
    assert (encoded.ids.tolist(), encoded.places.tolist(), encoded.offsets.tolist()) == ([], [], [0, 0, 0])


def test_many_lines_are_encoded_as_few(model: SentencePieceEncode) -> None:
    """From 50 lines on sentencepiece is called once for all of them."""
    for count in (49, 50, 51):
        lines = [f"第{number}行，鱻" for number in range(count)]
        together = model(["\n".join(lines)])
        alone = [id_ for line in lines for id_ in [*model([line]).ids.tolist(), *model(["\n"]).ids.tolist()]]
        assert together.ids.tolist() == alone[: -len(model(["\n"]).ids)]


def test_bytes_of_a_character_but_the_first_are_inside_it(model: SentencePieceEncode) -> None:
    encoded = model(["鱻😀é"])
    assert encoded.places.tolist() == [0, -1, -1, 1, -1, -1, -1, 2, -1]


@pytest.mark.slow
@given(texts=LISTS)
def test_the_tokenizers_library_gives_the_same(folder: Path, texts: list[str]) -> None:
    tokenizer = load_once(folder)
    ours, theirs = tokenizer.encode_places(texts), FastEncode(tokenizer.fast)(texts)
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.offsets.tolist() == theirs.offsets.tolist()
    if tokenizer.config["gaupt"]["type"] != "unigram":
        assert ours.places.tolist() == theirs.places.tolist()


def test_a_copy_reads_special_names_as_text_and_neither_cuts_nor_pads(tokenizer_folder: Path) -> None:
    original = load_tokenizer(tokenizer_folder).fast
    original.enable_truncation(2)
    original.enable_padding(length=9)
    copy = plain_copy(original)
    assert isinstance(copy, FastTokenizer)
    ids = copy.encode("[MASK]", add_special_tokens=False).ids
    assert 4 not in ids and copy.decode(ids) == "[MASK]"
    # The original stays as it is.
    assert original.encode("[MASK]", add_special_tokens=False).ids == [4, *[0] * 8]


def test_the_bytes_of_several_unknown_characters_begin_at_each(tokenizer_folder: Path) -> None:
    fast = FastTokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
    texts = ["天鱻龘\U000f0000é气", "", "鱻", "鱻é"]
    ours, theirs = FastEncode(fast)(texts), SentencePieceEncode(sentencepiece_of(tokenizer_folder))(texts)
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.places.tolist() == theirs.places.tolist()
