"""What is said of every option: that each is there, and how its bounds are told."""

import pytest

from gaupt.config import Config, ExportConfig
from gaupt.config.reference import SECTIONS, expected, option_at, options, options_beneath, sections, toml


def test_every_option_of_every_model_is_there_with_its_meaning() -> None:
    models = Config.model_json_schema()["$defs"]
    assert {model.__name__ for model in SECTIONS.values()} - {"Config"} == {
        name for name, model in models.items() if model.get("properties")
    }
    for section in sections():
        names = [option.key.rpartition(".")[2] for option in section.options]
        known = models.get(SECTIONS[section.title].__name__, {"properties": ["seed"]})["properties"]
        assert names == [name for name in known if name not in ("rules", "sources", "tasks")]
    assert [told.title for told in sections() if not told.meaning] == []
    assert [option.key for option in options() if not option.meaning] == []


def test_every_option_has_a_test_that_shows_what_it_changes(request: pytest.FixtureRequest) -> None:
    chosen = request.config.option
    if (
        request.config.args_source is not pytest.Config.ArgsSource.TESTPATHS
        or chosen.keyword
        or chosen.markexpr
    ):
        pytest.skip("only a part of the tests was collected")
    shown = {
        key for item in request.session.items for mark in item.iter_markers("option") for key in mark.args
    }
    assert shown == {option.key for option in options()}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("train.steps", "a whole number, ≥ 1"),
        ("train.lr", "a number, > 0"),
        ("train.betas", "a list of 2 numbers, ≥ 0, < 1, such as [0.9, 0.999]"),
        ("train.compile", "true or false"),
        ("train.source_weights", "a table of numbers, ≥ 0"),
        ("clean.profile", "web, article or short"),
        ("clean.blocked_words", "text"),
        ("clean.sources.wiki.profile", "web, article or short"),
        ("export.formats", 'a list of hf, onnx, gau-alpha, roformer, such as ["hf"]'),
    ],
)
def test_what_an_option_may_be_is_told_in_plain_words(key: str, told: str) -> None:
    option = option_at(key.split("."))
    assert option is not None and expected(option) == told


def test_of_two_options_of_one_key_the_architecture_decides() -> None:
    gau, roformer = (option_at(("model", "num_layers"), name) for name in ("gau", "roformer"))
    assert gau is not None and roformer is not None
    assert (gau.default, roformer.default) == (24, 12)
    assert option_at(("model", "num_heads"), "gau") is None
    assert option_at(("model",)) is None


def test_a_section_has_options_beneath_it() -> None:
    found = {option.key for option in options_beneath(("export",))}
    assert found == {f"export.{name}" for name in ExportConfig.model_fields}
    assert "clean.sources.NAME.profile" in {
        option.key for option in options_beneath(("clean", "sources", "wiki"))
    }
    assert options_beneath(("train", "lr")) == []


def test_values_are_shown_as_toml() -> None:
    assert [toml(value) for value in (None, True, 1e-4, "字", [1.0], {}, {"a": 1})] == [
        "", "true", "0.0001", '"字"', "[1.0]", "{}", "{a = 1}",
    ]  # fmt: skip
