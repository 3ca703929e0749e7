import codecs

import pytest

from gaupt.corpus.read.encodings import NotText, decode

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山，一共去了12个人。\n"
TRADITIONAL = "清晨的霧還沒有散，茶農們已經背著竹簍上山，一共去了12個人。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_simplified_text_is_read(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "big5"])
def test_traditional_text_is_read(encoding: str) -> None:
    assert decode(TRADITIONAL.encode(encoding)) == TRADITIONAL


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
