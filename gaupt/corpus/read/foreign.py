"""Files of formats that are not read, told by their names and by what they begin with, and what to do with them."""

import shlex
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not read."""

    called: str
    remedy: str
    """What makes text of it; {0} is the file, {1} the file without its extension, as a shell takes them."""
    extensions: tuple[str, ...] = ()


HEAD = 4096
"""Bytes of a file that tell what it is."""

_PANDOC = "save it as text (pandoc {0} -t plain --wrap=none -o {1}.txt)"
_OFFICE = "save it as text (soffice --headless --convert-to txt:Text {0})"
_WORD = Foreign("a Word document", _PANDOC, (".docx", ".docm", ".dotx"))
_OLD_WORD = Foreign("a Word document", _OFFICE, (".doc", ".wps"))
_OPEN = Foreign("an OpenDocument text", _PANDOC, (".odt",))
_RICH = Foreign("a rich text document", _PANDOC, (".rtf",))
_SHEET = Foreign("a spreadsheet", "save its sheets as CSV", (".xlsx", ".xls", ".xlsm", ".ods", ".et"))
_SLIDES = Foreign("a presentation", "save its text as a .txt file", (".pptx", ".ppt", ".odp", ".dps"))
_OFFICE_FILE = Foreign("a document of an office program", "save it as text, a spreadsheet as CSV")
_EPUB = Foreign("an EPUB book", _PANDOC, (".epub",))
_KINDLE = Foreign(
    "a Kindle book", "convert it (Calibre: ebook-convert {0} {1}.txt)", (".mobi", ".azw", ".azw3", ".prc")
)
_PDF = Foreign("a PDF", "extract its text (pdftotext {0} {1}.txt)", (".pdf",))
_DJVU = Foreign("a DjVu book", "extract its text (djvutxt {0} {1}.txt)", (".djvu",))
_HELP = Foreign("a compiled help file", "unpack it and name the folder", (".chm",))
_PICTURE = Foreign(
    "a picture",
    "recognize its text first (OCR)",
    (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".ico", ".psd"),
)
_RECORDING = Foreign(
    "a recording",
    "transcribe it, or name its subtitles",
    (
        ".mp3",
        ".mp4",
        ".m4a",
        ".wav",
        ".flac",
        ".ogg",
        ".mkv",
        ".avi",
        ".mov",
        ".wma",
        ".wmv",
        ".flv",
        ".webm",
    ),
)
_RAR = Foreign("a RAR archive", "unpack it and name the folder", (".rar",))
_SEVEN = Foreign("a 7z archive", "unpack it and name the folder", (".7z",))
_DATABASE = Foreign("an SQLite database", "export its tables as CSV", (".sqlite", ".sqlite3"))
_PROGRAM = Foreign(
    "a program", "name the files that hold text", (".exe", ".dll", ".so", ".apk", ".pyc", ".class")
)
_ZIPPED = Foreign("a zip archive under another name", "name it {0}.zip")

_KINDS = (
    *(_WORD, _OLD_WORD, _OPEN, _RICH, _SHEET, _SLIDES, _EPUB, _KINDLE, _PDF, _DJVU, _HELP),
    *(_PICTURE, _RECORDING, _RAR, _SEVEN, _DATABASE, _PROGRAM),
)
_EXTENSIONS = {extension: kind for kind in _KINDS for extension in kind.extensions}
# What files begin with, and for some at which byte.
_BEGINNINGS: tuple[tuple[int, bytes, Foreign], ...] = (
    (0, b"%PDF-", _PDF),
    (0, b"{\\rtf", _RICH),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE_FILE),
    (0, b"Rar!\x1a\x07", _RAR),
    (0, b"7z\xbc\xaf\x27\x1c", _SEVEN),
    (0, b"AT&TFORM", _DJVU),
    (0, b"ITSF\x03", _HELP),
    (60, b"BOOKMOBI", _KINDLE),
    (0, b"SQLite format 3\0", _DATABASE),
    (0, b"\x89PNG\r\n", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"GIF87a", _PICTURE),
    (0, b"GIF89a", _PICTURE),
    (8, b"WEBPVP8", _PICTURE),
    (0, b"II*\0", _PICTURE),
    (0, b"MM\0*", _PICTURE),
    (0, b"ID3\x03", _RECORDING),
    (0, b"ID3\x04", _RECORDING),
    (0, b"OggS\0", _RECORDING),
    (0, b"fLaC\0", _RECORDING),
    (4, b"ftyp", _RECORDING),
    (8, b"WAVEfmt", _RECORDING),
    (0, b"\x1a\x45\xdf\xa3", _RECORDING),
    (0, b"\x7fELF", _PROGRAM),
    *(
        (start, mark, Foreign(f"a {name} file under another name", f"name it {{0}}.{name}"))
        for start, mark, name in (
            (0, b"\x1f\x8b\x08", "gz"),
            (0, b"\x28\xb5\x2f\xfd", "zst"),
            (0, b"\xfd7zXZ\0", "xz"),
            (4, b"1AY&SY", "bz2"),
        )
    ),
)
_ZIP = b"PK\x03\x04"
# Parts that an office document, which is a zip archive, has first.
_IN_ZIP: tuple[tuple[bytes, Foreign], ...] = (
    (b"word/", _WORD),
    (b"xl/", _SHEET),
    (b"ppt/", _SLIDES),
    (b"mimetypeapplication/epub+zip", _EPUB),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", _OPEN),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", _SHEET),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", _SLIDES),
)


def foreign_by_name(name: str) -> Foreign | None:
    """The format that a file's extension tells, if it is one that is not read."""
    return _EXTENSIONS.get(PurePath(name).suffix.lower())


def foreign_by_content(head: bytes) -> Foreign | None:
    """The format that the beginning of a file (its first `HEAD` bytes) tells, if it is one that is not read."""
    head = head[:HEAD]
    if head.startswith(_ZIP):
        return next((kind for part, kind in _IN_ZIP if part in head), _ZIPPED)
    return next((kind for start, mark, kind in _BEGINNINGS if head.startswith(mark, start)), None)


def refusal(path: str, kind: Foreign) -> str:
    """One line for a file that was named: what it is, and what to do."""
    name, stem = path, path.removesuffix(PurePath(path).suffix)
    remedy = kind.remedy
    if (
        kind.extensions and "{0}" in remedy and not path.lower().endswith(kind.extensions)
    ):  # programs go by the name
        name = f"{stem}{kind.extensions[0]}"
        remedy = f"name it {shlex.quote(name)} and {remedy}"
    return f"{path}: {kind.called} is not read; {remedy.format(shlex.quote(name), shlex.quote(stem))}"
