"""What a masked LM predicts for each ``[MASK]`` of a text."""

from collections.abc import Sequence
from typing import Any

import torch

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.files import AnyPath
from gaupt.progress import Progress
from gaupt.tokenizer.load import load_tokenizer
from gaupt.tokenizer.special import MASK


def fill_masks(
    model: AnyPath, texts: Sequence[str], *, top: int = 5, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """The ``top`` predictions for each ``[MASK]`` of each text.

    Returns, for each text, ``{"text", "masks": [[{"token", "probability"}, …], …], "filled"}``: ``filled`` is
    the text with the likeliest token in each place.

    Raises:
        GauptError: ``model`` cannot be loaded, or a text has no ``[MASK]`` or is longer than the model takes.
    """
    for text in texts:
        if MASK not in text:
            raise GauptError(f"no {MASK} in {text[:40]!r}; write {MASK} where the model is to predict")
    loaded = load_model(model, warn=(progress or Progress(quiet=True)).message)
    tokenizer = load_tokenizer(loaded.tokenizer)
    longest = loaded.model.config.max_length
    results = []
    for text in texts:
        ids = tokenizer.encode(text)
        if len(ids) + 2 > longest:
            raise GauptError(f"{text[:40]!r}… has {len(ids)} tokens; this model takes {longest - 2}")
        row = torch.tensor([[tokenizer.special.cls, *ids, tokenizer.special.sep]])
        places = (row[0] == tokenizer.special.mask).nonzero().flatten()
        with torch.inference_mode():
            likely = loaded.model(row, positions=places).softmax(-1).topk(min(top, tokenizer.vocab_size))
        masks: list[list[dict[str, Any]]] = [
            [
                {"token": tokenizer.token(int(id_)), "probability": float(probability)}
                for probability, id_ in zip(probabilities, predicted, strict=True)
            ]
            for probabilities, predicted in zip(likely.values, likely.indices, strict=True)
        ]
        filled = text
        for mask in masks:
            filled = filled.replace(MASK, mask[0]["token"].removeprefix("##").replace("▁", " "), 1)
        results.append({"text": text, "masks": masks, "filled": filled})
    return results


def format_filled(results: Sequence[dict[str, Any]]) -> str:
    """A readable table: a line for each mask below its text."""
    lines = []
    for result in results:
        lines += [result["text"], f"  → {result['filled']}"]
        for number, mask in enumerate(result["masks"], 1):
            shown = "  ".join(f"{item['token']} {100 * item['probability']:.1f}%" for item in mask)
            lines.append(f"  {number}: {shown}")
    return "\n".join(lines)
