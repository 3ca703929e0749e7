"""Files of formats that are not read are told by name and by content."""

import io
import zipfile

import pytest

from gaupt.corpus.read.foreign import HEAD, foreign_by_content, foreign_by_name, refusal


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip" if name == "mimetype" else "x" * 300)
    return data.getvalue()[:HEAD]


@pytest.mark.parametrize(
    ("head", "called"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), "a Word document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "a spreadsheet"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a presentation"),
        (zipped("mimetype", "OEBPS/a.xhtml"), "an EPUB book"),
        (zipped("a.txt"), "a zip archive under another name"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "a document of an office program"),
        (b"{\\rtf1\\ansi", "a rich text document"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xff\xd8\xff\xe0", "a picture"),
        (b"book".ljust(60, b"\0") + b"BOOKMOBI", "a Kindle book"),
        (b"\x1f\x8b\x08\0", "a gz file under another name"),
    ],
)
def test_content_tells(head: bytes, called: str) -> None:
    kind = foreign_by_content(head)
    assert kind is not None
    assert kind.called == called


@pytest.mark.parametrize(
    "text", ["", "PDF 是一种格式", "{\\r 不是", "Rar! 说", "7z", "BZh", "PK 赛", "GIF 动画", "ID3"]
)
def test_text_is_not_taken_for_one(text: str) -> None:
    assert foreign_by_content(text.encode()) is None
    assert foreign_by_content(text.encode("gb18030")) is None


def test_names_tell_in_any_case() -> None:
    called = {
        name: kind and kind.called
        for name in ("a.PDF", "b.docx", "c.7z", "d.txt", "e")
        for kind in [foreign_by_name(name)]
    }
    assert called == {
        "a.PDF": "a PDF",
        "b.docx": "a Word document",
        "c.7z": "a 7z archive",
        "d.txt": None,
        "e": None,
    }


def test_the_refusal_says_what_to_do() -> None:
    word = foreign_by_name("a.docx")
    assert word is not None
    assert refusal("in/my notes.docx", word) == (
        "in/my notes.docx: a Word document is not read; "
        "save it as text (pandoc 'in/my notes.docx' -t plain --wrap=none -o 'in/my notes'.txt)"
    )
    assert refusal("notes.txt", word) == (
        "notes.txt: a Word document is not read; "
        "name it notes.docx and save it as text (pandoc notes.docx -t plain --wrap=none -o notes.txt)"
    )
    packed = foreign_by_content(b"\x1f\x8b\x08\0")
    assert packed is not None
    assert refusal("notes", packed) == "notes: a gz file under another name is not read; name it notes.gz"
