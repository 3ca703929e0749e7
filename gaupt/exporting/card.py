"""The model card of an exported folder: what is known of the model, and plainly what is not."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from gaupt.checkpoint.exported import CONFIG, RECORD
from gaupt.checkpoint.finetuned import SEQUENCE, TOKENS
from gaupt.checkpoint.format import Checkpoint
from gaupt.checkpoint.lineage import FROM, told
from gaupt.checkpoint.load import LoadedModel
from gaupt.checkpoint.run_folder import SUMMARY, read_metrics, run_of
from gaupt.config import ExportConfig
from gaupt.exporting.front_matter import front_matter
from gaupt.exporting.layouts import layout_of, loader_of
from gaupt.exporting.licences import licence_fields
from gaupt.exporting.scores import HELD_OUT_TEXT, Anchor, Score, Scores, scores_of
from gaupt.exporting.usage import MASKED_LM, usage_of
from gaupt.files import read_json
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.tokenizer.load import CONFIG as TOKENIZER_CONFIG
from gaupt.visible import visible

# What Markdown and the pages that show it give a meaning within a line; a _ has none between letters.
_MARKUP = re.compile(r"[\\`*\[\]~#!:]|(?<!\w)_|_(?!\w)|(?<=www)\.", re.IGNORECASE)
_ON_THE_HUB = re.compile(
    r"(?=.{3,96}$)(?!.*(?:--|\.\.))(?!.*\.git$)\w(?:[\w.-]*\w)?/\w(?:[\w.-]*\w)?", re.ASCII
)
_MOST_LABELS = 20
"""Labels and sources that a card names."""
_PIPELINES = {
    "classification": "text-classification",
    "pair": "text-classification",
    "choice": "multiple-choice",
    "spans": "token-classification",
    "reading": "question-answering",
    HELD_OUT_TEXT: "fill-mask",
}
"""The Hub's task by the kind of one of ours."""
_METRICS = {
    "accuracy": ("accuracy", "accuracy"),
    "macro_f1": ("f1", "macro F1"),
    "micro_span": ("f1", "F1 of spans"),
    "macro_by_string": ("f1", "macro F1 of strings"),
    "f1": ("f1", "F1"),
    "em": ("exact_match", "exact match"),
    "average": ("average", "(EM + F1) / 2"),
    "bits_per_character": ("bits_per_character", "bits a hidden character"),
}
"""The Hub's id of each metric of ours, and what people call it."""
_SPLITS = {"dev": "validation"}
"""What the Hub calls a split, where that is another name."""
_FINE_TUNED_ON = "Of what it was fine-tuned on, no more than the names above is recorded.\n"

_GAU_PAPER = """\
@misc{liu2022gau,
  title = {Supplementary Material: Implementation and Experiments for GAU-based Model},
  author = {Liu, Zhenjie},
  year = {2022},
  eprint = {2205.05842},
  archivePrefix = {arXiv},
}
"""
_ROFORMER_PAPER = """\
@misc{su2021roformer,
  title = {RoFormer: Enhanced Transformer with Rotary Position Embedding},
  author = {Su, Jianlin and Lu, Yu and Pan, Shengfeng and Murtadha, Ahmed and Wen, Bo and Liu, Yunfeng},
  year = {2021},
  eprint = {2104.09864},
  archivePrefix = {arXiv},
}
"""


