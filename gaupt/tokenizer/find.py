"""The tokenizer of a folder of ours: its own, or the one that goes along with shards, a run or a model."""

from pathlib import Path

from gaupt.folders import kind_of

_PLACES = {
    "demo": "prepared/tokenizer",
    "prepared": "tokenizer",
    "shards": "tokenizer",
    "checkpoint": "tokenizer",
    # All checkpoints of a run have the same.
    "run": "checkpoints/step-*/tokenizer",
}
"""Where each kind of folder keeps it; the others (a tokenizer, an exported model) are it."""


def tokenizer_folder(path: Path) -> Path:
    """The folder of the tokenizer that ``path`` is or holds; ``path`` itself where it is nothing that we know."""
    place = _PLACES.get(kind_of(path) or "")
    return max(path.glob(place), default=path) if place else path
