"""Our encoder, the tokenizers library through transformers, and sentencepiece give the same ids."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from gaupt.files import read_jsonl_zst
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from tests.made_documents import documents_of, small_config, text
from tests.tokenizer.texts import TEXTS
from tests.tokenizer.vocabularies import has_special_name, load_once, sentencepiece_of


def from_transformers(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(folder)


def corpus_lines(shared: Path, count: int) -> Iterator[str]:
    """Lines of every source of the development corpus, as many of each."""
    files = sorted((shared / "corpus").glob("*.jsonl.zst"))
    for file in files:
        left = count // len(files) + 1
        for record in read_jsonl_zst(file):
            lines = [line for line in record["text"].split("\n") if line.strip()][:left]
            yield from lines
            left -= len(lines)
            if left <= 0:
                break


def test_transformers_gives_our_ids_and_frames_them(folder: Path) -> None:
    tokenizer, other = load_tokenizer(folder), from_transformers(folder)
    for sample in [
        *(text(i) for i in range(500, 560)),
        "",
        "[MASK]是[MASK]",
        "Ａ\tb\r\nc",
        "😀 e\u0301 ▁ \x00",
    ]:
        ids = tokenizer.encode(sample)
        assert other(sample, add_special_tokens=False)["input_ids"] == ids
        assert other(sample)["input_ids"] == [tokenizer.special.cls, *ids, tokenizer.special.sep]
    assert other.mask_token_id == tokenizer.special.mask
    assert other.pad_token_id == tokenizer.special.pad
    assert other("[MASK]")["input_ids"] == [2, 4, 3]


@pytest.mark.slow
@given(sample=TEXTS)
def test_random_text_is_encoded_alike(folder: Path, sample: str) -> None:
    tokenizer = load_once(folder)
    assert tokenizer.encode(sample) == tokenizer.fast.encode(sample, add_special_tokens=False).ids


@pytest.mark.slow
@given(sample=TEXTS)
def test_sentencepiece_gives_our_ids_and_our_text(folder: Path, sample: str) -> None:
    tokenizer = load_once(folder)
    if not (folder / "tokenizer.model").exists():
        return
    if not has_special_name(sample):
        assert sentencepiece_of(folder).encode(sample) == tokenizer.encode(sample)
        # U+2581 is how sentencepiece writes a space, and reads as one.
        assert tokenizer.decode(tokenizer.encode(sample)) == sample.replace("▁", " ")


@pytest.mark.slow
def test_the_public_vocabulary_gives_the_reference_ids(shared: Path, tmp_path: Path) -> None:
    cases = [
        json.loads(line)
        for line in (shared / "parity/tokenizer/cases.jsonl").read_text("utf-8").split("\n")
        if line
    ]
    build_tokenizer(None, tmp_path / "t", small_config(), source=shared / "parity/tokenizer/vocab.txt")
    tokenizer, other = load_tokenizer(tmp_path / "t"), from_transformers(tmp_path / "t")
    assert len(cases) > 500
    for case in cases:
        ids = [tokenizer.special.cls, *tokenizer.encode(case["text"]), tokenizer.special.sep]
        assert ids == case["ids"] == other(case["text"])["input_ids"]


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("kind", ["unigram", "bpe", "public"])
def test_twenty_thousand_lines_of_a_corpus_are_encoded_alike(kind: str, shared: Path, tmp_path: Path) -> None:
    lines = list(corpus_lines(shared, 20_000))[:20_000]
    assert len(lines) == 20_000
    if kind == "public":
        build_tokenizer(None, tmp_path / "t", small_config(), source=shared / "parity/tokenizer/vocab.txt")
    else:
        train_on(lines[::4], tmp_path / "t", kind)
    tokenizer = load_tokenizer(tmp_path / "t")
    theirs = tokenizer.fast.encode_batch(lines, add_special_tokens=False)
    ours = [tokenizer.encode(line) for line in lines]
    assert [encoding.ids for encoding in theirs] == ours
    if kind != "public":
        plain = {line: ids for line, ids in zip(lines, ours, strict=True) if not has_special_name(line)}
        assert sentencepiece_of(tmp_path / "t").encode(list(plain)) == list(plain.values())
        wrong = [line for line, ids in plain.items() if tokenizer.decode(ids) != line]
        assert [line for line in wrong if "▁" not in line] == []


def train_on(lines: list[str], folder: Path, kind: str) -> None:
    clean = documents_of(folder.parent / "clean", "\n".join(lines))
    build_tokenizer(clean, folder, small_config(type=kind, vocab_size=6_000, sample_chars=400_000), workers=2)
