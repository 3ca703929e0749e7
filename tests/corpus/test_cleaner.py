import json
import os
from itertools import islice
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gaupt.config import CleanConfig
from gaupt.corpus.cleaner import STEPS, read_blocked_words, run_steps, settings_of
from gaupt.corpus.read.cut import READ
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Record
from gaupt.corpus.read.pieces import pieces_of
from gaupt.corpus.read.records import read_piece
from gaupt.demo import sample_documents
from gaupt.errors import GauptError
from tests.corpus.made import PROSE, TEXT, verdict


@pytest.mark.option("clean.blocked_words")
def test_blocked_words_count_by_share(tmp_path: Path) -> None:
    words = tmp_path / "blocked.txt"
    words.write_text("黄狗\n\n竹篓\n", encoding="utf-8")
    assert verdict(CleanConfig(blocked_words=str(words)), PROSE) == "blocked_words"
    assert verdict(CleanConfig(), PROSE) is None


HTML = "<div>清晨的雾还没有散。</div><div>茶农们已经背着竹篓上山。</div>"
TAG = "标签 <b>粗体</b> 让文字变粗，写网页的人都认得它。"
BROKEN = (
    "  院子里种着两棵枣树，一棵在东，一棵在西，到\n"
    "了秋天落下满地的果子，孩子们提着篮子来捡，大\n"
    "人坐在门槛上看，谁也不说话，风一吹，叶子就沙\n"
    "沙地响，像有人在远处说话。"
)
STEP_OPTIONS: dict[str, list[tuple[object, str, str, str]]] = {
    "normalize": [("nfkc", "涨了１２％，很多。", "涨了12％，很多。", "涨了12%,很多。")],
    "join_lines": [(False, BROKEN, BROKEN.replace("\n", "").strip(), BROKEN.strip())],
    "remove_spaces": [
        (
            False,
            " ".join("在门口晒太阳，这样的好天气不多。"),
            "在门口晒太阳，这样的好天气不多。",
            " ".join("在门口晒太阳，这样的好天气不多。"),
        )
    ],
    "traditional": [("keep", "謝謝大家的支持與關心。", "谢谢大家的支持与关心。", "謝謝大家的支持與關心。")],
    "remove_markup": [
        ("never", HTML, "清晨的雾还没有散。\n茶农们已经背着竹篓上山。", HTML),
        ("always", TAG, TAG, "标签 粗体 让文字变粗，写网页的人都认得它。"),
    ],
    "remove_boilerplate": [
        (False, f"{PROSE}\n版权所有 未经许可不得转载", PROSE, f"{PROSE}\n版权所有 未经许可不得转载")
    ],
    "mask_personal_data": [(False, "电话13912345678。", "电话[手机号]。", "电话13912345678。")],
}
"""Options of a step: a value that is not the default, a text, what the default makes of it, and what the value does."""
COMMON_AND_OF_A_SOURCE = ("clean", "clean.sources.NAME")


def settings_with(where: str, option: str, value: object) -> CleanConfig:
    """A config with one option, of all sources or of those whose names begin with "re" alone."""
    values = {option: value}
    return CleanConfig.model_validate(values if where == "clean" else {"sources": {"re*": values}})


@pytest.mark.slow
@pytest.mark.option(*(f"{where}.{option}" for where in COMMON_AND_OF_A_SOURCE for option in STEP_OPTIONS))
@pytest.mark.parametrize("where", COMMON_AND_OF_A_SOURCE)
@pytest.mark.parametrize(
    ("option", "value", "raw", "by_default", "changed"),
    [(option, *case) for option, cases in STEP_OPTIONS.items() for case in cases],
)
def test_an_option_of_a_step_holds_for_all_sources_or_for_its_own(
    where: str, option: str, value: object, raw: str, by_default: str, changed: str
) -> None:
    config = settings_with(where, option, value)
    assert run_steps(raw, settings_of("reviews", config)).text == changed
    assert run_steps(raw, CleanConfig()).text == by_default
    assert run_steps(raw, settings_of("laws", config)).text == (changed if where == "clean" else by_default)


@pytest.mark.option(
    *(f"{where}.{option}" for where in COMMON_AND_OF_A_SOURCE for option in ("profile", "traditional"))
)
@pytest.mark.parametrize("where", COMMON_AND_OF_A_SOURCE)
@pytest.mark.parametrize(
    ("option", "value", "text", "by_default", "changed"),
    [
        ("profile", "short", "房间干净，服务很好", "too_short", None),
        ("profile", "web", PROSE, None, None),
        ("profile", "web", TEXT, None, "too_short"),
        ("traditional", "drop", "謝謝大家的支持與關心，我們會繼續努力。", None, "traditional"),
    ],
)
def test_an_option_of_what_stays_holds_for_all_sources_or_for_its_own(
    where: str, option: str, value: object, text: str, by_default: str | None, changed: str | None
) -> None:
    config = settings_with(where, option, value)
    assert verdict(config, text, "reviews") == changed
    assert verdict(CleanConfig(), text, "reviews") == by_default
    assert verdict(config, text, "laws") == (changed if where == "clean" else by_default)


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
    assert run_steps(BROKEN, CleanConfig()).changes[0].step == "lines_joined"


def test_an_account_is_masked_whatever_else_stands_in_the_document() -> None:
    text = "需要书单的同学请加微信号：{}，备注书名即可通过。"
    for more in ("", "\n一共有12345本。"):
        assert (
            run_steps(text.format("lanyu_books") + more, CleanConfig()).text == text.format("[账号]") + more
        )


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
        for file in files
        for piece in pieces_of(file, READ)
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


def test_words_in_a_pipe_or_a_folder_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(GauptError, match="is no file; name one with a word a line"):
            read_blocked_words(str(path))
