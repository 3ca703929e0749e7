"""One part of the documents to its shards: what a worker process does."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from gaupt.corpus.documents import Document
from gaupt.shards.cut import TAIL, Part, in_two, read_part
from gaupt.shards.format import SPLITS, TRAIN, VALIDATION, Shard, token_dtype, write_shard
from gaupt.shards.samples import SentenceEnds, cut_samples
from gaupt.tokenizer.load import Tokenizer, load_tokenizer
from gaupt.tokenizer.words import Engine, WordBounds, load_words

if TYPE_CHECKING:
    from gaupt.shards.decontaminate import Excluded

_BLOCK_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Resources:
    """What a process loads once and keeps from part to part."""

    tokenizer: Path
    words: Engine
    user_dictionary: Path | None
    excluded: Path | None
    """The index of the texts to keep out, see `gaupt.shards.decontaminate.Excluded.save`."""


@dataclass(frozen=True)
class Job:
    """What a worker needs besides its part."""

    resources: Resources
    output: Path
    seq_len: int
    seed: int
    validation_below: int
    """A document whose hash is below goes to validation."""
    tail: float = 0.0
    """Where there is but one document: the share of it, at its end, that goes to validation."""


@cache
def load(resources: Resources) -> tuple[Tokenizer, WordBounds, SentenceEnds, "Excluded | None"]:
    """The tokenizer, the segmenter, the ends of sentences, and the texts to keep out.

    Raises:
        GauptError: a file is missing, damaged or cannot be read.
    """
    tokenizer = load_tokenizer(resources.tokenizer)
    words = load_words(resources.words, resources.user_dictionary)
    excluded = None
    if resources.excluded is not None:
        from gaupt.shards.decontaminate import load_excluded  # and with it the steps of cleaning

        excluded = load_excluded(resources.excluded)
    return tokenizer, words, SentenceEnds(tokenizer), excluded


def encode_part(job: Job, part: Part) -> dict[str, Any]:
    """Encode the documents of a part and write its shards; what they are, and the checksums of their files."""
    tokenizer, words, sentence_ends, excluded = load(job.resources)
    dtype = token_dtype(tokenizer.vocab_size)
    word_bit = dtype.type(1 << (8 * dtype.itemsize - 1))
    collected = {split: _Documents() for split in SPLITS}
    left_out = 0
    documents = read_part(part)
    if job.tail:
        documents = (half for document in documents for half in in_two(document, job.tail))
    for block in _blocks(documents):
        if excluded is not None:
            found = len(block)
            block = [document for document in block if not excluded.holds_one(document.text)]
            left_out += found - len(block)
        encoded = tokenizer.encode_words([document.text for document in block], words)
        tokens = np.where(encoded.starts, 0, word_bit).astype(dtype) | encoded.ids.astype(dtype)
        ends = sentence_ends.after(encoded.ids)
        bounds = cut_samples(ends, encoded.starts, encoded.offsets, job.seq_len - 2)
        lengths = np.diff(encoded.offsets)
        held_out = np.array([_is_held_out(document, job) for document in block])
        for split, wanted in ((TRAIN, ~held_out), (VALIDATION, held_out)):
            wanted = wanted.astype(np.bool_) & (lengths > 0)
            in_split = np.repeat(wanted, lengths)
            collected[split].add(
                tokens[in_split],
                lengths[wanted],
                np.diff(bounds)[in_split[bounds[:-1]]],
                [document.source for document, kept in zip(block, wanted.tolist(), strict=True) if kept],
            )
    record: dict[str, Any] = {"files": {}, "shards": {}, "excluded_documents": left_out}
    for split, gathered in collected.items():
        if len(gathered):
            name = f"{split}-{part.name}"
            shard, sources = gathered.shard()
            record["files"] |= write_shard(job.output, name, shard)
            record["shards"][split] = {
                "name": name,
                "documents": len(shard.sources),
                "tokens": len(shard.tokens),
                "samples": len(shard.samples) - 1,
                "sources": sources,
            }
    return record


def _is_held_out(document: Document, job: Job) -> bool:
    if job.tail:
        return document.id.endswith(TAIL)
    return hash_text(document.text, job.seed) < job.validation_below


class _Documents:
    """The documents of one shard as they come."""

    def __init__(self) -> None:
        self._tokens: list[NDArray[Any]] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._sample_lengths: list[NDArray[np.int64]] = []
        self._sources: dict[str, int] = {}
        self._source_of: list[int] = []

    def __len__(self) -> int:
        return len(self._source_of)

    def add(
        self,
        tokens: NDArray[Any],
        lengths: NDArray[np.int64],
        sample_lengths: NDArray[np.int64],
        sources: list[str],
    ) -> None:
        """Add some documents: their tokens, the tokens of each document and of each sample, their sources."""
        self._tokens.append(tokens)
        self._lengths.append(lengths)
        self._sample_lengths.append(sample_lengths)
        self._source_of += [self._sources.setdefault(source, len(self._sources)) for source in sources]

    def shard(self) -> tuple[Shard, list[str]]:
        """The shard, and the names of its sources."""
        shard = Shard(
            np.concatenate(self._tokens),
            _before(self._lengths),
            np.array(self._source_of, np.uint32),
            _before(self._sample_lengths),
        )
        return shard, list(self._sources)


def _before(counts: list[NDArray[np.int64]]) -> NDArray[np.uint64]:
    """What is before each count, and in all."""
    return np.cumsum(np.concatenate([np.zeros(1, np.int64), *counts])).astype(np.uint64)


def _blocks(documents: Iterator[Document]) -> Iterator[list[Document]]:
    """Group documents so that each group is worth a call of the encoder, in bounded memory."""
    block: list[Document] = []
    size = 0
    for document in documents:
        block.append(document)
        size += len(document.text)
        if size >= _BLOCK_CHARACTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def hash_text(text: str, seed: int) -> int:
    """64 bits that decide the split of a document: copies of a text share them."""
    return xxhash.xxh3_64_intdigest(text.encode(), seed)
