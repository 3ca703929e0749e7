"""The documents format: ``documents-NNNNN.jsonl.zst``, one ``{"id", "text", "source"}`` a line, UTF-8."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from gaupt.config import CleanConfig, read_config
from gaupt.corpus.counts import EXCERPT as EXCERPT
from gaupt.errors import GauptError
from gaupt.files import named_files, read_json, read_lines_zst
from gaupt.folders import kind_of, unexpected
from gaupt.remote import place
from gaupt.seal import LIST, Facts, listed
from gaupt.seal import check as check_listed
from gaupt.seal import verify as verify_listed
from gaupt.stage import CONFIG, RECORD

REPORT = "report.json"
"""Marker of a complete folder of documents, and its counts."""
SOURCES_TOLD = 50
"""Sources that are named in what goes along, see `told_of`."""
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
        GauptError: ``folder`` is missing, is not a complete folder of documents, or one of its files is gone or of
            another size.
    """
    return _documents(folder)[0]


def inputs_of(folder: Path) -> dict[str, Path | str]:
    """What a stage that reads the documents in ``folder`` is made from, see `gaupt.stage.Stage`.

    Raises:
        GauptError: as `document_files`.
    """
    files, known = _documents(folder)
    # A folder that another program made has no list: its files are read like raw ones.
    return {name: facts["sha256"] for name, facts in known.items()} or {**named_files(files)}


def _documents(folder: Path) -> tuple[list[Path], dict[str, Facts]]:
    """`document_files` of a folder, and what its list says of them."""
    if kind_of(folder) != "documents":
        raise unexpected(folder, "documents", remedy="gaupt clean makes one of raw text")
    known = _listed(folder)
    if known:
        check_listed(folder, known, content=False)
    files = [folder / name for name in known] or sorted(folder.glob(_FILES))
    if not files:
        raise GauptError(f"{folder} holds no documents; see the dropped counts in {folder / REPORT}")
    return files, known


def told_of(folder: Path) -> dict[str, Any]:
    """What goes along with everything made of the documents in ``folder``, to be told of it: how many came in and
    stayed, why others went, and the largest sources. Empty where another program wrote them.
    """
    try:
        report = read_json(folder / REPORT)
        largest = sorted(report["sources"].items(), key=lambda item: (-item[1]["bytes"]["after"], item[0]))
        sources = {
            name: {"documents": source["kept"], "bytes": source["bytes"]["after"]} for name, source in largest
        }
        return {
            "read": report["read"],
            "kept": report["kept"],
            "dropped": report["dropped"],
            "bytes": report["bytes"]["after"],
            "chinese": report["chinese"]["after"],
            "sources": dict(islice(sources.items(), SOURCES_TOLD)),
            "more_sources": max(0, len(sources) - SOURCES_TOLD),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _listed(folder: Path) -> dict[str, Facts]:
    """The documents files on the list of a folder, of which what tells about them is intact; none of another's."""
    if not is_ours(folder):
        return {}
    check_listed(folder, (REPORT, CONFIG))
    return {name: facts for name, facts in listed(folder).items() if PurePath(name).match(_FILES)}


def is_ours(folder: Path) -> bool:
    """Whether `gaupt clean` wrote the folder, which has a list of its files then."""
    return (folder / RECORD).is_file() or (folder / LIST).is_file()


def check_file(file: Path) -> None:
    """Read a documents file once and compare it with the list of its folder, where that has one.

    Raises:
        GauptError: it is not what was written.
    """
    if is_ours(file.parent):
        check_listed(file.parent, [file.name])


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
    except (KeyError, TypeError, ValueError):  # another program's folder; text is compressed to two fifths
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
    """For each file of a folder, what is wrong with it, or an empty line; of another program's, if it can be read."""
    if is_ours(folder):
        yield from verify_listed(folder)
        return
    for file in document_files(folder):
        try:
            for _ in read_documents(file):
                pass
            yield ""
        except GauptError as error:
            yield str(error)
