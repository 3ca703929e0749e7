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

PARTS, SECTIONS = "parts", "sections"
"""Folders of what is known of parts, beside their files, and of sections."""
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
            for name, result in crew.do_once(work / SECTIONS, clean, lambda: named):
                tell(sizes[name], (result["read"], result["kept"]))
            return

        def waiting() -> Iterator[tuple[str, Part | None]]:
            for section in plan:
                names = _finished(section, work)
                if names is not None:
                    sizes.update(dict.fromkeys(names, 0) | {names[-1]: section.size})
                    yield from ((name, None) for name in names)
                    continue
                for part in _parts(section, config, work, size):
                    sizes[part.name] = part.size
                    yield part.name, part

        for name, result in crew.do_once(work / PARTS, partial(_clean_part, config, work), waiting):
            tell(sizes.pop(name), _read_and_kept(part_record(result)))


def finished_parts(work: Path) -> list[tuple[PartFiles, PartRecord]]:
    """The parts that `clean_parts` left in ``work``, in the order of the input, with what is known of them."""
    return [
        (PartFiles(work / PARTS, name), part_record(read_json(_record(work, name))))
        for section in sorted((work / SECTIONS).glob("*.json"))
        for name in _names(section.stem, read_json(section))
    ]


def _clean_section(config: CleanConfig, work: Path, size: int, section: Section) -> dict[str, Any]:
    """Clean what is not done yet of a section."""
    read = kept = parts = 0
    for part in cut(section, size, text_documents(config)):
        record = _record(work, part.name)
        if not record.exists():
            write_json(record, _clean_part(config, work, part))
        found = _read_and_kept(part_record(read_json(record)))
        read, kept, parts = read + found[0], kept + found[1], parts + 1
    return {"parts": parts, "read": read, "kept": kept}


def _parts(section: Section, config: CleanConfig, work: Path, size: int) -> Iterator[Part]:
    """The parts of a section; how many there are is written when the last has been read."""
    count = 0
    for part in cut(section, size, text_documents(config)):
        count += 1
        yield part
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
