"""Raw text to token shards: cleaning, tokenizer and shards, one after the other."""

from collections.abc import Mapping, Sequence
from typing import Any

from gaupt.config import Config
from gaupt.corpus import clean as cleaning
from gaupt.corpus.documents import sample_texts
from gaupt.corpus.estimate import SAMPLE, estimate
from gaupt.corpus.report import format_report
from gaupt.files import AnyPath, as_json, existing_file, free_disk
from gaupt.folders import check_whole
from gaupt.progress import Progress
from gaupt.quantities import duration, megabytes
from gaupt.remote import place
from gaupt.seal import LIST, close
from gaupt.shards.build import build_shards
from gaupt.shards.estimate import estimate_shards
from gaupt.shards.format import MANIFEST
from gaupt.stage import CONFIG, Plan, State, disk_warnings, free_of, warning_lines, write_config
from gaupt.tokenizer.build import build_tokenizer, with_vocab_size
from gaupt.tokenizer.estimate import estimate_tokenizer
from gaupt.tokenizer.find import tokenizer_folder
from gaupt.tokenizer.load import CONFIG as TOKENIZER_MARKER
from gaupt.tokenizer.load import Tokenizer, load_tokenizer
from gaupt.workers import LOCAL, Engine, default_workers

CLEAN, TOKENIZER, SHARDS, REPORT = "clean", "tokenizer", "shards", "report.json"
WRITTEN = (CLEAN, TOKENIZER, SHARDS, REPORT, CONFIG, LIST)
"""All that is written in the output folder."""
PROGRAM = 0.8
"""Seconds that the program takes to start, and to load its dictionaries."""


def plan(
    inputs: Sequence[AnyPath],
    output: AnyPath,
    config: Config | None = None,
    *,
    tokenizer: AnyPath | None = None,
    workers: int | None = None,
    overwrite: bool = False,
) -> Plan:
    """What `prepare` would read, what comes of it and how long it takes, and what ``output`` holds already.

    Writes nothing: a sample of the input tells, or of the documents where those are there.

    Raises:
        GauptError: as `prepare`.
    """
    output, config, workers = place(output), config or Config(), workers or default_workers()
    check_whole(output, "prepared")
    _check_files(config)
    given = _given(tokenizer)
    cleaned, own, shards = (output / name for name in (CLEAN, TOKENIZER, SHARDS))
    files, facts, state = cleaning.survey(
        inputs, cleaned, config, overwrite=overwrite, within=(output, WRITTEN)
    )
    seconds, warnings, disk = dict.fromkeys((CLEAN, TOKENIZER, SHARDS), 0.0), list[str](), 0.0
    numbers: dict[str, Any] = {}
    facts["clean"] = f"{cleaned} ({state.value})"
    has_documents = state is State.COMPLETE and not overwrite
    if has_documents:
        texts = sample_texts(cleaned)
    else:
        guess = estimate(files, config.clean, SAMPLE, config.seed, workers)
        texts, warnings, disk, numbers = guess.texts, guess.warnings, 2 * guess.disk, guess.numbers()
        seconds[CLEAN] = guess.seconds
        facts["clean"] += (
            f": about {guess.kept:,.0f} of {guess.documents:,.0f} documents stay, "
            f"{megabytes(guess.text_bytes)} of text (by a sample of {guess.sampled:,})"
        )
    has_tokenizer = has_documents and (own / TOKENIZER_MARKER).exists()
    if not has_tokenizer and given is None:
        characters = sum(weight * len(text) for weight, text in texts)
        sample = [text for _, text in texts]
        seconds[TOKENIZER] = estimate_tokenizer(sample, characters, config.tokenizer, workers)
    known = load_tokenizer(own) if has_tokenizer else given
    encoded = estimate_shards(texts, config, workers, known)
    if not (has_tokenizer and (shards / MANIFEST).exists()):
        seconds[SHARDS] = encoded.seconds
        disk = max(disk, disk / 2 + encoded.disk)
    warnings += disk_warnings(output, disk)
    facts["tokenizer"] = f"{own}: " + (
        f"that of {tokenizer}"
        if given
        else f"{config.tokenizer.type}, {config.tokenizer.vocab_size:,} pieces at most"
    )
    facts["shards"] = f"{shards}: about {encoded.tokens:,.0f} tokens in samples of {config.shards.seq_len}"
    facts["disk"] = f"{megabytes(disk)} at most{free_of(output)}"
    total = PROGRAM + sum(seconds.values())
    stages = ", ".join(f"{name} {duration(taken)}" for name, taken in seconds.items() if taken)
    facts["time"] = f"about {duration(total)} ({stages})" if stages else "nothing is left to do"
    numbers |= {
        "tokens": round(encoded.tokens),
        "seconds": {name: round(taken, 1) for name, taken in seconds.items()},
        "expected_seconds": round(total, 1),
        "disk": round(disk),
        "free_disk": free_disk(output),
        "warnings": warnings,
    }
    return Plan(config, facts, {"estimate": numbers}, warning_lines(warnings))


