"""A folder that `gaupt export` wrote, or that other libraries saved such a model in, read back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gaupt.checkpoint.finetuned import FineTuned, split_finetuned
from gaupt.checkpoint.weight_files import WEIGHTS, read_weights
from gaupt.errors import GauptError
from gaupt.files import one_line, read_json
from gaupt.folders import kind_of
from gaupt.model.config import CONFIGS, PUBLIC_NAMES, ModelConfig
from gaupt.seal import LIST, first_problem
from gaupt.tokenizer.load import CONFIG as TOKENIZER_CONFIG
from gaupt.tokenizer.load import SENTENCEPIECE_MODEL, TOKENIZER, is_saved_again

MODEL_TYPE = "gaupt"
CONFIG = "config.json"
RECORD = "exported"
"""What ``config.json`` calls the record of an export: what it was made from, and what belongs to it."""
PREFIX = "model."
"""What GauptForMaskedLM puts before the encoder's names."""
EXPORTED = {"head.bias": "head.decoder.bias"}
"""What it calls other tensors of ours by another name."""
_DECODER = "head.decoder.weight"
"""Repeats the token embedding, where it is stored at all."""
_AGAIN = "copy the whole folder, or export again"
_OTHERS = "transformers_version"
"""A key of config.json that transformers writes whenever it saves a model, and we never do."""


@dataclass(frozen=True)
class ExportedModel:
    """What an exported folder holds."""

    config: ModelConfig
    weights: dict[str, torch.Tensor]
    """float32, under our names. A model that was saved without the head of pretraining has none of its tensors."""
    finetuned: FineTuned | None


def is_exported(path: Path) -> bool:
    """Whether ``path`` is a folder that `gaupt export` wrote, or that others saved such a model in."""
    if kind_of(path) == "export":
        return True  # though its config.json may be damaged
    try:
        return bool(read_json(path / CONFIG)["model_type"] == MODEL_TYPE)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_exported(folder: Path) -> ExportedModel:
    """The model in an exported folder.

    What transformers has saved in it since, the model or the tokenizer, is read as it is: the folder's list tells of
    what was there before.

    Raises:
        GauptError: a file is missing or damaged, or not what was written.
    """
    if (folder / LIST).is_file():
        read = [] if saved_by_others(folder) else [CONFIG, WEIGHTS]
        read += [] if _tokenizer_saved_again(folder) else [TOKENIZER, TOKENIZER_CONFIG, SENTENCEPIECE_MODEL]
        if problem := first_problem(folder, read):
            raise GauptError(f"{problem}; export again, or remove {LIST} there after changes of your own")
    try:
        values = read_json(folder / CONFIG)
        if not isinstance(values, dict) or values.get("model_type", MODEL_TYPE) != MODEL_TYPE:
            raise ValueError(f'model_type = "{MODEL_TYPE}" is expected')
        config = _config(values)
    except (OSError, ValueError, TypeError) as error:
        reason = "a value is of another type" if isinstance(error, TypeError) else one_line(error)
        raise GauptError(f"{folder / CONFIG} is damaged ({reason}); export again") from None
    weights = read_weights(folder, _AGAIN)
    try:
        plain, head = split_finetuned(values, weights)
        if head is not None and (width := head.weights["weight"].shape[1]) != config.hidden_size:
            raise ValueError(f"the head reads states of {width} numbers, hidden_size is {config.hidden_size}")
    except ValueError as error:
        raise GauptError(f"{folder / CONFIG} and {WEIGHTS} do not fit ({error}); export again") from None
    ours = {_our_name(name): tensor.float() for name, tensor in plain.items()}
    decoder, embedding = ours.pop(_DECODER, None), ours.get("encoder.token_embedding.weight")
    if decoder is not None and embedding is not None and not torch.equal(decoder, embedding):
        raise GauptError(
            f"{folder / WEIGHTS}: {_DECODER} is not tied to the embedding, which no model of gaupt has"
        )
    return ExportedModel(config, ours, head)


def saved_by_others(folder: Path) -> bool:
    """Whether transformers has saved a model in ``folder`` since it was exported, so that its list holds no more."""
    try:
        return _OTHERS in read_json(folder / CONFIG)
    except (OSError, ValueError, TypeError):
        return False


def _tokenizer_saved_again(folder: Path) -> bool:
    try:
        return is_saved_again(read_json(folder / TOKENIZER_CONFIG))
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def _config(values: dict[str, Any]) -> ModelConfig:
    # An export of gaupt 0.x before the key was renamed calls the architecture by our own name.
    known = {PUBLIC_NAMES["architecture"]: values.get("architecture", "gau"), **values}
    architecture = known[PUBLIC_NAMES["architecture"]]
    kind = CONFIGS.get(architecture)
    if kind is None:
        raise ValueError(
            f"{PUBLIC_NAMES['architecture']} = {architecture!r} is not one of {', '.join(CONFIGS)}"
        )
    names = {name: PUBLIC_NAMES.get(name, name) for name in kind.__dataclass_fields__}
    return kind(**{name: known[public] for name, public in names.items() if public in known})


def _our_name(name: str) -> str:
    """Our name of an exported tensor; a base model saved by itself has no prefix."""
    back = {exported: ours for ours, exported in EXPORTED.items()}
    return back.get(name) or name.removeprefix(PREFIX)
