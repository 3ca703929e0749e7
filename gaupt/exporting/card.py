"""The model card of an exported folder: what is known of the model, and plainly what is not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from gaupt.checkpoint.exported import CONFIG, RECORD
from gaupt.checkpoint.finetuned import SEQUENCE, TOKENS
from gaupt.checkpoint.format import Checkpoint
from gaupt.checkpoint.lineage import FROM, told
from gaupt.checkpoint.load import LoadedModel
from gaupt.checkpoint.run_folder import read_metrics, read_summary, run_of
from gaupt.config import ExportConfig
from gaupt.exporting.chinese import CHINESE
from gaupt.exporting.front_matter import front_matter
from gaupt.exporting.layouts import layout_of, loader_of
from gaupt.exporting.licences import licence_fields
from gaupt.exporting.scores import HELD_OUT_TEXT, Anchor, Score, Scores, scores_of
from gaupt.exporting.usage import MASKED_LM, usage_of
from gaupt.files import read_json
from gaupt.language import Language, Wording
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.quantities import megabytes
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
    language: Language = "en",
) -> str:
    """README.md: what the model is, how it was trained as far as its folder tells, how to use it, and its limits.

    ``scores`` is the content of a ``results.json``, see `gaupt.exporting.scores.read_scores`.

    Raises:
        GauptError: ``scores`` are none, or have none of this model.
    """
    say = Wording(language, CHINESE)
    measured = None if scores is None else scores_of(scores, loaded)
    shape = loaded.model.config
    layout = layout_of(config.formats)
    parts = [
        front_matter(_fields(loaded, config, measured)),
        f"# {_title(shape, say)}\n",
        _what_it_is(loaded, say),
        _heading(say("Architecture")),
        _table(_architecture(loaded, say)),
        _heading(say("Training data")),
        _training_data(loaded, say),
    ]
    if loaded.finetuned is not None:
        parts.append(say("Of what it was fine-tuned on, no more than the names above is recorded.") + "\n")
    if loaded.checkpoint is not None and loaded.checkpoint.step:
        heading = say("Pretraining") if loaded.finetuned is not None else say("Training")
        parts += [_heading(heading), _table(dict(_training(loaded.checkpoint, say)))]
    parts += [
        _heading(say("Evaluation")),
        _evaluation(measured, say),
        _heading(say("Use")),
        usage_of(loaded).shown(loader_of(layout, shape)),
        _how_it_loads(loaded, say) if layout == "hf" else "",
        _heading(say("Limits and biases")),
        "".join(f"- {line}\n" for line in _limits(loaded, measured, say)),
        _heading(say("Licence")),
        _licence(loaded, config, say),
        _heading(say("Citation")),
        f"```bibtex\n{_GAU_PAPER if isinstance(shape, GAUConfig) else _ROFORMER_PAPER}```\n",
    ]
    return "\n".join(parts)


def _heading(words: str) -> str:
    return f"## {words}\n"


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


def _title(config: ModelConfig, say: Wording) -> str:
    name = "GAU" if isinstance(config, GAUConfig) else f"RoFormerV{config.version}"
    if config.num_layers == 1:
        return say("{name}, 1 layer, hidden size {size}", name=name, size=config.hidden_size)
    return say(
        "{name}, {layers} layers, hidden size {size}",
        name=name, layers=config.num_layers, size=config.hidden_size,
    )  # fmt: skip


def _what_it_is(loaded: LoadedModel, say: Wording) -> str:
    kind = (
        say("gated attention units with rotary positions")
        if isinstance(loaded.model.config, GAUConfig)
        else say("a Transformer with rotary positions")
    )
    first = say(
        "An encoder of Chinese text, exported by gaupt: {kind}, {parameters:,} parameters.",
        kind=kind, parameters=loaded.parameters,
    )  # fmt: skip
    if loaded.finetuned is None:
        does = (
            say("It has no trained masked-LM head, and is meant to be fine-tuned:")
            if loaded.new_head
            else say("It fills masks, and is meant to be fine-tuned:")
        )
        tasks = say("to label texts and tokens, to find answers in passages, to choose between texts.")
        return say.sentences(first, does, tasks) + "\n"
    labels, task, purpose = loaded.finetuned.labels, _task(loaded), say.name(usage_of(loaded).purpose)
    said = (
        say("It is fine-tuned to {purpose}, on the task {task}.", purpose=purpose, task=plain(task))
        if task
        else say("It is fine-tuned to {purpose}.", purpose=purpose)
    )
    if loaded.finetuned.architecture in (SEQUENCE, TOKENS) and loaded.finetuned.problem != "regression":
        said = say.sentences(
            said, say("Its {count:,} labels: {names}.", count=len(labels), names=_named(labels, say))
        )
    return say.sentences(first, said) + "\n"


def _task(loaded: LoadedModel) -> str:
    """The task that an exported folder says it was fine-tuned on; empty where it says none."""
    try:
        return str(read_json(loaded.source / CONFIG)[RECORD]["task"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _named(names: Sequence[str], say: Wording) -> str:
    """Names of others in a line, some of them where they are many."""
    shown, more = say(", ").join(map(plain, names[:_MOST_LABELS])), len(names) - _MOST_LABELS
    return say("{names} and {more:,} more", names=shown, more=more) if more > 0 else shown


def _architecture(loaded: LoadedModel, say: Wording) -> dict[str, Any]:
    config = loaded.model.config
    shared = {say("layers"): config.num_layers, say("hidden size"): config.hidden_size}
    if isinstance(config, GAUConfig):
        own: dict[str, Any] = {
            say("expanded size"): config.expanded_size,
            say("key size"): config.key_size,
            say("attention normalization"): config.normalization,
            say("paper"): "[arXiv:2205.05842](https://arxiv.org/abs/2205.05842)",
        }
        if config.attention == "mixed_chunk":
            own[say("attention")] = say("mixed chunks of {size}", size=config.chunk_size)
    else:
        own = {
            say("heads"): config.num_heads,
            say("feed-forward size"): config.feedforward_size,
            say("paper"): "[arXiv:2104.09864](https://arxiv.org/abs/2104.09864)",
        }
    sizes = {say("vocabulary"): f"{config.vocab_size:,}", say("length"): config.max_length}
    return shared | own | sizes | _tokenizer(loaded, say)


def _tokenizer(loaded: LoadedModel, say: Wording) -> dict[str, str]:
    """What the tokenizer says of itself; nothing where others wrote it."""
    try:
        config = read_json(loaded.tokenizer / TOKENIZER_CONFIG)
        kind = plain(str(config["gaupt"]["type"]))
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    lower = config.get("do_lower_case") is True
    return {say("tokenizer"): say("{kind}, lower case", kind=kind) if lower else kind}


def _training_data(loaded: LoadedModel, say: Wording) -> str:
    checkpoint = loaded.checkpoint
    if checkpoint is None:
        return say("Not recorded in the folder that this one was exported from.") + "\n"
    rows = dict(_origin(checkpoint, say))
    if checkpoint.step == 0:
        known = f"{_table(rows)}\n" if rows else ""
        return known + say("What it was trained on is not recorded here; whoever trained it may tell.") + "\n"
    corpus = checkpoint.facts.get("corpus") or {}
    rows |= _corpus(corpus, say)
    if "tokens" in checkpoint.facts:
        rows[say("tokens seen")] = say(
            "{tokens:,}, repeated ones included", tokens=checkpoint.facts["tokens"]
        )
    scored = _last_evaluation(run_of(checkpoint.folder), checkpoint.step) or {}
    sources = [name.removeprefix("eval_loss/") for name in scored if name.startswith("eval_loss/")]
    if sources:
        rows[say("sources in the held-out text")] = _named(sources, say)
    if "shards" in checkpoint.facts:
        rows[say("sha256 of the shards' manifest")] = f"`{visible(checkpoint.facts['shards'])[:64]}`"
    unknown = (
        say("Not recorded, so not known here: of what years these texts are, and under which licence.")
        if corpus
        else say(
            "Not recorded, so not known here: how many documents these were, where they came from, "
            "of what years they are, and under which licence."
        )
    )
    if checkpoint.facts.get(FROM):
        unknown = say.sentences(unknown, say("That of the model it went on from is not counted."))
    return "\n".join([_table(rows), *_sources(corpus, say), unknown + "\n"])


def _corpus(corpus: Mapping[str, Any], say: Wording) -> dict[str, Any]:
    """What cleaning said of the corpus; nothing where that is not recorded."""
    if not corpus:
        return {}
    rows = {
        say("documents"): say("{kept:,}, of {read:,} that came in", kept=corpus["kept"], read=corpus["read"]),
        say("Chinese characters"): f"{corpus['chinese']:,}",
        say("text"): megabytes(corpus["bytes"]),
    }
    if corpus["dropped"]:
        rules = (f"{say.term(rule)} {count:,}" for rule, count in corpus["dropped"].items())
        rows[say("dropped documents")] = plain(say(", ").join(rules))
    return rows


def _sources(corpus: Mapping[str, Any], say: Wording) -> list[str]:
    """The largest sources with their shares of the text."""
    if not corpus:
        return []
    sources = list(corpus["sources"].items())
    lines = [
        f"| {say('source')} | {say('documents')} | {say('share of the text')} |",
        "| --- | ---: | ---: |",
    ]
    for name, source in sources[:_MOST_LABELS]:
        share = source["bytes"] / max(1, corpus["bytes"])
        lines.append(f"| {plain(name)} | {source['documents']:,} | {share:.1%} |")
    more = len(sources) + corpus["more_sources"] - _MOST_LABELS
    if more > 0:
        lines.append(f"| {say('{more:,} more', more=more)} | | |")
    return ["\n".join(lines) + "\n"]


def _origin(checkpoint: Checkpoint, say: Wording) -> Iterator[tuple[str, Any]]:
    if checkpoint.facts.get(FROM):
        yield say("continued from"), plain(told(checkpoint.facts[FROM]))
    if checkpoint.step == 0 and checkpoint.facts.get("source"):
        yield say("imported from"), plain(str(checkpoint.facts["source"]))


def _training(checkpoint: Checkpoint, say: Wording) -> Iterator[tuple[str, Any]]:
    config, train, run = checkpoint.config, checkpoint.config.train, run_of(checkpoint.folder)
    yield say("objective"), say("masked language model, whole words")
    yield say("steps"), f"{checkpoint.step:,}"
    yield say("tokens in a batch"), f"{train.batch_tokens:,}"
    yield say("sample length"), config.shards.seq_len
    yield say("optimizer"), train.optimizer
    yield say("peak learning rate"), train.lr
    if train.optimizer == "muon":
        yield say("peak learning rate of matrices"), train.matrix_lr
    yield say("weight decay"), train.weight_decay
    falling = train.final_mask_rate and train.final_mask_rate != train.mask_rate
    yield (
        say("masked share"),
        say("{first}, {last} at the end", first=train.mask_rate, last=train.final_mask_rate)
        if falling
        else train.mask_rate,
    )
    precision = _summary(run, checkpoint.step).get("precision")
    if isinstance(precision, str):
        yield say("precision"), plain(precision)
    scores = _last_evaluation(run, checkpoint.step)
    if scores:
        for name, value in (
            (say("held-out loss (nats a masked token)"), scores["eval_loss"]),
            (say("held-out accuracy"), scores["eval_accuracy"]),
        ):
            yield name, say("{value:.4f} at step {step:,}", value=value, step=scores["step"])


def _summary(run: Path, step: int) -> dict[str, Any]:
    """The closing figures of a run that ended at ``step``; none where it did not, or they are damaged."""
    summary = read_summary(run)
    return summary if summary.get("steps") == step else {}


def _last_evaluation(run: Path, step: int) -> dict[str, Any] | None:
    """The newest line of the run's metrics with held-out scores, not after ``step``."""
    scored = (
        record for record in reversed(read_metrics(run)) if {"eval_loss", "eval_accuracy"} <= record.keys()
    )
    return next((record for record in scored if record["step"] <= step), None)


