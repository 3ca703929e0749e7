"""What `gaupt bench` measures: the one home of its sizes, free of torch, for the command line to show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What to measure; the defaults are the whole table, ``--full``."""

    layers: int = 24
    """GAU layers; the baselines have half as many."""
    lengths: tuple[int, ...] = (128, 512, 2048)
    """Tokens in a row."""
    mixed_lengths: tuple[int, ...] = (8192,)
    """Lengths at which mixed chunk attention runs alone: full attention in training would need tens of gigabytes."""
    batch_tokens: int = 4096
    """Tokens in a batch."""
    rounds: int = 5
    """Timed calls of each; the median counts."""
    precision: str = "auto"
    """auto, float32 or bfloat16."""
    compile: bool = False
    """Time every contestant compiled as well; the faster of the two counts."""
    only: tuple[str, ...] = ()
    """Parts of the names of those who take part; all, where it is empty."""

    @property
    def vocab_size(self) -> int:
        """Pieces in the vocabulary of all: 12,000 at 24 layers, and as many a layer at fewer.

        So the vocabulary's projection has the same share of a step, and the ratios are those of whole models.
        """
        return 500 * self.layers


SIZES = (
    Options(),
    Options(mixed_lengths=(), rounds=3),
    Options(layers=12, mixed_lengths=(), rounds=3),
    Options(layers=12, mixed_lengths=(), batch_tokens=2048, rounds=3),
    Options(layers=8, mixed_lengths=(), batch_tokens=2048, rounds=3),
    Options(layers=4, mixed_lengths=(), batch_tokens=2048, rounds=3),
    Options(layers=4, lengths=(128, 512), mixed_lengths=(), batch_tokens=2048, rounds=3),
    Options(layers=4, lengths=(128, 512), mixed_lengths=(), batch_tokens=1024, rounds=3),
    Options(layers=4, lengths=(128, 512), mixed_lengths=(), batch_tokens=512, rounds=3),
    Options(layers=2, lengths=(128, 512), mixed_lengths=(), batch_tokens=512, rounds=3),
    Options(layers=2, lengths=(128, 512), mixed_lengths=(), batch_tokens=512, rounds=2),
)
"""What is measured where nothing is named: the first that the machine measures in a few minutes."""
