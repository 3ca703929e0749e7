"""``gaupt config``: what every option means."""

import textwrap
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
    from gaupt.config.presets import preset_names, preset_values, settings
    from gaupt.config.reference import toml

    found = find(key)
    presets = {name: settings(preset_values(name)) for name in preset_names()}

    def facts(option: "Option") -> dict[str, Any]:
        said = {name: values[option.key] for name, values in presets.items() if option.key in values}
        return {**vars(option), "presets": said}

    if as_json:
        options.print_json([facts(option) for section in found for option in section.options])
        return
    for section in found:
        if section.title:
            print(f"[{section.title}]  {section.meaning}\n")
        for option in section.options:
            default = "none" if option.default is None else toml(option.default)
            print(f"{option.key}  ({option.values}; default {default})")
            said = ", ".join(f"{name} {toml(value)}" for name, value in facts(option)["presets"].items())
            for line in (option.meaning, f"Presets: {said}." if said else ""):
                print(textwrap.indent(textwrap.fill(line, WIDTH - 4), "    "), end="\n" if line else "")
            print()
