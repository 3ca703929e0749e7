"""The cleaning stage: find the files, clean the parts, take out duplicates, write documents and the report."""

import fcntl
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gaupt.config import CleanConfig, Config
from gaupt.corpus.advice import nothing_kept, too_long, without_text_field
from gaupt.corpus.clean_part import clean_part
from gaupt.corpus.cleaner import Cleaner, text_documents
from gaupt.corpus.counts import Counts
from gaupt.corpus.documents import LIST, REPORT, list_files
from gaupt.corpus.duplicates.paragraphs import find_repeated
from gaupt.corpus.duplicates.search import Parts, find_duplicates, number_documents
from gaupt.corpus.estimate import SAMPLE, estimate
from gaupt.corpus.part_files import PartFiles, finished_parts
from gaupt.corpus.read.cut import Part, cut, part_bytes
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import count_of, find_files
from gaupt.corpus.read.records import TOO_LONG_TEXT, is_too_long
from gaupt.corpus.read.text_shape import hint
from gaupt.corpus.report import format_estimate, format_report, make_report
from gaupt.corpus.write_output import Output, group, write_output
from gaupt.errors import GauptError
from gaupt.files import AnyPath, atomic_write, free_disk, read_json, write_json
from gaupt.progress import Progress
from gaupt.quantities import duration, megabytes
from gaupt.stage import (
    CONFIG,
    Locked,
    Plan,
    Stage,
    State,
    disk_warnings,
    inspect,
    open_stage,
    warning_lines,
    write_config,
)
from gaupt.workers import Crew, default_workers, local_crew, open_crew

WORK = "work"
"""Folder of the finished parts, inside the output folder; removed at the end."""
_WAIT, _ATTEMPTS = 0.5, 1200
"""Seconds between two attempts to open a folder that other jobs of an array open too, and how many there are."""


def survey(
    inputs: Sequence[AnyPath], output: Path, config: Config, *, overwrite: bool = False
) -> tuple[list[InputFile], dict[str, Any], State]:
    """The files to read, what a plan says of them, and what ``output`` holds. Raises as `plan`."""
    Cleaner(config.clean)
    files, skipped = find_files(inputs)
    _refuse_too_long(files, config.clean)
    facts: dict[str, Any] = {"files": len(files), "bytes": sum(file.size for file in files)}
    if skipped:
        facts["skipped"] = count_of(skipped)
    return files, facts, inspect(_stage(files, output, config.clean), overwrite)


def plan(
    inputs: Sequence[AnyPath],
    output: AnyPath,
    config: Config | None = None,
    *,
    overwrite: bool = False,
    sample: int | None = None,
    workers: int | None = None,
) -> Plan:
    """What `clean` would read, what stays and how long it takes, and what ``output`` holds already. Writes nothing.

    About ``sample`` documents are cleaned to tell, with ``workers`` processes in mind.

    Raises:
        GauptError: a path does not exist, there is nothing to read, or the output folder is another's.
    """
    config, output, workers = config or Config(), Path(output), workers or default_workers()
    files, facts, state = survey(inputs, output, config, overwrite=overwrite)
    facts |= {"output": f"{output} ({state.value})"}
    if state is State.COMPLETE and not overwrite:
        return Plan(config, facts)
    guess = estimate(files, config.clean, sample or SAMPLE, config.seed, workers)
    # Finished parts stay until the documents are written.
    warnings = [*guess.warnings, *disk_warnings(output, 2 * guess.disk)]
    facts |= {
        "documents": (
            f"about {guess.kept:,.0f} of {guess.documents:,.0f} stay, {megabytes(guess.text_bytes)} of text "
            f"(by a sample of {guess.sampled:,}, duplicates not counted)"
        ),
        "disk": f"{megabytes(guess.disk)}, twice that for a while; {megabytes(free_disk(output))} are free",
        "time": f"about {duration(guess.seconds)} with {workers} {'process' if workers == 1 else 'processes'}",
    }
    numbers = {"estimate": guess.numbers() | {"free_disk": free_disk(output), "warnings": warnings}}
    return Plan(config, facts, numbers, format_estimate(guess.sources) + warning_lines(warnings))


