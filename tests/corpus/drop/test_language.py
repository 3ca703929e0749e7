import sys
from types import SimpleNamespace

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import Cleaner
from gaupt.corpus.drop.language import CHINESE, identify, load_identifier
from gaupt.errors import GauptError
from tests.corpus.made import PROSE, verdict


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    load_identifier.cache_clear()
    yield monkeypatch
    load_identifier.cache_clear()


@pytest.mark.option("clean.language", "clean.sources.NAME.language")
def test_a_library_may_tell_the_language(model: pytest.MonkeyPatch) -> None:
    said = iter(["zh", "wuu", "ja"])
    fake = SimpleNamespace(classify=lambda text: (next(said), -1.0))
    model.setitem(sys.modules, "py3langid", fake)
    config = CleanConfig(language="py3langid")
    assert [verdict(config, PROSE) for _ in range(3)] == [None, None, "other_language"]
    said = iter(["ja"] * 2)
    one = CleanConfig.model_validate({"sources": {"web": {"language": "py3langid"}}})
    assert [verdict(one, PROSE, source) for source in ("web", "books")] == ["other_language", None]
    assert verdict(CleanConfig(), PROSE) is None


def test_the_beginning_of_a_text_is_looked_at(model: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(classify=lambda text: (len(text), -1.0))
    model.setitem(sys.modules, "py3langid", fake)
    assert [identify("山" * length) for length in (1999, 2000, 2001)] == ["1999", "2000", "2000"]


def test_chinese_has_several_codes() -> None:
    assert sorted(CHINESE) == ["gan", "hak", "lzh", "nan", "wuu", "yue", "zh"]


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
    with pytest.raises(GauptError, match="needs py3langid: pip install py3langid"):
        Cleaner(CleanConfig(language="py3langid"))
