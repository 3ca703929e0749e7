"""Which language a reader has, and how things are said in it."""

import pytest

from gaupt.errors import GauptError
from gaupt.language import Wording, language_of

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
        ({"LANG": "en_US", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "de_DE", "LANGUAGE": "de:zh:en"}, "zh"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh"}, "en"),
        ({"LANGUAGE": "zh"}, "en"),
    ],
)
def test_the_locale_decides_as_it_does_for_other_programs(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of() == language


@pytest.mark.parametrize("name", ["en", "zh"])
def test_a_name_decides_before_the_locale(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN" if name == "en" else "en_US")
    assert language_of(name) == name


@pytest.mark.parametrize("name", ["fr", "", "ZH", "zh_CN"])
def test_another_language_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(GauptError, match=f"no language '{name}': .* en or zh"):
        language_of(name)


CHINESE = {"{count:,} documents": "{count:,} 篇文档", "too_short": "过短", "a {brace}": "一个 {brace}"}


def test_texts_are_said_in_the_language_with_their_values() -> None:
    english, chinese = Wording("en", CHINESE), Wording("zh", CHINESE)
    assert english("{count:,} documents", count=1234) == "1,234 documents"
    assert chinese("{count:,} documents", count=1234) == "1,234 篇文档"
    assert english("a {brace}") == "a {brace}"


def test_a_text_without_chinese_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Wording("zh", CHINESE)("tokens")


def test_terms_of_ours_are_words_and_names_of_others_stay_as_they_are() -> None:
    english, chinese = Wording("en", CHINESE), Wording("zh", CHINESE)
    assert [say.term("too_short") for say in (english, chinese)] == ["too short", "过短"]
    assert [say.name("my_run") for say in (english, chinese)] == ["my_run", "my_run"]
    assert [say.name("too_short") for say in (english, chinese)] == ["too_short", "过短"]


def test_sentences_stand_apart_by_a_space_in_english_alone() -> None:
    assert Wording("en", CHINESE).sentences("One.", "Two.") == "One. Two."
    assert Wording("zh", CHINESE).sentences("一。", "二。") == "一。二。"