def clean(
    inputs: Sequence[AnyPath],
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    engine: str = "local",
    address: str | None = None,
    must_keep: bool = False,
) -> dict[str, Any]:
    """Clean ``inputs`` (files, folders, globs, URLs) into a folder of documents and return its report.

    A second call continues what was interrupted, and does nothing where the output is complete. The output does not
    depend on ``workers`` or ``engine`` ("local", or "dask" with the ``address`` of a scheduler).

    Raises:
        GauptError: a path does not exist, there is nothing to read, or the output folder is another's; every document
            was dropped and ``must_keep`` is true.
    """
    output, config, progress = Path(output), config or Config(), progress or Progress(quiet=True)
    # What is wrong with the options is said before the folder is made.
    Cleaner(config.clean)
    opened = open_crew(engine, workers, address)
    files, skipped = find_files(inputs)
    _refuse_too_long(files, config.clean)
    work = output / WORK
    with open_stage(_stage(files, output, config.clean), overwrite, progress) as state:
        if state is not State.COMPLETE:
            if state is State.INTERRUPTED:
                progress.message(f"continuing in {output}")
            if skipped:
                progress.message(f"skipped {count_of(skipped)}: no format that gaupt reads")
            start = time.perf_counter()
            work.mkdir(exist_ok=True)
            _refuse_running_tasks(work)
            for leftover in (*work.glob(".*.tmp"), *output.glob(".*.tmp")):
                leftover.unlink()
            write_config(output, config)
            with opened as crew:
                _clean_parts(files, config.clean, work, crew, progress)
                parts, total = finished_parts(work), Counts()
                for part in parts:
                    total.add(part.read_counts()[0])
                if not total.total().read:
                    # The call with other fields, or of other files, shall find a new folder.
                    shutil.rmtree(work)
                    (output / CONFIG).unlink()
                    raise GauptError(f"{', '.join(map(str, inputs))}: no readable text ({_reasons(total)})")
                _write_outputs(parts, config.clean, output, total, crew, progress)
            made = make_report(total, files, skipped, time.perf_counter() - start)
            write_json(output / REPORT, made | {LIST: list_files(output)})
            for line in hint(files, text_documents(config.clean)):
                progress.message(f"warning: {line} --overwrite")
        shutil.rmtree(work, ignore_errors=True)
    report: dict[str, Any] = read_json(output / REPORT)
    for line in too_long(report["unreadable"]) + without_text_field(report["unreadable"]):
        progress.message(f"warning: {line}")
    if lost := nothing_kept(report, config.clean):
        if must_keep:
            raise GauptError(f"{output}: {lost} --overwrite")
        progress.message(f"warning: {output}: {lost} --overwrite")
    return report


def describe(report: dict[str, Any], output: AnyPath) -> str:
    """Tables for people on what `clean` did."""
    return f"{format_report(report)}{report['kept']:,} documents in {output}"