def _evaluation(measured: Scores | None, say: Wording) -> str:
    if measured is None:
        return say("No scores on tasks came with this export; `gaupt evaluate` makes some.") + "\n"
    anchors = list(dict.fromkeys(anchor.name for score in measured.scores for anchor in score.anchors))
    named = [plain(say.name(name)) for name in anchors]
    head = [say("task"), say("metric"), say("scored on"), say("score"), *named]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for score in measured.scores:
        by_name = {anchor.name: anchor for anchor in score.anchors}
        on = (
            say("{rows:,} rows of {split}", rows=score.rows, split=plain(score.split))
            if score.split
            else say("{rows:,} characters", rows=score.rows)
        )
        spread = "" if score.spread is None else f" ± {score.spread:.2f}"
        value = f"{score.value:.{_digits(score)}f}"
        metric = _metric(score)
        cells = [plain(score.task), plain(say.name(metric)), on, f"**{value}**{spread}"]
        cells += [_anchor_cell(by_name.get(name), say) for name in anchors]
        lines.append(f"| {' | '.join(cells)} |")
    notes = [
        say("Measured by `gaupt evaluate`, in percent but for bits: {head}.", head=plain(measured.told))
        if any(_digits(score) > 2 for score in measured.scores)
        else say("Measured by `gaupt evaluate`, in percent: {head}.", head=plain(measured.told))
    ]
    if any(anchor.lead for score in measured.scores for anchor in score.anchors):
        notes.append(
            say("In brackets: the lead of this model over what learns without pretraining, 95% interval.")
        )
    notes += [
        say("Average {name}: {value:.2f}.", name=plain(name), value=value)
        for name, value in measured.averages.items()
    ]
    return "\n".join(lines) + f"\n\n{say.sentences(*notes)}\n"


