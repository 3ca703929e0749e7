"""What `gaupt evaluate` found of a model, for its model card: read from ``results.json`` alone."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaupt.checkpoint.load import LoadedModel
from gaupt.checkpoint.run_folder import run_of
from gaupt.checkpoint.weight_files import fingerprint, weight_files
from gaupt.errors import GauptError
from gaupt.files import AnyPath, content_hash, read_sealed_json, sha256
from gaupt.seal import MANIFEST
from gaupt.stage import RECORD

RESULTS = "results.json"
FORMAT, VERSION = "gaupt-evaluation", 1
HELD_OUT_TEXT = "mlm"
"""The kind of a score on text whose words are hidden, which has no task."""
_FIGURES = ("bits_per_character", "accuracy")
"""What a card tells of those."""
_VARIANT = re.compile(r"(.+) \((?:random|embeddings)\)")
"""A row of the same network with other weights, or of a part of it."""


@dataclass(frozen=True)
class Anchor:
    """What a model without pretraining scores on the same task."""

    name: str
    value: float
    lead: tuple[float, float] | None
    """95% interval of how much better the model is."""


@dataclass(frozen=True)
class Score:
    """One figure of one task."""

    task: str
    kind: str
    """Of the task: classification, pair, choice, spans, reading; or `HELD_OUT_TEXT`."""
    metric: str
    """Its name in ``results.json``."""
    value: float
    """The mean over the runs. Percent, but for bits_per_character."""
    spread: float | None
    """Standard deviation over the runs; None of a single one."""
    runs: int
    split: str
    """dev or test; empty of held-out text."""
    rows: int
    """Rows that were scored, of held-out text hidden characters."""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True)
class Scores:
    """What an evaluation found of one model."""

    model: str
    """What its tables call it."""
    told: str
    """How it was measured, in a line."""
    scores: tuple[Score, ...]
    averages: Mapping[str, float]
    """Those of CLUE that came out, by name."""


def read_scores(path: AnyPath, loaded: LoadedModel) -> dict[str, Any]:
    """The ``results.json`` of an evaluation's folder (or itself) at ``path``, with ``loaded`` as its only model.

    That the weights are those that were scored is looked up in the evaluation's record. A fine-tuned model has the
    scores of the evaluation that saved it.

    Raises:
        GauptError: there is none, it is damaged, or it has no scores of this model.
    """
    file = Path(path) / RESULTS if Path(path).is_dir() else Path(path)
    try:
        results = read_sealed_json(file)
    except (OSError, ValueError):
        raise GauptError(
            f"{file} is missing, damaged or no {RESULTS} of gaupt evaluate; give the folder of an evaluation"
        ) from None
    _check_format(results, str(file))
    rows = _rows_of(results, loaded, str(file))
    if loaded.finetuned is not None:
        if not _is_kept(file.parent, loaded):
            raise _of_another(str(file), loaded)
        return results | {"runs": rows}
    proven = [row for row in rows if _is_proven(file.parent, str(row["name"]), loaded)]
    row = _only(proven, loaded, str(file))
    try:
        others = {each["name"] for each in results["models"]} - {row["name"]}
        named = {
            key: [each for each in results[key] if others.isdisjoint((each["model"], each.get("against")))]
            for key in ("scores", "comparisons", "averages")
        }
    except (KeyError, TypeError, AttributeError):
        raise _no_results(str(file)) from None
    return results | named | {"models": [row]}


def scores_of(results: Mapping[str, Any], loaded: LoadedModel, where: str = "the scores") -> Scores:
    """The row of ``loaded`` in ``results``, the content of a ``results.json``; ``where`` names it in messages.

    Raises:
        GauptError: it is none, or has no row of this model, or several that may be.
    """
    _check_format(results, where)
    row = _only(_rows_of(results, loaded, where), loaded, where)
    try:
        if loaded.finetuned is not None:
            return _of_run(results, row)
        return _of_text(results, row) if results["protocol"] == HELD_OUT_TEXT else _of_tasks(results, row)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration):
        raise _no_results(where) from None


def _check_format(results: Any, where: str) -> None:
    if not isinstance(results, Mapping) or results.get("format") != FORMAT:
        raise _no_results(where)
    if results.get("version") != VERSION:
        raise GauptError(
            f"{where}: {FORMAT} version {str(results.get('version'))[:40]!r}; this gaupt reads version {VERSION}"
        )


def _no_results(where: str) -> GauptError:
    return GauptError(f"{where}: damaged, or no {RESULTS} of gaupt evaluate; evaluate again")


def _of_another(where: str, loaded: LoadedModel) -> GauptError:
    what = "the fine-tuned model" if loaded.finetuned is not None else "model"
    return GauptError(f"{where}: no scores of {what} {loaded.source}; evaluate that one, or leave them out")


def _rows_of(results: Mapping[str, Any], loaded: LoadedModel, where: str) -> list[Mapping[str, Any]]:
    """What may be of this model: rows of ``models``; of a fine-tuned one, the record of the run that it is."""
    try:
        if loaded.finetuned is not None:
            wanted = f"predictions/{_stem(loaded)}.json"
            return [record for record in results["runs"] if record["predictions"] == wanted]
        parameters = sum(parameter.numel() for parameter in loaded.model.encoder.parameters())
        seen = (loaded.source.resolve().name, parameters)
        rows = [row for row in results["models"] if (row["source"], row["parameters"]) == seen]
        names = {row["name"] for row in rows}
        return [row for row in rows if not ((of := _VARIANT.fullmatch(row["name"])) and of[1] in names)]
    except (KeyError, TypeError):
        raise _no_results(where) from None


def _only(rows: Sequence[Mapping[str, Any]], loaded: LoadedModel, where: str) -> Mapping[str, Any]:
    """The one row of this model: of several, the one that is called as it is."""
    if len(rows) > 1 and loaded.finetuned is None:
        rows = [row for row in rows if _is_called(str(row["name"]), loaded)]
    if len(rows) != 1:
        raise _of_another(where, loaded)
    return rows[0]


def _is_called(name: str, loaded: LoadedModel) -> bool:
    """Whether a table calls the model so: by the last folders of its path, or of that of its run."""
    source, parts = loaded.source.resolve(), tuple(name.split("/"))
    return any(folder.parts[-len(parts) :] == parts for folder in (source, run_of(source)))


def _is_proven(evaluation: Path, name: str, loaded: LoadedModel) -> bool:
    """Whether the evaluation's record has the fingerprint of this model's weights under the ``name`` of its row."""
    try:
        inputs = read_sealed_json(evaluation / RECORD)["inputs"]
        if loaded.checkpoint is not None:
            return bool(inputs[f"{name} {MANIFEST}"] == sha256(loaded.source / MANIFEST))
        files = weight_files(loaded.source)
        return all(inputs[f"{name} {file.name}"][2] == content_hash(file) for file in files)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return False


def _is_kept(evaluation: Path, loaded: LoadedModel) -> bool:
    """Whether the evaluation saved the weights of this fine-tuned model."""
    try:
        return fingerprint(evaluation / "saved" / _stem(loaded)) == fingerprint(loaded.source)
    except GauptError:
        return False


def _stem(loaded: LoadedModel) -> str:
    """What an evaluation calls the files of the run that a fine-tuned model is."""
    source = loaded.source.resolve()
    return f"{source.parent.name}/{source.name}"


def _of_tasks(results: Mapping[str, Any], row: Mapping[str, Any]) -> Scores:
    name, tasks = _text(row["name"]), {task["name"]: task for task in results["tasks"]}
    scores = tuple(
        _score(
            tasks[cell["task"]], cell["mean"], cell["sd"], cell["runs"], _anchors(results, cell["task"], name)
        )
        for cell in results["scores"]
        if cell["model"] == name
    )
    if not scores:
        raise ValueError("a model without a score")
    averages = {
        _text(each["average"]): _number(each["score"])
        for each in results["averages"]
        if each["model"] == name
    }
    return Scores(name, _text(results["head"]), scores, averages)


def _of_run(results: Mapping[str, Any], record: Mapping[str, Any]) -> Scores:
    task = next(task for task in results["tasks"] if task["name"] == record["task"])
    score = _score(task, record["score"], None, 1, _anchors(results, record["task"], None))
    told = f"the run with seed {_whole(record['seed'])}, which this folder holds, out of {_text(results['head'])}"
    return Scores(_text(record["model"]), told, (score,), {})


def _of_text(results: Mapping[str, Any], row: Mapping[str, Any]) -> Scores:
    name, head = _text(row["name"]), _text(results["head"])
    figures = next(cell["figures"] for cell in results["scores"] if cell["model"] == name)
    rows = _whole(figures["hidden_characters"])
    file = re.match(r"(.+): [\d,]+ characters hidden in ", head)
    text = file[1] if file else "held-out text"
    scores = tuple(
        Score(text, HELD_OUT_TEXT, metric, _number(figures[metric]), None, 1, "", rows) for metric in _FIGURES
    )
    return Scores(name, head, scores, {})


def _score(task: Mapping[str, Any], value: Any, spread: Any, runs: Any, anchors: tuple[Anchor, ...]) -> Score:
    return Score(
        _text(task["name"]),
        _text(task["kind"]),
        _text(task["metric"]),
        _number(value),
        None if spread is None else _number(spread),
        _whole(runs),
        _text(task["scored_on"]),
        _whole(task["scored_rows"]),
        anchors,
    )


def _anchors(results: Mapping[str, Any], task: str, model: str | None) -> tuple[Anchor, ...]:
    """The rows of a task that are of no model, with the lead of ``model`` where the evaluation compared them."""
    named = {row["name"] for row in results["models"]}
    leads = {
        row["model"]: (-_number(row["high"]), -_number(row["low"]))
        for row in results["comparisons"]
        if (row["against"], row["task"]) == (model, task) and "low" in row
    }
    return tuple(
        Anchor(_text(cell["model"]), _number(cell["mean"]), leads.get(cell["model"]))
        for cell in results["scores"]
        if cell["task"] == task and cell["model"] not in named
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value
