"""Finished parts of documents whose keys are made up, and what is found among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np

from gaupt.config import CleanConfig, Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import Document, document_line, read_documents
from gaupt.corpus.duplicates.groups import Group, group_parts
from gaupt.corpus.duplicates.minhash import BANDS
from gaupt.corpus.duplicates.search import Duplicates, find_duplicates
from gaupt.corpus.part_files import PartFiles
from gaupt.files import write_jsonl_zst
from gaupt.workers import local_crew

SENTENCE = "清晨的雾还没有散茶农们已经背着竹篓上山"


def words(start: int) -> str:
    """Seven letters of a sentence without a letter twice: three runs of five.

    Seven from the next place on have two of them, of four in all (similarity 0.5); from the one after it, one of five
    (0.2).
    """
    return SENTENCE[start : start + 7]


@dataclass(frozen=True)
class Kept:
    """A document with what cleaning wrote of it; keys that are not given are like no other's."""

    text: str
    key: tuple[int, int] | None = None
    bands: Mapping[int, int] = field(default_factory=dict)


def write_parts(folder: Path, *parts: Sequence[Kept]) -> list[Group]:
    """Finished parts, in groups as they come; the id of a document is its number."""
    folder.mkdir(exist_ok=True)
    own, numbers = count(1 << 40), count()
    files = []
    for name, documents in zip("abcdefghi", parts, strict=False):
        part = PartFiles(folder, name)
        keys = [document.key or (next(own), next(own)) for document in documents]
        bands = [[document.bands.get(band, next(own)) for document in documents] for band in range(BANDS)]
        np.save(part.keys, np.array(keys, np.uint64).reshape(-1, 2))
        np.save(part.bands, np.array(bands, np.uint64))
        with write_jsonl_zst(part.kept) as file:
            for document in documents:
                file.write(document_line("any", document.text, "s"))
        part.ids.write_text("".join(f'"{next(numbers)}"\n' for _ in documents))
        files.append(part)
    return group_parts(files, [len(part) for part in parts])


def find(
    folder: Path, *parts: Sequence[Kept], exact: bool = True, threshold: float | None = 0.5
) -> Duplicates:
    with local_crew(1) as crew:
        return find_duplicates(write_parts(folder, *parts), folder, exact, threshold, crew)


def rows(found: Duplicates, first: int = 0, stop: int = 1000) -> list[tuple[int, int, float]]:
    """The documents that go, the number of the one that each repeats, and how similar they are."""
    return [(number, int(id_), similarity) for number, id_, similarity in found.between(first, stop)]


def run(texts: list[str], folder: Path, **config: object) -> list[Document]:
    folder.mkdir()
    with (folder / "a.jsonl").open("wb") as file:
        for number, text in enumerate(texts):
            file.write(document_line(f"d{number}", text, "s"))
    settings = Config(clean=CleanConfig.model_validate({"profile": "short", **config}))
    report = clean([folder / "a.jsonl"], folder / "out", settings, workers=1)
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    return list(read_documents(folder / "out"))
