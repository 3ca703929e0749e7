"""Layers: the later wins, and each value knows who said it."""

from gaupt.config.layers import Layer, merge

PRESET = Layer("preset", "preset small", {"train": {"lr": 1, "steps": 2}, "seed": 3})
FILE = Layer("file", "my.toml", {"train": {"lr": 4}})
OPTION = Layer("option", "--set train.lr=5", {"train": {"lr": 5}})


def test_the_later_wins_and_the_rest_stays() -> None:
    values, origins = merge([PRESET, FILE, OPTION])
    assert values == {"train": {"lr": 5, "steps": 2}, "seed": 3}
    assert origins["train", "lr"] is OPTION
    assert origins["train", "steps"] is PRESET
    assert PRESET.values["train"]["lr"] == 1  # layers stay as they are


def test_a_place_is_told_as_its_user_wrote_it() -> None:
    path = ("train", "lr")
    places = [layer.place(path) for layer in (PRESET, FILE, OPTION)]
    assert places == ["preset small: [train] lr", "my.toml: [train] lr", "--set train.lr=5"]
    assert PRESET.place(("seed",)) == "preset small: seed"


def test_a_value_in_place_of_a_table_takes_all_of_it_away() -> None:
    values, origins = merge([PRESET, Layer("option", "--set train=3", {"train": 3})])
    assert values == {"train": 3, "seed": 3}
    assert ("train", "lr") not in origins


def test_what_is_said_of_all_tasks_beats_what_was_said_of_one() -> None:
    one = Layer("preset", "preset", {"evaluate": {"tasks": {"csl": {"lr": 1, "epochs": 2}}}})
    values, origins = merge([one, Layer("file", "my.toml", {"evaluate": {"lr": 3}})])
    assert values == {"evaluate": {"lr": 3, "tasks": {"csl": {"epochs": 2}}}}
    assert ("evaluate", "tasks", "csl", "lr") not in origins
    values, _ = merge([Layer("file", "my.toml", {"evaluate": {"lr": 3}}), one])
    assert values["evaluate"]["tasks"]["csl"]["lr"] == 1
