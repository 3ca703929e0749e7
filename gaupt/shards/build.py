"""The shard stage: documents and a tokenizer to token shards.

The documents are cut into parts, and each part becomes one shard of each split by itself: the result is the
same whatever the number of workers, and what is done stays done when the stage is interrupted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaupt import __version__
from gaupt.config import Config
from gaupt.corpus.documents import (
    cleaning_of,
    document_files,
    inputs_of,
    read_documents,
    sample_texts,
    told_of,
)
from gaupt.errors import GauptError
from gaupt.files import (
    AnyPath,
    as_sealed_json,
    existing_file,
    free_disk,
    named_files,
    read_json,
    remove,
    write_bytes,
)
from gaupt.progress import Progress
from gaupt.quantities import duration, megabytes
from gaupt.remote import Remote, place
from gaupt.seal import close, facts_of_file, list_files, write_list
from gaupt.shards.cut import SMALLEST, cut_parts, decompressed_size, in_two
from gaupt.shards.encode_part import Job, Resources, encode_part, hash_text, load
from gaupt.shards.estimate import estimate_shards
from gaupt.shards.format import (
    FORMAT,
    MANIFEST,
    SPLITS,
    TOKENIZER_FOLDER,
    VERSION,
    open_shards,
)
from gaupt.shards.other_formats import check_formats, export_shards
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
from gaupt.tokenizer.find import tokenizer_folder
from gaupt.tokenizer.load import Tokenizer, copy_tokenizer, load_tokenizer
from gaupt.workers import LOCAL, Crew, Engine, default_workers, open_crew

if TYPE_CHECKING:
    from gaupt.shards.decontaminate import Excluded

WORK = "work"
"""Folder of what the workers leave but for the shards, inside the output folder; removed at the end."""
_DICTIONARY, _EXCLUDED = "user_dictionary.txt", "excluded.npz"
_OURS = ("*.bin", TOKENIZER_FOLDER, CONFIG, RECORD)
_HASHES = 1 << 64
_TAIL = 0.05
"""Share of a lone document that is held out, at least."""


def plan(
    documents: AnyPath,
    tokenizer: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    overwrite: bool = False,
    formats: Sequence[str] = (),
) -> Plan:
    """What `build_shards` would read, what comes of it and how long it takes, and what ``output`` holds already.

    Writes nothing.

    Raises:
        GauptError: as `build_shards`.
    """
    documents, tokenizer, output = place(documents), tokenizer_folder(place(tokenizer)), place(output)
    config, workers = config or Config(), workers or default_workers()
    check_formats(formats)
    state = inspect(_stage(documents, tokenizer, output, config), overwrite)
    files = document_files(documents)
    facts: dict[str, Any] = {
        "output": f"{output} ({state.value})",
        "files": len(files),
        "bytes": sum(file.stat().st_size for file in files),
    }
    more = {"exclude": ", ".join(config.shards.exclude), "formats": ", ".join(formats)}
    facts |= {name: value for name, value in more.items() if value}
    if state is State.COMPLETE and not overwrite:
        return Plan(config, facts)
    guess = estimate_shards(sample_texts(documents), config, workers, load_tokenizer(tokenizer))
    disk = (1 + len(formats)) * guess.disk
    warnings = disk_warnings(output, disk)
    facts["tokens"] = f"about {guess.tokens:,.0f}, samples of {config.shards.seq_len}"
    facts["disk"] = f"{megabytes(disk)}{free_of(output)}"
    facts["time"] = f"about {duration(guess.seconds)}"
    numbers = {
        "tokens": round(guess.tokens),
        "expected_seconds": round(guess.seconds, 1),
        "disk": round(disk),
        "free_disk": free_disk(output),
        "warnings": warnings,
    }
    return Plan(config, facts, {"estimate": numbers}, warning_lines(warnings))


def build_shards(
    documents: AnyPath,
    tokenizer: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    formats: Sequence[str] = (),
    engine: Engine = LOCAL,
) -> dict[str, Any]:
    """Write the token shards of a folder of documents and return their manifest.

    ``tokenizer`` is the folder of one, or a model, a run, or shards whose tokenizer is taken.
    ``formats`` are formats of others (see `gaupt.shards.other_formats`) to write as well, each into a folder of its
    name; what is returned then lists their files as ``exported``.

    Raises:
        GauptError: as `gaupt.stage.open_stage` and `gaupt.workers.open_crew`; documents or tokenizer missing or
            damaged; too few documents to hold some out for validation; an unknown format.
    """
    documents, output = engine.there(place(documents)), engine.there(place(output))
    tokenizer = tokenizer_folder(place(tokenizer))
    config, progress = config or Config(), progress or Progress(quiet=True)
    check_formats(formats)
    engine.check()
    if engine.is_shared and formats:
        raise GauptError(
            "--task-index shares work without --export; leave that out, and export in a call afterwards"
        )
    if formats and isinstance(output, Remote):
        raise GauptError(
            f"{output}: --export writes to folders of this machine; leave it out, or give one with -o"
        )
    stage = _stage(documents, tokenizer, output, config)
    with open_stage(stage, overwrite, progress, engine.is_shared) as state:
        if state is State.INTERRUPTED:
            progress.message(f"continuing in {output}")
        if state is not State.COMPLETE:
            parts = _most_parts(document_files(documents))
            with open_crew(engine, workers, output, progress, parts) as crew:
                _build(documents, tokenizer, output, config, crew, progress)
    manifest: dict[str, Any] = read_json(output / MANIFEST)
    if formats:
        files = [file for f in formats for file in export_shards(open_shards(output), f, output / f)]
        for format_ in formats:
            write_list(output / format_, list_files(output / format_))
        manifest["exported"] = [str(file) for file in files]
    return manifest


def describe(manifest: Mapping[str, Any], output: AnyPath) -> str:
    """Lines for people on what `build_shards` made."""
    output = place(output)
    lines = [
        f"{output}: {split} {counts['documents']:,} documents, {counts['tokens']:,} tokens, "
        f"{counts['samples']:,} samples"
        for split, counts in manifest["splits"].items()
    ]
    if manifest["excluded_documents"]:
        lines.append(f"{output}: left out {manifest['excluded_documents']:,} documents with excluded texts")
    return "\n".join([*lines, *(f"{file}: exported" for file in manifest.get("exported", ()))])


def _stage(documents: Path, tokenizer: Path, output: Path, config: Config) -> Stage:
    """The stage that turns ``documents`` into shards.

    Raises:
        GauptError: the documents or the tokenizer are missing or incomplete.
    """
    inputs = inputs_of(documents)
    exclude = named_files(existing_file(path, "shards.exclude") for path in config.shards.exclude)
    if exclude and (documents / CONFIG).is_file():
        inputs[CONFIG] = documents / CONFIG
    inputs |= {f"shards.exclude {name}": path for name, path in exclude.items()}
    dictionary = config.tokenizer.user_dictionary
    if dictionary:
        inputs["tokenizer.user_dictionary"] = existing_file(dictionary, "tokenizer.user_dictionary")
    options = {
        "seed": config.seed,
        "shards": config.shards.model_dump(mode="json") | {"exclude": [*exclude]},
        "tokenizer": {
            "words": config.tokenizer.words,
            "user_dictionary": Path(dictionary).resolve().name if dictionary else None,
        },
        "tokenizer_fingerprint": load_tokenizer(tokenizer).fingerprint,
    }
    return Stage("shard", output, MANIFEST, options, inputs, WORK)


def _build(
    documents: Path, tokenizer: Path, output: Path, config: Config, crew: Crew, progress: Progress
) -> None:
    files, work = document_files(documents), output / WORK
    # The tokenizer goes along, so that the folder is whole by itself, and the workers find it wherever they are.
    copies = copy_tokenizer(tokenizer, output / TOKENIZER_FOLDER)
    try:
        job = _job(files, documents, output, config, crew, progress)
    except GauptError:
        for folder in (work, output / TOKENIZER_FOLDER):
            remove(folder)  # the call with other options or documents shall find a new folder
        raise
    sizes = dict(
        crew.do_once(work / "sizes", decompressed_size, lambda: [(file.name, file) for file in files])
    )
    parts = cut_parts(files, [sizes[file.name] for file in files])
    lengths = {part.name: part.stop - part.first for part in parts}
    records = dict[str, dict[str, Any]]()
    with progress.task("encoding documents", sum(lengths.values())) as advance:
        done = 0
        named = [(part.name, part) for part in parts]
        for name, record in crew.do_once(work / "parts", partial(encode_part, job), lambda: named):
            records[name] = record
            done += sum(shard["documents"] for shard in record["shards"].values())
            advance(lengths[name], f"{done:,} documents, {crew.told_by(len(records))}")
    write_config(output, config)
    others = {f"{TOKENIZER_FOLDER}/{path.name}": facts_of_file(path) for path in copies}
    others |= {CONFIG: facts_of_file(output / CONFIG)}
    loaded = load(job.resources)[0]
    manifest = _manifest(config, loaded, [records[part.name] for part in parts], others)
    manifest["corpus"] = told_of(documents)

    def finish() -> None:
        check_inputs(
            _stage(documents, tokenizer, output, config)
        )  # what it is made from may be made anew meanwhile
        close(output, MANIFEST, as_sealed_json(manifest), _OURS, known=manifest["files"])

    crew.alone(output / MANIFEST, finish)


def _job(
    files: list[Path], documents: Path, output: Path, config: Config, crew: Crew, progress: Progress
) -> Job:
    """What the workers need, all of it in ``output``."""
    dictionary, index = config.tokenizer.user_dictionary, None
    if dictionary:
        write_bytes(output / WORK / _DICTIONARY, Path(dictionary).read_bytes())
    if config.shards.exclude:
        index = output / WORK / _EXCLUDED
        crew.alone(index, partial(_write_excluded, index, documents, config))
    resources = Resources(
        output / TOKENIZER_FOLDER,
        config.tokenizer.words,
        output / WORK / _DICTIONARY if dictionary else None,
        index,
    )
    _, _, _, excluded = load(resources)  # a mistake in a file shows here, and not in every worker
    share = config.shards.validation_share
    threshold, tail = _validation_threshold(files, share, config.seed, excluded), 0.0
    if threshold is None:
        tail = max(share, _TAIL)
        _check_tail(files, tail)
        progress.message(
            f"there is one document only: its last {tail:.0%} are held out for validation "
            "(a text file is one document, or of one a line with gaupt clean --text-document line; "
            "in JSON lines each line is one)"
        )
    return Job(resources, output, config.shards.seq_len, config.seed, threshold or 0, tail)


def _write_excluded(path: Path, documents: Path, config: Config) -> None:
    from gaupt.shards.decontaminate import read_excluded  # and with it the steps of cleaning

    exclude, shards = map(Path, config.shards.exclude), config.shards
    read_excluded(exclude, shards.exclude_ngram, shards.exclude_overlap, cleaning_of(documents)).save(path)


def _most_parts(files: list[Path]) -> int:
    """How many parts there are at most, by the size of the files: text takes a tenth of its size at least."""
    return len(files) + 10 * sum(file.stat().st_size for file in files) // SMALLEST


def _validation_threshold(
    files: list[Path], share: float, seed: int, excluded: "Excluded | None"
) -> int | None:
    """The hash below which a document is held out: ``share`` of all hashes, moved so that no split is empty.

    None where there are not two different documents to put one into each split.

    Raises:
        GauptError: there is none at all, or each holds an excluded text.
    """
    if share == 0:
        return 0
    threshold = int(share * _HASHES)
    least, most = _HASHES, -1
    for file in files:
        for document in read_documents(file):
            if excluded is not None and excluded.holds_one(document.text):
                continue
            value = hash_text(document.text, seed)
            least, most = min(least, value), max(most, value)
            if least < threshold <= most:
                return threshold
    if most < 0:
        raise GauptError(f"{files[0].parent}: no document is left to make shards of")
    if least == most:
        return None
    return least + 1 if least >= threshold else most


def _check_tail(files: list[Path], tail: float) -> None:
    """Refuse a lone document that cannot be cut in two.

    Raises:
        GauptError: it is one sentence, or there is none.
    """
    document = next((document for file in files for document in read_documents(file)), None)
    if document is None or len(in_two(document, tail)) == 1:
        raise GauptError(
            f"{files[0].parent} has no two different documents or sentences, so none can be held out for validation; "
            "give more: a text file is one document, or of one a line with gaupt clean --text-document line; "
            "in JSON lines each line is one"
        )


def _manifest(
    config: Config, tokenizer: Tokenizer, records: list[dict[str, Any]], others: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    splits: dict[str, dict[str, Any]] = {}
    for split in SPLITS:
        shards = [record["shards"][split] for record in records if split in record["shards"]]
        totals = {key: sum(shard[key] for shard in shards) for key in ("documents", "tokens", "samples")}
        splits[split] = {**totals, "shards": shards}
    files: dict[str, Any] = defaultdict(dict)
    for record in records:
        files |= record["files"]
    return {
        "format": FORMAT,
        "version": VERSION,
        "gaupt_version": __version__,
        "seed": config.seed,
        "seq_len": config.shards.seq_len,
        "tokenizer": {
            "fingerprint": tokenizer.fingerprint,
            "vocab_size": tokenizer.vocab_size,
            "special": asdict(tokenizer.special),
            "never_random": tokenizer.never_random,
        },
        "excluded_documents": sum(record["excluded_documents"] for record in records),
        "splits": splits,
        "files": dict(files) | others,
    }