def model_card(
    loaded: LoadedModel,
    config: ExportConfig = ExportConfig(),  # noqa: B008 (frozen)
    scores: Mapping[str, Any] | None = None,
) -> str:
    """README.md: what the model is, how it was trained as far as its folder tells, how to use it, and its limits.

    ``scores`` is the content of a ``results.json``, see `gaupt.exporting.scores.read_scores`.

    Raises:
        GauptError: ``scores`` are none, or have none of this model.
    """
    measured = None if scores is None else scores_of(scores, loaded)
    shape = loaded.model.config
    layout = layout_of(config.formats)
    parts = [
        front_matter(_fields(loaded, config, measured)),
        f"# {_title(shape)}\n",
        _what_it_is(loaded),
        "## Architecture\n",
        _table(_architecture(loaded)),
        "## Training data\n",
        _training_data(loaded),
        *([_FINE_TUNED_ON] if loaded.finetuned is not None else []),
    ]
    if loaded.checkpoint is not None and loaded.checkpoint.step:
        heading = "Pretraining" if loaded.finetuned is not None else "Training"
        parts += [f"## {heading}\n", _table(dict(_training(loaded.checkpoint)))]
    parts += [
        "## Evaluation\n",
        _evaluation(measured),
        "## Use\n",
        usage_of(loaded).shown(loader_of(layout, shape)),
        _how_it_loads(loaded) if layout == "hf" else "",
        "## Limits and biases\n",
        "".join(f"- {line}\n" for line in _limits(loaded, measured)),
        "## Licence\n",
        _licence(loaded, config),
        "## Citation\n",
        f"```bibtex\n{_GAU_PAPER if isinstance(shape, GAUConfig) else _ROFORMER_PAPER}```\n",
    ]
    return "\n".join(parts)


def plain(text: str) -> str:
    """``text`` of others as it is read in one line of Markdown or a cell of a table: nothing in it is markup."""
    return escape(_MARKUP.sub(r"\\\g<0>", visible(text)), quote=False).replace("|", "&#124;")


def _fields(loaded: LoadedModel, config: ExportConfig, measured: Scores | None) -> dict[str, Any]:
    """The front matter, in the terms of the Hugging Face Hub. Of data sets no run knows a name that the Hub has."""
    masked_lm = usage_of(loaded) is MASKED_LM
    return {
        "language": "zh",
        **licence_fields(config.license),
        "library_name": "transformers",
        "pipeline_tag": usage_of(loaded).pipeline,
        "mask_token": "[MASK]" if masked_lm else None,
        "base_model": next(filter(_ON_THE_HUB.fullmatch, _ancestors(loaded)), None),
        "tags": ["gaupt", loaded.model.config.architecture, *(["masked-lm"] if masked_lm else []), "chinese"],
        "model-index": [{"name": measured.model, "results": list(_results(measured))}] if measured else None,
    }


def _results(measured: Scores) -> Iterator[dict[str, Any]]:
    """The scores as the Hub's model-index has them, one entry a data set."""
    for (task, kind, split), scores in groupby(
        measured.scores, lambda score: (score.task, score.kind, score.split)
    ):
        yield {
            "task": {"type": _PIPELINES.get(kind, "other")},
            "dataset": {
                # In the letters of an id there, but of no data set there: what was scored are files of one's own.
                "type": re.sub(r"[^\w.]+", "-", f"local-{task}", flags=re.ASCII).strip("-."),
                "name": task,
                "split": _SPLITS.get(split, split),
            },
            "metrics": [
                {
                    "type": _METRICS.get(score.metric, (score.metric,))[0],
                    "value": round(score.value, _digits(score)),
                    "name": _metric(score) + (f", mean of {score.runs} runs" if score.runs > 1 else ""),
                }
                for score in scores
            ],
        }


def _digits(score: Score) -> int:
    return 4 if score.metric == "bits_per_character" else 2


def _metric(score: Score) -> str:
    return _METRICS.get(score.metric, (score.metric, score.metric))[1]


def _ancestors(loaded: LoadedModel) -> Iterator[str]:
    """The names of the models that this one was made from, the nearest first."""
    facts: Any = {} if loaded.checkpoint is None else loaded.checkpoint.facts
    while isinstance(facts, Mapping):
        before = facts.get(FROM) or {}
        yield from (
            str(name) for name in (before.get("name"), None if before else facts.get("source")) if name
        )
        facts = before or None


