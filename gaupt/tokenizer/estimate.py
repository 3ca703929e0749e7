"""How long it takes to learn a vocabulary, by learning one from a sample of the text."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

from gaupt.config import TokenizerConfig
from gaupt.tokenizer.char import count_words
from gaupt.tokenizer.train import train_sentencepiece
from gaupt.tokenizer.words import delimited, load_words

_CHARACTERS = 150_000
"""That a vocabulary is learnt from to tell."""
_STEEP, _POWER = 1e6, 1.3
"""sentencepiece takes as long for each character up to so many; from there more, by this power of them, as measured."""
_READ = 40e6
"""Characters a second that one process reads and counts."""


def estimate_tokenizer(
    texts: Sequence[str], characters: float, config: TokenizerConfig, workers: int
) -> float:
    """Seconds to learn a vocabulary from a corpus of so many ``characters``, of which ``texts`` are a sample.

    Raises:
        GauptError: the user dictionary cannot be read.
    """
    lines, taken = [], 0
    for text in texts:
        if taken < _CHARACTERS:
            lines += [line for line in text.split("\n") if line]
            taken += len(text)
    if not lines:
        return 0.0
    wanted = min(characters, config.sample_chars)
    reading = 2 * characters / _READ / workers
    if config.type == "char":
        start = time.process_time()
        count_words(lines, config.lowercase)
        return reading + (time.process_time() - start) / taken * wanted / workers
    words = load_words(config.words, Path(config.user_dictionary) if config.user_dictionary else None)
    words(["词"])  # the dictionary is loaded once
    start = time.process_time()
    cut = [delimited(line, words) for line in lines]
    cutting = (time.process_time() - start) / taken
    start = time.process_time()
    # The size has little to do with the time, and this one any text has room for.
    train_sentencepiece(iter(cut), config.model_copy(update={"vocab_size": len("".join(cut)) + 1_000}))
    learning = (time.process_time() - start) / taken
    steep = math.pow(max(1.0, wanted / _STEEP), _POWER)
    return reading + cutting * wanted / workers + learning * min(wanted, _STEEP) * steep
