import json
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.words import load_words
from tests.made_documents import make_documents, small_config, text


def test_special_tokens_come_first(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    assert [tokenizer.token(i) for i in range(5)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    special = tokenizer.special
    assert (special.pad, special.unk, special.cls, special.sep, special.mask) == (0, 1, 2, 3, 4)


def test_the_folder_is_complete_and_says_how_it_was_made(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_text())
    assert report["vocab_size"] == load_tokenizer(folder).vocab_size
    assert report["sampled_characters"] > 10_000
    assert (folder / "config.toml").exists()
    assert (folder / ("vocab.txt" if report["type"] == "char" else "tokenizer.model")).exists()


def test_decoding_gives_the_text_back(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    if tokenizer.config["gaupt"]["type"] == "char":
        pytest.skip("BERT's normalization loses spaces and case")
    for sample in (text(1000), "未登录字：鱻龘，emoji 😀，制表\t符\r\n", " 前后空格 ", "", "\n\n"):
        assert tokenizer.decode(tokenizer.encode(sample)) == sample


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


def test_the_same_seed_gives_the_same_bytes_however_the_documents_lie(tmp_path: Path) -> None:
    for name, files in (("a", 1), ("b", 4)):
        make_documents(tmp_path / name, 200, files)
        config = small_config(type="char", vocab_size=150, sample_chars=8_000)
        build_tokenizer(tmp_path / name, tmp_path / f"t{name}", config, workers=1)
    assert (tmp_path / "ta/vocab.txt").read_bytes() == (tmp_path / "tb/vocab.txt").read_bytes()


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    make_documents(tmp_path / "clean", 1_200)
    models = []
    for workers in (1, 3):
        output = tmp_path / f"t{workers}"
        build_tokenizer(tmp_path / "clean", output, small_config(vocab_size=520), workers=workers)
        models.append((output / "tokenizer.model").read_bytes())
    assert models[0] == models[1]


def test_the_sample_is_bounded(tmp_path: Path, documents: Path) -> None:
    config = small_config(type="char", vocab_size=150, sample_chars=5_000)
    report = build_tokenizer(documents, tmp_path / "t", config, workers=1)
    assert report["sampled_characters"] == pytest.approx(5_000, rel=0.2)
    assert report["corpus_characters"] > 20_000


@pytest.mark.parametrize("type_", ["unigram", "bpe", "char"])
def test_a_vocabulary_larger_than_the_text_supports_is_refused_with_the_largest(
    type_: str, tmp_path: Path, documents: Path
) -> None:
    with pytest.raises(GauptError, match=r"the largest possible is \d+"):
        build_tokenizer(documents, tmp_path / "t", small_config(type=type_, vocab_size=90_000), workers=1)
    message = ""
    try:
        build_tokenizer(
            documents, tmp_path / "t", small_config(type=type_, vocab_size=90_000), workers=1, overwrite=True
        )
    except GauptError as error:
        message = str(error)
    largest = int(message.rsplit(" ", 1)[1])
    report = build_tokenizer(
        documents, tmp_path / "t", small_config(type=type_, vocab_size=largest), workers=1, overwrite=True
    )
    assert report["vocab_size"] == largest


@pytest.mark.parametrize("type_", ["unigram", "bpe"])
def test_a_vocabulary_too_small_for_the_characters_is_refused_with_the_smallest(
    type_: str, tmp_path: Path, documents: Path
) -> None:
    with pytest.raises(GauptError, match=r"the smallest possible is \d+"):
        build_tokenizer(documents, tmp_path / "t", small_config(type=type_, vocab_size=300), workers=1)


def test_a_second_call_does_nothing_and_another_config_is_refused(tmp_path: Path, documents: Path) -> None:
    config = small_config(type="char", vocab_size=200)
    build_tokenizer(documents, tmp_path / "t", config, workers=1)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "t").iterdir()}
    build_tokenizer(documents, tmp_path / "t", config, workers=1)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "t").iterdir() if path.name != ".lock"} == {
        path: time for path, time in before.items() if path.name != ".lock"
    }
    with pytest.raises(GauptError, match="vocab_size 200 -> 210"):
        build_tokenizer(documents, tmp_path / "t", small_config(type="char", vocab_size=210), workers=1)


@pytest.mark.parametrize("type_", ["unigram", "char"])
def test_documents_without_text_are_refused(type_: str, tmp_path: Path) -> None:
    make_documents(tmp_path / "clean", 0)
    with pytest.raises(GauptError, match="clean holds no text"):
        build_tokenizer(tmp_path / "clean", tmp_path / "t", small_config(type=type_))


def test_an_incomplete_folder_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="not a complete tokenizer folder"):
        load_tokenizer(tmp_path)
