"""``gaupt presets``: the named sets of options."""

import textwrap
from typing import Annotated, Any

import typer

from gaupt.cli import options


def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Show what this one sets, as TOML.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List the presets with their sizes and uses, or show what one sets.

    Example: gaupt presets small > my.toml
    """
    from gaupt.config.presets import preset_facts, preset_names, preset_text, preset_values

    if as_json:
        facts = [
            {**preset_facts(each), "config": preset_values(each)}
            for each in ([name] if name else preset_names())
        ]
        options.print_json(facts[0] if name else facts)
    elif name is not None:
        print(preset_text(name), end="")
    else:
        _print_table([preset_facts(each) for each in preset_names()])


def _print_table(presets: list[dict[str, Any]]) -> None:
    """A preset a row, in 80 columns: its use takes as many lines as it needs."""
    columns = "{:<14} {:>6} {:>10} {:>8}  {}"
    print(columns.format("preset", "layers", "parameters", "tokens", "about"))
    for preset in presets:
        figures = f"{preset['parameters'] / 1e6:.1f} M", f"{preset['tokens'] / 1e6:,.0f} M"
        first, *rest = textwrap.wrap(preset["about"], 80 - len(columns.format(*[""] * 5)))
        print(columns.format(preset["name"], preset["layers"], *figures, first))
        for line in rest:
            print(columns.format("", "", "", "", line))
