"""What a folder of ours holds, told by the files in it."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaupt import folders
from gaupt.checkpoint.format import FORMAT as CHECKPOINT
from gaupt.checkpoint.format import WEIGHTS
from gaupt.checkpoint.run_folder import SUMMARY, checkpoint_folders, read_metrics, read_summary
from gaupt.config import read_config
from gaupt.corpus import documents as documents_format
from gaupt.corpus.documents import document_files, read_documents
from gaupt.errors import GauptError
from gaupt.evaluation import format as evaluation_format
from gaupt.files import read_json, read_sealed_json
from gaupt.folders import unexpected
from gaupt.quantities import duration
from gaupt.seal import LIST, MANIFEST
from gaupt.seal import verify as verify_listed
from gaupt.shards.format import open_shards
from gaupt.stage import CONFIG, RECORD
from gaupt.tokenizer import load as tokenizer_format

if TYPE_CHECKING:
    from gaupt.tokenizer.quality import Piece, Quality

_SHOWN = 5
_CUT_LENGTHS = range(16, 60)
"""Characters of a line that is shown as it is cut."""


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


def fit(tokenizer: Path) -> "tuple[Quality, list[list[Piece]]] | None":
    """How a tokenizer fits its corpus, and some lines of it as they are cut; None where the corpus is gone.

    A look at the corpus, not all of it: it takes seconds, whatever its size.

    Raises:
        GauptError: the folder is no tokenizer, or the corpus is damaged.
    """
    from gaupt.tokenizer.quality import corpus_of, cut, measure, some_lines
    from gaupt.tokenizer.words import load_words

    corpus = corpus_of(tokenizer)
    if corpus is None:
        return None
    loaded, words, lines = tokenizer_format.load_tokenizer(tokenizer), load_words(), [*some_lines(corpus)]
    of_a_length = [line for line in lines if len(line) in _CUT_LENGTHS]
    spread = of_a_length[:: max(1, len(of_a_length) // _SHOWN)][:_SHOWN]
    return measure(loaded, lines, words), [cut(loaded, line, words) for line in spread]


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
        raise GauptError(
            "; ".join(problems[:_SHOWN]) + f"{more}; copy the folder again, or make it anew with --overwrite"
        )
    return checked


def _verify(path: Path) -> Iterator[str]:
    """For each file of a folder, what is wrong with it, or an empty line."""
    if (path / LIST).is_file():  # whatever else is missing
        yield from verify_listed(path)
        # A part that lost its list is on none.
        for part in (path / name for name in _PARTS["prepared"]):
            if (part / RECORD).is_file() and not (part / LIST).is_file():
                yield f"{part / LIST} is missing"
    elif _is_checkpoint(path):
        yield from verify_listed(path, MANIFEST)
    else:
        yield from _KINDS[kind_of(path)][1](path)


def _is_checkpoint(path: Path) -> bool:
    """Whether the manifest is that of a checkpoint, though its weights may be missing."""
    try:
        return bool(read_sealed_json(path / MANIFEST)["format"] == CHECKPOINT)
    except (OSError, ValueError, KeyError):
        return False


def kind_of(path: Path) -> str:
    """What a folder is: demo, prepared, shards, tokenizer, documents, run, checkpoint, export or evaluation.

    Raises:
        GauptError: it is missing, or nothing of ours.
    """
    kind = folders.kind_of(path)
    if kind == "transformers" and (path / tokenizer_format.TOKENIZER).is_file():
        return "tokenizer"  # what of such a folder can be compared with ours
    if kind is None or kind not in _KINDS:
        raise unexpected(path, remedy="name one, such as that of gaupt prepare or gaupt pretrain")
    return kind


def parts_of(path: Path) -> list[Path]:
    """The folders that one of gaupt prepare or gaupt demo is made of; none for what is one thing."""
    names = _PARTS.get(kind_of(path), ())
    return [path / name for name in names if (path / name).is_dir()]


def _whole(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": kind_of(path)}
    for part in parts_of(path):
        facts |= {f"{part.name} {name}": value for name, value in describe(part).items() if name != "kind"}
    return facts


def _verify_whole(path: Path) -> Iterator[str]:
    for part in parts_of(path):
        yield from _verify(part)


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


def _tokenizer(path: Path, text: Path | None = None) -> dict[str, Any]:
    from gaupt.tokenizer.quality import corpus_of, measure, text_lines
    from gaupt.tokenizer.words import load_words

    tokenizer = tokenizer_format.load_tokenizer(path)
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


def _run(path: Path) -> dict[str, Any]:
    checkpoints, records, summary = checkpoint_folders(path), read_metrics(path), read_summary(path)
    train: dict[str, Any] = {}
    for record in records:
        train |= record
    facts = {
        "kind": "run",
        "state": "complete" if summary else "not complete",
        "model": _model(path),
        "parameters": summary.get("parameters") or _parameters(checkpoints),
        "steps": train.get("step", 0),
        "training loss": train.get("loss"),
        "validation loss": train.get("eval_loss"),
        "validation accuracy": train.get("eval_accuracy"),
        "unigram entropy": summary.get("unigram_entropy"),
        "tokens": summary.get("tokens", train.get("total_tokens")),
        "time": duration(summary["seconds"]) if "seconds" in summary else None,
        "checkpoints": len(checkpoints),
        "last checkpoint": checkpoints[0].name if checkpoints else "none",
        "bytes": sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _model(run: Path) -> str | None:
    """The network in words, where the run's config can be read."""
    try:
        model = read_config(run / CONFIG).model
    except GauptError:
        return None
    return f"{model.architecture}, {model.num_layers} layers of {model.hidden_size}"


