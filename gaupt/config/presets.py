"""The presets that ship with gaupt: TOML files that hold what differs from the defaults.

The comment at the top of a preset's file says what it is for.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from gaupt.config.sections import Config
from gaupt.errors import GauptError
from gaupt.model.size import parameter_count


def preset_names() -> list[str]:
    """Names of the presets that ship with gaupt."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml")
    )


def preset_text(name: str) -> str:
    """The TOML of the preset called ``name``.

    Raises:
        GauptError: there is none of that name.
    """
    known = preset_names()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1)
        file = "; a file of your own is named by --config" if name.endswith(".toml") else ""
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
        raise GauptError(f"no preset named {name!r} ({hint}){file}")
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def preset_values(name: str) -> dict[str, Any]:
    """What the preset called ``name`` sets, by section; raises as `preset_text`."""
    return tomllib.loads(preset_text(name))


def about_preset(name: str) -> str:
    """What the preset called ``name`` is for, in one line; raises as `preset_text`."""
    lines = preset_text(name).splitlines()
    above = lines[: next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    return " ".join(line.removeprefix("#").strip() for line in above)


def preset_facts(name: str) -> dict[str, Any]:
    """What to choose the preset called ``name`` by: parameters, tokens seen in training, and what it is for.

    Raises as `preset_text`.
    """
    config = Config.model_validate(preset_values(name))
    model = replace(config.model, vocab_size=config.tokenizer.vocab_size)
    return {
        "name": name,
        "architecture": model.architecture,
        "layers": model.num_layers,
        "parameters": parameter_count(model),
        "tokens": config.train.steps * config.train.batch_tokens,
        "about": about_preset(name),
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


def _folder() -> Traversable:
    return resources.files("gaupt") / "presets"
