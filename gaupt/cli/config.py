"""``gaupt config``: what every option means."""

import textwrap
import tomllib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gaupt.cli import options

if TYPE_CHECKING:
    from gaupt.config.reference import Option

WIDTH = 80


def config(
    key: Annotated[
        str | None,
        typer.Argument(metavar="[KEY]", help="A section, as train, or an option, as train.lr; else all."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Explain the options of --set and --config: meaning, default and bounds.

    Example: gaupt config train.lr
    """
    from gaupt.config.names import find
    from gaupt.config.presets import preset_names, preset_values, recipe_names, recipe_text, settings
    from gaupt.config.reference import toml

    found = find(key)
    sets = {
        "presets": {name: settings(preset_values(name)) for name in preset_names()},
        "recipes": {name: settings(tomllib.loads(recipe_text(name))) for name in recipe_names()},
    }

    def facts(option: "Option") -> dict[str, Any]:
        said = {
            kind: {name: values[option.key] for name, values in named.items() if option.key in values}
            for kind, named in sets.items()
        }
        return {**vars(option), **said}

    if as_json:
        options.print_json([facts(option) for section in found for option in section.options])
        return
    for section in found:
        if section.title:
            print(f"[{section.title}]  {section.meaning}\n")
        for option in section.options:
            default = "none" if option.default is None else toml(option.default)
            print(f"{option.key}  ({option.values}; default {default})")
            said = (
                f"{kind.capitalize()}: {', '.join(f'{name} {toml(value)}' for name, value in named.items())}."
                for kind in sets
                if (named := facts(option)[kind])
            )
            for line in (option.meaning, *said):
                print(textwrap.indent(textwrap.fill(line, WIDTH - 4), "    "))
            print()
