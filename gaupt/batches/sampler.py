"""What training reads: batches of packed, masked samples, each a pure function of the seed and the step.

The rows of an epoch are a random permutation that is computed place by place, and masks are drawn from
(seed, epoch, sample): the batch of a step is the same for any number of ranks and workers, and nothing before
it needs to be read. Which samples share a row is decided once; they do not see each other there.
"""

import signal
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gaupt.batches.masking import Masking, mask_words
from gaupt.batches.mixture import Mixture, group_samples
from gaupt.batches.random import key, mix
from gaupt.errors import GauptError
from gaupt.shards.format import TOKENIZER_FOLDER, TRAIN, Shard, Shards, open_shards
from gaupt.workers import worker_pool

_MASK = 1
_VALIDATION_SEED = 0
"""Validation masks are the same for every run, so that their losses can be compared."""


@dataclass(frozen=True)
class Batch:
    """Rows of packed samples: numpy arrays, no torch."""

    input_ids: NDArray[np.int64]
    """What the model reads, masked already; shape [rows, seq_len]."""
    segment_ids: NDArray[np.int32]
    """0 for padding, else 1, 2, … the sample of the row that a token belongs to; shape [rows, seq_len]."""
    positions: NDArray[np.int64]
    """Flat indices (row * seq_len + column) of the masked tokens; shape [masked]."""
    labels: NDArray[np.int64]
    """The masked tokens' true ids; shape [masked]."""
    tokens: int
    """Tokens that are not padding."""
    samples: NDArray[np.int64]
    """Which samples of the split they are, row by row, as ``segment_ids`` counts them; shape [samples]."""


