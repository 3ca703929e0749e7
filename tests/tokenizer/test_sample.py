"""The sample that a vocabulary is learnt from."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.documents import read_documents
from gaupt.progress import Progress
from gaupt.tokenizer import sample as sampling
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.char import count_words
from gaupt.tokenizer.sample import count_characters, draw_sample, sample_lines
from gaupt.tokenizer.words import DELIMITER, delimited, load_words
from gaupt.workers import local_crew
from tests.made_documents import documents_of, make_documents, small_config


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_however_the_documents_lie(tmp_path: Path) -> None:
    for name, files in (("a", 1), ("b", 4)):
        make_documents(tmp_path / name, 200, files)
        config = small_config(type="char", vocab_size=150, sample_chars=8_000)
        build_tokenizer(tmp_path / name, tmp_path / f"t{name}", config, workers=1)
    assert (tmp_path / "ta/vocab.txt").read_bytes() == (tmp_path / "tb/vocab.txt").read_bytes()


@pytest.mark.option("tokenizer.sample_chars")
@pytest.mark.parametrize("characters", [5_000, 10_000])
def test_the_sample_is_bounded(characters: int, tmp_path: Path, documents: Path) -> None:
    config = small_config(type="char", vocab_size=150, sample_chars=characters)
    report = build_tokenizer(documents, tmp_path / "t", config, workers=1)
    assert report["sampled_characters"] == pytest.approx(characters, rel=0.2)
    assert report["corpus_characters"] > 20_000


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("type_", ["unigram", "char"])
def test_workers_draw_the_lines_that_one_process_would(
    workers: int, type_: str, documents: Path, tmp_path: Path
) -> None:
    characters = sum(len(document.text) for document in read_documents(documents))
    config = small_config(type=type_, sample_chars=characters // 3).tokenizer
    with local_crew(workers) as crew:
        sample = draw_sample(documents, tmp_path, config, 5, crew, Progress(quiet=True))
    lines = list(sample_lines(documents, characters, characters // 3, 5))
    assert sample.corpus_characters == count_characters(documents) == characters
    assert sample.characters == sum(map(len, lines))
    if type_ == "char":
        expected = count_words(lines, config.lowercase)
        assert list(sample.words.items()) == list(
            expected.items()
        )  # in their order, which decides between equals
        assert list(sample.lines()) == []
    else:
        assert [line.replace(DELIMITER, "") for line in sample.lines()] == lines
        assert list(sample.lines()) == [delimited(line, load_words()) for line in lines]


def test_what_was_drawn_is_not_drawn_again(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small_config().tokenizer
    with local_crew(1) as crew:
        first = draw_sample(documents, tmp_path, config, 5, crew, Progress(quiet=True))
        monkeypatch.setattr(sampling, "read_documents", lambda file: 1 // 0)
        assert draw_sample(documents, tmp_path, config, 5, crew, Progress(quiet=True)) == first


def all_lines(documents: Path) -> list[str]:
    return [line for document in read_documents(documents) for line in document.text.split("\n")]


def test_a_corpus_that_is_no_larger_than_wanted_is_taken_whole_in_its_order(documents: Path) -> None:
    characters = count_characters(documents)
    assert list(sample_lines(documents, characters, characters, seed=0)) == all_lines(documents)


def test_empty_lines_are_no_lines(tmp_path: Path) -> None:
    documents_of(tmp_path, "一\n\n二\n")
    assert list(sample_lines(tmp_path, 5, 5, 0)) == ["一", "二"]


@pytest.mark.slow
@given(seed=st.integers(0, 2**32), share=st.floats(0, 1, exclude_max=True))
def test_a_larger_sample_holds_the_smaller_one(documents: Path, seed: int, share: float) -> None:
    small = list(sample_lines(documents, 1_000_000, int(share * 500_000), seed))
    large = iter(sample_lines(documents, 1_000_000, int(share * 500_000) + 100_000, seed))
    assert all(line in large for line in small)  # in order: each is sought behind the one before it


@pytest.mark.option("seed")
def test_lines_are_drawn_evenly_and_by_the_seed(documents: Path) -> None:
    lines, characters = all_lines(documents), count_characters(documents)
    samples = [list(sample_lines(documents, characters, characters // 4, seed)) for seed in (0, 1)]
    assert samples[0] != samples[1]
    for sample in samples:
        assert len(sample) / len(lines) == pytest.approx(0.25, abs=0.06)
