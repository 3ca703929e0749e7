"""The vocabulary of a model that goes on: the same, or with pieces behind its own, which get embeddings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from gaupt.errors import GauptError
from gaupt.shards.format import TOKENIZER_FOLDER
from gaupt.tokenizer.load import Tokenizer, load_tokenizer

EMBEDDING = "encoder.token_embedding.weight"
PER_PIECE = (EMBEDDING, "head.bias")
"""Tensors with a row for each piece; only RoFormerV1 has the second."""


def check_tokenizer(model: Path, shards: Path, name: str) -> None:
    """Refuse ``shards`` of another tokenizer than that of ``model``, called ``name``, or one that extends it.

    Raises:
        GauptError: the first pieces are not the model's.
    """
    old, new = load_tokenizer(model), load_tokenizer(shards / TOKENIZER_FOLDER)
    if old.fingerprint != new.fingerprint and _pieces(old) != _pieces(new)[: old.vocab_size]:
        raise GauptError(
            f"{shards} was made with another tokenizer ({_told(new)}) than that of {name} ({_told(old)}); make shards "
            f"with that one (gaupt prepare INPUT --tokenizer {name}, gaupt shard CLEAN --tokenizer {name}), or with "
            f"words added to it (gaupt tokenizer --from {name} --extend WORDS)"
        )


def new_pieces(model: Path, shards: Path) -> list[list[int]]:
    """For each piece that the tokenizer of ``shards`` has behind those of the model's, the pieces that the latter (in
    ``model``) cuts its text into."""
    old, new = load_tokenizer(model), load_tokenizer(shards / TOKENIZER_FOLDER)
    return [cut(old, new, id_) for id_ in range(old.vocab_size, new.vocab_size)]


def cut(old: Tokenizer, new: Tokenizer, id_: int) -> list[int]:
    """The ids that ``old`` cuts the text of a piece of ``new`` into, without those that stand for what it knows not."""
    inside = getattr(new.fast.model, "continuing_subword_prefix", None) or ""
    text = new.fast.decode([id_], skip_special_tokens=False).removeprefix(inside)
    unknown = old.special.unk
    return [found for found in old.encode_places([text]).ids.tolist() if found != unknown]


def with_pieces(
    weights: Mapping[str, Tensor], vocab_size: int, pieces: Sequence[Sequence[int]]
) -> dict[str, Tensor]:
    """``weights`` of a model of ``vocab_size`` pieces with a row for each of the new ones, the mean of the rows of its
    ``pieces``; of no known piece, the mean of all. Rows that a public model has behind its last piece are left out."""
    grown = dict(weights)
    for name in PER_PIECE:
        if name in weights:
            rows = weights[name] if len(weights[name]) == vocab_size else weights[name][:vocab_size]
            means = [rows[list(ids)].mean(0) if ids else rows.mean(0) for ids in pieces]
            grown[name] = torch.cat([rows, torch.stack(means)]) if means else rows
    return grown


def _pieces(tokenizer: Tokenizer) -> list[str | None]:
    return [tokenizer.fast.id_to_token(id_) for id_ in range(tokenizer.vocab_size)]


def _told(tokenizer: Tokenizer) -> str:
    kind = tokenizer.config.get("gaupt", {}).get("type", "unknown")
    return f"{kind}, {tokenizer.vocab_size:,} pieces, {tokenizer.fingerprint[:8]}"
