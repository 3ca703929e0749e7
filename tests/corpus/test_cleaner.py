import json
from itertools import islice
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import STEPS, run_steps
from gaupt.corpus.read.cut import MIN_PART, cut
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Record
from gaupt.corpus.read.records import read_piece
from gaupt.demo import sample_documents
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


def test_lines_are_joined_and_spaces_removed_before_traditional_text_is_read() -> None:
    raw = " ".join("老人在門口曬太陽，說這樣的好天氣是不多的，要多坐一會。")
    cleaned = run_steps(raw, CleanConfig())
    assert cleaned.text == "老人在门口晒太阳，说这样的好天气是不多的，要多坐一会。"
    assert [change.step for change in cleaned.changes] == ["spaces_removed", "simplified"]
    kept = run_steps(raw, CleanConfig(remove_spaces=False, traditional="keep"))
    assert kept.text == raw


def test_joining_lines_is_a_step_of_its_own() -> None:
    lines = (
        "  院子里种着两棵枣树，一棵在东，一棵在西，到",
        "了秋天落下满地的果子，孩子们提着篮子来捡，大",
        "人坐在门槛上看，谁也不说话，风一吹，叶子就沙",
        "沙地响，像有人在远处说话。",
    )
    cleaned = run_steps("\n".join(lines), CleanConfig())
    assert cleaned.text == "".join(lines).strip()
    assert cleaned.changes[0].step == "lines_joined"
    assert run_steps("\n".join(lines), CleanConfig(join_lines=False)).text.count("\n") == 3


def test_an_account_is_masked_whatever_else_stands_in_the_document() -> None:
    text = "需要书单的同学请加微信号：{}，备注书名即可通过。"
    for more in ("", "\n一共有12345本。"):
        assert (
            run_steps(text.format("lanyu_books") + more, CleanConfig()).text == text.format("[账号]") + more
        )


def test_a_step_that_is_off_changes_nothing() -> None:
    off = CleanConfig(traditional="keep", mask_personal_data=False)
    assert run_steps("謝謝大家，電話13912345678。", off).changes == []


# Pieces that normalization and the steps around it act on, so that what one leaves meets another.
PIECES = (
    *(
        "老人把竹椅搬到门口，",
        "眯着眼睛晒太阳。",
        "說這樣的好天氣是不多的，",
        "﹐",
        "﹗",
        "⽼⼈",
        "\ue841",
        "\u200b",
        "\ufe0f",
        "\u200d",
    ),
    *(
        "&amp;lt;",
        "&nbsp;",
        "&",
        "lt;",
        "&#13;",
        "“",
        "”",
        "`",
        " ",
        "  ",
        "\u3000\u3000",
        "\n",
        "\n\n",
        "\r\n",
        "\U0001f600",
    ),
    *(
        "http://a.cn/?id=3&copy=2",
        "12",
        "１２",
        "Linux",
        "。",
        " 老 人 ",
        " 的 好 天 气 ",
        "︽",
        "︾",
        "ｶﾞ",
    ),
)


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_cleaning_what_was_cleaned_changes_nothing(text: str) -> None:
    once = run_steps(text, CleanConfig())
    assert run_steps(once.text, CleanConfig()).changes == []


@pytest.mark.slow
def test_cleaning_the_sample_twice_changes_nothing() -> None:
    files, _ = find_files([sample_documents()])
    texts = [
        item.text
        for part in cut(files, MIN_PART)
        for piece in part.pieces
        for item in read_piece(piece, ("text",))
        if isinstance(item, Record)
    ]
    cleaned = [run_steps(text, CleanConfig()).text for text in texts]
    assert len(texts) > 200
    assert [run_steps(text, CleanConfig()).text for text in cleaned] == cleaned


@pytest.mark.slow
def test_cleaning_real_text_twice_changes_nothing(shared: Path) -> None:
    for file in sorted((shared / "corpus").glob("*.jsonl.zst")):
        with zstandard.open(file, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in islice(lines, 40)]
        cleaned = [run_steps(text, CleanConfig()).text for text in texts]
        assert [run_steps(text, CleanConfig()).text for text in cleaned] == cleaned, file.name
