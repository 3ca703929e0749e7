"""``gaupt presets``: the named sets of options, and the recipes."""

import textwrap
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gaupt.cli import options


def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Show what this one sets, as TOML.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List the presets and recipes with their uses, or show what one sets.

    Example: gaupt presets small > my.toml
    """
    from gaupt.config.presets import (
        about,
        preset_facts,
        preset_names,
        preset_text,
        preset_values,
        recipe_names,
        recipe_text,
    )

    of_recipe = name in recipe_names() and name not in preset_names()
    if as_json and name is not None and of_recipe:
        text = recipe_text(name)
        options.print_json({"name": name, "about": about(text), "config": tomllib.loads(text)})
    elif as_json:
        facts = [
            {**preset_facts(each), "config": preset_values(each)}
            for each in ([name] if name else preset_names())
        ]
        options.print_json(facts[0] if name else facts)
    elif name is not None:
        print(recipe_text(name) if of_recipe else preset_text(name), end="")
    else:
        _print_table([preset_facts(each) for each in preset_names()])
        print()
        _print_recipes({each: about(recipe_text(each)) for each in recipe_names()})


def _print_table(presets: list[dict[str, Any]]) -> None:
    """A preset a row, in 80 columns: its use takes as many lines as it needs."""
    columns = "{:<17} {:>6} {:>10} {:>8}  {}"
    print(columns.format("preset", "layers", "parameters", "tokens", "about"))
    for preset in presets:
        figures = f"{preset['parameters'] / 1e6:.1f} M", f"{preset['tokens'] / 1e6:,.0f} M"
        first, *rest = textwrap.wrap(preset["about"], 80 - len(columns.format(*[""] * 5)))
        print(columns.format(preset["name"], preset["layers"], *figures, first))
        for line in rest:
            print(columns.format("", "", "", "", line))


def _print_recipes(recipes: Mapping[str, str]) -> None:
    """A recipe a paragraph, in 80 columns."""
    print(f"{'recipe':<17} about")
    for name, about in recipes.items():
        first, *rest = textwrap.wrap(about, 62)
        print(f"{name:<17} {first}")
        for line in rest:
            print(f"{'':<17} {line}")
