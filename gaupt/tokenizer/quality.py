"""How well a vocabulary fits a text: the figures that `gaupt inspect` shows."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gaupt.corpus.documents import document_files, read_documents
from gaupt.errors import GauptError
from gaupt.files import check_plain, read_json
from gaupt.tokenizer.load import REPORT, Tokenizer
from gaupt.tokenizer.sample import count_characters, sample_lines
from gaupt.tokenizer.words import WordBounds

SAMPLE_CHARACTERS = 2_000_000
"""Characters of a corpus that a vocabulary is measured on."""
_BLOCK_CHARACTERS = 200_000
_SHOWN = 10
_FILES_LOOKED_INTO = 8


@dataclass(frozen=True)
class Quality:
    """A vocabulary's figures on one text."""

    characters: int
    tokens: int
    characters_per_token: float
    coverage: float
    """Share of the characters that are in the vocabulary: neither unknown nor spelled in bytes."""
    unknown_share: float
    """Share of the tokens that are [UNK]."""
    words_of_one_token: float
    """Share of jieba's words that are one token."""
    long_words_of_one_token: float
    """The same of the words of two characters and more."""
    used: float
    """Share of the vocabulary that occurs in the text."""
    longest: list[str]
    """The longest pieces of the vocabulary that occur in the text."""
    rarest: list[str]
    """The pieces that occur least often, of those that occur."""


@dataclass(frozen=True)
class Piece:
    """What one token is of a text."""

    text: str
    joins: bool
    """Whether it goes on a word."""
    known: bool
    """Neither [UNK] nor spelled in bytes."""


def measure(tokenizer: Tokenizer, lines: Iterable[str], words: WordBounds) -> Quality:
    """Encode ``lines`` and count.

    Raises:
        GauptError: there is no text.
    """
    counts: Counter[int] = Counter()
    characters = spaces = tokens = covered = 0
    words_seen, whole = [0, 0], [0, 0]
    pieces = _pieces(tokenizer)
    is_byte = _bytes_among(pieces)
    for block in _blocks(lines):
        encoded = tokenizer.encode_places(block)
        ids, places = encoded.ids, encoded.places
        counts.update(ids.tolist())
        tokens += len(ids)
        joined = "".join(block)
        characters += len(joined)
        spaces += sum(map(str.isspace, joined))
        # Characters of tokens that are neither unknown nor bytes: up to the next token, spaces aside.
        known = ~(is_byte[ids] | (ids == tokenizer.special.unk))
        token_of = np.full(len(joined), -1)
        begins = places >= 0
        token_of[places[begins]] = np.flatnonzero(begins)
        token_of = np.maximum.accumulate(token_of)
        visible = np.array([not character.isspace() for character in joined], np.bool_) & (token_of >= 0)
        covered += int(known[token_of[visible]].sum())
        # Spaces aside, a word is one token if a token begins with it and the next one with the next word.
        seen_before = np.append(0, np.cumsum(visible))  # visible characters before each
        begun = np.zeros(seen_before[-1] + 1, np.bool_)
        begun[seen_before[places[begins]]] = True
        begun[-1] = True
        begun_before = np.append(0, np.cumsum(begun))
        starts = np.flatnonzero(words(block))
        first, stop = seen_before[starts], seen_before[np.append(starts[1:], len(joined))]
        one = begun[first] & begun[stop] & (begun_before[stop] - begun_before[first] == 1)
        one &= known[token_of[starts]]
        for kind, least in enumerate((1, 2)):
            is_word = stop - first >= least
            words_seen[kind] += int(is_word.sum())
            whole[kind] += int((is_word & one).sum())
    if not tokens:
        raise GauptError("there is no text to measure the vocabulary on")
    seen = [id_ for id_ in counts if not is_byte[id_] and id_ != tokenizer.special.unk]
    return Quality(
        characters=characters,
        tokens=tokens,
        characters_per_token=characters / tokens,
        coverage=covered / max(characters - spaces, 1),
        unknown_share=counts[tokenizer.special.unk] / tokens,
        words_of_one_token=whole[0] / max(words_seen[0], 1),
        long_words_of_one_token=whole[1] / max(words_seen[1], 1),
        used=len(counts) / tokenizer.vocab_size,
        longest=[pieces[id_] for id_ in sorted(seen, key=lambda i: (-len(pieces[i]), i))[:_SHOWN]],
        rarest=[pieces[id_] for id_ in sorted(seen, key=lambda i: (counts[i], i))[:_SHOWN]],
    )


def cut(tokenizer: Tokenizer, line: str, words: WordBounds) -> list[Piece]:
    """``line`` as the tokenizer cuts it; the bytes of a character are one piece."""
    encoded = tokenizer.encode_places([line])
    starts = tokenizer.encode_words([line], words).starts
    known = ~(_bytes_among(_pieces(tokenizer))[encoded.ids] | (encoded.ids == tokenizer.special.unk))
    begins = np.flatnonzero(encoded.places >= 0)
    places = [*encoded.places[begins].tolist(), len(line)]
    return [
        Piece(line[start:stop].strip(), not starts[token], bool(known[token]))
        for token, start, stop in zip(begins.tolist(), places, places[1:], strict=False)
    ]


def corpus_of(tokenizer: Path) -> Path | None:
    """The documents that a tokenizer was built from, where they are still there."""
    try:
        corpus = tokenizer.resolve() / read_json(tokenizer / REPORT)["documents"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Path(os.path.normpath(corpus)) if corpus.is_dir() else None


def some_lines(documents: Path) -> Iterator[str]:
    """The first lines of a few files of documents, spread over a corpus: a look that takes no longer at a large one.

    Raises:
        GauptError: the documents are missing or damaged.
    """
    files = document_files(documents)
    chosen = files[:: -(-len(files) // _FILES_LOOKED_INTO)]
    for file in chosen:
        left = SAMPLE_CHARACTERS // len(chosen)
        for document in read_documents(file):
            yield from document.text.split("\n")
            left -= len(document.text)
            if left <= 0:
                break


def text_lines(text: Path) -> Iterator[str]:
    """Lines of a text file, or a sample of those of a folder of documents.

    Raises:
        GauptError: the text is missing or not UTF-8.
    """
    if text.is_dir():
        return sample_lines(text, count_characters(text), SAMPLE_CHARACTERS, seed=0)
    if text.name.endswith(".jsonl.zst"):
        return (line for document in read_documents(text) for line in document.text.split("\n"))
    check_plain(text)
    try:
        return iter(text.read_text(encoding="utf-8-sig").split("\n"))
    except OSError as error:
        raise GauptError(f"cannot read {text}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise GauptError(f"{text} is not UTF-8; convert it, or clean it with gaupt clean") from None


def _pieces(tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.fast.id_to_token(id_) or "" for id_ in range(tokenizer.vocab_size)]


def _bytes_among(pieces: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the ``pieces`` spell a byte of a character that the vocabulary lacks."""
    return np.array([len(p) == 6 and p.startswith("<0x") and p.endswith(">") for p in pieces])


def _blocks(lines: Iterable[str]) -> Iterator[Sequence[str]]:
    block: list[str] = []
    size = 0
    for line in lines:
        if line:
            block.append(line)
            size += len(line)
            if size >= _BLOCK_CHARACTERS:
                yield block
                block, size = [], 0
    if block:
        yield block
