"""The presets and recipes that ship with gaupt: TOML files that hold what differs from the defaults.

A preset is a size: a model, its samples, how many of them make a step and how many steps a run. A recipe is a way of
training: optimizer, rates, schedule, masking, dropout. A preset names one (``recipe``), and any other fits as well;
no option stands in both. A preset that is ``like`` another takes everything but its model from there. The comment at
the top of a file says what it is for.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from gaupt.config.sections import Config
from gaupt.errors import GauptError
from gaupt.model.size import parameter_count

RECIPE = "recipe"
"""The key of a preset or a config file that names a recipe; no section."""
PRESETS, RECIPES = "presets", "recipes"
_LIKE = re.compile(r'^like = "(.+)"\n', re.MULTILINE)
_TABLE = re.compile(r"^(?=\[)", re.MULTILINE)
_RATES = ("lr", "matrix_lr")


def preset_names() -> list[str]:
    """Names of the presets that ship with gaupt."""
    return _names(PRESETS)


def recipe_names() -> list[str]:
    """Names of the recipes that ship with gaupt."""
    return _names(RECIPES)


def preset_text(name: str) -> str:
    """The TOML of the preset called ``name``, with what it takes from the one that it is like.

    Raises:
        GauptError: there is none of that name.
    """
    own = _text(PRESETS, name)
    like = _LIKE.search(own)
    if like is None:
        return own
    about, *tables = _TABLE.split(_LIKE.sub("", own))
    above, *others = _TABLE.split(preset_text(like[1]))
    recipe = "".join(line for line in above.splitlines(keepends=True) if not line.startswith("#"))
    return about + recipe + "".join(tables) + "\n" + "".join(t for t in others if not t.startswith("[model]"))


def recipe_text(name: str) -> str:
    """The TOML of the recipe called ``name``. Raises as `preset_text`."""
    return _text(RECIPES, name)


def preset_values(name: str) -> dict[str, Any]:
    """What the preset called ``name`` sets, by section, and its recipe's name; raises as `preset_text`."""
    return tomllib.loads(preset_text(name))


def recipe_values(name: str, hidden_size: int) -> dict[str, Any]:
    """What the recipe called ``name`` sets for a model of ``hidden_size``, by section; raises as `preset_text`.

    Where a recipe says at what ``width`` its learning rates hold, narrower models get larger ones, by 1 over the
    width (arXiv:2203.03466, table 8: matrices of AdamW).
    """
    values = tomllib.loads(recipe_text(name))
    width = values.pop("width", None)
    for rate in _RATES if width else ():
        if rate in values["train"]:
            values["train"][rate] = float(f"{values['train'][rate] * width / hidden_size:.3g}")
    return values


def about(text: str) -> str:
    """What the preset or recipe of this TOML is for, in one line."""
    lines = text.splitlines()
    above = lines[: next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    return " ".join(line.removeprefix("#").strip() for line in above)


def preset_facts(name: str) -> dict[str, Any]:
    """What to choose the preset called ``name`` by: parameters, tokens seen in training, and what it is for.

    Raises as `preset_text`.
    """
    values = preset_values(name)
    recipe = values.pop(RECIPE)
    config = Config.model_validate(values)
    model = replace(config.model, vocab_size=config.tokenizer.vocab_size)
    return {
        "name": name,
        "architecture": model.architecture,
        "layers": model.num_layers,
        "parameters": parameter_count(model),
        "tokens": config.train.steps * config.train.batch_tokens,
        "recipe": recipe,
        "about": about(preset_text(name)),
    }


def presets_of(architecture: str) -> list[str]:
    """Names of the presets whose model is of ``architecture``."""
    return [
        name
        for name in preset_names()
        if preset_values(name).get("model", {}).get("architecture", "gau") == architecture
    ]


def settings(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested values by dotted key."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{above}{key}"
        flat |= settings(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


def _names(folder: str) -> list[str]:
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in _folder(folder).iterdir()
        if entry.name.endswith(".toml")
    )


def _text(folder: str, name: str) -> str:
    known, kind = _names(folder), folder.removesuffix("s")
    if name not in known:
        other = RECIPES if folder == PRESETS else PRESETS
        if name in _names(other):
            raise GauptError(
                f"{name} is a {other.removesuffix('s')}, not a {kind}: --{other.removesuffix('s')} {name}"
            )
        near = difflib.get_close_matches(name.lower(), known, n=1)
        file = "; a file of your own is named by --config" if name.endswith(".toml") else ""
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
        raise GauptError(f"no {kind} named {name!r} ({hint}){file}")
    return (_folder(folder) / f"{name}.toml").read_text(encoding="utf-8")


def _folder(name: str) -> Traversable:
    return resources.files("gaupt") / name
