"""What a folder of ours holds, told by the files in it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gaupt.corpus.documents import REPORT, document_files, read_documents
from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, sha256
from gaupt.shards.format import MANIFEST, open_shards, verify
from gaupt.stage import RECORD

_SHOWN = 5


def describe(path: Path, text: Path | None = None) -> dict[str, Any]:
    """The facts of a folder by name, ``kind`` first; a tokenizer's figures on ``text`` or its own corpus.

    Raises:
        GauptError: the folder is missing, or none that gaupt wrote; ``text`` cannot be read.
    """
    kind = kind_of(path)
    return _tokenizer(path, text) if kind == "tokenizer" else _KINDS[kind][0](path)


def common_text(paths: Sequence[Path]) -> Path | None:
    """The corpus to compare several tokenizers on: that of the first whose corpus is still there."""
    from gaupt.tokenizer.quality import corpus_of

    tokenizers = [path for path in paths if kind_of(path) == "tokenizer"]
    return next(filter(None, map(corpus_of, tokenizers)), None) if len(tokenizers) > 1 else None


def verify_folder(path: Path) -> int:
    """Check every file of a folder; return how many.

    Raises:
        GauptError: files are missing or damaged; the first of them are named.
    """
    checked, problems = 0, []
    for problem in _verify(path):
        checked += 1
        if problem:
            problems.append(problem)
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise GauptError("; ".join(problems[:_SHOWN]) + more)
    return checked


def _verify(path: Path) -> Iterator[str]:
    """For each file of a folder, what is wrong with it, or nothing."""
    if (path / RECORD).exists():
        try:
            read_sealed_json(path / RECORD)
            yield ""
        except ValueError:
            yield f"{path / RECORD} is damaged: it is not what was written"
    yield from _KINDS[kind_of(path)][1](path)


def kind_of(path: Path) -> str:
    """What a folder is: prepared, shards, tokenizer, documents, run or checkpoint.

    Raises:
        GauptError: it is missing, or nothing of ours.
    """
    if not path.exists():
        raise GauptError(f"{path} does not exist")
    for kind, marker in _MARKERS.items():
        if all((path / name).exists() for name in marker):
            return kind
    raise GauptError(
        f"{path} is no complete folder of gaupt's: neither documents, tokenizer, shards nor a run"
    )


def _prepared(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": "prepared"}
    for part in _MARKERS["prepared"]:
        facts |= {f"{part} {name}": value for name, value in describe(path / part).items() if name != "kind"}
    return facts


def _verify_prepared(path: Path) -> Iterator[str]:
    for part in _MARKERS["prepared"]:
        yield from _verify(path / part)


def _documents(path: Path) -> dict[str, Any]:
    files = document_files(path)
    sources: dict[str, int] = {}
    count = characters = 0
    for document in read_documents(path):
        count += 1
        characters += len(document.text)
        sources[document.source] = sources.get(document.source, 0) + 1
    return {
        "kind": "documents",
        "files": len(files),
        "bytes": sum(file.stat().st_size for file in files),
        "documents": count,
        "characters": characters,
        "sources": len(sources),
    }


def _verify_documents(path: Path) -> Iterator[str]:
    for file in document_files(path):
        try:
            for _ in read_documents(file):
                pass
            yield ""
        except GauptError as error:
            yield str(error)


def _tokenizer(path: Path, text: Path | None = None) -> dict[str, Any]:
    from gaupt.tokenizer.load import load_tokenizer
    from gaupt.tokenizer.quality import corpus_of, measure, text_lines
    from gaupt.tokenizer.words import load_words

    tokenizer = load_tokenizer(path)
    facts = {
        "kind": "tokenizer",
        "type": tokenizer.config.get("gaupt", {}).get("type", "unknown"),
        "vocab_size": tokenizer.vocab_size,
        "fingerprint": tokenizer.fingerprint[:16],
    }
    text = text or corpus_of(path)
    if text is None:
        return facts | {"measured on": "nothing: its corpus is not here, name a text with --text"}
    quality = measure(tokenizer, text_lines(text), load_words())
    figures = {name.replace("_", " "): value for name, value in asdict(quality).items()}
    return facts | {"measured on": str(text)} | figures


def _verify_tokenizer(path: Path) -> Iterator[str]:
    from gaupt.tokenizer.load import CONFIG, LEFT_BEHIND, load_tokenizer, sealed

    config = load_tokenizer(path).config
    try:
        # As bytes: a changed space changes no value.
        intact = (path / CONFIG).read_bytes() == (
            json.dumps(sealed(config), ensure_ascii=False, indent=2) + "\n"
        ).encode()
    except KeyError:
        intact = False
    if not intact:
        yield f"{path / CONFIG} is damaged: it is not what was written"
        return
    yield ""
    checksums = {name: value for name, value in config["gaupt"]["sha256"].items() if name != CONFIG}
    if not (path / RECORD).exists():  # a copy beside shards or in a checkpoint
        checksums = {name: value for name, value in checksums.items() if name not in LEFT_BEHIND}
    yield from _check(path, checksums)


def _shards(path: Path) -> dict[str, Any]:
    shards = open_shards(path)
    manifest = shards.manifest
    facts = {
        "kind": "shards",
        "version": manifest["version"],
        "seq_len": manifest["seq_len"],
        "vocab_size": manifest["tokenizer"]["vocab_size"],
        "tokenizer": manifest["tokenizer"]["fingerprint"],
        "bytes": sum(file["bytes"] for file in manifest["files"].values()),
    }
    for split, counts in manifest["splits"].items():
        facts |= {f"{split} {key}": counts[key] for key in ("documents", "tokens", "samples")}
    return facts


def _verify_shards(path: Path) -> Iterator[str]:
    shards = open_shards(path)
    yield ""
    problems = list(verify(shards))
    yield from problems
    yield from [""] * (len(shards.manifest["files"]) - len(problems))


def _run(path: Path) -> dict[str, Any]:
    checkpoints = sorted((path / "checkpoints").glob("step-*"))
    lines = (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        "kind": "run",
        "metrics lines": len(lines),
        "checkpoints": len(checkpoints),
        "last checkpoint": checkpoints[-1].name if checkpoints else "none",
    }


def _verify_run(path: Path) -> Iterator[str]:
    for checkpoint in sorted((path / "checkpoints").glob("step-*")):
        yield from _verify_checkpoint(checkpoint)


def _checkpoint(path: Path) -> dict[str, Any]:
    files = [file for file in path.rglob("*") if file.is_file()]
    return {"kind": "checkpoint", "files": len(files), "bytes": sum(file.stat().st_size for file in files)}


def _verify_checkpoint(path: Path) -> Iterator[str]:
    try:
        expected = dict(read_sealed_json(path / MANIFEST)["files"])
    except (OSError, ValueError, KeyError, TypeError):
        yield f"{path / MANIFEST} is missing or damaged"
        return
    yield from _check(path, expected)


def _check(folder: Path, checksums: Mapping[str, str]) -> Iterator[str]:
    for name, checksum in checksums.items():
        file = folder / name
        if not file.is_file():
            yield f"{file} is missing"
        else:
            yield "" if sha256(file) == checksum else f"{file} is damaged: its sha256 is not the recorded one"


# The most telling files first: a folder of shards holds a tokenizer.
_MARKERS = {
    "checkpoint": [MANIFEST, "model.safetensors"],
    "shards": [MANIFEST, "tokenizer"],
    "run": ["metrics.jsonl", "checkpoints"],
    "prepared": ["clean", "tokenizer", "shards"],
    "tokenizer": ["tokenizer.json", "tokenizer_config.json"],
    "documents": [REPORT],
}
_KINDS: dict[str, tuple[Callable[[Path], dict[str, Any]], Callable[[Path], Iterator[str]]]] = {
    "prepared": (_prepared, _verify_prepared),
    "shards": (_shards, _verify_shards),
    "run": (_run, _verify_run),
    "checkpoint": (_checkpoint, _verify_checkpoint),
    "tokenizer": (_tokenizer, _verify_tokenizer),
    "documents": (_documents, _verify_documents),
}