def _title(config: ModelConfig) -> str:
    name = "GAU" if isinstance(config, GAUConfig) else f"RoFormerV{config.version}"
    layers = f"{config.num_layers} layer{'s' if config.num_layers > 1 else ''}"
    return f"{name}, {layers}, hidden size {config.hidden_size}"


def _what_it_is(loaded: LoadedModel) -> str:
    kind = (
        "gated attention units with rotary positions"
        if isinstance(loaded.model.config, GAUConfig)
        else "a Transformer with rotary positions"
    )
    first = f"An encoder of Chinese text, exported by gaupt: {kind}, {loaded.parameters:,} parameters."
    if loaded.finetuned is None:
        does = "has no trained masked-LM head, and" if loaded.new_head else "fills masks, and"
        return (
            f"{first} It {does} is meant to be fine-tuned: to label texts and tokens, to find answers in passages, to "
            "choose between texts.\n"
        )
    labels = loaded.finetuned.labels
    task = _task(loaded)
    said = f"It is fine-tuned to {usage_of(loaded).purpose}{f', on the task {plain(task)}' if task else ''}."
    if loaded.finetuned.architecture in (SEQUENCE, TOKENS) and loaded.finetuned.problem != "regression":
        said += f" Its {len(labels):,} labels: {_named(labels)}."
    return f"{first} {said}\n"