class MaskedLMSampler:
    """Batches of one split of a shards folder.

    Args:
        data: a shards folder, or a `gaupt prepare` folder.
        seq_len: tokens of a row; other than the shards' own, samples are cut anew.
        rows: rows of a global batch, of all ranks together.
        seed: decides order and masks.
        masking: how much is masked and how.
        split: "train" or "validation".
        source_weights: how often documents are seen by source: pattern to weight, see `Mixture`.

    Raises:
        GauptError: the shards are missing, incomplete or damaged, the split is empty, or a pattern fits no
            source.
    """

    def __init__(
        self,
        data: Path,
        seq_len: int,
        rows: int,
        seed: int,
        masking: Masking | None = None,
        split: str = TRAIN,
        source_weights: Mapping[str, float] | None = None,
    ) -> None:
        self._arguments = (data, seq_len, rows, seed, masking, split, source_weights)
        self.shards = open_shards(data)
        self.split = split
        self.seq_len = seq_len
        self.rows = rows
        self.seed = seed
        self.masking = masking or Masking()
        loaded = [self.shards.read(name) for name in self.shards.names(split)]
        bounds = [_sample_bounds(self.shards, shard, seq_len) for shard in loaded]
        counts = [len(bound) - 1 for bound in bounds]
        if not sum(counts):
            raise GauptError(f"{self.shards.folder} has no documents in its {split} split")
        # Only the tokens stay mapped: a process may have a limited number of maps.
        self._tokens = [shard.tokens for shard in loaded]
        self._shard_of = np.repeat(np.arange(len(counts)), counts)
        self._first = np.concatenate([bound[:-1] for bound in bounds])
        self._lengths = np.concatenate([np.diff(bound) for bound in bounds])
        group_of, weights = group_samples(self.shards, split, loaded, bounds, source_weights or {})
        self._mixture = Mixture(self._lengths + 2, seq_len, group_of, weights)
        tokenizer = self.shards.manifest["tokenizer"]
        self._special = tokenizer["special"]
        self._ordinary = np.setdiff1d(np.arange(tokenizer["vocab_size"]), tokenizer["never_random"])

    @property
    def rows_per_epoch(self) -> int:
        """Rows that hold every sample of the split once, or as often as its source's weight says."""
        return self._mixture.rows_per_epoch

    @property
    def padding_share(self) -> float:
        """Share of padding in the rows of an epoch."""
        return self._mixture.padding_share

    def locate(self, samples: slice | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The shard of each of ``samples``, counted as its split names them, and its first token there."""
        return self._shard_of[samples], self._first[samples]

    def batch(self, step: int, rank: int = 0, world: int = 1) -> Batch:
        """The part of the batch of ``step`` (from 0) that ``rank`` of ``world`` trains on.

        Raises:
            GauptError: the rows of a batch cannot be dealt evenly to ``world`` ranks.
        """
        if self.rows % world:
            raise GauptError(
                f"a batch of {self.rows} rows cannot be dealt to {world} processes; "
                f"choose a multiple of {world * self.seq_len} for train.batch_tokens"
            )
        share = self.rows // world
        slots = np.arange(share) + step * self.rows + rank * share
        rows, epochs = self._mixture.draw(slots, self.seed)
        return self._assemble(rows, epochs, self.seed, self.masking.at(step))

    def batches(
        self,
        start_step: int = 0,
        stop_step: int | None = None,
        *,
        rank: int = 0,
        world: int = 1,
        num_workers: int = 0,
    ) -> Iterator[Batch]:
        """The batches from ``start_step`` until before ``stop_step`` (None: without end), in order.

        With ``num_workers`` they are made ahead by that many processes; they are the same ones.
        """
        steps = iter(range(start_step, stop_step)) if stop_step is not None else _count(start_step)
        if num_workers == 0:
            for step in steps:
                yield self.batch(step, rank, world)
            return
        ahead: deque[Future[Batch]] = deque()
        try:
            with worker_pool(num_workers, _start_worker, self._arguments) as pool:
                for step in steps:
                    ahead.append(pool.submit(_worker_batch, step, rank, world))
                    if len(ahead) > 2 * num_workers:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
        except BrokenProcessPool:
            raise GauptError(
                "a data loading process died (out of memory?); the same command resumes at the last checkpoint"
            ) from None

    def validation_batches(self, tokens: int) -> Iterator[Batch]:
        """Batches with ``tokens`` tokens in all, or the whole split if it has fewer: always the same."""
        order, _ = self._mixture.draw(np.arange(self.rows_per_epoch), _VALIDATION_SEED)
        for first in range(0, len(order), self.rows):
            if tokens <= 0:
                return
            rows = order[first : first + self.rows]
            batch = self._assemble(rows, np.zeros(len(rows), np.int64), _VALIDATION_SEED, self.masking)
            tokens -= batch.tokens
            yield batch

    def _assemble(
        self, rows: NDArray[np.int64], epochs: NDArray[np.int64], seed: int, masking: Masking
    ) -> Batch:
        samples, counts = self._mixture.samples_of(rows)
        row_of = np.repeat(np.arange(len(rows)), counts)
        place = _places(counts)  # of a sample in its row
        lengths = self._lengths[samples]
        content = _places(lengths)  # of a token in its sample
        ids, starts = self._read(samples, lengths)
        keys = mix(mix(key(seed, _MASK), epochs[row_of]), samples)
        masked = mask_words(ids, starts, lengths, keys, masking, self._special["mask"], self._ordinary)

        # Where each sample begins in the flat batch: behind the samples before it in its row.
        framed = lengths + 2
        before = np.cumsum(framed) - framed
        begin = before - before[np.cumsum(counts) - counts][row_of] + row_of * self.seq_len
        place_of_token = np.repeat(begin + 1, lengths) + content
        input_ids = np.full(len(rows) * self.seq_len, self._special["pad"], np.int64)
        input_ids[begin] = self._special["cls"]
        input_ids[begin + framed - 1] = self._special["sep"]
        input_ids[place_of_token] = masked.shown
        segment_ids = np.zeros(len(rows) * self.seq_len, np.int32)
        segment_ids[np.repeat(begin, framed) + _places(framed)] = np.repeat(place + 1, framed)
        return Batch(
            input_ids.reshape(len(rows), self.seq_len),
            segment_ids.reshape(len(rows), self.seq_len),
            place_of_token[masked.places],
            ids[masked.places],
            int(framed.sum()),
            samples,
        )

    def _read(
        self, samples: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Ids of the samples' tokens and whether a word starts with each, both of shape [tokens]."""
        tokens = np.empty(int(lengths.sum()), self._tokens[0].dtype)
        shards, firsts = self._shard_of[samples].tolist(), self._first[samples].tolist()
        end = 0
        for shard, first, length in zip(shards, firsts, lengths.tolist(), strict=True):
            begin, end = end, end + length
            tokens[begin:end] = self._tokens[shard][first : first + length]
        bit = tokens.dtype.type(self.shards.word_bit)
        return (tokens & ~bit).astype(np.int64), tokens & bit == 0


def _sample_bounds(shards: Shards, shard: Shard, seq_len: int) -> NDArray[np.int64]:
    """Tokens before each sample of at most ``seq_len`` tokens, [CLS] and [SEP] included, and in all."""
    if seq_len == shards.seq_len:
        return shard.samples.astype(np.int64)
    from gaupt.shards.samples import SentenceEnds, cut_samples
    from gaupt.tokenizer.load import load_tokenizer

    ends = SentenceEnds(load_tokenizer(shards.folder / TOKENIZER_FOLDER))
    bit = shard.tokens.dtype.type(shards.word_bit)
    return cut_samples(
        ends.after(shard.tokens & ~bit), shard.tokens & bit == 0, shard.documents, seq_len - 2
    ).astype(np.int64)


def _places(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, …, count - 1 for each of ``counts``, one after the other."""
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)


def _count(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 1


_sampler: MaskedLMSampler | None = None
"""The sampler of a worker process."""


def _start_worker(*arguments: object) -> None:
    global _sampler
    # torchrun, SLURM and a closed terminal send them to every process; the one that trains decides, and needs batches
    # until it has stopped.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _sampler = MaskedLMSampler(*arguments)  # type: ignore[arg-type]


def _worker_batch(step: int, rank: int, world: int) -> Batch:
    assert _sampler is not None
    return _sampler.batch(step, rank, world)
