"""What a masked LM predicts for each ``[MASK]`` of a text."""

import os
import re
from collections.abc import Sequence
from typing import Any

import torch

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.files import AnyPath
from gaupt.progress import Progress
from gaupt.tokenizer.special import MASK

_LIKE_MASK = re.compile(
    r"[\[［【<＜{〔「(（]\s*(?:mask|ＭＡＳＫ|ｍａｓｋ)\s*[\]］】>＞}〕」)）]|_{2,}", re.IGNORECASE
)
"""What people write for ``[MASK]``."""
SPACE = "␣"
"""How a table shows a space that is a prediction."""


def fill_masks(
    model: AnyPath, texts: Sequence[str], *, top: int = 5, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """The ``top`` predictions for each ``[MASK]`` of each text.

    Returns, for each text, ``{"text", "masks": [[{"token", "probability"}, …], …], "filled"}``: ``filled`` is
    the text with the likeliest token in each place. Tokens are as people read them, and pieces that read alike
    (``s`` and ``##s``) are one, of the sum of their probabilities. These are of the model's softmax over the whole
    vocabulary: what special tokens, unused pieces and bytes have of it is neither shown nor given to others.

    Raises:
        GauptError: ``model`` cannot be loaded, or a text has no ``[MASK]`` or is longer than the model takes.
    """
    for text in texts:
        if MASK not in text:
            raise GauptError(f"no {MASK} in {text[:40]!r}; {_remedy(text)}")
    loaded = load_model(model, warn=(progress or Progress(quiet=True)).warning)
    if loaded.new_head:
        raise GauptError(
            f"{model} was saved without the masked-LM head that predicts; train it on, or take the model before"
        )
    tokenizer = loaded.vocabulary()
    longest = loaded.model.config.max_length
    readable = tokenizer.readable
    ids_shown = [id_ for id_, token in enumerate(readable) if token]
    tokens = list(dict.fromkeys(filter(None, readable)))
    number = {token: number for number, token in enumerate(tokens)}
    numbers = torch.tensor([number[readable[id_]] for id_ in ids_shown])
    results = []
    for text in texts:
        ids = tokenizer.encode(text)
        if len(ids) + 2 > longest:
            raise GauptError(f"{text[:40]!r}… has {len(ids)} tokens; this model takes {longest - 2}")
        row = torch.tensor([[tokenizer.special.cls, *ids, tokenizer.special.sep]])
        places = (row[0] == tokenizer.special.mask).nonzero().flatten()
        with torch.inference_mode():
            of_ids = loaded.model(row, positions=places).softmax(-1)[:, ids_shown]  # [masks, ids shown]
            if not of_ids.isfinite().all():
                raise GauptError(f"{loaded.source} predicts what is no number: its weights are too large")
            of_tokens = of_ids.new_zeros(len(places), len(tokens)).index_add(1, numbers, of_ids)
            likely = of_tokens.topk(min(top, len(tokens)))
        masks: list[list[dict[str, Any]]] = [
            [
                {"token": tokens[place], "probability": probability}
                for probability, place in zip(probabilities, predicted, strict=True)
            ]
            for probabilities, predicted in zip(likely.values.tolist(), likely.indices.tolist(), strict=True)
        ]
        filled = text
        for mask in masks:
            filled = filled.replace(MASK, mask[0]["token"], 1)
        results.append({"text": text, "masks": masks, "filled": filled})
    return results


def _remedy(text: str) -> str:
    if os.path.isdir(text):
        return "the model comes first: gaupt fill MODEL TEXT"
    if os.path.isfile(text):
        return f"to fill the lines of that file: gaupt fill MODEL < {text}"
    if meant := _LIKE_MASK.search(text):
        return f"write {MASK} in place of {meant[0]}"
    return f"write {MASK} where the model is to predict"


def format_filled(results: Sequence[dict[str, Any]]) -> str:
    """A readable table: a line for each mask below its text."""
    lines = []
    for result in results:
        lines += [result["text"], f"  → {result['filled']}"]
        for number, mask in enumerate(result["masks"], 1):
            shown = "  ".join(
                f"{item['token'].replace(' ', SPACE)} {100 * item['probability']:.1f}%" for item in mask
            )
            lines.append(f"  {number}: {shown}")
    return "\n".join(lines)
