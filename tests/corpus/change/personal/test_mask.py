import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaupt.corpus.change.normalize import normalize
from gaupt.corpus.change.personal import mask as module
from gaupt.corpus.change.personal import mask_personal_data
from gaupt.corpus.change.personal.numbers import mask_numbers
from gaupt.text import characters

FILE = Path(__file__).parents[4] / "benchmarks" / "personal_data.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line]
MASKS = {
    "email": "[邮箱]",
    "mobile": "[手机号]",
    "landline": "[电话]",
    "identity": "[身份证号]",
    "card": "[银行卡号]",
    "ip": "[IP]",
    "qq": "[账号]",
    "wechat": "[账号]",
}


def mask(text: str) -> str:
    return mask_personal_data(text, characters.count(text))


def narrow(text: str) -> str:
    return normalize(text, characters.count(text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("联系邮箱abc@163.com谢谢", "联系邮箱[邮箱]谢谢"),
        ("电话：13812345678。", "电话：[手机号]。"),
        ("身份证11010519491231002X号", "身份证[身份证号]号"),
        ("卡号4111111111111111", "卡号[银行卡号]"),
        ("服务器地址为203.0.113.45。", "服务器地址为[IP]。"),
        ("QQ：12345678", "QQ：[账号]"),
        ("加微信号：lanyu_books", "加微信号：[账号]"),
        ("李工13812345678（微信li_gong），li@example.cn", "李工[手机号]（微信[账号]），[邮箱]"),
    ],
)
def test_each_kind_has_its_mask(before: str, after: str) -> None:
    assert mask(before) == after


def test_a_text_without_digits_may_hold_names() -> None:
    assert mask("微信号：lanyu_books") == "微信号：[账号]"
    assert mask("清晨的雾还没有散，茶农们已经上山。") == "清晨的雾还没有散，茶农们已经上山。"


def test_five_letters_and_digits_make_the_shortest_account() -> None:
    assert mask("微信：lan_yu") == "微信：[账号]"
    assert mask("微信：a_b_cd") == "微信：a_b_cd"
    assert mask("QQ：12345") == "QQ：[账号]"
    assert mask("服务器IP：15.6.7.8") == "服务器IP：[IP]"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("写信给abc@qq.com", "写信给[邮箱]"),
        ("写信给abc＠qq.com", "写信给[邮箱]"),
        ("写信给abc@qq.com或abc＠qq.com", "写信给[邮箱]或[邮箱]"),
    ],
)
def test_an_address_needs_no_digit(before: str, after: str) -> None:
    assert mask(before) == after


def test_a_mask_brings_a_word_nearer() -> None:
    before = "卡号请麻烦您发给我的QQ：123456789012或者，4111111111111111"
    assert mask_numbers(before) == before
    assert mask(before) == "卡号请麻烦您发给我的QQ：[账号]或者，[银行卡号]"


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([narrow(row["text"]) for row in ROWS]), min_size=1, max_size=4),
    st.sampled_from(["", " ", "\n", "，", "、"]),
)
def test_masking_a_masked_text_changes_nothing(sentences: list[str], joint: str) -> None:
    once = mask(joint.join(sentences))
    assert mask(once) == once


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "after"),
    [
        ("1", "1"),
        ("1 ", "1 "),
        ("1.", "1."),
        (".", "."),
        ("@", "@"),
        ("a@", "a@"),
        ("微信：a", "微信：a"),
        ("/1", "/1"),
        ("86(", "86("),
        ("13812345678、", "[手机号]、"),
        ("QQ：12345、", "QQ：[账号]、"),
    ],
)
def test_a_long_text_of_one_piece_ends(piece: str, after: str) -> None:
    """Hours, were a pattern to look back as far as the text goes."""
    times = 100_000 // len(piece)
    assert mask(piece * times) == after * times


def test_a_text_is_looked_through_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = list[str]()
    monkeypatch.setattr(module, "mask_accounts", lambda text: passes.append(text) or f"{text}1")
    mask("12345")
    assert len(passes) == 8
