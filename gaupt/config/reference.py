"""What every option means: read from the sections themselves, for docs/options.md, ``gaupt config`` and messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import getdoc
from typing import Any

from gaupt.config.sections import (
    CleanConfig,
    CleanRules,
    CleanSource,
    Config,
    EvaluateConfig,
    ExportConfig,
    ShardsConfig,
    TaskConfig,
    TokenizerConfig,
    TrainConfig,
)
from gaupt.config.toml import toml_value
from gaupt.model.config import GAUConfig, RoFormerConfig

SECTIONS = {
    "": Config,
    "clean": CleanConfig,
    "clean.rules": CleanRules,
    "clean.sources.NAME": CleanSource,
    "tokenizer": TokenizerConfig,
    "shards": ShardsConfig,
    "model": GAUConfig,
    "model, with architecture = \"roformer\"": RoFormerConfig,
    "train": TrainConfig,
    "evaluate": EvaluateConfig,
    "evaluate.tasks.NAME": TaskConfig,
    "export": ExportConfig,
}  # fmt: skip
"""The model of each section; NAME is any name, and what stands before all sections has none."""
KINDS = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true, false"}
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


@dataclass(frozen=True)
class Option:
    """One option, and what there is to say of it."""

    key: str
    """Dotted, as after ``--set``."""
    default: Any
    values: str
    """What it may be, with its bounds."""
    meaning: str


@dataclass(frozen=True)
class Section:
    """One section of the config."""

    title: str
    """As in `SECTIONS`."""
    meaning: str
    options: tuple[Option, ...]

    @property
    def name(self) -> str:
        """What stands in brackets in a config file."""
        return self.title.partition(",")[0]


@cache
def sections() -> tuple[Section, ...]:
    """Every section with its options, in the order of the config file."""
    schema = Config.model_json_schema()
    schemas = {"Config": schema, **schema["$defs"]}
    return tuple(_section(title, model, schemas[model.__name__]) for title, model in SECTIONS.items())


def options() -> list[Option]:
    """Every option of every section; one that both architectures have stands there twice."""
    return [option for section in sections() for option in section.options]


def option_at(path: Sequence[str], architecture: str = "gau") -> Option | None:
    """The option at the parts of a dotted key, or None; of two of one key the one of ``architecture``."""
    found = [
        option
        for section in sections()
        if "architecture" not in section.title or architecture in section.title
        for option in section.options
        if fits(option.key.split("."), path)
    ]
    return found[-1] if found else None


def options_beneath(path: Sequence[str]) -> list[Option]:
    """The options of the section that the parts of a dotted key name, and of the sections in it."""
    keys = ((option, option.key.split(".")) for option in options())
    return [option for option, key in keys if len(key) > len(path) and fits(key[: len(path)], path)]


def expected(option: Option) -> str:
    """What an option may be, to stand behind "expected"."""
    first = option.values.split()[0].rstrip(",")
    if first in ("whole", "number", "list", "table"):
        example = f", such as {toml(option.default)}" if first in ("list", "table") and option.default else ""
        return f"a {option.values}{example}"
    return option.values if first == "text" else " or ".join(option.values.rsplit(", ", 1))


def toml(value: Any) -> str:
    """A value as TOML; nothing for none."""
    return "" if value is None else toml_value(value)


def _section(title: str, model: type, schema: Mapping[str, Any]) -> Section:
    prefix = title.partition(",")[0]
    # pydantic 2.12 tells no docstrings of dataclasses in their schemas.
    meaning = " ".join((getdoc(model) or "").split("\n\n")[0].split()).replace("``", "`")
    named = (
        Option(
            key=f"{prefix}.{name}".removeprefix("."),
            default=facts.get("default"),
            values=_values(facts),
            meaning=" ".join(facts.get("description", "").split()),
        )
        for name, facts in schema["properties"].items()
        # What is a section of its own stands there.
        if "$ref" not in facts
        and "discriminator" not in facts
        and name not in ("rules", "sources", "tasks", "model")
    )
    return Section(title, meaning, tuple(named))


def _values(facts: Mapping[str, Any]) -> str:
    """What an option may be, from its JSON schema."""
    if "anyOf" in facts:
        return " or ".join(_values(choice) for choice in facts["anyOf"] if choice.get("type") != "null")
    if "enum" in facts or "const" in facts:
        return ", ".join(str(choice) for choice in facts.get("enum", [facts.get("const")]))
    kind = facts.get("type", "")
    if kind == "array":
        items, count = (facts["items"], "") if "items" in facts else _tuple(facts["prefixItems"])
        return f"list of {count}{_several(items)}"
    if kind == "object":
        return f"table of {_several(facts['additionalProperties'])}"
    bounds = [f"{sign} {facts[bound]:,}" for bound, sign in BOUNDS.items() if bound in facts]
    return ", ".join([KINDS[kind], *bounds])


def _tuple(items: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], str]:
    return items[0], f"{len(items)} "


def _several(facts: Mapping[str, Any]) -> str:
    return _values(facts).replace("number", "numbers", 1)


def fits(key: Sequence[str], path: Sequence[str]) -> bool:
    """Whether ``path`` is the key of these parts, where NAME is any name."""
    return len(key) == len(path) and all(part in ("NAME", said) for part, said in zip(key, path, strict=True))
