import pytest

from gaupt.config import CleanConfig, CleanRules
from gaupt.corpus.drop.rules import RULES, Measures
from gaupt.text.characters import Kind, count
from tests.corpus.made import PROSE, verdict


def reason(text: str, profile: str = "article") -> str | None:
    return verdict(CleanConfig.model_validate({"profile": profile}), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROSE, None),
        ("把玩具放回原处。", "too_short"),
        ("The quick brown fox jumps over the lazy dog. " * 20, "not_chinese"),
        ("これは日本語の文章です。ひらがなとカタカナが多い。" * 3, "foreign_script"),
        (
            "今日全省各地的气温变化情况如下表所示： 21.5 22.0 23.1 24.9 25.2 23.3 22.8 21.0 20.2",
            "too_many_digits",
        ),
        ("今天天气真好，快来看看吧\n" * 30, "duplicate_lines"),
        ("控制权就被传递给断点" * 60, "repeated_ngrams"),
        ("", "not_chinese"),
    ],
)
def test_article_rules(text: str, expected: str | None) -> None:
    assert reason(text) == expected


def test_short_profile_keeps_short_documents() -> None:
    assert reason("房间干净，服务很好", "short") is None
    assert reason("房间干净，服务很好", "article") == "too_short"


def test_web_profile_drops_menus() -> None:
    assert reason("\n".join(["首页导航", "商品分类", "联系客服"] * 20), "web") is not None


def test_every_rule_has_its_threshold_in_the_config() -> None:
    assert {rule.threshold for rule in RULES} == set(CleanRules.model_fields)


@pytest.mark.parametrize(("text", "share"), [("", 0), ("一行", 0), ("一行\n一行", 0.5), ("一行\n二行", 0)])
def test_duplicate_lines_are_a_share_of_the_characters(text: str, share: float) -> None:
    assert Measures(text, count(text)).duplicate_lines() == share


@pytest.mark.parametrize(
    "text",
    [
        "上半年营业收入为13912345678元，净利润15800000000元，同比都有增长。",
        "货号15012345678，档号159-2013-0012，流量170 2345 6789立方米，记录在案，请归档。",
    ],
)
def test_a_long_number_is_one_word_of_a_sentence(text: str) -> None:
    measures = Measures(text, count(text))
    assert measures.share(Kind.DIGIT) > 0.3 > measures.digit_share()


def test_many_short_numbers_and_numbers_alone_are_a_table() -> None:
    table = "各地气温： 21.5 22.0 23.1 24.9 25.2 23.3 22.8 21.0"
    assert (
        Measures(table, count(table)).digit_share() == Measures(table, count(table)).share(Kind.DIGIT) > 0.5
    )
    dump = "编号 " + "13912345678 " * 9
    assert Measures(dump, count(dump)).digit_share() > 0.8
