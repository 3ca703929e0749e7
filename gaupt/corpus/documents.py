"""The documents format: ``documents-NNNNN.jsonl.zst``, one ``{"id", "text", "source"}`` a line, UTF-8."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.files import read_jsonl_zst, write_jsonl_zst

REPORT = "report.json"
"""Marker of a complete folder of documents, and its counts."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text, with paragraphs separated by ``\\n``."""

    id: str
    text: str
    source: str


def document_files(folder: Path) -> list[Path]:
    """The documents files of a complete `gaupt clean` folder, in order.

    Raises:
        GauptError: ``folder`` is missing, or is not a complete folder of documents.
    """
    if not folder.exists():
        raise GauptError(f"{folder} does not exist")
    if not (folder / REPORT).is_file():
        raise GauptError(
            f"{folder} is not a complete output of gaupt clean (no {REPORT}); run gaupt clean on it again"
        )
    files = sorted(folder.glob("documents-*.jsonl.zst"))
    if not files:
        raise GauptError(f"{folder} holds no documents; see the dropped counts in {folder / REPORT}")
    return files


def read_documents(path: Path) -> Iterator[Document]:
    """Yield the documents of one file, or of every file of a folder in order.

    Raises:
        GauptError: a file is damaged (the message names it).
    """
    for file in document_files(path) if path.is_dir() else [path]:
        try:
            for record in read_jsonl_zst(file):
                yield Document(record["id"], record["text"], record["source"])
        except (ValueError, KeyError, OSError, EOFError) as error:
            raise GauptError(
                f"{file} is damaged ({error}); run gaupt clean again with --overwrite"
            ) from error


def write_documents(path: Path, documents: Iterable[Document]) -> int:
    """Write ``documents`` to one file, atomically; return how many there were."""
    count = 0
    with write_jsonl_zst(path) as file:
        for count, document in enumerate(documents, 1):  # noqa: B007 (the count outlives the loop)
            file.write(json.dumps(asdict(document), ensure_ascii=False).encode() + b"\n")
    return count