def clean_share(
    inputs: Sequence[AnyPath],
    output: AnyPath,
    config: Config,
    task: int,
    tasks: int,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Clean every ``tasks``-th part, from number ``task``: one of the jobs of an array that share ``output``.

    When all jobs are done, `clean` with the same inputs and config finds their parts and finishes the folder.

    Raises:
        GauptError: as `clean`; ``task`` is not in [0, ``tasks``); the same task runs already.
    """
    if not 0 <= task < tasks:
        raise GauptError(f"--task-index {task}: must be from 0 to --num-tasks - 1 = {tasks - 1}")
    output, progress = Path(output), progress or Progress(quiet=True)
    files, _ = find_files(inputs)
    _refuse_too_long(files, config.clean)
    work = output / WORK
    if _open_shared(_stage(files, output, config.clean)) is State.COMPLETE:
        progress.nothing_to_do(output)
        return
    with _task_lock(work, task), local_crew(workers or default_workers()) as crew:
        _clean_parts(files, config.clean, work, crew, progress, (task, tasks))


def _open_shared(stage: Stage) -> State:
    """Open a folder that the other jobs of the array open too, each for a moment, and make its folder of parts."""
    left = _ATTEMPTS
    while True:
        left -= 1
        try:
            with open_stage(stage) as state:
                if state is not State.COMPLETE:
                    (stage.output / WORK).mkdir(exist_ok=True)
                return state
        except Locked:
            if not left:
                raise
            time.sleep(_WAIT)


@contextmanager
def _task_lock(work: Path, task: int) -> Iterator[None]:
    with (work / f"task-{task}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GauptError(f"task {task} is running already in {work.parent}; wait for it") from None
        yield


def _refuse_running_tasks(work: Path) -> None:
    for path in sorted(work.glob("task-*.lock")):
        with _task_lock(work, int(path.stem.removeprefix("task-"))):
            pass


def _stage(files: Sequence[InputFile], output: Path, config: CleanConfig) -> Stage:
    """What the output folder is made from."""
    inputs: dict[str, Path | str] = {
        file.name: f"{file.size} bytes" if "://" in file.path else Path(file.path) for file in files
    }
    options = config.model_dump(mode="json")
    if config.blocked_words is not None and Path(config.blocked_words).is_file():
        inputs["clean.blocked_words"] = Path(config.blocked_words)
        options["blocked_words"] = Path(config.blocked_words).name
    return Stage("clean", output, REPORT, options, inputs)


def _refuse_too_long(files: Sequence[InputFile], config: CleanConfig) -> None:
    """Refuse to begin where every file is a text too large for one document.

    Raises:
        GauptError: it is so.
    """
    documents = text_documents(config)
    filled = [file for file in files if file.size]
    if all(is_too_long(file, documents) for file in filled):
        names = ", ".join(file.name for file in filled[:3]) + (", …" if len(filled) > 3 else "")
        raise GauptError(f"{names}: {TOO_LONG_TEXT}")


def _reasons(counts: Counts) -> str:
    """Why the first files could not be read."""
    first = list(counts.unreadable.items())[:3]
    return "; ".join(f"{file}: {', '.join(reasons)}" for file, reasons in first) or "no records"


def _clean_parts(
    files: Sequence[InputFile],
    config: CleanConfig,
    work: Path,
    crew: Crew,
    progress: Progress,
    share: tuple[int, int] = (0, 1),
) -> None:
    """Clean every part that is not done yet; ``share`` (i, n) takes the parts i, i + n, ... only."""
    read = kept = 0
    with progress.task("cleaning", sum(file.size for file in files)) as advance:

        def tell(part: Part, counts: Counts) -> None:
            nonlocal read, kept
            total = counts.total()
            read, kept = read + total.read, kept + total.kept
            advance(part.size, f"{read:,} documents, {kept / max(1, read):.0%} kept")

        def waiting() -> Iterator[Part]:
            for part in cut(files, part_bytes(files), text_documents(config)):
                if part.number % share[1] != share[0]:
                    advance(part.size)
                    continue
                done = PartFiles(work, part.number)
                if done.is_done():
                    tell(part, done.read_counts()[0])
                else:
                    yield part

        for part, counts in crew.run(partial(clean_part, config=config, folder=work), waiting()):
            tell(part, counts)


def _write_outputs(
    parts: Sequence[PartFiles],
    config: CleanConfig,
    output: Path,
    total: Counts,
    crew: Crew,
    progress: Progress,
) -> None:
    """Find duplicates, write documents and dropped files, and correct ``total`` by the duplicates."""
    start, work = time.perf_counter(), output / WORK
    numbered = number_documents(parts)
    threshold = config.near_threshold if config.near_duplicates else None
    duplicates = find_duplicates(numbered, work, config.exact_duplicates, threshold, crew)
    ids = _Ids(numbered, work) if len(duplicates.repeats) else None
    repeated = None
    if config.max_paragraph_documents:
        files = [part.paragraphs for part in parts]
        repeated = find_repeated(
            files, numbered.starts.tolist(), duplicates.repeats, config.max_paragraph_documents
        )
    total.spend("duplicates", time.perf_counter() - start)
    start = time.perf_counter()
    sizes = [part.read_counts()[1] for part in parts]

    def outputs() -> Iterator[Output]:
        index = 0
        for number, gathered in enumerate(group(parts, sizes)):
            first, last = (int(numbered.starts[i]) for i in (index, index + len(gathered)))
            gone = {
                repeat - first: (ids[original], similarity)
                for repeat, original, similarity in duplicates.between(first, last)
                if ids is not None
            }
            removed = repeated.between(first, last) if repeated is not None else {}
            paragraphs = {document - first: hashes for document, hashes in removed.items()}
            yield Output(number, tuple(gathered), gone, output, paragraphs, config)
            index += len(gathered)

    with progress.task("writing", sum(sizes)) as advance:
        results = {}
        for task, changes in crew.run(write_output, outputs()):
            results[task.number] = changes
            advance(sum(sizes[part.number] for part in task.parts))
    for number in sorted(results):
        total.add(results[number])
    total.spend("write_documents", time.perf_counter() - start)


class _Ids:
    """The id of every kept document by number, on disk: one file of ids, one of where they start."""

    def __init__(self, parts: Parts, work: Path) -> None:
        position = 0
        with atomic_write(work / "ids") as ids, atomic_write(work / "ids.starts") as starts:
            for part in parts.files:
                lines = part.ids.read_bytes().split(b"\n")[:-1]
                ends = np.cumsum([0, *(len(line) + 1 for line in lines)], dtype=np.uint64) + np.uint64(
                    position
                )
                ids.write(b"".join(line + b"\n" for line in lines))
                starts.write(ends[:-1].tobytes())
                position = int(ends[-1])
            starts.write(np.uint64(position).tobytes())
        self._ids = np.memmap(work / "ids", dtype=np.uint8, mode="r")
        self._starts = np.memmap(work / "ids.starts", dtype=np.uint64, mode="r")

    def __getitem__(self, index: int) -> str:
        start, end = self._starts[index : index + 2].tolist()
        text: str = json.loads(self._ids[start:end].tobytes())
        return text
