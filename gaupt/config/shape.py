"""[model] of a run that goes on from a model: its shape is that model's, whatever a preset says."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from gaupt.config.layers import Layer
from gaupt.config.sections import Config
from gaupt.errors import GauptError
from gaupt.model.config import CONFIGS, ModelConfig

FREE = ("dropout", "max_length", "chunk_size", "length_floor", "norm_eps")
"""Options of [model] that weights stay good under, so that a run may choose its own."""
BY_RECIPE = "dropout"
"""The one that recipes choose."""
BY_DATA = "vocab_size"
"""What the data decides, whatever anybody says."""


def with_shape(layers: Iterable[Layer], model: ModelConfig, name: str) -> list[Layer]:
    """``layers`` over the [model] of ``model``, called ``name``; of presets and recipes, what is no shape stays.

    Raises:
        GauptError: a file or an option says another shape.
    """
    layers = list(layers)
    for layer in layers:
        said = layer.values.get("model")
        if layer.kind != "preset" and isinstance(said, Mapping):
            _check(said, layer, model, name)
    bare = [_without_shape(layer) if layer.kind == "preset" else layer for layer in layers]
    return [Layer("preset", name, {"model": asdict(model)}), *bare]


def differences(config: Config, model: ModelConfig) -> list[str]:
    """What makes ``config`` another shape than ``model``, such as ``num_layers = 4 and not 6``."""
    said, own = asdict(config.model), asdict(model)
    decided = (BY_DATA, *_free(model))
    return [
        f"{key} = {said.get(key)} and not {own.get(key)}"
        for key in said | own
        if key not in decided and said.get(key) != own.get(key)
    ]


def _check(said: Mapping[str, Any], layer: Layer, model: ModelConfig, name: str) -> None:
    own = asdict(model)
    for key, value in said.items():
        place = layer.place(("model", key))
        if key in (BY_DATA, *_free(model)) or (key in own and value == own[key]):
            continue
        if key in own:
            raise GauptError(
                f"{place}: {name} has model.{key} = {own[key]}, and a run that goes on from a model has its shape; "
                "leave it out, or train a new model without --from"
            )
        if any(key in kind.__dataclass_fields__ for kind in CONFIGS.values()):
            raise GauptError(
                f"{place}: {name} is a {model.architecture}, which has no model.{key}; leave it out"
            )
        # What nobody knows is told with the rest that is wrong.


def _free(model: ModelConfig) -> tuple[str, ...]:
    stored = getattr(model, "rotary_table", False)
    return tuple(key for key in FREE if not (stored and key == "max_length"))


def _without_shape(layer: Layer) -> Layer:
    said = layer.values.get("model", {})
    kept = {BY_RECIPE: said[BY_RECIPE]} if BY_RECIPE in said else {}
    values = {section: value for section, value in layer.values.items() if section != "model"}
    return replace(layer, values=values | ({"model": kept} if kept else {}))
