"""The model card of an exported folder, with the figures that the run left."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from gaupt.checkpoint.lineage import FROM, told
from gaupt.checkpoint.load import LoadedModel
from gaupt.checkpoint.run_folder import read_metrics, run_of
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.visible import visible

HEADER = """\
---
language: zh
library_name: transformers
pipeline_tag: {pipeline}
mask_token: "[MASK]"
tags: [gaupt, {architecture}, masked-lm, chinese]
---
"""

USAGE = """\
## Use

```python
from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("PATH", trust_remote_code=True)
model = AutoModelForMaskedLM.from_pretrained("PATH", trust_remote_code=True)
inputs = tokenizer("今天[MASK]气很好。", return_tensors="pt")
logits = model(**inputs).logits
```

`AutoModel`, `AutoModelForSequenceClassification`, `AutoModelForTokenClassification`,
`AutoModelForQuestionAnswering` and `AutoModelForMultipleChoice` load the same folder. It needs torch and
transformers alone. Token types are all 0 in pretraining, for pairs of texts too.
"""
# What Markdown and the pages that show it give a meaning within a line; a _ has none between letters.
_MARKUP = re.compile(r"[\\`*\[\]~#!:]|(?<!\w)_|_(?!\w)|(?<=www)\.", re.IGNORECASE)


def model_card(loaded: LoadedModel) -> str:
    """README.md: what the model is, how it was trained as far as its folder tells, how to use it."""
    config = loaded.model.config
    parts = [
        HEADER.format(architecture=config.architecture, pipeline=_pipeline(loaded)),
        f"# {_title(config)}\n",
        f"A Chinese language encoder made with gaupt: {loaded.parameters:,} parameters.\n",
        "## Architecture\n",
        _table(_architecture(config)),
    ]
    if loaded.finetuned is not None:
        labels = ", ".join(map(plain, loaded.finetuned.labels))
        parts.append(f"Fine-tuned: `{loaded.finetuned.architecture}` scores {labels}.\n")
    training = dict(_training(loaded))
    if training:
        parts += ["## Training\n", _table(training)]
    return "\n".join([*parts, USAGE])


def plain(text: str) -> str:
    """``text`` of others as it is read in one line of Markdown or a cell of a table: nothing in it is markup."""
    return escape(_MARKUP.sub(r"\\\g<0>", visible(text)), quote=False).replace("|", "&#124;")


def _pipeline(loaded: LoadedModel) -> str:
    """What the folder is for, in the hub's terms."""
    architecture = "" if loaded.finetuned is None else loaded.finetuned.architecture
    return {
        "GauptForSequenceClassification": "text-classification",
        "GauptForTokenClassification": "token-classification",
        "GauptForQuestionAnswering": "question-answering",
        "GauptForMultipleChoice": "multiple-choice",
    }.get(architecture, "fill-mask")


def _title(config: ModelConfig) -> str:
    if isinstance(config, GAUConfig):
        return f"GAU, {config.num_layers} layers, hidden size {config.hidden_size}"
    return f"RoFormerV{config.version}, {config.num_layers} layers, hidden size {config.hidden_size}"


def _architecture(config: ModelConfig) -> dict[str, Any]:
    shared = {"layers": config.num_layers, "hidden size": config.hidden_size}
    if isinstance(config, GAUConfig):
        own: dict[str, Any] = {
            "expanded size": config.expanded_size,
            "key size": config.key_size,
            "attention normalization": config.normalization,
            "paper": "arXiv:2205.05842",
        }
    else:
        own = {
            "heads": config.num_heads,
            "feed-forward size": config.feedforward_size,
            "paper": "arXiv:2104.09864",
        }
    return shared | own | {"vocabulary": config.vocab_size, "length": config.max_length}


def _training(loaded: LoadedModel) -> Iterator[tuple[str, Any]]:
    checkpoint = loaded.checkpoint
    if checkpoint is None:
        return
    if checkpoint.facts.get(FROM):
        yield "continued from", plain(told(checkpoint.facts[FROM]))
    if checkpoint.step == 0:
        source = checkpoint.facts.get("source")
        if source:
            yield "imported from", plain(source)
        return
    config, train = checkpoint.config, checkpoint.config.train
    yield "steps", f"{checkpoint.step:,}"
    if "tokens" in checkpoint.facts:
        yield "tokens seen", f"{checkpoint.facts['tokens']:,}"
    yield "tokens in a batch", f"{train.batch_tokens:,}"
    yield "sample length", config.shards.seq_len
    yield "peak learning rate", train.lr
    yield "weight decay", train.weight_decay
    yield "masked share (whole words)", train.mask_rate
    scores = _last_evaluation(run_of(checkpoint.folder), checkpoint.step)
    if scores:
        yield "held-out loss (nats a masked token)", f"{scores['eval_loss']:.4f} at step {scores['step']:,}"
        yield "held-out accuracy", f"{scores['eval_accuracy']:.4f} at step {scores['step']:,}"


def _last_evaluation(run: Path, step: int) -> dict[str, Any] | None:
    """The newest line of the run's metrics with held-out scores, not after ``step``."""
    scored = (record for record in reversed(read_metrics(run)) if "eval_loss" in record)
    return next((record for record in scored if record["step"] <= step), None)


def _table(rows: dict[str, Any]) -> str:
    return (
        "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])
        + "\n"
    )
