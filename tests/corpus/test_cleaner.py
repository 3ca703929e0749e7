from pathlib import Path

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import STEPS, run_steps
from tests.corpus.made import PROSE, verdict


def test_blocked_words_count_by_share(tmp_path: Path) -> None:
    words = tmp_path / "blocked.txt"
    words.write_text("黄狗\n\n竹篓\n", encoding="utf-8")
    assert verdict(CleanConfig(blocked_words=str(words)), PROSE) == "blocked_words"


def test_a_source_has_its_own_profile() -> None:
    config = CleanConfig.model_validate({"sources": {"review*": {"profile": "short"}}})
    text = "房间干净，服务很好"
    assert verdict(config, text, "reviews") is None
    assert verdict(config, text, "laws") == "too_short"


def test_every_step_that_changes_a_text_is_told_in_order() -> None:
    raw = "訂閱我們的服務，電話１３９１２３４５６７８，謝謝大家的支持與關心。"
    cleaned = run_steps(raw, CleanConfig())
    assert [change.step for change in cleaned.changes] == ["normalized", "simplified", "personal_data_masked"]
    assert [change.step for change in cleaned.changes] == [
        name for name, _ in STEPS if name in {change.step for change in cleaned.changes}
    ]
    assert cleaned.changes[0].before == raw and cleaned.changes[-1].after == cleaned.text
    assert run_steps(cleaned.text, CleanConfig()).changes == []


def test_an_account_is_masked_whatever_else_stands_in_the_document() -> None:
    text = "需要书单的同学请加微信号：{}，备注书名即可通过。"
    for more in ("", "\n一共有12345本。"):
        assert (
            run_steps(text.format("lanyu_books") + more, CleanConfig()).text == text.format("[账号]") + more
        )


def test_a_step_that_is_off_changes_nothing() -> None:
    off = CleanConfig(traditional="keep", mask_personal_data=False)
    assert run_steps("謝謝大家，電話13912345678。", off).changes == []
