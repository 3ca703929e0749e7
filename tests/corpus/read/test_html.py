"""HTML pages: their main text, and the encoding that they declare."""

import codecs

import pytest

from gaupt.corpus.read import html
from gaupt.corpus.read.html import main_text, read_html
from gaupt.corpus.read.piece import Item, Problem, Record
from tests.corpus.made import OTHER, TEXT, a_file

FILE = a_file("a.html", "html")
TIED = "家閣工界告高光校交九口國"
"""In EUC-KR these bytes are usual characters of GB 2312 too: nothing but a declaration tells which."""


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def read(data: bytes) -> list[Item]:
    return list(read_html(FILE, data))


def test_navigation_scripts_and_side_bars_are_left_out() -> None:
    body = (
        "<nav><a href='/'>首页</a><a href='/b'>财经</a></nav><script>var a = 1;</script><style>p {}</style>"
        f"<article><h1>标题</h1><p>{TEXT}</p>\n\n<p>{OTHER}</p></article><footer>版权所有</footer>"
    )
    assert main_text(page(body)) == f"标题\n{TEXT}\n{OTHER}"


def test_a_paragraph_is_a_line_and_no_line_is_blank() -> None:
    body = f"<article><p>{TEXT}</p><p> </p><div><br><br><p>{OTHER}<br>{TEXT}</p></div></article>"
    assert main_text(page(body)) == f"{TEXT}\n{OTHER}\n{TEXT}"


@pytest.mark.parametrize("body", ["", "<script>1</script>", "<p> </p>"])
def test_a_page_without_a_text_is_an_empty_document(body: str) -> None:
    assert read(page(body).encode()) == [Record("a.html", "", "来源")]


def test_null_characters_end_no_page() -> None:
    assert main_text(page(f"<p>甲\0乙{TEXT}</p>")) == "甲乙" + TEXT


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="{}">',
        "<META CHARSET='{}'>",
        '<meta http-equiv="Content-Type" content="text/html; charset={}">',
        '<?xml version="1.0" encoding="{}"?>',
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_declares(declaration: str) -> None:
    with_it = page(f"<p>{TIED}</p>", declaration.format("euc-kr")).encode("euc-kr")
    without = page(f"<p>{TIED}</p>").encode("euc-kr")
    assert read(with_it) == [Record("a.html", TIED, "来源")]
    assert read(without) != [Record("a.html", TIED, "来源")]


def test_an_encoding_is_declared_in_the_first_4096_bytes() -> None:
    declaration = "<meta charset=euc-kr"
    for end, known in ((4096, True), (4097, False)):
        start = declaration.rjust(end, " ")
        data = f"{start}><body><p>{TIED}</p></body>".encode("euc-kr")
        assert (read(data) == [Record("a.html", TIED, "来源")]) is known


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_wrong_declaration_does_no_harm(encoding: str) -> None:
    data = page(f"<p>{TEXT}</p>", "<meta charset=iso-8859-1>").encode(encoding)
    assert read(data) == [Record("a.html", TEXT, "来源")]
    assert read(codecs.BOM_UTF8 + page(f"<p>{TEXT}</p>", "<meta charset=gbk>").encode())[0] == Record(
        "a.html", TEXT, "来源"
    )


def test_a_page_over_the_limit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data = page(f"<p>{TEXT}</p>").encode()
    monkeypatch.setattr(html, "MAX_DOCUMENT", len(data))
    assert read(data) == [Record("a.html", TEXT, "来源")]
    monkeypatch.setattr(html, "MAX_DOCUMENT", len(data) - 1)
    assert read(data) == [Problem("a.html", "larger than 0 MiB")]
    monkeypatch.setattr(html, "MAX_DOCUMENT", 3 << 20)
    assert read(bytes((3 << 20) + 1)) == [Problem("a.html", "larger than 3 MiB")]


@pytest.mark.parametrize(
    "head", ["<meta" * 400 + "charset=" + " " * 2000, "<meta charset=" + " " * 4000, "<meta charset" * 310]
)
def test_a_head_without_end_is_passed_at_once(head: str) -> None:
    """One such page took a quarter of a minute."""
    for _ in range(50):
        assert isinstance(read(f"{head}x".encode())[0], Record)
    assert read(f"<meta>{page(TEXT, '<meta content=x charset = gb2312 >')}".encode("gb18030")) == [
        Record("a.html", TEXT, "来源")
    ]
