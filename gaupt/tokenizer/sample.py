"""The lines that a vocabulary is learnt from: a seeded sample of the corpus, bounded whatever its size."""

from collections.abc import Callable, Iterator
from pathlib import Path

import xxhash

from gaupt.corpus.documents import document_files, read_documents
from gaupt.workers import local_crew

_SCALE = 1 << 64


def count_characters(
    documents: Path, workers: int = 1, advance: Callable[[int], None] = lambda amount: None
) -> int:
    """Characters in a folder of documents, its files read by ``workers`` processes.

    ``advance`` is told each file's size in bytes when it is read.
    """
    characters, files = 0, document_files(documents)
    with local_crew(min(workers, len(files))) as crew:
        for file, found in crew.run(_count_file, files):
            characters += found
            advance(file.stat().st_size)
    return characters


def _count_file(file: Path) -> int:
    return sum(len(document.text) for document in read_documents(file))


def sample_lines(documents: Path, characters: int, wanted: int, seed: int) -> Iterator[str]:
    """Yield about ``wanted`` of the corpus's ``characters``, line by line, in the order of the corpus.

    Whether a line is in depends on the seed, its document's id and its place there alone: nothing is held in
    memory, and the sample is the same however the documents are spread over files.
    """
    threshold = _SCALE if wanted >= characters else int(wanted / characters * _SCALE)
    for document in read_documents(documents):
        for number, line in enumerate(document.text.split("\n")):
            if line and (
                threshold == _SCALE
                or xxhash.xxh3_64_intdigest(f"{document.id}\n{number}".encode(), seed) < threshold
            ):
                yield line