def _task(loaded: LoadedModel) -> str:
    """The task that an exported folder says it was fine-tuned on; empty where it says none."""
    try:
        return str(read_json(loaded.source / CONFIG)[RECORD]["task"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _named(names: tuple[str, ...] | list[str]) -> str:
    """Names of others in a line, some of them where they are many."""
    more = len(names) - _MOST_LABELS
    return ", ".join(map(plain, names[:_MOST_LABELS])) + (f" and {more:,} more" if more > 0 else "")


def _architecture(loaded: LoadedModel) -> dict[str, Any]:
    config = loaded.model.config
    shared = {"layers": config.num_layers, "hidden size": config.hidden_size}
    if isinstance(config, GAUConfig):
        own: dict[str, Any] = {
            "expanded size": config.expanded_size,
            "key size": config.key_size,
            "attention normalization": config.normalization,
            "paper": "[arXiv:2205.05842](https://arxiv.org/abs/2205.05842)",
        }
        if config.attention == "mixed_chunk":
            own["attention"] = f"mixed chunks of {config.chunk_size}"
    else:
        own = {
            "heads": config.num_heads,
            "feed-forward size": config.feedforward_size,
            "paper": "[arXiv:2104.09864](https://arxiv.org/abs/2104.09864)",
        }
    return (
        shared
        | own
        | {"vocabulary": f"{config.vocab_size:,}", "length": config.max_length}
        | _tokenizer(loaded)
    )


def _tokenizer(loaded: LoadedModel) -> dict[str, str]:
    """What the tokenizer says of itself; nothing where others wrote it."""
    try:
        config = read_json(loaded.tokenizer / TOKENIZER_CONFIG)
        kind = config["gaupt"]["type"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {"tokenizer": plain(str(kind)) + (", lower case" if config.get("do_lower_case") is True else "")}


def _training_data(loaded: LoadedModel) -> str:
    checkpoint = loaded.checkpoint
    if checkpoint is None:
        return "Not recorded in the folder that this one was exported from.\n"
    if checkpoint.step == 0:
        rows = dict(_origin(checkpoint))
        known = f"{_table(rows)}\n" if rows else ""
        return f"{known}What it was trained on is not recorded here; whoever trained it may tell.\n"
    rows = dict(_origin(checkpoint))
    if "tokens" in checkpoint.facts:
        rows["tokens seen"] = f"{checkpoint.facts['tokens']:,}, repeated ones included"
    scored = _last_evaluation(run_of(checkpoint.folder), checkpoint.step) or {}
    sources = [name.removeprefix("eval_loss/") for name in scored if name.startswith("eval_loss/")]
    if sources:
        rows["sources in the held-out text"] = _named(sources)
    if "shards" in checkpoint.facts:
        rows["sha256 of the shards' manifest"] = f"`{visible(checkpoint.facts['shards'])[:64]}`"
    earlier = " That of the model it went on from is not counted." if checkpoint.facts.get(FROM) else ""
    return (
        f"{_table(rows)}\nNot recorded, so not known here: how many documents these were, where they came from, "
        f"of what years they are, and under which licence.{earlier}\n"
    )


def _origin(checkpoint: Checkpoint) -> Iterator[tuple[str, Any]]:
    if checkpoint.facts.get(FROM):
        yield "continued from", plain(told(checkpoint.facts[FROM]))
    if checkpoint.step == 0 and checkpoint.facts.get("source"):
        yield "imported from", plain(str(checkpoint.facts["source"]))


def _training(checkpoint: Checkpoint) -> Iterator[tuple[str, Any]]:
    config, train, run = checkpoint.config, checkpoint.config.train, run_of(checkpoint.folder)
    yield "objective", "masked language model, whole words"
    yield "steps", f"{checkpoint.step:,}"
    yield "tokens in a batch", f"{train.batch_tokens:,}"
    yield "sample length", config.shards.seq_len
    yield "optimizer", train.optimizer
    yield "peak learning rate", train.lr
    if train.optimizer == "muon":
        yield "peak learning rate of matrices", train.matrix_lr
    yield "weight decay", train.weight_decay
    falling = train.final_mask_rate and train.final_mask_rate != train.mask_rate
    yield (
        "masked share",
        f"{train.mask_rate}, {train.final_mask_rate} at the end" if falling else train.mask_rate,
    )
    precision = _summary(run, checkpoint.step).get("precision")
    if isinstance(precision, str):
        yield "precision", plain(precision)
    scores = _last_evaluation(run, checkpoint.step)
    if scores:
        yield "held-out loss (nats a masked token)", f"{scores['eval_loss']:.4f} at step {scores['step']:,}"
        yield "held-out accuracy", f"{scores['eval_accuracy']:.4f} at step {scores['step']:,}"


def _summary(run: Path, step: int) -> dict[str, Any]:
    """The closing figures of a run that ended at ``step``; none where it did not, or they are damaged."""
    try:
        summary = read_json(run / SUMMARY)
    except (OSError, ValueError):
        return {}
    return summary if isinstance(summary, dict) and summary.get("steps") == step else {}


def _last_evaluation(run: Path, step: int) -> dict[str, Any] | None:
    """The newest line of the run's metrics with held-out scores, not after ``step``."""
    scored = (
        record for record in reversed(read_metrics(run)) if {"eval_loss", "eval_accuracy"} <= record.keys()
    )
    return next((record for record in scored if record["step"] <= step), None)


def _evaluation(measured: Scores | None) -> str:
    if measured is None:
        return "No scores on tasks came with this export; `gaupt evaluate` makes some.\n"
    anchors = list(dict.fromkeys(anchor.name for score in measured.scores for anchor in score.anchors))
    head = ["task", "metric", "scored on", "score", *map(plain, anchors)]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for score in measured.scores:
        by_name = {anchor.name: anchor for anchor in score.anchors}
        on = f"{score.rows:,} rows of {plain(score.split)}" if score.split else f"{score.rows:,} characters"
        spread = "" if score.spread is None else f" ± {score.spread:.2f}"
        value = f"{score.value:.{_digits(score)}f}"
        cells = [plain(score.task), plain(_metric(score)), on, f"**{value}**{spread}"]
        cells += [_anchor_cell(by_name.get(name)) for name in anchors]
        lines.append(f"| {' | '.join(cells)} |")
    bits = " but for bits" if any(_digits(score) > 2 for score in measured.scores) else ""
    notes = [f"Measured by `gaupt evaluate`, in percent{bits}: {plain(measured.told)}."]
    if any(anchor.lead for score in measured.scores for anchor in score.anchors):
        notes.append(
            "In brackets: the lead of this model over what learns without pretraining, 95% interval."
        )
    notes += [f"Average {plain(name)}: {value:.2f}." for name, value in measured.averages.items()]
    return "\n".join(lines) + f"\n\n{' '.join(notes)}\n"


def _anchor_cell(anchor: Anchor | None) -> str:
    if anchor is None:
        return "–"
    lead = f" ({anchor.lead[0]:+.2f} to {anchor.lead[1]:+.2f})" if anchor.lead else ""
    return f"{anchor.value:.2f}{lead}"


def _how_it_loads(loaded: LoadedModel) -> str:
    others = (
        ""
        if loaded.finetuned is not None
        else (
            "`AutoModel` gives the states of the tokens; `AutoModelForSequenceClassification`, "
            "`AutoModelForTokenClassification`, `AutoModelForQuestionAnswering` and `AutoModelForMultipleChoice` put a "
            "new head on them. "
        )
    )
    return (
        f"`PATH` is this folder, or its name on the Hub. {others}torch and transformers are all it needs; "
        "`trust_remote_code=True` runs the Python files of this folder.\n"
    )


def _limits(loaded: LoadedModel, measured: Scores | None) -> Iterator[str]:
    config, checkpoint, finetuned = loaded.model.config, loaded.checkpoint, loaded.finetuned
    yield "**Language**: it is made for Chinese. How it does on other languages is not known."
    trained = checkpoint is not None and checkpoint.step > 0
    longest = checkpoint.config.shards.seq_len if checkpoint is not None and trained else config.max_length
    seen = (
        f"it was trained on samples of at most {longest:,} tokens"
        if trained
        else f"it is meant for {longest:,} tokens"
    )
    yield f"**Length**: {seen}. Cut or split what is longer; how well it reads that is not known."
    types = (
        "pretraining had token type 0 alone, so that 1 means nothing"
        if trained
        else "the tokenizer gives token type 0 alone"
    )
    yield f"**Pairs of texts**: {types}. Leave `token_type_ids` out, for pairs too."
    if loaded.new_head:
        yield "**Masks**: the masked-LM head was lost before this export and is drawn anew; fill no masks with it."
    elif finetuned is not None:
        yield "**Masks**: fine-tuning changed the encoder and not the masked-LM head; fill no masks with it."
    if usage_of(loaded) is MASKED_LM:
        yield "**Truth**: it gives words that are likely in a place. They are no facts, and it writes no texts."
    if finetuned is not None:
        yield (
            "**Truth**: it always gives an answer, for texts of another kind than it learned from as well. Its scores "
            "are no calibrated probabilities."
        )
    yield (
        "**Bias**: large corpora of Chinese are mostly text of the web, with its errors, prejudices, private data and "
        "gaps. A model may repeat what it read, and gaupt does not look for that."
    )
    beyond = "anything but the tasks above" if measured else "any task"
    yield f"**Not measured**: how good it is at {beyond}, in your field, and for whom. Test it on texts of yours."


def _licence(loaded: LoadedModel, config: ExportConfig) -> str:
    said = plain(config.license.strip())
    weights = (
        f"Weights: {said}, as whoever exported them says."
        if said
        else "Weights: whoever exported them has not said under which licence. Ask before you use or share them."
    )
    if names := list(_ancestors(loaded)):
        weights += f" They were made from {plain(names[0])}: see its licence too."
    code = (
        ""
        if layout_of(config.formats) != "hf"
        else "\nThe Python files in this folder are gaupt's: Apache-2.0.\n"
    )
    return f"{weights}\n{code}"


def _table(rows: Mapping[str, Any]) -> str:
    return (
        "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])
        + "\n"
    )
