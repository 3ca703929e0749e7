import os
from pathlib import Path

import pytest

from gaupt.corpus.documents import read_documents
from gaupt.errors import GauptError
from gaupt.tokenizer import quality
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import Tokenizer, load_tokenizer
from gaupt.tokenizer.quality import Piece, cut, measure, some_lines, text_lines
from gaupt.tokenizer.words import load_words
from tests.made_documents import small_config


@pytest.fixture
def chars(tmp_path: Path) -> Tokenizer:
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"我们爱中国，", "good", "##s", "a"]
    (tmp_path / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    build_tokenizer(None, tmp_path / "t", small_config(), source=tmp_path / "vocab.txt")
    return load_tokenizer(tmp_path / "t")


def test_the_figures_are_counts(chars: Tokenizer) -> None:
    quality = measure(chars, ["我们爱 goods", "鱻，a"], load_words())
    # 我 们 爱 good ##s | [UNK] ， a
    assert quality.characters == 12
    assert quality.tokens == 8
    assert quality.characters_per_token == 1.5
    assert quality.unknown_share == 1 / 8
    assert quality.coverage == 10 / 11  # spaces aside
    # 我们 爱 goods 鱻 ， a: one token each, but for 我们, goods and 鱻
    assert quality.words_of_one_token == 3 / 6
    assert quality.long_words_of_one_token == 0
    assert quality.longest[:2] == ["good", "##s"]


def test_a_whole_word_is_one_token(chars: Tokenizer) -> None:
    assert measure(chars, ["good，我"], load_words()).long_words_of_one_token == 1


def test_a_line_is_cut_into_pieces_that_say_whether_they_go_on_a_word(chars: Tokenizer) -> None:
    pieces = cut(chars, "我们爱 goods鱻", load_words())
    assert pieces == [
        Piece("我", False, True),
        Piece("们", True, True),
        Piece("爱", False, True),
        Piece("good", False, True),
        Piece("s", True, True),
        Piece("鱻", False, False),
    ]


@pytest.mark.slow
def test_the_bytes_of_a_character_are_one_piece(tokenizer_folder: Path) -> None:
    pieces = cut(load_tokenizer(tokenizer_folder), "鱻", load_words())
    assert [piece.text for piece in pieces if piece.text] == ["鱻"]
    assert not pieces[-1].known


def test_a_look_at_a_corpus_takes_the_first_lines_of_files_all_over_it(documents: Path) -> None:
    assert [*some_lines(documents)] == [
        line for document in read_documents(documents) for line in document.text.split("\n")
    ]


def test_a_look_at_a_large_corpus_is_bounded(documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "SAMPLE_CHARACTERS", 500)
    first = next(iter(read_documents(documents)))
    lines = [*some_lines(documents)]
    assert (
        len(first.text)
        <= sum(map(len, lines))
        < 500 + 2 * max(len(d.text) for d in read_documents(documents))
    )


def test_no_text_is_refused(chars: Tokenizer) -> None:
    with pytest.raises(GauptError, match="no text"):
        measure(chars, ["", ""], load_words())


def test_text_is_read_from_a_file_or_from_documents(documents: Path, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("一行\n二行", encoding="utf-8")
    assert list(text_lines(path)) == ["一行", "二行"]
    assert len(list(text_lines(documents))) > 300
    path.write_bytes("一行".encode("gb18030"))
    with pytest.raises(GauptError, match="not UTF-8"):
        text_lines(path)
    with pytest.raises(GauptError, match="cannot read"):
        text_lines(tmp_path / "nowhere.txt")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GauptError, match="pipe is a pipe or a device"):
        text_lines(tmp_path / "pipe")
