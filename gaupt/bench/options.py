"""What `gaupt bench` measures: the one home of its defaults, free of torch, for the command line to show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What to measure."""

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
    vocab_size: int = 12_000
    """Pieces in the vocabulary of all."""
    precision: str = "auto"
    """auto, float32 or bfloat16."""
    compile: bool = False
    """Time every contestant compiled as well; the faster of the two counts."""
    only: tuple[str, ...] = ()
    """Parts of the names of those who take part; all, where it is empty."""
