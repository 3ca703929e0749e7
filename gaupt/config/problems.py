"""What is wrong in a config, said of the place that it comes from: a preset, a file or an option."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from gaupt.config.layers import Layer, Origins, Path
from gaupt.config.names import hint, near_keys, near_section
from gaupt.config.presets import presets_of
from gaupt.config.reference import SECTIONS, expected, option_at, options_beneath, toml
from gaupt.model.config import CONFIGS
from gaupt.spelling import number

INHERITING = (("clean", "sources"), ("evaluate", "tasks"))
"""Tables whose entries take from the section above them what they leave out."""
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def problems(error: ValidationError, values: Mapping[str, Any], origins: Origins) -> list[str]:
    """Each thing wrong in ``values``: where it was said, what is wrong, and what to do."""
    model = values.get("model")
    architecture = str(model.get("architecture", "gau")) if isinstance(model, Mapping) else "gau"
    foreign: dict[Layer, list[str]] = defaultdict(list)
    said = []
    for item in error.errors():
        path = _path(item["loc"], origins)
        if item["type"] in UNKNOWN and path[0] == "model" and _known_elsewhere(path[-1]) and len(path) == 2:
            foreign[origins[path]].append(path[-1])
        elif item["type"] in UNKNOWN:
            said.append(_unknown(path, origins[path], architecture))
        elif item["type"] == "union_tag_invalid":
            place = _place(("model", "architecture"), values, origins)
            said.append(f"{place}: expected {' or '.join(CONFIGS)}")
        elif item["type"] == "value_error":
            message = item["msg"].removeprefix("Value error, ")
            said.append(f"{_places_named(message, path, values, origins)}: {message}")
        else:
            said.append(f"{_place(path, values, origins)}: {_not_as_expected(item, path, architecture)}")
    said += [_of_another(layer, names, architecture) for layer, names in foreign.items()]
    return list(dict.fromkeys(said))


def _path(location: tuple[int | str, ...], origins: Origins) -> Path:
    """The key that a user wrote, from where pydantic found it wrong."""
    parts = [str(part) for part in location]
    if parts[:1] == ["model"] and parts[1:2] and parts[1] in CONFIGS:
        del parts[1]  # which class was tried; nobody wrote that
    while len(parts) > 1 and tuple(parts) not in origins:
        if tuple(parts[:2]) in INHERITING and len(parts) > 3:
            parts = [parts[0], *parts[3:]]  # taken from the section above
        else:
            del parts[-1]  # an entry of a list
    return tuple(parts)


def _place(path: Path, values: Any, origins: Origins) -> str:
    """Where ``path`` was said, and what was said of it."""
    for part in path:
        values = values[part]
    layer = origins[path]
    shown = "" if layer.kind == "option" or isinstance(values, Mapping) else f" = {toml(values)}"
    return f"{layer.place(path)}{shown}"


def _places_named(message: str, section: Path, values: Any, origins: Origins) -> str:
    """Where the options that a message on several of them names were said, or the one that it is on."""
    words = set(re.findall(r"\w+", message))
    named = [path for path in origins if path[:-1] == section and path[-1] in words]
    named = named or [path for path in origins if path == section]
    return " with ".join(_place(path, values, origins) for path in named) or ".".join(section)


def _unknown(path: Path, layer: Layer, architecture: str) -> str:
    if architecture == "gau" and near_keys(path) == ["model.num_heads"]:
        return _of_another(layer, [path[-1]], architecture)
    if layer.kind == "option":
        return f"{layer.name}: unknown option ({hint(_whole(layer.values))})"
    if len(path) == 1 and isinstance(layer.values.get(path[0]), Mapping):
        near = near_section(path[0])
        known = ", ".join(title for title in SECTIONS if title and "." not in title and "," not in title)
        remedy = f"did you mean [{near}]?" if near else f"sections: {known}"
        return f"{layer.name}: unknown section [{path[0]}] ({remedy})"
    return f"{layer.place(path)}: unknown option ({hint(path)})"


def _whole(values: Any) -> Path:
    """The whole key of an option of the command line, which says one value."""
    for key, value in values.items():
        return (key, *_whole(value)) if isinstance(value, Mapping) and value else (key,)
    return ()


def _known_elsewhere(name: str) -> bool:
    return any(name == field.name for config in CONFIGS.values() for field in fields(config))


def _of_another(layer: Layer, names: list[str], architecture: str) -> str:
    """Options of ``layer`` that the model of another architecture has."""
    if len(names) == 1 and architecture == "gau" and near_keys(("model", *names)) == ["model.num_heads"]:
        return f"{layer.place(('model', *names))}: a GAU has one head and no such option; leave it out"
    keys = " and ".join(f"model.{name}" for name in names)
    said = layer.name if layer.kind == "option" else f"{layer.name} sets {keys}, which"
    have = (
        f": a {architecture} has no {names[0]}"
        if layer.kind == "option"
        else f" a {architecture} does not have"
    )
    own = ", ".join(presets_of(architecture))
    remedy = f"take --preset {own.replace(', ', ' or ')}" if layer.kind == "preset" else "leave that out"
    return f"{said}{have}; {remedy}"


def _not_as_expected(item: Any, path: Path, architecture: str) -> str:
    option = option_at(path, architecture)
    table = option_at(path[:-1], architecture)
    if option is None and table is not None:
        return f"expected a {table.values.removeprefix('table of ').replace('numbers', 'number')}"
    if option is None:
        beneath = options_beneath(path)
        example = f" of it, such as {beneath[0].key}" if beneath else ""
        return f"this is a section; set an option{example}"
    if isinstance(item["input"], Mapping) and not option.values.startswith("table"):
        return f"{option.key} is one option and no section: expected {expected(option)}"
    if option.values.startswith("list of ") and not isinstance(item["loc"][-1], str):  # one of its entries
        known = option.values.removeprefix("list of ")
        if ", " in known and not any(map(str.isspace, known.replace(", ", ""))):
            return f"expected {' or '.join(known.rsplit(', ', 1))}, found {item['input']!r}"
    said = f"expected {expected(option)}"
    if item["type"] == "finite_number":
        said = said.replace("a number", "a finite number")
    meant = number(item["input"], "whole" in said) if isinstance(item["input"], str) else None
    return (
        f"{said}; did you mean {meant}?"
        if meant and said.startswith(("expected a whole", "expected a num"))
        else said
    )
