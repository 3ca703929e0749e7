"""Print docs/options.md: every option of every section, from the models in gaupt/config (``make options``)."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from gaupt.config import CLEAN_PROFILES, preset_names
from gaupt.config.presets import preset_values, recipe_names, recipe_text, settings
from gaupt.config.reference import Section, sections, toml

HEAD = """\
# Options

Every option of every stage, with its default. Set one with `--set section.key=value`, or in a TOML file for `--config`;
a preset (`--preset`) sets several, and so does a recipe (`--recipe`). Preset < recipe < file < `--set` and named
options. Each stage writes the config that it resolved beside its output, as `config.toml`. `gaupt config` shows
all this in a terminal, `gaupt config train.lr` one.

<!-- Made from gaupt/config/sections.py by `make options`; a test holds the two together. -->

`seed` (default 0) stands before all sections: it decides every random draw.
"""


def main() -> None:
    """Print the page."""
    print(HEAD)
    for section in sections():
        if section.title:
            print(f"## [{section.title}]\n\n{section.meaning}\n")
            print(table(("option", "default", "values", "meaning"), rows(section)))
        if section.title == "clean.rules":
            print(profiles())
    print(f"## Presets\n\n{presets()}")
    print(f"## Recipes\n\n{recipes()}", end="")


def rows(section: Section) -> Iterable[tuple[str, ...]]:
    """A row for each option."""
    for option in section.options:
        default = "none" if option.default is None else f"`{toml(option.default)}`"
        yield f"`{option.key.rpartition('.')[2]}`", default, option.values, option.meaning


def profiles() -> str:
    """What each profile of cleaning sets."""
    names = list(CLEAN_PROFILES)
    keys = list(dict.fromkeys(key for profile in CLEAN_PROFILES.values() for key in profile))
    lines = ((f"`{key}`", *(toml(CLEAN_PROFILES[name].get(key)) for name in names)) for key in keys)
    told = "What `clean.profile` sets; where it says nothing the default above holds."
    return f"{told}\n\n{table(('threshold', *names), lines)}"


def presets() -> str:
    """What each preset sets."""
    values = {name: settings(preset_values(name)) for name in preset_names()}
    told = (
        "What each preset sets; the defaults above hold for the rest. `gaupt presets` says what each is for."
    )
    return f"{told}\n\n{columns(values)}"


def recipes() -> str:
    """What each recipe sets."""
    values = {name: settings(tomllib.loads(recipe_text(name))) for name in recipe_names()}
    told = (
        'How to train, whatever the size: `--recipe`, or `recipe = "fast"` at the top of a config file; a preset names '
        "one. Learning rates are for the `width` (hidden size); narrower models get them times width over hidden size."
    )
    return f"{told}\n\n{columns(values)}"


def columns(values: Mapping[str, Mapping[str, Any]]) -> str:
    """A column for each set of options, a row for each option that one of them sets."""
    keys = list(dict.fromkeys(key for each in values.values() for key in each))
    lines = ((f"`{key}`", *(toml(each.get(key)) for each in values.values())) for key in keys)
    return table(("option", *values), lines)


def table(header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    cells = [header, ("---",) * len(header), *lines]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in cells)


if __name__ == "__main__":
    main()
