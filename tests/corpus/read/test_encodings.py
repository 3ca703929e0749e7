import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.read.encodings import (
    MARKS,
    SAMPLE,
    NotText,
    decode,
    detect,
    detect_of_lines,
    is_utf8,
    lines_to_utf8,
    without_surrogates,
)

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山，一共去了12个人。\n"
TRADITIONAL = "清晨的霧還沒有散，茶農們已經背著竹簍上山，一共去了12個人。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_simplified_text_is_read(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "big5"])
def test_traditional_text_is_read(encoding: str) -> None:
    assert decode(TRADITIONAL.encode(encoding)) == TRADITIONAL


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_ascii_in_utf16_is_read_though_it_is_valid_utf8(encoding: str) -> None:
    assert decode("plain English\n".encode(encoding)) == "plain English\n"


def test_no_bytes_are_an_empty_text() -> None:
    assert [decode(data) for data in (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE)] == [""] * 3


def test_declared_encoding_may_be_wrong() -> None:
    assert decode(TEXT.encode("gb18030"), declared="iso-8859-1") == TEXT
    assert decode(TEXT.encode("utf-8"), declared="gb2312") == TEXT


def test_a_broken_byte_in_a_long_text_is_left_out() -> None:
    data = (TEXT * 20).encode()
    assert decode(data[:400] + b"\xff" + data[400:]).replace("\ufffd", "")[-10:] == (TEXT * 20)[-10:]


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, codecs.BOM_UTF16_LE + b"\x00\x00" * 50])
def test_binary_data_is_not_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


@pytest.mark.parametrize(("mark", "encoding"), MARKS)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    data = mark + TEXT.encode(encoding)
    assert detect(data) == encoding
    assert decode(data) == TEXT
    assert decode(data, declared="big5") == TEXT


HAN = (
    "山水云雾茶农竹篓清晨午后孩子黄狗城市公路桥梁机器数学物理历史文学音乐绘画医院学校图书农田河流森林海洋星空"
)


@pytest.mark.parametrize(
    ("usual", "broken", "known"), [(41, 1, True), (40, 1, False), (82, 2, True), (81, 2, False)]
)
def test_a_broken_character_weighs_twenty_usual_ones(usual: int, broken: int, known: bool) -> None:
    """With them, usual characters are half of all from (41 - 20) of (41 + 1) on."""
    data = (HAN * 2)[: usual - 1].encode() + b"\xff" * broken + "空".encode()
    if known:
        assert detect(data) == "utf-8"
    else:
        with pytest.raises(NotText, match="not text in any known encoding"):
            detect(data)


def test_plain_ascii_reads_as_anything() -> None:
    assert detect(b"abc 123\n") == detect(b"") == "utf-8"
    with pytest.raises(NotText):
        detect(b"abc\xffabc")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("中я", True),
        ("國я", True),
        ("，я", True),
        ("Ａя", True),
        ("かя", False),  # kana are not usual, and Cyrillic letters are not
        ("я", False),
        ("中яя", False),
        ("中я+1 a\r\n", True),  # ASCII counts on neither side
        ("中яя+1 a\r\n", False),
        ("中я\x7f", False),  # a control character counts
        ("中\x7f", True),
    ],
)
def test_half_of_what_is_not_ascii_in_a_text_is_usual_chinese(text: str, known: bool) -> None:
    if known:
        assert detect(text.encode()) == "utf-8"
    else:
        with pytest.raises(NotText, match="not text in any known encoding"):
            detect(text.encode())


def test_the_beginning_of_a_character_at_the_end_does_not_count() -> None:
    assert detect("я中".encode() + b"\xe4") == "utf-8"
    assert detect("中".encode("gb18030") + b"\xd6") == "gb18030"


def test_the_first_65536_bytes_choose_the_encoding() -> None:
    han = GB.encode("gb18030")
    assert detect(b"a" * 65_534 + han) == "gb18030"
    assert detect(b"a" * 65_536 + han) == "utf-8"


def test_one_character_in_a_hundred_may_be_broken() -> None:
    han = HAN * 4
    assert decode((han[:198]).encode() + b"\xff\xff" + b"\n") == han[:198] + "\n"
    assert decode((han[:198]).encode() + b"\xff\xff") == han[:198]
    with pytest.raises(NotText, match="1% of its characters cannot be decoded as utf-8"):
        decode((han[:197]).encode() + b"\xff\xff")


def test_a_single_broken_character_is_forgiven_in_a_short_text() -> None:
    assert decode(HAN.encode() + b"\xe5") == HAN


