"""Learning a vocabulary: words stay whole, sizes fit the text, and the bytes are the seed's."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from gaupt.config import TokenizerConfig
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.tokenizer import train as training
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.sample import Sample, draw_sample
from gaupt.tokenizer.train import train, train_sentencepiece
from gaupt.tokenizer.words import delimited, load_words
from gaupt.workers import local_crew
from tests.made_documents import make_documents, small_config, text


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe"])
def test_no_piece_crosses_a_word_of_the_corpus(type_: str, tmp_path: Path, documents: Path) -> None:
    build_tokenizer(documents, tmp_path / "t", small_config(type=type_), workers=1)
    tokenizer = load_tokenizer(tmp_path / "t")
    words = load_words()
    ids, starts, _ = tokenizer.encode_words([text(i) for i in range(50)], words)
    multi = [id_ for id_ in set(ids.tolist()) if len(tokenizer.token(id_).lstrip("▁")) > 1]
    chinese = [tokenizer.token(id_) for id_ in multi if not tokenizer.token(id_).isascii()]
    assert chinese
    joined = "".join(text(i) for i in range(300))
    seen = {word for word in __import__("rjieba").cut(joined)}
    assert all(any(piece.lstrip("▁") in word for word in seen) for piece in chinese)
    assert starts.mean() > 0.5


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    make_documents(tmp_path / "clean", 1_200)
    models = []
    for workers in (1, 3):
        output = tmp_path / f"t{workers}"
        build_tokenizer(tmp_path / "clean", output, small_config(vocab_size=520), workers=workers)
        models.append((output / "tokenizer.model").read_bytes())
    assert models[0] == models[1]


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe"])
def test_a_vocabulary_has_as_many_pieces_as_asked_for_or_as_the_text_supports(type_: str) -> None:
    lines = [delimited(text(i), load_words()) for i in range(40)]

    def pieces(size: int) -> list[str]:
        model = SentencePieceProcessor()
        model.LoadFromSerializedProto(
            train_sentencepiece(iter(lines), TokenizerConfig(type=type_, vocab_size=size))
        )
        return [model.IdToPiece(i) for i in range(model.GetPieceSize())]

    most = len(pieces(90_000))
    assert 400 < most < 2_000
    assert len(pieces(most - 1)) == most - 1
    assert pieces(50_000) == pieces(90_000)


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe"])
def test_a_vocabulary_too_small_for_the_characters_is_refused_with_the_smallest(
    type_: str, tmp_path: Path, documents: Path
) -> None:
    with pytest.raises(GauptError, match=r"the smallest possible is \d+"):
        build_tokenizer(documents, tmp_path / "t", small_config(type=type_, vocab_size=300), workers=1)


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "char"])
def test_documents_without_text_are_refused(type_: str, tmp_path: Path) -> None:
    make_documents(tmp_path / "clean", 0)
    with pytest.raises(GauptError, match="clean holds no text"):
        build_tokenizer(tmp_path / "clean", tmp_path / "t", small_config(type=type_))


@pytest.fixture(scope="module")
def unigram() -> SentencePieceProcessor:
    words = load_words()
    lines = (delimited(line, words) for number in range(200) for line in text(number).split("\n"))
    config = TokenizerConfig(vocab_size=480)
    return SentencePieceProcessor(model_proto=train_sentencepiece(lines, config))


def test_special_tokens_have_the_first_ids_and_bytes_are_pieces(unigram: SentencePieceProcessor) -> None:
    assert [unigram.id_to_piece(id_) for id_ in range(5)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert sum(unigram.is_byte(id_) for id_ in range(480)) == 256


def test_scores_are_exact_in_float32_whatever_the_order_of_adding(unigram: SentencePieceProcessor) -> None:
    scores = [unigram.get_score(id_) for id_ in range(unigram.get_piece_size())]
    assert all(score * 256 == round(score * 256) for score in scores)
    assert len(set(scores)) > 20


@pytest.mark.slow
@given(st.text(max_size=30))
def test_a_model_changes_nothing_of_a_text(unigram: SentencePieceProcessor, sample: str) -> None:
    # U+2581 is how sentencepiece writes a space, and reads as one.
    assert unigram.decode(unigram.encode(sample)) == sample.replace("▁", " ")


def test_all_of_ascii_is_covered_by_pieces_of_its_own(unigram: SentencePieceProcessor) -> None:
    for code in range(0x21, 0x7F):
        assert not any(map(unigram.is_byte, unigram.encode(chr(code)))), chr(code)


@pytest.mark.slow
@pytest.mark.parametrize(("type_", "file"), [("unigram", "tokenizer.model"), ("char", "vocab.txt")])
def test_what_was_learnt_says_what_it_is(type_: str, file: str, documents: Path, tmp_path: Path) -> None:
    config = small_config(type=type_, vocab_size=480 if type_ == "unigram" else 200).tokenizer
    with local_crew(1) as crew:
        sample = draw_sample(documents, tmp_path, config, 0, crew, Progress(quiet=True))
    assert 0 < sample.characters < sample.corpus_characters  # line ends are in no line
    vocabulary = train(sample, config, Progress(quiet=True))
    assert (vocabulary.type, vocabulary.file) == (type_, file)
    assert (vocabulary.character_coverage is None) == (type_ == "unigram")


@pytest.mark.slow
def test_learning_from_much_text_is_said_because_it_is_long_and_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_config(type="char").tokenizer
    sample = Sample(90_000, 50_000, (), Counter({"字": 50_000}))
    train(sample, config, Progress())
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(training, "_LONG", 49_999)
    train(sample, config, Progress())
    assert "which takes a minute or so" in capsys.readouterr().err
