"""Files of formats that are not read are told by name and by content."""

import io
import zipfile

import pytest

from gaupt.corpus.read.foreign import HEAD, foreign_by_content, foreign_by_name, refusal


def zipped(*names: str, mimetype: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, mimetype if name == "mimetype" else "x" * 300)
    return data.getvalue()[:HEAD]


def test_content_tells() -> None:
    expected = {
        "a PDF": [b"%PDF-1.7\n"],
        "a Word document": [
            zipped("word/document.xml"),
            zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
        ],
        "a spreadsheet": [
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            zipped("mimetype", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        ],
        "a presentation": [
            zipped("[Content_Types].xml", "ppt/presentation.xml"),
            zipped("mimetype", mimetype="application/vnd.oasis.opendocument.presentation"),
        ],
        "an OpenDocument text": [zipped("mimetype", mimetype="application/vnd.oasis.opendocument.text")],
        "an EPUB book": [zipped("mimetype", "OEBPS/a.xhtml", mimetype="application/epub+zip")],
        "a zip archive under another name": [zipped("a.txt"), b"PK\x03\x04"],
        "a document of an office program": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"],
        "a rich text document": [b"{\\rtf1\\ansi"],
        "a RAR archive": [b"Rar!\x1a\x07\x01\0"],
        "a 7z archive": [b"7z\xbc\xaf\x27\x1c"],
        "a DjVu book": [b"AT&TFORM\0\0"],
        "a compiled help file": [b"ITSF\x03\0"],
        "a Kindle book": [b"book".ljust(60, b"\0") + b"BOOKMOBI"],
        "an SQLite database": [b"SQLite format 3\0"],
        "a picture": [
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"GIF87a",
            b"GIF89a",
            b"RIFF1234WEBPVP8 ",
            b"II*\0\x08",
            b"MM\0*\0",
        ],
        "a recording": [
            b"ID3\x03\0",
            b"ID3\x04\0",
            b"OggS\0\x02",
            b"fLaC\0\0",
            b"\0\0\0\x20ftypisom",
            b"RIFF1234WAVEfmt ",
            b"\x1a\x45\xdf\xa3",
        ],
        "a program": [b"\x7fELF\x02"],
        "a gz file under another name": [b"\x1f\x8b\x08\0"],
        "a zst file under another name": [b"\x28\xb5\x2f\xfd"],
        "a xz file under another name": [b"\xfd7zXZ\0"],
        "a bz2 file under another name": [b"BZh91AY&SY"],
    }
    found = {called: [foreign_by_content(head) for head in heads] for called, heads in expected.items()}
    told = {called: {kind and kind.called for kind in kinds} for called, kinds in found.items()}
    assert told == {called: {called} for called in expected}
    # None of them stands anywhere else.
    shifted = [b" " + head for heads in expected.values() for head in heads]
    assert {foreign_by_content(head) for head in shifted} == {None}


@pytest.mark.parametrize(
    ("end", "called"), [(4096, "a Word document"), (4097, "a zip archive under another name")]
)
def test_the_first_4096_bytes_tell(end: int, called: str) -> None:
    kind = foreign_by_content(b"PK\x03\x04".ljust(end - 5, b"x") + b"word/")
    assert kind is not None
    assert kind.called == called


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PDF 是一种格式",
        "{\\r 不是",
        "Rar! 说",
        "7z",
        "SQLite",
        "fLaC",
        "OggS",
        "II*",
        "AT&T",
        "BZh",
        "PK 赛",
        "GIF 动画",
        "ID3",
    ],
)
def test_text_is_not_taken_for_one(text: str) -> None:
    assert foreign_by_content(text.encode()) is None
    assert foreign_by_content(text.encode("gb18030")) is None


def test_names_tell_in_any_case() -> None:
    expected = {
        "a Word document": ".docx .docm .dotx .doc .wps .DOCX",
        "an OpenDocument text": ".odt",
        "a rich text document": ".rtf",
        "a spreadsheet": ".xlsx .xls .xlsm .ods .et",
        "a presentation": ".pptx .ppt .odp .dps",
        "an EPUB book": ".epub",
        "a Kindle book": ".mobi .azw .azw3 .prc",
        "a PDF": ".pdf .Pdf",
        "a DjVu book": ".djvu",
        "a compiled help file": ".chm",
        "a picture": ".png .jpg .jpeg .gif .bmp .webp .tif .tiff .heic .ico .psd",
        "a recording": ".mp3 .mp4 .m4a .wav .flac .ogg .mkv .avi .mov .wma .wmv .flv .webm",
        "a RAR archive": ".rar",
        "a 7z archive": ".7z",
        "an SQLite database": ".sqlite .sqlite3",
        "a program": ".exe .dll .so .apk .pyc .class",
        None: ".txt .docx.txt .zip . docx",
    }
    found = {
        called: {
            kind and kind.called for ending in endings.split() for kind in [foreign_by_name(f"a{ending}")]
        }
        for called, endings in expected.items()
    }
    assert found == {called: {called} for called in expected}
    assert foreign_by_name("") is None


def test_each_refusal_says_what_to_do() -> None:
    pandoc = "save it as text (pandoc a{0} -t plain --wrap=none -o a.txt)"
    expected = {
        ".docx": f"a Word document is not read; {pandoc}",
        ".doc": "a Word document is not read; save it as text (soffice --headless --convert-to txt:Text a{0})",
        ".odt": f"an OpenDocument text is not read; {pandoc}",
        ".rtf": f"a rich text document is not read; {pandoc}",
        ".xlsx": "a spreadsheet is not read; save its sheets as CSV",
        ".pptx": "a presentation is not read; save its text as a .txt file",
        ".epub": f"an EPUB book is not read; {pandoc}",
        ".mobi": "a Kindle book is not read; convert it (Calibre: ebook-convert a{0} a.txt)",
        ".pdf": "a PDF is not read; extract its text (pdftotext a{0} a.txt)",
        ".djvu": "a DjVu book is not read; extract its text (djvutxt a{0} a.txt)",
        ".chm": "a compiled help file is not read; unpack it and name the folder",
        ".png": "a picture is not read; recognize its text first (OCR)",
        ".mp3": "a recording is not read; transcribe it, or name its subtitles",
        ".rar": "a RAR archive is not read; unpack it and name the folder",
        ".7z": "a 7z archive is not read; unpack it and name the folder",
        ".sqlite": "an SQLite database is not read; export its tables as CSV",
        ".exe": "a program is not read; name the files that hold text",
    }
    found = {ending: foreign_by_name(f"a{ending}") for ending in expected}
    assert {ending: kind and refusal(f"a{ending}", kind) for ending, kind in found.items()} == {
        ending: f"a{ending}: {line.format(ending)}" for ending, line in expected.items()
    }
    for head, line in (
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "a document of an office program is not read; save it as text, a spreadsheet as CSV",
        ),
        (b"PK\x03\x04", "a zip archive under another name is not read; name it a.bin.zip"),
        (b"\x89PNG\r\n", "a picture is not read; recognize its text first (OCR)"),
    ):
        told = foreign_by_content(head)
        assert told is not None
        assert refusal("a.bin", told) == f"a.bin: {line}"


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
    assert refusal("NOTES.DOCX", word).endswith(
        "save it as text (pandoc NOTES.DOCX -t plain --wrap=none -o NOTES.txt)"
    )
    packed = foreign_by_content(b"\x1f\x8b\x08\0")
    assert packed is not None
    assert refusal("notes", packed) == "notes: a gz file under another name is not read; name it notes.gz"
