"""Public checkpoints read and translated: transformers folders of GAU-α, of the paper's GAU and of RoFormer."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from gaupt.checkpoint.load import check_numbers, count_layers, load_state
from gaupt.checkpoint.weight_files import read_weights
from gaupt.errors import GauptError
from gaupt.files import one_line, read_json
from gaupt.folders import unexpected
from gaupt.importing.names import our_config, our_name, our_name_of_variable
from gaupt.importing.tensor_bundle import read_bundle
from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.rotary import rotary_angles

DECODER = {
    "cls.predictions.decoder.weight": "encoder.token_embedding.weight",
    "cls.predictions.decoder.bias": "head.bias",
}
"""Tensors of the references that repeat one of ours, and must equal it."""
TABLE = "encoder.rotary_table"


@dataclasses.dataclass(frozen=True)
class PublicModel:
    """A public checkpoint, read and translated."""

    config: ModelConfig
    weights: Mapping[str, torch.Tensor]
    """float32, under our names."""

    @property
    def parameters(self) -> int:
        """Trainable numbers in the model."""
        return sum(tensor.numel() for name, tensor in self.weights.items() if name != TABLE)


def read_transformers_folder(source: Path) -> PublicModel:
    """Read ``config.json`` and the weights of a transformers folder of GAU, GAU-α or RoFormer.

    Raises:
        GauptError: a file is missing or damaged, the model is of another kind, or a tensor does not fit it.
    """
    values = read_config_json(source)
    try:
        config = our_config(values)
    except KeyError as error:
        raise GauptError(f"{source / 'config.json'} has no {error.args[0]}") from None
    except (ValueError, TypeError) as error:
        raise GauptError(
            f"{source / 'config.json'}: {one_line(error)}; gaupt import cannot take it"
        ) from None
    return translate(config, read_weights(source), str(source))


def read_tensorflow_folder(index: Path) -> PublicModel:
    """Read bert4keras' TensorFlow checkpoint of GAU-α; the sizes come from the tensors themselves.

    Raises:
        GauptError: a file is missing or damaged, or the checkpoint is of another model.
    """
    variables = read_bundle(index, keep=lambda name: our_name_of_variable(name) is not None)
    weights = {}
    for name, tensor in variables.items():
        ours = our_name_of_variable(name)
        assert ours is not None
        weights[ours] = (tensor.T if name.endswith("/kernel") else tensor).float().contiguous()
    try:
        config = _sizes(weights)
    except KeyError as error:
        raise GauptError(
            f"{index} is not a checkpoint of GAU-α in bert4keras' names: it lacks {error}"
        ) from None
    except (ValueError, IndexError):
        raise GauptError(
            f"{index} is not a checkpoint of GAU-α: its matrices have other dimensions"
        ) from None
    return checked(config, weights, str(index))


def _sizes(weights: Mapping[str, torch.Tensor]) -> GAUConfig:
    vocab_size, hidden_size = weights["encoder.token_embedding.weight"].shape
    return GAUConfig(
        vocab_size=vocab_size,
        hidden_size=hidden_size,
        num_layers=sum(name.endswith(".expand.weight") for name in weights),
        expanded_size=weights["encoder.layers.0.contract.weight"].shape[1],
        key_size=weights["encoder.layers.0.query_scale"].shape[0],
        type_vocab_size=weights["encoder.type_embedding.weight"].shape[0],
    )


def translate(config: ModelConfig, reference: Mapping[str, torch.Tensor], where: str) -> PublicModel:
    """Tensors under the references' names to a model of ours; ``where`` names their origin in messages.

    Raises:
        GauptError: tensors are missing, left over or of other shapes than ``config`` says, or untied.
    """
    weights = {ours: tensor.float() for name, tensor in reference.items() if (ours := our_name(name))}
    for repeated, ours in DECODER.items():
        tensor, original = reference.get(repeated), weights.get(ours)
        if tensor is not None and original is not None and not torch.equal(tensor.float(), original):
            raise GauptError(
                f"{where}: {repeated} is not tied to the embeddings, which no model of gaupt has"
            )
    if isinstance(config, RoFormerConfig):
        config = _settle_table(config, weights)
    return checked(config, weights, where)


def checked(config: ModelConfig, weights: Mapping[str, torch.Tensor], where: str) -> PublicModel:
    """The model of ``config`` with ``weights``, if they are its; else GauptError naming ``where``."""
    check_numbers(weights, where)
    layers = count_layers(weights)
    if layers != config.num_layers:
        raise GauptError(f"{where} has tensors of {layers} layers, but its config says {config.num_layers}")
    with torch.device("meta"):
        model = masked_lm(config)
    load_state(model, weights, where, assign=True)
    return PublicModel(config, weights)


def _settle_table(config: RoFormerConfig, weights: dict[str, torch.Tensor]) -> RoFormerConfig:
    """Drop the stored rotary table where it is the formula's, else say in the config that it is to be used."""
    table = weights.get(TABLE)
    if table is None or table.dim() != 2 or not table.numel():
        weights.pop(TABLE, None)
        return config
    cos, sin = rotary_angles(table.shape[0], table.shape[1], table.device)
    if torch.allclose(table, torch.cat((sin, cos), -1), atol=1e-5):
        del weights[TABLE]
        return config
    return dataclasses.replace(config, rotary_table=True, max_length=table.shape[0])


def read_config_json(folder: Path) -> dict[str, Any]:
    """The ``config.json`` of a transformers folder; GauptError where there is none or it is damaged."""
    path = folder / "config.json"
    if not path.is_file():
        raise unexpected(
            folder, "transformers", remedy="gaupt import takes a public checkpoint with its config.json"
        )
    try:
        values = read_json(path)
    except ValueError as error:
        raise GauptError(f"{path} is not valid JSON: {error}") from None
    if not isinstance(values, dict):
        raise GauptError(f"{path} holds no JSON object")
    return values
