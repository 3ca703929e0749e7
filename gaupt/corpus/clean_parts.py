"""All of the input to finished parts: the work of cleaning that reads it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig
from gaupt.corpus.clean_part import clean_part
from gaupt.corpus.cleaner import text_documents
from gaupt.corpus.part_files import PartFiles, PartRecord, part_record
from gaupt.corpus.read.cut import Part, Section, cut, part_bytes, part_name, sections
from gaupt.corpus.read.file import InputFile
from gaupt.files import read_json, write_json
from gaupt.progress import Progress
from gaupt.workers import Crew

PARTS, SECTIONS, _WHOLE = "parts", "sections", "whole"
"""Folders of what is known of parts, beside their files; of how many of them a section has, once it was read; and of
sections that a worker has cleaned as a whole. Who continues may cut the input otherwise than who began.
"""
ENOUGH = 32
"""Large files for each worker from which the workers cut them themselves: all stay busy until nearly the end."""


def clean_parts(
    files: Sequence[InputFile], config: CleanConfig, work: Path, crew: Crew, progress: Progress
) -> None:
    """Clean all that ``files`` hold and is not done yet, and leave what comes of it in ``work``."""
    size = part_bytes(files)
    plan = list(sections(files, size))
    read = kept = tasks = 0
    with progress.task("cleaning", sum(section.size for section in plan)) as advance:

        def tell(bytes_: int, found: tuple[int, int]) -> None:
            nonlocal read, kept, tasks
            read, kept, tasks = read + found[0], kept + found[1], tasks + 1
            note = f"{read:,} documents, {kept / max(1, read):.0%} kept, {crew.told_by(tasks)}"
            advance(bytes_, note)

        sizes = dict[str, int]()
        if sum(section.is_cut for section in plan) >= ENOUGH * crew.at_once():
            clean = partial(_clean_section, config, work, size)
            sizes.update((section.name, section.size) for section in plan)
            named = [(section.name, section) for section in plan]
            for name, result in crew.do_once(work / _WHOLE, clean, lambda: named):
                tell(sizes[name], (result["read"], result["kept"]))
            return

        def waiting() -> Iterator[tuple[str, Part | None]]:
            for section in plan:
                done_before = None
                for name, part in _parts(section, config, work, size):
                    sizes[name] = 0 if part is None else part.size
                    done_before = name if part is None else None
                    yield name, part
                if done_before is not None:  # as all of the section was
                    sizes[done_before] = section.size

        for name, result in crew.do_once(work / PARTS, partial(_clean_part, config, work), waiting):
            tell(sizes.pop(name), _read_and_kept(part_record(result)))


def finished_parts(work: Path) -> list[tuple[PartFiles, PartRecord]]:
    """The parts that `clean_parts` left in ``work``, in the order of the input, with what is known of them."""
    return [
        (PartFiles(work / PARTS, name), part_record(read_json(_record(work, name))))
        for section in sorted((work / SECTIONS).glob("*.json"))
        for name in _names(section.stem, read_json(section))
    ]


def _clean_section(config: CleanConfig, work: Path, size: int, section: Section) -> dict[str, int]:
    """Clean what is not done yet of a section."""
    read = kept = 0
    for name, part in _parts(section, config, work, size):
        record = _record(work, name)
        if not record.exists():
            write_json(record, _clean_part(config, work, part))
        found = _read_and_kept(part_record(read_json(record)))
        read, kept = read + found[0], kept + found[1]
    return {"read": read, "kept": kept}


def _parts(section: Section, config: CleanConfig, work: Path, size: int) -> Iterator[tuple[str, Part | None]]:
    """The parts of a section by their names; names alone where all are done, and nothing is to be read.

    How many there are is written when the last has been read.
    """
    names = _finished(section, work)
    if names is not None:
        yield from ((name, None) for name in names)
        return
    count = 0
    for part in cut(section, size, text_documents(config)):
        count += 1
        yield part.name, part
    write_json(work / SECTIONS / f"{section.name}.json", {"parts": count})


def _finished(section: Section, work: Path) -> list[str] | None:
    """The names of the parts of a section all of which are done; None where some may not be."""
    record = work / SECTIONS / f"{section.name}.json"
    if not record.exists():
        return None
    names = _names(section.name, read_json(record))
    return names if all(_record(work, name).exists() for name in names) else None


def _names(section: str, record: Mapping[str, Any]) -> list[str]:
    return [part_name(section, number) for number in range(record["parts"])]


def _clean_part(config: CleanConfig, work: Path, part: Part | None) -> dict[str, Any]:
    assert part is not None
    return clean_part(part, config, work / PARTS).to_json()


def _record(work: Path, name: str) -> Path:
    return work / PARTS / f"{name}.json"


def _read_and_kept(record: PartRecord) -> tuple[int, int]:
    total = record.counts.total()
    return total.read, total.kept
