"""How a config comes to be: preset, file and options, one over the other."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gaupt.config.layers import Layer, merge
from gaupt.config.names import hint
from gaupt.config.presets import RECIPE, preset_names, preset_values, recipe_values
from gaupt.config.problems import problems
from gaupt.config.sections import Config
from gaupt.config.shape import with_shape
from gaupt.config.toml import read_toml
from gaupt.errors import GauptError
from gaupt.model.config import GAUConfig, ModelConfig


def load_config(
    preset: str | None = None,
    file: str | PathLike[str] | None = None,
    overrides: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    *,
    base: str | PathLike[str] | None = None,
    recipe: str | None = None,
    model: tuple[ModelConfig, str] | None = None,
) -> Config:
    """Resolve a config: preset < recipe < file < ``overrides`` ("section.key=value", TOML values) < ``options``.

    ``options`` are the named options of a command by dotted key; a value of None means not given. ``base`` is a
    resolved config that another one begins with, in place of a preset. Without ``recipe`` it is the one that the file
    names, else the preset's. ``model`` is one to go on from and what it is called: its shape is the config's.

    Raises:
        GauptError: an unknown preset, another shape than the model's, an unknown key or a value out of bounds; all
            of them named at once, each with the preset, file or option that says it.
    """
    layers = []
    if preset is not None:
        layers.append(Layer("preset", f"preset {preset}", preset_values(preset)))
    if base is not None:
        layers.append(Layer("file", str(base), read_toml(Path(base))))
    if file is not None:
        if str(file) in preset_names() and not Path(file).exists():
            raise GauptError(f"config file {file} does not exist; a preset is named by --preset {file}")
        layers.append(Layer("file", str(file), read_toml(Path(file))))
    layers += [_override(override) for override in overrides]
    layers += [_named(key, value) for key, value in (options or {}).items() if value is not None]
    if model is None:
        return _resolve(_with_recipe(layers, recipe, None))
    return _resolve(with_shape(_with_recipe(layers, recipe, model[0].hidden_size), *model))


def _with_recipe(layers: list[Layer], recipe: str | None, width: int | None) -> list[Layer]:
    """``layers`` with the recipe behind the preset: ``recipe``, or what the last of them names.

    Its rates are those for a model of ``width``, or of the one that ``layers`` say.
    """
    named = [layer.values[RECIPE] for layer in layers if RECIPE in layer.values]
    bare = [
        replace(layer, values={key: value for key, value in layer.values.items() if key != RECIPE})
        for layer in layers
    ]
    if recipe is None:
        recipe = next((name for name in reversed(named) if isinstance(name, str)), None)
    if recipe is None:
        return bare
    model = merge(bare)[0].get("model")
    hidden_size = model.get("hidden_size") if isinstance(model, dict) else None
    # What is no whole number is refused with the rest, by name.
    if width is None:
        width = hidden_size if isinstance(hidden_size, int) and hidden_size > 0 else GAUConfig.hidden_size
    place = sum(layer.kind == "preset" for layer in bare)
    bare.insert(place, Layer("preset", f"recipe {recipe}", recipe_values(recipe, width)))
    return bare


def config_from(values: Mapping[str, Any], where: str) -> Config:
    """Validate nested ``values``; ``where`` names their origin in messages.

    Raises:
        GauptError: an unknown key or a value out of bounds.
    """
    return _resolve([Layer("file", where, values)])


def read_config(path: Path) -> Config:
    """Read a config that `to_toml` wrote."""
    return config_from(read_toml(path), where=str(path))


def _resolve(layers: Iterable[Layer]) -> Config:
    values, origins = merge(layers)
    if name := next(_not_utf8(values), None):
        raise GauptError(f"{name}: a name that is not UTF-8 cannot stand in a config; name it through a link")
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise GauptError("; ".join(problems(error, values, origins))) from None


def _not_utf8(value: Any) -> Iterator[str]:
    """The texts in which Python keeps bytes of the command line that are no UTF-8."""
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            yield value
    elif isinstance(value, Mapping):
        yield from (found for pair in value.items() for item in pair for found in _not_utf8(item))
    elif isinstance(value, (list, tuple)):
        yield from (found for item in value for found in _not_utf8(item))


def _override(said: str) -> Layer:
    """What one ``--set`` says."""
    key, equals, text = said.partition("=")
    path = [part.strip() for part in key.split(".")]
    name = f"--set {said}"
    if not equals:
        raise GauptError(f"{name}: expected section.key=value, such as train.lr=1e-4")
    if several := re.match(r"[^\"'{\[]+[,;\s]\s*([a-z]+\.\w+)\s*=", text):
        raise GauptError(f"{name}: says several options; give each its own, as --set {several[1]}=…")
    if not all(path):
        parts = [part for part in path if part]
        told = f" ({hint(parts)})" if parts else ""
        raise GauptError(f"{name}: expected section.key=value, but a part of the key is empty{told}")
    return Layer("option", name, _nest(path, _parse_value(text.strip())))


def _named(key: str, value: Any) -> Layer:
    """What a command's option of the name of ``key`` says; one that may be repeated is called in the singular."""
    path = key.split(".")
    many = isinstance(value, (list, tuple))
    name = path[-1].removesuffix("s") if many else path[-1]
    said = " ".join(map(str, value)) if many else f"{value:g}" if isinstance(value, float) else value
    return Layer("option", f"--{name.replace('_', '-')} {said}", _nest(path, value))


def _parse_value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text  # a bare word, so that nobody has to quote type=char twice for the shell
    return parsed["value"] if len(parsed) == 1 else text


def _nest(path: list[str], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    nested: dict[str, Any] = value
    return nested
