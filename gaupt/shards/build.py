"""The shard stage: documents and a tokenizer to token shards.

The documents are cut into parts, and each part becomes one shard of each split by itself: the result is the
same whatever the number of workers, and what is done stays done when the stage is interrupted.
"""

import shutil
from collections import defaultdict
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from gaupt import __version__
from gaupt.config import Config, to_toml
from gaupt.corpus.documents import document_files, read_documents
from gaupt.errors import GauptError
from gaupt.files import read_json, sha256, write_bytes
from gaupt.progress import Progress
from gaupt.shards.cut import cut_parts
from gaupt.shards.decontaminate import Excluded
from gaupt.shards.encode_part import (
    PARTS,
    Job,
    Resources,
    build_part,
    hash_text,
    load,
    part_record,
)
from gaupt.shards.format import (
    FORMAT,
    MANIFEST,
    SPLITS,
    TOKENIZER_FOLDER,
    VERSION,
    write_manifest,
)
from gaupt.stage import Stage, State, file_fingerprints, open_stage
from gaupt.tokenizer.load import CONFIG, TOKENIZER, Tokenizer, load_tokenizer
from gaupt.workers import default_workers, local_executor, run

RESOLVED = "config.toml"
_HASHES = 1 << 64


def shard_stage(documents: Path, tokenizer: Path, output: Path, config: Config) -> Stage:
    """The stage that turns ``documents`` into shards.

    Raises:
        GauptError: the documents or the tokenizer are missing or incomplete.
    """
    inputs = document_files(documents)
    extra = [*config.shards.exclude, *filter(None, [config.tokenizer.user_dictionary])]
    for path in map(Path, extra):
        if not path.is_file():
            raise GauptError(f"{path} is not a file")
        inputs = [*inputs, path]
    options = {
        "seed": config.seed,
        "shards": config.shards.model_dump(mode="json"),
        "tokenizer": {"words": config.tokenizer.words, "user_dictionary": config.tokenizer.user_dictionary},
        "tokenizer_fingerprint": load_tokenizer(tokenizer).fingerprint,
    }
    return Stage("shard", output, MANIFEST, options, file_fingerprints(inputs))


def build_shards(
    documents: Path,
    tokenizer: Path,
    output: Path,
    config: Config,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the token shards of a folder of documents and return their manifest.

    Raises:
        GauptError: as `gaupt.stage.open_stage`; documents or tokenizer missing or damaged; too few documents
            to hold some out for validation.
    """
    progress = progress or Progress(quiet=True)
    with open_stage(shard_stage(documents, tokenizer, output, config), overwrite) as state:
        if state is State.COMPLETE:
            progress.message(f"{output} is complete; nothing to do")
        else:
            if state is State.INTERRUPTED:
                progress.message(f"continuing {output}")
            _build(documents, tokenizer, output, config, workers or default_workers(), progress)
        shutil.rmtree(output / PARTS, ignore_errors=True)
        manifest: dict[str, Any] = read_json(output / MANIFEST)
        return manifest


def _build(
    documents: Path, tokenizer: Path, output: Path, config: Config, workers: int, progress: Progress
) -> None:
    files = document_files(documents)
    user_dictionary = config.tokenizer.user_dictionary
    resources = Resources(
        tokenizer,
        config.tokenizer.words,
        Path(user_dictionary) if user_dictionary else None,
        tuple(map(Path, config.shards.exclude)),
        config.shards.exclude_ngram,
        config.shards.exclude_overlap,
    )
    loaded, _, _, excluded = load(resources)  # a mistake in a file shows here, and not in every worker
    threshold = _validation_threshold(files, config.shards.validation_share, config.seed, excluded)
    job = Job(resources, output, config.shards.seq_len, config.seed, threshold)
    parts = cut_parts(files)
    with progress.task("encoding documents", sum(part.stop - part.first for part in parts)) as advance:
        todo = []
        for part in parts:
            if part_record(output, part).exists():
                advance(part.stop - part.first)
            else:
                todo.append(part)
        with local_executor(min(workers, max(1, len(todo)))) as executor:
            for part, _ in run(executor, partial(build_part, job), todo, in_flight=workers + 1):
                advance(part.stop - part.first)
    records = [read_json(part_record(output, part)) for part in parts]
    write_bytes(output / RESOLVED, to_toml(config).encode())
    others = _copy_tokenizer(tokenizer, output) | {RESOLVED: _facts(output / RESOLVED)}
    write_manifest(output, _manifest(config, loaded, records, others))


def _validation_threshold(files: list[Path], share: float, seed: int, excluded: Excluded | None) -> int:
    """The hash below which a document is held out: ``share`` of all hashes, moved so that no split is empty.

    Raises:
        GauptError: there are not two different documents to put one into each split.
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
    if least >= most:
        raise GauptError(
            f"{files[0].parent} has no two different documents, so none can be held out for validation; "
            "give more documents, or --set shards.validation_share=0"
        )
    return least + 1 if least >= threshold else most


def _copy_tokenizer(tokenizer: Path, output: Path) -> dict[str, dict[str, Any]]:
    """Copy the tokenizer's files beside the shards, so that the folder is whole by itself."""
    files = {}
    for name in (TOKENIZER, CONFIG, "tokenizer.model", "vocab.txt"):
        if (tokenizer / name).is_file():
            path = output / TOKENIZER_FOLDER / name
            write_bytes(path, (tokenizer / name).read_bytes())
            files[f"{TOKENIZER_FOLDER}/{name}"] = _facts(path)
    return files


def _facts(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


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
