import pytest

from gaupt.config import CleanConfig, CleanRules
from gaupt.corpus.drop.rules import RULES, Measures, active_rules
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


def test_every_rule_has_its_threshold_in_the_config_whose_name_says_its_side() -> None:
    assert {rule.threshold for rule in RULES} == set(CleanRules.model_fields)
    for rule in RULES:
        least = rule.threshold.startswith("min_")
        assert rule.bound == ("at least" if least else "at most")
        assert [rule.keeps(value, 0.5) for value in (0.4, 0.5, 0.6)] == [not least, True, least]


ALL_OFF = {name: 0 if name.startswith("min_") else 1 for name in CleanRules.model_fields}


ALONE = [
    ("min_chinese_share", 0.5, 0.51, "山水ab", "not_chinese"),
    ("min_chinese", 2, 3, "山水", "too_short"),
    ("max_foreign_share", 0.5, 0.49, "山水かな", "foreign_script"),
    ("max_digit_share", 0.67, 0.66, "山12", "too_many_digits"),
    ("max_symbol_share", 0.5, 0.49, "山水*×", "too_many_symbols"),
    ("min_punctuation_share", 0.33, 0.34, "山水。", "too_little_punctuation"),
    ("max_punctuation_share", 0.34, 0.33, "山水。", "too_much_punctuation"),
    ("min_mean_line", 2, 2.1, "山水\n云雾", "short_lines"),
    ("max_unfinished_lines", 0.34, 0.33, "山水\n云雾。\n茶农！", "unfinished_lines"),
    ("max_duplicate_lines", 0.5, 0.49, "山水\n山水", "duplicate_lines"),
    ("max_repeated_ngrams", 0.95, 0.9, "山水" * 20, "repeated_ngrams"),
    ("max_blocked_share", 0.5, 0.49, "山水云雾", "blocked_words"),
]
"""A threshold, a value that keeps the text and one that drops it, the text, and why it goes."""


@pytest.mark.option(*(f"clean.rules.{row[0]}" for row in ALONE))
@pytest.mark.parametrize(("threshold", "keeps", "drops", "text", "reason"), ALONE)
def test_each_rule_alone(threshold: str, keeps: float, drops: float, text: str, reason: str) -> None:
    assert active_rules(CleanRules.model_validate(ALL_OFF), True) == ()
    ((rule, limit),) = active_rules(CleanRules.model_validate(ALL_OFF | {threshold: drops}), True)
    value = rule.measure(Measures(text, count(text), frozenset({"山水"})))
    assert (rule.reason, limit) == (reason, drops)
    assert [rule.keeps(value, keeps), rule.keeps(value, drops)] == [True, False]


def test_blocked_words_are_looked_for_where_there_are_any() -> None:
    off = CleanRules.model_validate(ALL_OFF | {"max_blocked_share": 0.5})
    assert active_rules(off, has_blocked_words=False) == ()
    on = active_rules(CleanRules(), has_blocked_words=False)
    assert {"too_short", "blocked_words"} & {rule.reason for rule, _ in on} == {"too_short"}


def measures(text: str, *blocked: str) -> Measures:
    return Measures(text, count(text), frozenset(blocked))


def test_shares_are_of_the_visible_characters() -> None:
    assert measures("山水 a\n1。").chinese_share() == 2 / 5
    assert measures("山水 a\n1。").share(Kind.LETTER, Kind.DIGIT) == 2 / 5
    assert (measures("").share(Kind.DIGIT), measures("1").share(Kind.DIGIT)) == (0, 1)
    assert measures("山*×\u0378").symbol_share() == 3 / 4
    assert measures("山*×。").punctuation_share() == 2 / 4
    assert measures("广告说广告，特价", "广告", "特价").blocked_share() == 6 / 8


def test_foreign_script_is_a_share_of_east_asian_characters() -> None:
    texts = {"": 0, "山水abc": 0, "あ": 1, "한": 1, "あ한山水": 0.5, "カ山水云abc": 0.25}
    assert {text: measures(text).foreign_share() for text in texts} == texts


def test_measures_of_lines_leave_empty_ones_out() -> None:
    assert {text: measures(text).mean_line() for text in ("", "山水云", "山水云\n\n茶")} == {
        "": 0,
        "山水云": 3,
        "山水云\n\n茶": 2,
    }


@pytest.mark.parametrize(
    ("text", "share"), [("", 0), ("一行", 0), ("一行\n一行", 0.5), ("一行\n二行", 0), ("一\n一二三\n一", 0.2)]
)
def test_duplicate_lines_are_a_share_of_the_characters(text: str, share: float) -> None:
    assert measures(text).duplicate_lines() == pytest.approx(share)


def test_unfinished_lines_are_a_share_of_three_and_more() -> None:
    texts = {"": 0, "山水\n云雾": 0, "山水\n\n云雾": 0, "山水\n云雾。\n茶农": 2 / 3, "。山水\n云雾\n茶农": 1}
    assert {text: measures(text).unfinished_lines() for text in texts} == texts
    ends = '。！？…；.!?;：:”"』」）)》】~～'
    assert measures("\n".join(f"山水{end}" for end in ends)).unfinished_lines() == 0


def test_runs_of_13_characters_repeat() -> None:
    run = "一二三四五六七八九十百千万"
    assert measures(f"{run}，{run}").repeated_ngrams() > 0
    assert measures(f"{run[1:]}，{run[1:]}").repeated_ngrams() == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("大江长6300公里，流域1808500平方公里，年均流量31900立方米。", None),
        (
            "大江6300，流域1808500，流量31900，落差5400，长度123456，均见附表所列各项。",
            "too_many_digits",
        ),  # more digits
        ("一二三四五六七八九十" * 10 + "12345678 12 " * 10, None),  # as many, 200 in all
        ("一二三四五六七八九十" * 10 + "12345678 12 " * 10 + "。", "too_many_digits"),  # 201
    ],
)
def test_a_sentence_of_figures_is_no_table(text: str, expected: str | None) -> None:
    found = verdict(CleanConfig.model_validate({"rules": {"max_repeated_ngrams": 1}}), text)
    assert found == expected


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


@pytest.mark.parametrize(
    "run", ["666666666", "20160429120160506120", "12345678"], ids=["one digit", "20 digits", "8"]
)
def test_other_runs_of_digits_are_no_words(run: str) -> None:
    text = f"很好很好{run}"
    assert Measures(text, count(text)).digit_share() == len(run) / len(text)


def test_a_tenth_of_digits_may_be_a_sentence_and_less_is_only_counted() -> None:
    assert measures("一二三四五六七八九1").digit_share() == 0
    assert measures("一二三四五六七八九十1").digit_share() == 1 / 11


def test_many_short_numbers_and_numbers_alone_are_a_table() -> None:
    table = "各地气温： 21.5 22.0 23.1 24.9 25.2 23.3 22.8 21.0"
    assert (
        Measures(table, count(table)).digit_share() == Measures(table, count(table)).share(Kind.DIGIT) > 0.5
    )
    for number in ("13912345678 ", "159-2013-0012 ", "159 2013 0012 "):
        assert measures("编号 " + number * 9).digit_share() == 18 / 20  # two digits of each