def _parameters(checkpoints: Sequence[Path]) -> int | None:
    """Numbers in the weights of the newest checkpoint, by what their file says of their shapes."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(checkpoints[0] / WEIGHTS, "numpy") as weights:
            return sum(int(math.prod(weights.get_slice(name).get_shape())) for name in weights.keys())  # noqa: SIM118
    except (IndexError, OSError, SafetensorError):
        return None


def _verify_run(path: Path) -> Iterator[str]:
    """Of a run that is not complete, what does not change any more."""
    if (path / SUMMARY).exists():
        yield f"{path / LIST} is missing"
    try:
        read_sealed_json(path / RECORD)
        yield ""
    except (OSError, ValueError):
        yield f"{path / RECORD} is missing or damaged: it is not what was written"
    problems = list[str]()
    read_metrics(path, problems.append)
    yield "; ".join(problems)
    for checkpoint in reversed(checkpoint_folders(path)):
        yield from verify_listed(checkpoint, MANIFEST)


def _checkpoint(path: Path) -> dict[str, Any]:
    files = [file for file in path.rglob("*") if file.is_file()]
    return {"kind": "checkpoint", "files": len(files), "bytes": sum(file.stat().st_size for file in files)}


def _export(path: Path) -> dict[str, Any]:
    config = read_json(path / "config.json")
    tokenizer = tokenizer_format.load_tokenizer(path)
    return _checkpoint(path) | {
        "kind": "export",
        "architectures": ", ".join(config.get("architectures", ())),
        "vocab_size": tokenizer.vocab_size,
        "tokenizer": tokenizer.fingerprint,
    }


def _evaluation(path: Path) -> dict[str, Any]:
    results = evaluation_format.read_results(path)
    facts = {
        "kind": "evaluation",
        "protocol": results["protocol"],
        "models": ", ".join(model["name"] for model in results["models"]),
        "tasks": ", ".join(task["name"] for task in results["tasks"]) or "mlm",
    }
    scores = {
        f"{row['model']} {row['task']}": round(row["mean"], 2) for row in results["scores"] if "mean" in row
    }
    return facts | scores


_PARTS = {"demo": ("prepared", "run", "export", "scores"), "prepared": ("clean", "tokenizer", "shards")}
_KINDS: dict[str, tuple[Callable[[Path], dict[str, Any]], Callable[[Path], Iterator[str]]]] = {
    "demo": (_whole, _verify_whole),
    "prepared": (_whole, verify_listed),
    "shards": (_shards, verify_listed),
    "run": (_run, _verify_run),
    "checkpoint": (_checkpoint, partial(verify_listed, holder=MANIFEST)),
    "export": (_export, verify_listed),
    "tokenizer": (_tokenizer, tokenizer_format.verify),
    "documents": (_documents, documents_format.verify),
    "evaluation": (_evaluation, verify_listed),
}
