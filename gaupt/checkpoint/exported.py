"""A folder that `gaupt export` wrote, read back."""

from pathlib import Path

import torch

from gaupt.checkpoint.finetuned import FineTuned, split_finetuned
from gaupt.checkpoint.tensors import read_tensors
from gaupt.errors import GauptError
from gaupt.files import one_line, read_json
from gaupt.folders import kind_of
from gaupt.model.config import CONFIGS, PUBLIC_NAMES, ModelConfig
from gaupt.seal import LIST, first_problem
from gaupt.tokenizer.load import CONFIG as TOKENIZER_CONFIG
from gaupt.tokenizer.load import SENTENCEPIECE_MODEL, TOKENIZER

MODEL_TYPE = "gaupt"
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
PREFIX = "model."
"""What GauptForMaskedLM puts before the encoder's names."""


def is_exported(path: Path) -> bool:
    """Whether ``path`` is a folder that `gaupt export` wrote."""
    if kind_of(path) == "export":
        return True  # though its config.json may be damaged
    try:
        return bool(read_json(path / CONFIG)["model_type"] == MODEL_TYPE)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_exported(folder: Path) -> tuple[ModelConfig, dict[str, torch.Tensor], FineTuned | None]:
    """Config, weights under our names, and the head of fine-tuning, if any, of an exported folder.

    Raises:
        GauptError: a file is missing or damaged.
    """
    if (folder / LIST).is_file():  # none has what others have saved since
        read = (CONFIG, WEIGHTS, TOKENIZER, TOKENIZER_CONFIG, SENTENCEPIECE_MODEL)
        if problem := first_problem(folder, read):
            raise GauptError(f"{problem}; export again, or remove {LIST} there after changes of your own")
    try:
        values = read_json(folder / CONFIG)
        if not isinstance(values, dict) or values.get("model_type", MODEL_TYPE) != MODEL_TYPE:
            raise ValueError(f'model_type = "{MODEL_TYPE}" is expected')
        kind = CONFIGS.get(values.get("architecture", "gau"))
        if kind is None:
            raise ValueError(f"architecture = {values['architecture']!r} is not one of {', '.join(CONFIGS)}")
        names = {name: PUBLIC_NAMES.get(name, name) for name in kind.__dataclass_fields__}
        config = kind(**{name: values[public] for name, public in names.items() if public in values})
    except (OSError, ValueError, TypeError) as error:
        reason = "a value is of another type" if isinstance(error, TypeError) else one_line(error)
        raise GauptError(f"{folder / CONFIG} is damaged ({reason}); export again") from None
    weights = read_tensors(folder / WEIGHTS, "copy the whole folder, or export again")
    try:
        plain, head = split_finetuned(values, weights)
    except ValueError as error:
        raise GauptError(f"{folder / CONFIG} and {WEIGHTS} do not fit ({error}); export again") from None
    return config, {name.removeprefix(PREFIX): tensor.float() for name, tensor in plain.items()}, head