def test_a_text_may_hold_one_control_character_in_ten() -> None:
    assert decode(b"\x01" + b"a" * 9) == "\x01" + "a" * 9
    with pytest.raises(NotText, match="binary"):
        decode(b"\x01" + b"a" * 8)
    assert decode(b"\t\n\x0b\x0c\r\x1b") == "\t\n\x0b\x0c\r\x1b"


def test_null_characters_do_not_make_chinese_text_binary() -> None:
    assert decode((TEXT + "\0" + TEXT).encode()) == f"{TEXT}\0{TEXT}"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("shift", range(3))
def test_a_character_at_the_end_of_the_sample_is_not_broken(encoding: str, shift: int) -> None:
    data = b"a" * shift + ("山水云雾茶农竹篓" * (SAMPLE // 16 + 10)).encode(encoding)
    assert len(data) > SAMPLE
    assert detect(data) == encoding


WIDE_ONLY = "清晨的雾还没有散茶农们已经背着竹篓上山"
"""No byte of it in UTF-16 is 0, so that nothing but a declaration brings UTF-16 up."""


def test_a_declared_encoding_is_tried_too() -> None:
    data = WIDE_ONLY.encode("utf-16-be")
    assert decode(data, declared=" UTF-16BE ") == WIDE_ONLY
    for declared in (None, "no-such-encoding", "rot13", "base64"):
        with pytest.raises(NotText):
            decode(data, declared)


def test_where_all_read_the_same_the_declared_encoding_is_taken() -> None:
    """Its superset rather: pages that declare the smaller set use the larger."""
    expected = {
        "gb2312": "gb18030",
        " GBK ": "gb18030",
        "x-gbk": "gb18030",
        "GB_2312-80": "gb18030",
        "Big5": "big5hkscs",
        "Latin-1": "iso8859-1",
        "UTF-8": "utf-8",
        "no-such-encoding": "utf-8",
        "rot13": "utf-8",
        None: "utf-8",
    }
    assert {declared: detect(b"abc", declared) for declared in expected} == expected
    assert [decode(EITHER, declared) for declared in (None, "gb2312", "big5")] == [
        "啊阿埃挨",
        "啊阿埃挨",
        "陛陝除陘",
    ]


EITHER = "啊阿埃挨".encode("gb18030")
"""As usual in Big5."""


@pytest.mark.parametrize(("encoding", "line"), [("gb18030", "啊阿埃挨"), ("big5", "陛陝除陘")])
def test_a_line_that_reads_as_well_in_another_encoding_is_in_that_of_its_file(
    encoding: str, line: str
) -> None:
    book = TRADITIONAL * 100
    data = book.encode(encoding) + EITHER + b"\n" + TEXT.encode()
    assert decode(data) == f"{book}{line}\n{TEXT}"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("他合上账", True),
        ("他合上", False),  # too few characters to tell
        ("他合上账本吹灭了灯", True),
        ("他合上账本吹灭了я", False),  # 8 of 9
        ("他合上账本吹灭了灯я", True),  # 9 of 10
    ],
)
def test_a_line_in_another_encoding_has_four_chinese_characters_and_nine_of_ten_usual(
    line: str, read: bool
) -> None:
    book = TEXT * 60
    found = decode(book.encode() + line.encode("gb18030") + b"\n" + book.encode())
    assert found.startswith(book) and found.endswith(book)
    assert (line in found) is read


@pytest.mark.slow
@given(st.text(st.characters(codec="utf-8", min_codepoint=0x20, exclude_characters="\ufffd")))
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.slow
@given(st.text(st.characters()))
def test_only_lone_surrogates_are_replaced(text: str) -> None:
    mended = without_surrogates(text)
    assert mended == "".join("?" if "\ud800" <= c <= "\udfff" else c for c in text)


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert without_surrogates("甲\ud800乙\udfff") == "甲?乙?"
    assert without_surrogates("甲😀") == "甲😀"


GB, BIG5 = "他合上账本，吹灭了灯，屋里只剩下雨声。", "他合上帳本，吹滅了燈，屋裡只剩下雨聲。"


@pytest.mark.parametrize("times", [1, 300])
def test_a_file_with_lines_in_different_encodings_is_read_line_by_line(times: int) -> None:
    lines = [
        (TEXT.strip(), "utf-8"),
        (GB, "gb18030"),
        ("plain", "ascii"),
        (BIG5, "big5"),
        (GB, "utf-8"),
    ] * times
    assert decode(b"\n".join(text.encode(encoding) for text, encoding in lines)) == "\n".join(
        text for text, _ in lines
    )


