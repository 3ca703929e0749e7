import json
from pathlib import Path

import pytest

from gaupt.config import read_config
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.tokenizer import sample as sampling
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import Tokenizer, load_tokenizer
from tests.made_documents import documents_of, small_config, text


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


@pytest.mark.slow
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


def build(folder: Path, content: str, **options: object) -> Tokenizer:
    """The tokenizer of a text, with these options of [tokenizer]."""
    documents_of(folder / "clean", content)
    output = folder / "-".join(map(str, options.values())).replace("/", "-")
    build_tokenizer(folder / "clean", output, small_config(**options), workers=1)
    return load_tokenizer(output)


def pieces(tokenizer: Tokenizer, content: str) -> str:
    """The pieces of a text with bars between them, without the signs of a vocabulary for the inside of a word."""
    return "|".join(tokenizer.token(id_).removeprefix("##") for id_ in tokenizer.encode(content))


WORDS = "他在研究语言模型和文本处理。\n" * 40


@pytest.mark.slow
@pytest.mark.option("tokenizer.type")
@pytest.mark.parametrize(("type_", "found"), [("char", "计|算|机"), ("bpe", "计算机"), ("unigram", "计算机")])
def test_a_piece_is_a_character_or_part_of_a_word(type_: str, found: str, tmp_path: Path) -> None:
    many = "\n".join(text(number) for number in range(200))
    assert pieces(build(tmp_path, many, type=type_, vocab_size=540), "计算机") == found


@pytest.mark.slow
@pytest.mark.option("tokenizer.vocab_size")
@pytest.mark.parametrize("size", [150, 151])
def test_there_are_as_many_pieces_as_asked_for(size: int, documents: Path, tmp_path: Path) -> None:
    report = build_tokenizer(documents, tmp_path / "t", small_config(type="char", vocab_size=size), workers=1)
    assert report["vocab_size"] == load_tokenizer(tmp_path / "t").vocab_size == size


@pytest.mark.slow
@pytest.mark.option("tokenizer.words", "tokenizer.user_dictionary")
@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
@pytest.mark.untraced
def test_no_piece_crosses_the_end_of_a_word_of_the_dictionary_or_of_ones_own(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, load_words = [], sampling.load_words
    monkeypatch.setattr(
        sampling, "load_words", lambda engine, own: used.append(engine) or load_words(engine, own)
    )
    (tmp_path / "own.txt").write_text("研究语言\n", encoding="utf-8")
    options = {"type": "bpe", "vocab_size": 420, "words": engine}
    assert pieces(build(tmp_path, WORDS, **options), "研究语言") == "研究|语言"
    own = build(tmp_path, WORDS, **options, user_dictionary=str(tmp_path / "own.txt"))
    assert pieces(own, "研究语言") == "研究语言"
    assert set(used) == {engine}


@pytest.mark.option("tokenizer.character_coverage")
@pytest.mark.parametrize(("coverage", "found"), [(0.999, "龘"), (0.98, "<0xE9>|<0xBE>|<0x98>")])
def test_a_character_beyond_the_share_to_be_covered_is_bytes(
    coverage: float, found: str, tmp_path: Path
) -> None:
    rare = build(tmp_path, "数据" * 50 + "龘", type="bpe", vocab_size=400, character_coverage=coverage)
    assert pieces(rare, "龘") == found


@pytest.mark.option("tokenizer.lowercase")
@pytest.mark.parametrize(("lowercase", "found"), [(True, "cafe"), (False, "Café")])
def test_letters_are_lowered_and_lose_their_accents_where_asked_for(
    lowercase: bool, found: str, tmp_path: Path
) -> None:
    tokenizer = build(
        tmp_path, "街角的 Café 里人很多。\n" * 20, type="char", vocab_size=120, lowercase=lowercase
    )
    assert pieces(tokenizer, "Café").replace("|", "") == found


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe", "char"])
def test_a_text_that_supports_fewer_pieces_than_asked_for_gets_those_and_says_so(
    type_: str, tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_config(type=type_, vocab_size=90_000)
    report = build_tokenizer(documents, tmp_path / "t", config, workers=1, progress=Progress())
    size = report["vocab_size"]
    assert size == load_tokenizer(tmp_path / "t").vocab_size < 90_000
    told = f"vocabulary: {size:,} pieces, as many as this text supports (90,000 asked)\n"
    assert told in capsys.readouterr().err
    assert read_config(tmp_path / "t" / "config.toml").tokenizer.vocab_size == size
    # The folder is still the one that was asked for, and what fits is said nothing about.
    assert build_tokenizer(documents, tmp_path / "t", config, workers=1) == report
    fits = small_config(type=type_, vocab_size=size - 1)
    build_tokenizer(documents, tmp_path / "u", fits, workers=1, progress=Progress())
    assert "as many as this text supports" not in capsys.readouterr().err


def test_a_config_names_no_smaller_vocabulary_than_one_may_ask_for(tmp_path: Path) -> None:
    documents_of(tmp_path / "clean", "春眠不觉晓")
    report = build_tokenizer(tmp_path / "clean", tmp_path / "t", small_config(type="char"), workers=1)
    assert report["vocab_size"] == 10
    assert read_config(tmp_path / "t" / "config.toml").tokenizer.vocab_size == 32
