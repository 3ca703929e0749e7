"""How many tokens documents become, and how long that takes, by encoding a sample of them."""

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gaupt.config import Config
from gaupt.shards.cut import SMALLEST
from gaupt.shards.format import token_dtype
from gaupt.tokenizer.load import Tokenizer
from gaupt.tokenizer.words import load_words
from gaupt.workers import STARTING

_CHARACTERS = 300_000
"""That are encoded to tell."""
_BESIDE = 1.3
"""Reading, cutting samples and writing: the whole as a multiple of encoding, as measured."""
_ENCODING = 1.3
"""Encoding as a multiple of finding the words, where there is no tokenizer to try yet, as measured."""
_TABLES = 1.05
"""Bytes of shards as a multiple of those of their tokens."""
_CHARACTER = re.compile(r"[A-Za-z0-9]+|\S")


@dataclass(frozen=True)
class Estimate:
    """What shards will be."""

    tokens: float
    seconds: float
    disk: float
    """Bytes."""


def estimate_shards(
    texts: Sequence[tuple[float, str]], config: Config, workers: int, tokenizer: Tokenizer | None = None
) -> Estimate:
    """What becomes of a corpus of which ``texts`` are a sample, each with how many times it stands for its length.

    Without a ``tokenizer`` the tokens are told by the words and the size of the vocabulary that is asked for.

    Raises:
        GauptError: the user dictionary cannot be read.
    """
    dictionary = config.tokenizer.user_dictionary
    words = load_words(config.tokenizer.words, Path(dictionary) if dictionary else None)
    words(["词"])  # the dictionary is loaded once
    whole = sum(weight * len(text) for weight, text in texts)
    tokens = seconds = seen = 0.0
    tried = 0
    for weight, text in texts:
        if tried >= _CHARACTERS:
            break
        tried += len(text)
        seen += weight * len(text)
        start = time.process_time()
        if tokenizer is not None:
            found = float(len(tokenizer.encode_words([text], words).ids))
            spent = time.process_time() - start
        else:
            starts = int(words([text]).sum())
            spent = _ENCODING * (time.process_time() - start)
            found = _tokens(text, starts, config)
        tokens += weight * found
        seconds += weight * spent
    unseen = whole / max(seen, 1.0)
    tokens, seconds = tokens * unseen, _BESIDE * seconds * unseen
    vocab_size = config.tokenizer.vocab_size if tokenizer is None else tokenizer.vocab_size
    parts = 1 + int(3 * whole / SMALLEST)
    at_once = min(workers, parts)
    return Estimate(
        tokens,
        seconds / at_once + (STARTING if at_once > 1 else 0.0),
        tokens * token_dtype(vocab_size).itemsize * _TABLES,
    )


def _tokens(text: str, words: int, config: Config) -> float:
    """About how many tokens a vocabulary yet to be learnt makes of a ``text`` of so many words."""
    if config.tokenizer.type == "char":
        return len(_CHARACTER.findall(text))
    # Measured: 1.2 pieces a word with 12,000 pieces, 1.45 with 4,000.
    return words * max(1.05, 1.2 - 0.25 * math.log(config.tokenizer.vocab_size / 12_000, 3))