def _anchor_cell(anchor: Anchor | None, say: Wording) -> str:
    if anchor is None:
        return "–"
    if anchor.lead is None:
        return f"{anchor.value:.2f}"
    low, high = anchor.lead
    return f"{anchor.value:.2f} " + say("({low:+.2f} to {high:+.2f})", low=low, high=high)


def _how_it_loads(loaded: LoadedModel, say: Wording) -> str:
    parts = [say("`PATH` is this folder, or its name on the Hub.")]
    if loaded.finetuned is None:
        parts.append(
            say(
                "`AutoModel` gives the states of the tokens; `AutoModelForSequenceClassification`, "
                "`AutoModelForTokenClassification`, `AutoModelForQuestionAnswering` and "
                "`AutoModelForMultipleChoice` put a new head on them."
            )
        )
    parts.append(
        say(
            "torch and transformers are all it needs; `trust_remote_code=True` runs the Python files of this folder."
        )
    )
    return say.sentences(*parts) + "\n"


def _limits(loaded: LoadedModel, measured: Scores | None, say: Wording) -> Iterator[str]:
    config, checkpoint, finetuned = loaded.model.config, loaded.checkpoint, loaded.finetuned
    yield say("**Language**: it is made for Chinese. How it does on other languages is not known.")
    trained = checkpoint is not None and checkpoint.step > 0
    longest = checkpoint.config.shards.seq_len if checkpoint is not None and trained else config.max_length
    seen = (
        say("**Length**: it was trained on samples of at most {longest:,} tokens.", longest=longest)
        if trained
        else say("**Length**: it is meant for {longest:,} tokens.", longest=longest)
    )
    yield say.sentences(seen, say("Cut or split what is longer; how well it reads that is not known."))
    types = (
        say("**Pairs of texts**: pretraining had token type 0 alone, so that 1 means nothing.")
        if trained
        else say("**Pairs of texts**: the tokenizer gives token type 0 alone.")
    )
    yield say.sentences(types, say("Leave `token_type_ids` out, for pairs too."))
    if loaded.new_head:
        yield say(
            "**Masks**: the masked-LM head was lost before this export and is drawn anew; fill no masks with it."
        )
    elif finetuned is not None:
        yield say(
            "**Masks**: fine-tuning changed the encoder and not the masked-LM head; fill no masks with it."
        )
    if usage_of(loaded) is MASKED_LM:
        yield say(
            "**Truth**: it gives words that are likely in a place. They are no facts, and it writes no texts."
        )
    if finetuned is not None:
        yield say(
            "**Truth**: it always gives an answer, for texts of another kind than it learned from as well. Its scores "
            "are no calibrated probabilities."
        )
    yield say(
        "**Bias**: large corpora of Chinese are mostly text of the web, with its errors, prejudices, private data and "
        "gaps. A model may repeat what it read, and gaupt does not look for that."
    )
    yield (
        say(
            "**Not measured**: how good it is at anything but the tasks above, in your field, and for whom. "
            "Test it on texts of yours."
        )
        if measured
        else say(
            "**Not measured**: how good it is at any task, in your field, and for whom. Test it on texts of yours."
        )
    )


def _licence(loaded: LoadedModel, config: ExportConfig, say: Wording) -> str:
    said = plain(config.license.strip())
    weights = (
        say("Weights: {licence}, as whoever exported them says.", licence=said)
        if said
        else say(
            "Weights: whoever exported them has not said under which licence. Ask before you use or share them."
        )
    )
    if names := list(_ancestors(loaded)):
        weights = say.sentences(
            weights, say("They were made from {name}: see its licence too.", name=plain(names[0]))
        )
    if layout_of(config.formats) != "hf":
        return f"{weights}\n"
    return f"{weights}\n\n" + say("The Python files in this folder are gaupt's: Apache-2.0.") + "\n"


def _table(rows: Mapping[str, Any]) -> str:
    return (
        "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])
        + "\n"
    )