@pytest.mark.parametrize(
    ("main", "stray"), [("utf-8", "gb18030"), ("utf-8", "big5"), ("gb18030", "utf-8"), ("big5", "utf-8")]
)
def test_one_line_in_another_encoding_is_read_too(main: str, stray: str) -> None:
    book = [TRADITIONAL.strip()] * 500
    for line in (GB, GB[1:], GB[1:5]) if stray == "utf-8" else (BIG5,) if stray == "big5" else (GB,):
        data = [text.encode(main) for text in book]
        data.insert(200, line.encode(stray))
        assert decode(b"\n".join(data)).split("\n") == [*book[:200], line, *book[200:]]


def test_where_one_encoding_reads_the_whole_no_line_is_read_in_another() -> None:
    book, line = TEXT * 20, "茶農們已經背著竹簍上山"
    data = book.encode("gb18030") + line.encode("big5") + b"\n"
    assert decode(data) == book + line.encode("big5").decode("gb18030") + "\n"
    assert decode(data + b"\xff\n") == f"{book}{line}\n\n"  # now none does


def test_broken_bytes_do_not_make_a_line_one_of_another_encoding() -> None:
    book = (TEXT * 20).encode()
    assert decode(book + "一个坏".encode() + b"\xff" + "字节\na".encode() + b"\xe9b\n" + book) == (
        f"{TEXT * 20}一个坏字节\nab\n{TEXT * 20}"
    )
    numbers = "①③ ②④ ①④\n".encode("gb18030")  # full-width letters in Big5
    assert decode(TEXT.encode("gb18030") * 20 + numbers + b"\xff\n").startswith(TEXT * 20 + "①③ ②④ ①④")


def test_lines_in_different_encodings_may_follow_a_mark_but_hold_no_null() -> None:
    lines = [(TEXT.strip(), "utf-8"), (GB, "gb18030"), (BIG5, "big5")]
    text, data = "\n".join(text for text, _ in lines), b"\n".join(line.encode(e) for line, e in lines)
    assert decode(data) == decode(codecs.BOM_UTF8 + data) == text
    with pytest.raises(NotText):
        decode(data + b"\0")


def test_utf8_has_every_byte_in_a_character() -> None:
    found = [is_utf8(data) for data in (b"", TEXT.encode(), b"a\xff", TEXT.strip().encode()[:-1])]
    assert found == [True, True, False, False]


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        ([], "utf-8"),
        ([b"abc"] * 3, "utf-8"),
        ([TEXT.encode(), GB.encode("gb18030")], "utf-8"),
        ([TEXT.encode(), GB.encode("gb18030"), GB.encode("gb18030")], "gb18030"),
        ([b"abc", b"abc", GB.encode("gb18030")], "gb18030"),  # lines of ASCII are of any
        ([BIG5.encode("big5")], "big5hkscs"),
        (["я".encode() * 9 + b"\xd1"], "utf-8"),  # cut in a character
    ],
)
def test_the_encoding_of_a_file_is_that_of_most_lines(lines: list[bytes], encoding: str) -> None:
    assert detect_of_lines(b"\n".join(lines)) == encoding


def test_lines_become_utf8_each_from_its_own_encoding() -> None:
    noise = b"\x81\xff" * 9
    gb, broken = GB.encode("gb18030"), GB.encode("gb18030") + b"\xff"
    data = b"\n".join([b"plain", gb, TRADITIONAL.encode()[:-1], broken, noise, gb])
    assert lines_to_utf8(data, "gb18030").split(b"\n") == [
        b"plain",
        GB.encode(),
        TRADITIONAL.encode()[:-1],
        GB.encode(),
        noise,
        GB.encode(),
    ]
    assert lines_to_utf8(TEXT.encode("gb18030"), "big5hkscs") == TEXT.encode()
    assert lines_to_utf8(TEXT.encode(), "gb18030") == TEXT.encode()


def test_a_whole_line_of_utf8_is_no_line_of_another_encoding() -> None:
    russian = "дом, книга, поле"  # 写芯屑, 泻薪懈谐邪, 锌芯谢械 in GB 18030
    assert decode(f"{TEXT * 9}{russian}\n".encode() + GB.encode("gb18030")) == f"{TEXT * 9}{russian}\n{GB}"


def test_lines_of_no_encoding_are_not_text() -> None:
    noise = b"\n".join(bytes((at * 37 % 128 + 128,)) * 9 + b"\x81\xff" for at in range(60))
    with pytest.raises(NotText):
        decode(TEXT.encode() + noise)