def prepare(
    inputs: Sequence[AnyPath],
    output: AnyPath,
    config: Config | None = None,
    *,
    tokenizer: AnyPath | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    engine: Engine = LOCAL,
) -> dict[str, Any]:
    """Clean ``inputs``, learn a vocabulary from what is kept, and cut it into token shards.

    With ``tokenizer`` none is learnt: that of this folder (see `gaupt.tokenizer.build.build_tokenizer`) is taken.
    Each stage skips what is complete and continues what was interrupted. Returns the reports by stage,
    also written to ``report.json``.

    Raises:
        GauptError: as the stages do; none of the documents was kept.
    """
    output, config, progress = place(output), config or Config(), progress or Progress(quiet=True)
    common: dict[str, Any] = {
        "workers": workers,
        "progress": progress,
        "overwrite": overwrite,
        "engine": engine,
    }
    engine.check()
    check_whole(output, "prepared")
    _given(tokenizer)
    cleaned, own, shards = (output / name for name in (CLEAN, TOKENIZER, SHARDS))
    _check_files(config)
    documents = cleaning.clean(inputs, cleaned, config, **common, must_keep=True, within=(output, WRITTEN))
    vocabulary = build_tokenizer(
        cleaned if tokenizer is None else None, own, config, source=tokenizer, **common
    )
    report = {
        "clean": documents,
        "tokenizer": vocabulary,
        "shards": build_shards(cleaned, own, shards, config, **common)["splits"],
    }
    write_config(output, with_vocab_size(config, vocabulary["vocab_size"]))
    # Each part has its own list, and may be made anew by itself.
    close(output, REPORT, as_json(report), (CONFIG,))
    return report


def _given(tokenizer: AnyPath | None) -> Tokenizer | None:
    """The tokenizer to take, found before anything is cleaned.

    Raises:
        GauptError: there is none, or it is damaged.
    """
    return None if tokenizer is None else load_tokenizer(tokenizer_folder(place(tokenizer)))


def _check_files(config: Config) -> None:
    """Refuse before hours of cleaning what the stages after it would refuse.

    Raises:
        GauptError: a file that an option of theirs names is not there.
    """
    if config.tokenizer.user_dictionary:
        existing_file(config.tokenizer.user_dictionary, "tokenizer.user_dictionary")
    for path in config.shards.exclude:
        existing_file(path, "shards.exclude")


def summary(report: Mapping[str, Any], output: AnyPath) -> str:
    """Three lines for people on what `prepare` made."""
    output = place(output)
    train, validation = report["shards"]["train"], report["shards"]["validation"]
    return (
        f"documents: {report['clean']['kept']:,} of {report['clean']['read']:,} kept, in {output / CLEAN}\n"
        f"tokenizer: {report['tokenizer']['type']}, {report['tokenizer']['vocab_size']:,} pieces, "
        f"in {output / TOKENIZER}\n"
        f"shards:    {train['tokens']:,} training and {validation['tokens']:,} validation tokens, "
        f"in {output / SHARDS}"
    )


def describe(report: Mapping[str, Any], output: AnyPath) -> str:
    """The tables of cleaning, and the `summary`."""
    return f"{format_report(report['clean'])}{summary(report, output)}"
