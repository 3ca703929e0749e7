"""``gaupt config``."""

import json

from gaupt.config.reference import options
from tests.cli.conftest import Gaupt


def test_one_option_is_told_with_bounds_default_meaning_and_presets(gaupt: Gaupt) -> None:
    shown = gaupt("config", "train.lr").done().out
    assert shown.startswith("[train]  Masked-LM pretraining.\n\ntrain.lr  (number, > 0; default 0.0003)\n")
    assert "    Peak learning rate; with muon, that of AdamW.\n" in shown
    assert "paper 0.0003" in shown and "Presets" not in shown
    assert "demo 300" in gaupt("config", "train.steps").done().out


def test_a_section_and_everything(gaupt: Gaupt) -> None:
    section, everything = (gaupt("config", *key).done().out for key in (["train"], []))
    assert section.count("\ntrain.") == len([o for o in options() if o.key.startswith("train.")])
    assert section in everything
    assert "\nseed  (" in f"\n{everything}"


def test_json_is_a_list_of_options(gaupt: Gaupt) -> None:
    (steps,) = json.loads(gaupt("config", "train.steps", "--json").done().out)
    assert steps.keys() == {"key", "default", "values", "meaning", "presets", "recipes"}
    assert (steps["key"], steps["default"], steps["values"]) == ("train.steps", 30_000, "whole number, ≥ 1")
    assert steps["presets"]["demo"] == 300
    assert len(json.loads(gaupt("config", "--json").done().out)) == len(options())


def test_an_unknown_key_is_told_with_near_ones(gaupt: Gaupt) -> None:
    message = gaupt("config", "learning_rate").error()
    assert "no option and no section learning_rate (did you mean train.lr or evaluate.lr?)" in message
