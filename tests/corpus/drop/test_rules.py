import sys
from types import SimpleNamespace

import pytest

from gaupt.config import CleanConfig, CleanRules
from gaupt.corpus.cleaner import Cleaner
from gaupt.corpus.drop.language import load_identifier
from gaupt.corpus.drop.rules import RULES
from gaupt.errors import GauptError

PROSE = (
    "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香，一年里只有这几天。\n"
    "摘下来的叶子要当天摊晾、当天下锅，火候全凭手上的感觉，机器至今学不会。\n"
    "午后天气转晴，山路上多了些来看热闹的城里人，孩子们追着一只黄狗跑远了。"
)


def reason(text: str, profile: str = "article") -> str | None:
    return verdict(CleanConfig.model_validate({"profile": profile}), text)


def verdict(config: CleanConfig, text: str, source: str = "any") -> str | None:
    cleaner = Cleaner(config)
    treatment = cleaner.treatment(source)
    drop = cleaner.judge(cleaner.clean(text, treatment), treatment)
    return drop.reason if drop else None


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


def test_blocked_words_count_by_share(tmp_path) -> None:  # type: ignore[no-untyped-def]
    words = tmp_path / "blocked.txt"
    words.write_text("黄狗\n\n竹篓\n", encoding="utf-8")
    assert verdict(CleanConfig(blocked_words=str(words)), PROSE) == "blocked_words"


def test_a_source_has_its_own_profile() -> None:
    config = CleanConfig.model_validate({"sources": {"review*": {"profile": "short"}}})
    text = "房间干净，服务很好"
    assert verdict(config, text, "reviews") is None
    assert verdict(config, text, "laws") == "too_short"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    load_identifier.cache_clear()
    yield monkeypatch
    load_identifier.cache_clear()


def test_a_library_may_tell_the_language(model: pytest.MonkeyPatch) -> None:
    said = iter(["zh", "wuu", "ja"])
    fake = SimpleNamespace(classify=lambda text: (next(said), -1.0))
    model.setitem(sys.modules, "py3langid", fake)
    config = CleanConfig(language="py3langid")
    assert [verdict(config, PROSE) for _ in range(3)] == [None, None, "other_language"]
    one = CleanConfig.model_validate({"sources": {"web": {"language": "py3langid"}}})
    assert verdict(one, PROSE, "books") is None


def test_the_real_library_knows_chinese(model: pytest.MonkeyPatch) -> None:
    pytest.importorskip("py3langid")
    config = CleanConfig(language="py3langid")
    assert verdict(config, PROSE) is None
    japanese = "東京都庁は新宿区西新宿に位置している。" * 3
    free = {"max_foreign_share": 1.0, "max_repeated_ngrams": 1.0}
    config = CleanConfig.model_validate({"language": "py3langid", "rules": free})
    assert verdict(config, japanese) == "other_language"


def test_a_missing_library_is_one_line(model: pytest.MonkeyPatch) -> None:
    model.setitem(sys.modules, "py3langid", None)
    with pytest.raises(GauptError, match=r"pip install 'gaupt\[language\]'"):
        Cleaner(CleanConfig(language="py3langid"))
