"""``gaupt presets``."""

import json
import tomllib

from gaupt.config import preset_names
from gaupt.config.presets import preset_values, recipe_names
from tests.cli.conftest import Gaupt


def test_the_list_has_every_preset_with_its_size_and_use(gaupt: Gaupt) -> None:
    presets, recipes = (part.splitlines() for part in gaupt("presets").done().out.split("\n\n"))
    lines = presets
    assert lines[0].split() == ["preset", "layers", "parameters", "tokens", "about"]
    named = [line.split() for line in lines[1:] if not line.startswith(" ")]
    assert [words[0] for words in named] == preset_names()
    assert named[preset_names().index("demo")][1:6] == ["4", "2.7", "M", "1", "M"]
    assert [line.split()[0] for line in recipes[1:] if not line.startswith(" ")] == recipe_names()
    assert max(map(len, presets + recipes)) <= 80


def test_one_preset_is_its_toml(gaupt: Gaupt) -> None:
    shown = gaupt("presets", "small").done().out
    assert shown.startswith("# ")
    assert tomllib.loads(shown) == preset_values("small")


def test_one_recipe_is_its_toml(gaupt: Gaupt) -> None:
    shown = gaupt("presets", "fast").done().out
    assert tomllib.loads(shown)["width"] == 768
    assert json.loads(gaupt("presets", "fast", "--json").done().out)["config"] == tomllib.loads(shown)


def test_json_has_the_figures_and_what_is_set(gaupt: Gaupt) -> None:
    every = json.loads(gaupt("presets", "--json").done().out)
    assert [preset["name"] for preset in every] == preset_names()
    one = json.loads(gaupt("presets", "roformer-v2-base", "--json").done().out)
    assert (one["architecture"], one["config"]["model"]["num_layers"]) == ("roformer", 12)
    assert one == every[preset_names().index("roformer-v2-base")]


def test_an_unknown_preset_is_told_with_a_near_one(gaupt: Gaupt) -> None:
    assert "no preset named 'smal' (did you mean small?)" in gaupt("presets", "smal").error()
