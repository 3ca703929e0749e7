"""The cleaning stage: find the files, clean the parts, take out duplicates, write documents and the report."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig, Config
from gaupt.corpus.advice import killed, nothing_kept, slow, too_long, without_text_field
from gaupt.corpus.clean_parts import clean_parts, finished_parts
from gaupt.corpus.cleaner import Cleaner, text_documents
from gaupt.corpus.counts import KILLED, TOO_SLOW, Counts, counts_from_json
from gaupt.corpus.documents import REPORT
from gaupt.corpus.duplicates.groups import group_parts
from gaupt.corpus.duplicates.paragraphs import find_repeated
from gaupt.corpus.duplicates.search import find_duplicates
from gaupt.corpus.estimate import SAMPLE, estimate
from gaupt.corpus.part_files import PartFiles, PartRecord
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import count_of, find_files, skipped_lines
from gaupt.corpus.read.records import TOO_LONG_TEXT, is_too_long
from gaupt.corpus.read.text_shape import hint
from gaupt.corpus.report import format_estimate, format_report, make_report
from gaupt.corpus.write_output import Output, output_sizes, write_output
from gaupt.errors import GauptError
from gaupt.files import AnyPath, as_json, free_disk, read_json, remove, write_bytes
from gaupt.progress import Progress
from gaupt.quantities import duration, megabytes
from gaupt.remote import Remote, place
from gaupt.seal import Facts, close
from gaupt.stage import (
    CONFIG,
    RECORD,
    Plan,
    Stage,
    State,
    check_inputs,
    disk_warnings,
    free_of,
    inspect,
    open_stage,
    warning_lines,
    write_config,
)
from gaupt.workers import LOCAL, Crew, Engine, default_workers, open_crew

PARAGRAPHS = 4
"""Paragraphs that are held in memory at the cost of a document."""
Within = tuple[Path, tuple[str, ...]]
"""The folder that holds an output folder beside others, and what is written in it."""
OURS = ("documents-*", "dropped-*", CONFIG, RECORD)
"""Names of what stays in the output folder, beside the report."""
WORK = "work"
"""Folder of the finished parts, inside the output folder; removed at the end."""


def survey(
    inputs: Sequence[AnyPath],
    output: Path,
    config: Config,
    *,
    overwrite: bool = False,
    within: Within | None = None,
) -> tuple[list[InputFile], dict[str, Any], State]:
    """The files to read, what a plan says of them, and what ``output`` holds. Raises as `plan`."""
    Cleaner(config.clean)
    left_out = list[str]()
    files, skipped = find_files(inputs, *(within or (output, ())), left_out.append)
    _refuse_too_long(files, config.clean)
    facts: dict[str, Any] = {"files": len(files), "bytes": sum(file.size for file in files)}
    if skipped:
        facts["skipped"] = count_of(skipped)
    if left_out:
        facts["left out"] = "; ".join(left_out)
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
    config, output, workers = config or Config(), place(output), workers or default_workers()
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
        "disk": f"{megabytes(guess.disk)}, twice that for a while{free_of(output)}",
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
    engine: Engine = LOCAL,
    must_keep: bool = False,
    within: Within | None = None,
) -> dict[str, Any]:
    """Clean ``inputs`` (files, folders, globs, URLs) into a folder of documents and return its report.

    A second call continues what was interrupted, and does nothing where the output is complete. The output does not
    depend on ``workers`` or ``engine``. ``output``, or the folder that it is ``within``, is no input.

    Raises:
        GauptError: a path does not exist, there is nothing to read, or the output folder is another's; every document
            was dropped and ``must_keep`` is true; as `gaupt.workers.open_crew`.
    """
    output, config, progress = (
        engine.there(place(output)),
        config or Config(),
        progress or Progress(quiet=True),
    )
    # What is wrong with the options is said before the folder is made.
    Cleaner(config.clean)
    engine.check()
    files, skipped = find_files(inputs, *(within or (output, ())), progress.message)
    _refuse_too_long(files, config.clean)
    files = [
        file if "://" in file.path else replace(file, path=str(engine.there(Path(file.path))))
        for file in files
    ]
    work = output / WORK
    stage = _stage(files, output, config.clean)
    with open_stage(stage, overwrite, progress, engine.is_shared) as state:
        if state is not State.COMPLETE:
            if state is State.INTERRUPTED:
                progress.message(f"continuing in {output}")
            for line in skipped_lines(skipped):
                progress.message(line)
            start = time.perf_counter()
            work.mkdir(exist_ok=True)
            if not engine.is_shared and not isinstance(output, Remote):
                for leftover in (*work.rglob(".*.tmp"), *output.glob(".*.tmp")):
                    leftover.unlink()
            write_config(output, config)
            cleaning = _with_words(config.clean, work)
            with open_crew(engine, workers, output, progress) as crew:
                clean_parts(files, cleaning, work, crew, progress)
                parts, total = finished_parts(work), Counts()
                for _, record in parts:
                    total.add(record.counts)
                if not total.total().read:
                    if not engine.is_shared:
                        # The call with other fields, or of other files, shall find a new folder.
                        remove(work)
                        (output / CONFIG).unlink()
                    raise GauptError(f"{', '.join(map(str, inputs))}: no readable text ({_reasons(total)})")
                written = _write_outputs(parts, cleaning, output, total, crew, progress)

                def finish() -> None:
                    check_inputs(stage)
                    made = make_report(total, files, skipped, time.perf_counter() - start)
                    close(output, REPORT, as_json(made), OURS, known=written)

                crew.alone(output / REPORT, finish)
            for line in hint(files, text_documents(config.clean)):
                progress.message(f"warning: {line} --overwrite")
    report: dict[str, Any] = read_json(output / REPORT)
    for line in too_long(report["unreadable"]) + without_text_field(report["unreadable"]):
        progress.warning(line)
    if report["dropped"].get(KILLED):
        progress.warning(killed(report))
    if report["dropped"].get(TOO_SLOW):
        progress.warning(slow(report))
    if lost := nothing_kept(report, config.clean):
        if must_keep:
            raise GauptError(f"{output}: {lost} --overwrite")
        progress.warning(f"{output}: {lost} --overwrite")
    return report


def describe(report: dict[str, Any], output: AnyPath) -> str:
    """Tables for people on what `clean` did."""
    return f"{format_report(report)}{report['kept']:,} documents in {place(output)}"


def _stage(files: Sequence[InputFile], output: Path, config: CleanConfig) -> Stage:
    """What the output folder is made from."""
    inputs: dict[str, Path | str] = {
        file.name: f"{file.size} bytes" if "://" in file.path else Path(file.path) for file in files
    }
    options = config.model_dump(mode="json")
    if config.blocked_words is not None and Path(config.blocked_words).is_file():
        inputs["clean.blocked_words"] = Path(config.blocked_words)
        options["blocked_words"] = Path(config.blocked_words).resolve().name
    return Stage("clean", output, REPORT, options, inputs, WORK)


def _with_words(config: CleanConfig, work: Path) -> CleanConfig:
    """``config`` with its file of words where all workers find it."""
    if config.blocked_words is None:
        return config
    copy = work / "blocked_words.txt"
    write_bytes(copy, Path(config.blocked_words).read_bytes())
    return config.model_copy(update={"blocked_words": str(copy)})


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


def _write_outputs(
    parts: Sequence[tuple[PartFiles, PartRecord]],
    config: CleanConfig,
    output: Path,
    total: Counts,
    crew: Crew,
    progress: Progress,
) -> dict[str, Facts]:
    """Find duplicates, write documents and dropped files, and correct ``total`` by the duplicates.

    Returns the facts of each file.
    """
    start, work = time.perf_counter(), output / WORK
    files, records = [file for file, _ in parts], [record for _, record in parts]
    lengths = [record.documents for record in records]
    weights = [max(record.documents, record.paragraphs // PARAGRAPHS) for record in records]
    groups = group_parts(files, lengths, weights)
    threshold = config.near_threshold if config.near_duplicates else None
    duplicates = find_duplicates(groups, work, config.exact_duplicates, threshold, crew)
    repeated = None
    if config.max_paragraph_documents:
        count = sum(record.paragraphs for record in records)
        repeated = find_repeated(groups, count, duplicates, config.max_paragraph_documents, crew)
    total.spend("duplicates", time.perf_counter() - start)
    start = time.perf_counter()
    sizes = [record.bytes for record in records]

    outputs, written, place, first = list[tuple[str, Output]](), dict[str, int](), 0, 0
    for number, count in enumerate(output_sizes(sizes)):
        here = slice(place, place := place + count)
        stop = first + sum(lengths[here])
        name = f"{number:05d}"
        outputs.append(
            (name, Output(number, tuple(files[here]), first, stop, output, config, duplicates, repeated))
        )
        written[name], first = sum(sizes[here]), stop
    results = {}
    with progress.task("writing", sum(sizes)) as advance:
        for name, result in crew.do_once(work / "outputs", write_output, lambda: outputs):
            results[name] = result
            advance(written[name])
    for name in sorted(results):
        total.add(counts_from_json(results[name]["changes"]))
    total.spend("write_documents", time.perf_counter() - start)
    return {file: facts for name in sorted(results) for file, facts in results[name]["files"].items()}
