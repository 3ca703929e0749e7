"""The documents format: ``documents-NNNNN.jsonl.zst``, one ``{"id", "text", "source"}`` a line, UTF-8."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig, read_config
from gaupt.errors import GauptError
from gaupt.files import named_files, read_json, read_lines_zst, sha256
from gaupt.folders import kind_of, unexpected
from gaupt.remote import place
from gaupt.stage import CONFIG

REPORT = "report.json"
"""Marker of a complete folder of documents, and its counts."""
LIST = "documents"
"""What the report calls the list of its documents files."""
_FILES = "documents-*.jsonl.zst"


@dataclass(frozen=True, slots=True)
class Document:
    """One text, with paragraphs separated by ``\\n``."""

    id: str
    text: str
    source: str


def document_files(folder: Path) -> list[Path]:
    """The documents files of a complete `gaupt clean` folder, in order.

    Raises:
        GauptError: ``folder`` is missing, is not a complete folder of documents, or one of its files is gone.
    """
    if kind_of(folder) != "documents":
        raise unexpected(folder, "documents", remedy="gaupt clean makes one of raw text")
    files = [folder / name for name in _listed(folder)] or sorted(folder.glob(_FILES))
    if not files:
        raise GauptError(f"{folder} holds no documents; see the dropped counts in {folder / REPORT}")
    for file in files:
        if not file.is_file():
            raise GauptError(f"{file} is missing; run gaupt clean again with --overwrite")
    return files


def inputs_of(folder: Path) -> dict[str, Path | str]:
    """What a stage that reads the documents in ``folder`` is made from, see `gaupt.stage.Stage`.

    Raises:
        GauptError: as `document_files`.
    """
    files = document_files(folder)
    # A folder that another program made has no list: its files are read like raw ones.
    return {**_listed(folder)} or {**named_files(files)}


def _listed(folder: Path) -> dict[str, str]:
    try:
        report: dict[str, Any] = read_json(folder / REPORT)
        return dict(report.get(LIST, {}))
    except (ValueError, TypeError, AttributeError):
        raise GauptError(f"{folder / REPORT} is damaged; run gaupt clean again with --overwrite") from None


def read_documents(path: str | Path) -> Iterator[Document]:
    """Yield the documents of one file, or of every file of a folder in order.

    Raises:
        GauptError: a file is damaged (the message names it).
    """
    path = place(path)
    for file in document_files(path) if path.is_dir() else [path]:
        yield from read_slice(file)


def sample_texts(folder: Path, characters: int = 300_000) -> list[tuple[float, str]]:
    """Texts from the beginning of each documents file in ``folder``, about so many ``characters``, each with how many
    times its length the whole is.

    Raises:
        GauptError: as `document_files`; a file is damaged.
    """
    files = document_files(folder)
    texts, size = list[str](), 0
    for number, file in enumerate(files, 1):
        for document in read_slice(file):
            if size >= number * characters / len(files):
                break
            texts.append(document.text)
            size += len(document.text)
    try:
        whole = int(read_json(folder / REPORT)["bytes"]["after"])
    except (KeyError, TypeError):  # another program's folder; text is compressed to two fifths
        whole = int(2.5 * sum(file.stat().st_size for file in files))
    weight = whole / max(1, sum(len(text.encode()) for text in texts))
    return [(weight, text) for text in texts]


def read_slice(file: Path, first: int = 0, stop: int | None = None) -> Iterator[Document]:
    """Yield the documents whose lines begin from byte ``first`` until before ``stop`` of the decompressed ``file``.

    Raises:
        GauptError: the file is damaged.
    """
    try:
        for line in read_lines_zst(file, first, stop):
            record = json.loads(line)
            yield Document(record["id"], record["text"], record["source"])
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise damaged(file, error) from error


def damaged(file: Path, error: Exception) -> GauptError:
    """What to say of a documents file that cannot be read."""
    return GauptError(f"{file} is damaged ({error}); run gaupt clean again with --overwrite")


def cleaning_of(folder: Path) -> CleanConfig:
    """How the documents in ``folder`` were cleaned; the defaults where it does not say."""
    return read_config(folder / CONFIG).clean if (folder / CONFIG).is_file() else CleanConfig()


quote = json.encoder.encode_basestring
"""A string as JSON, without escaping Chinese."""


def document_line(id_: str, text: str, source: str) -> bytes:
    """One line of the documents format."""
    return f'{{"id": {quote(id_)}, "text": {quote(text)}, "source": {quote(source)}}}\n'.encode()


def verify(folder: Path) -> Iterator[str]:
    """For each documents file, what is wrong with it, or an empty line. Raises as `document_files`."""
    listed = _listed(folder)
    for file in document_files(folder):
        try:
            for _ in read_documents(file):
                pass
            same = file.name not in listed or sha256(file) == listed[file.name]
            yield "" if same else f"{file} is damaged: its sha256 is not the recorded one"
        except GauptError as error:
            yield str(error)
