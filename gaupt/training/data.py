"""The training data of a run: its shards, its tokenizer, and what they are known by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaupt.errors import GauptError
from gaupt.files import sha256
from gaupt.shards.format import MANIFEST, TOKENIZER_FOLDER, TRAIN, Shards, open_shards, verify


@dataclass(frozen=True)
class TrainingData:
    """A complete folder of shards."""

    shards: Shards
    fingerprint: str
    """sha256 of the shards' manifest, which holds the checksums of everything else."""

    @property
    def tokenizer(self) -> Path:
        """Folder of the tokenizer that the shards were made with."""
        return self.shards.folder / TOKENIZER_FOLDER

    @property
    def vocab_size(self) -> int:
        """Pieces in the vocabulary."""
        return int(self.shards.manifest["tokenizer"]["vocab_size"])


def find_data(path: Path) -> TrainingData:
    """Find the shards in ``path``, a `gaupt prepare` folder or a `gaupt shard` folder.

    Raises:
        GauptError: it does not exist or is neither, or has nothing to train or to validate on.
    """
    shards = open_shards(path)
    for split, counts in shards.manifest["splits"].items():
        if not counts["samples"]:
            raise GauptError(
                f"{shards.folder} has no {split} documents; prepare more text, "
                f"or choose another shards.validation_share"
            )
    return TrainingData(shards, sha256(shards.folder / MANIFEST))


def verify_data(data: TrainingData) -> None:
    """Read every file of the shards once and compare checksums: about a second a gigabyte, before hours of training.

    Raises:
        GauptError: one is missing or damaged; the first is named.
    """
    for problem in filter(None, verify(data.shards.folder)):
        raise GauptError(f"{problem}; run gaupt shard again with --overwrite")


def unigram_entropy(shards: Shards) -> float:
    """Entropy in nats of single tokens in the training shards: the least loss without a look at the context."""
    counts = np.zeros(int(shards.manifest["tokenizer"]["vocab_size"]), np.int64)
    for name in shards.names(TRAIN):
        tokens = shards.read(name).tokens
        counts += np.bincount(tokens & tokens.dtype.type(shards.word_bit - 1), minlength=len(counts))
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())
