"""Print docs/options.md: every option of every section, from the models in gaupt/config.py (``make options``)."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from gaupt.config import CLEAN_PROFILES, Config, preset_names

HEAD = """\
# Options

Every option of every stage, with its default. Set one with `--set section.key=value`, or in a TOML file for `--config`;
a preset (`--preset`) sets several. Preset < file < `--set` and named options. Each stage writes the config that it
resolved beside its output, as `config.toml`.

<!-- Made from gaupt/config.py by `make options`; a test holds the two together. -->

`seed` (default 0) stands before all sections: it decides every random draw.
"""
SECTIONS = {
    "clean": "CleanConfig",
    "clean.rules": "CleanRules",
    "clean.sources.NAME": "CleanSource",
    "tokenizer": "TokenizerConfig",
    "shards": "ShardsConfig",
    "model": "GAUConfig",
    "model, with architecture = \"roformer\"": "RoFormerConfig",
    "train": "TrainConfig",
    "evaluate": "EvaluateConfig",
    "evaluate.tasks.NAME": "TaskConfig",
    "export": "ExportConfig",
}  # fmt: skip


def main() -> None:
    """Print the page."""
    print(HEAD)
    models = Config.model_json_schema()["$defs"]
    for section, model in SECTIONS.items():
        print(f"## [{section}]\n\n{first_paragraph(models[model]['description'])}\n")
        print(table(("option", "default", "values", "meaning"), rows(models[model]["properties"])))
        if section == "clean.rules":
            print(profiles())
    print(f"## Presets\n\n{presets()}", end="")


def rows(properties: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """A row for each option, but for those that have a section of their own."""
    for name, facts in properties.items():
        if name not in ("rules", "sources", "tasks"):
            meaning = " ".join(facts.get("description", "").split())
            default = facts.get("default")
            yield f"`{name}`", "none" if default is None else f"`{toml(default)}`", values(facts), meaning


def values(facts: Mapping[str, Any]) -> str:
    """What an option may be, from its JSON schema."""
    if "anyOf" in facts:
        return values(next(choice for choice in facts["anyOf"] if choice.get("type") != "null"))
    if "enum" in facts or "const" in facts:
        return ", ".join(str(choice) for choice in facts.get("enum", [facts.get("const")]))
    kind = facts.get("type", "")
    if kind == "array":
        items = facts.get("items") or facts["prefixItems"][0]
        return f"list of {values(items)}"
    if kind == "object":
        return f"table of {values(facts['additionalProperties'])}"
    names = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true, false"}
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {facts[bound]:,}" for bound, sign in signs.items() if bound in facts]
    return ", ".join([names[kind], *bounds])


def profiles() -> str:
    """What each profile of cleaning sets."""
    names = list(CLEAN_PROFILES)
    keys = list(dict.fromkeys(key for profile in CLEAN_PROFILES.values() for key in profile))
    lines = ((f"`{key}`", *(toml(CLEAN_PROFILES[name].get(key)) for name in names)) for key in keys)
    told = "What `clean.profile` sets; where it says nothing the default above holds."
    return f"{told}\n\n{table(('threshold', *names), lines)}"


def presets() -> str:
    """What each preset sets."""
    values = {name: _flat(_preset(name)) for name in preset_names()}
    keys = list(dict.fromkeys(key for preset in values.values() for key in preset))
    lines = ((f"`{key}`", *(toml(preset.get(key)) for preset in values.values())) for key in keys)
    told = "What each preset sets; the defaults above hold for the rest."
    return f"{told}\n\n{table(('option', *values), lines)}"


def table(header: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    cells = [header, ("---",) * len(header), *lines]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in cells)


def toml(value: Any) -> str:
    """A value as TOML; nothing for none."""
    if isinstance(value, dict):
        return "{}" if not value else "{" + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + "}"
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def first_paragraph(text: str) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join(text.split("\n\n")[0].split()).replace("``", "`")


def _preset(name: str) -> dict[str, Any]:
    text = (resources.files("gaupt") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


if __name__ == "__main__":
    main()
