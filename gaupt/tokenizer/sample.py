"""The lines that a vocabulary is learnt from: a seeded sample of the corpus, bounded whatever its size."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xxhash

from gaupt.config import TokenizerConfig
from gaupt.corpus.documents import check_file, document_files, read_documents
from gaupt.files import read_lines_zst, write_bytes, write_jsonl_zst
from gaupt.progress import Progress
from gaupt.remote import place
from gaupt.tokenizer.char import count_words
from gaupt.tokenizer.words import delimited, load_words
from gaupt.workers import Crew

_SCALE = 1 << 64
_CHARACTERS, _LINES = "characters", "sample"


@dataclass(frozen=True)
class Sample:
    """What a vocabulary is learnt from, as tasks left it in files."""

    corpus_characters: int
    characters: int
    files: tuple[Path, ...]
    """Of the lines, with delimiters between their words; none for a vocabulary of characters."""
    words: Counter[str]
    """How often each word of the lines occurs, for a vocabulary of characters."""

    def lines(self) -> Iterator[str]:
        """The lines in the order of the corpus."""
        for file in self.files:
            for line in read_lines_zst(file):
                yield line.decode()


def draw_sample(
    documents: Path, work: Path, config: TokenizerConfig, seed: int, crew: Crew, progress: Progress
) -> Sample:
    """Draw the lines to learn from, a task a file; the tasks leave their results in ``work``.

    Raises:
        GauptError: the documents are missing or damaged; the user dictionary cannot be read.
    """
    files = document_files(documents)
    if config.user_dictionary:
        load_words(
            config.words, Path(config.user_dictionary)
        )  # a mistake shows here, and not in every worker
        copy = work / "user_dictionary.txt"  # where all workers find it
        write_bytes(copy, Path(config.user_dictionary).read_bytes())
        config = config.model_copy(update={"user_dictionary": str(copy)})
    characters = sum(_each(crew, work / _CHARACTERS, _count_file, files, "counting characters", progress))
    draw = partial(_draw, config, _threshold(characters, config.sample_chars), seed, work / _LINES)
    found = _each(crew, work / _LINES, draw, files, "drawing the sample", progress)
    words = Counter[str]()
    for result in found:
        words.update(result.get("words", {}))
    lines = () if config.type == "char" else tuple(_lines_file(work / _LINES, file) for file in files)
    return Sample(characters, sum(result["characters"] for result in found), lines, words)


def _each(
    crew: Crew, folder: Path, function: Any, files: Sequence[Path], description: str, progress: Progress
) -> list[Any]:
    """The result of ``function`` for each file, in their order."""
    sizes = {file.name: file.stat().st_size for file in files}
    results = {}
    with progress.task(description, sum(sizes.values())) as advance:
        for name, result in crew.do_once(folder, function, lambda: [(file.name, file) for file in files]):
            results[name] = result
            advance(sizes[name])
    return [results[file.name] for file in files]


def _count_file(file: Path) -> int:
    check_file(file)
    return sum(len(document.text) for document in read_documents(file))


def _draw(config: TokenizerConfig, threshold: int, seed: int, folder: Path, file: Path) -> dict[str, Any]:
    """Draw the lines of one file, and count their words or write them with delimiters between these."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in _drawn(file, threshold, seed):
            taken += len(line)
            yield line

    if config.type == "char":
        words = count_words(lines(), config.lowercase)
        return {"characters": taken, "words": words}
    bounds = load_words(config.words, place(config.user_dictionary) if config.user_dictionary else None)
    with write_jsonl_zst(_lines_file(folder, file)) as out:
        for line in lines():
            out.write(delimited(line, bounds).encode() + b"\n")
    return {"characters": taken}


def _lines_file(folder: Path, file: Path) -> Path:
    return folder / f"{file.name}.lines.zst"


def count_characters(documents: Path) -> int:
    """Characters in a folder of documents."""
    return sum(map(_count_file, document_files(documents)))


def sample_lines(documents: Path, characters: int, wanted: int, seed: int) -> Iterator[str]:
    """Yield about ``wanted`` of the corpus's ``characters``, line by line, in the order of the corpus.

    Whether a line is in depends on the seed, its document's id and its place there alone: nothing is held in
    memory, and the sample is the same however the documents are spread over files.
    """
    for file in document_files(documents):
        yield from _drawn(file, _threshold(characters, wanted), seed)


def _threshold(characters: int, wanted: int) -> int:
    """The hash below which a line is in."""
    return _SCALE if wanted >= characters else int(wanted / characters * _SCALE)


def _drawn(file: Path, threshold: int, seed: int) -> Iterator[str]:
    for document in read_documents(file):
        for number, line in enumerate(document.text.split("\n")):
            if line and (
                threshold == _SCALE
                or xxhash.xxh3_64_intdigest(f"{document.id}\n{number}".encode(), seed) < threshold
            ):
                yield line
