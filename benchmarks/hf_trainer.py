"""transformers' Trainer on a task of classification or pairs, set as our fine-tuning is.

Needs accelerate and transformers 5 or later.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gaupt.evaluation.data import TaskData


@dataclass(frozen=True)
class Settings:
    """What both ways have to agree on."""

    length: int
    batch: int
    rate: float
    dropout: float = 0.1
    warmup_share: float = 0.1
    epochs: int = 1
    seed: int = 0


@contextmanager
def prepared_trainer(
    model: Path, data: TaskData, settings: Settings, group: bool = False
) -> Iterator[tuple[Any, Callable[[Sequence[Any]], list[dict[str, Any]]]]]:
    """A Trainer with the training rows of ``data`` in it, and a function that makes such examples of other rows.

    Dynamic padding; with ``group`` rows of like length together.
    """
    from transformers import (
        AutoConfig,
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    tokenizer = AutoTokenizer.from_pretrained(model)

    def examples(rows: Sequence[Any]) -> list[dict[str, Any]]:
        made = []
        for row in rows:
            encoded = tokenizer(
                *row.texts, truncation=True, max_length=settings.length, return_token_type_ids=False
            )
            label = data.labels.index(row.label)
            made.append({**encoded, "labels": label, "length": len(encoded["input_ids"])})
        return made

    config = AutoConfig.from_pretrained(model, trust_remote_code=True, num_labels=len(data.labels))
    config.dropout = config.classifier_dropout = settings.dropout
    train = examples(data.train)
    updates = settings.epochs * -(-len(train) // settings.batch)
    torch.manual_seed(settings.seed)
    network = AutoModelForSequenceClassification.from_pretrained(model, trust_remote_code=True, config=config)
    with tempfile.TemporaryDirectory() as scratch:
        options = TrainingArguments(
            scratch,
            per_device_train_batch_size=settings.batch,
            per_device_eval_batch_size=64,
            num_train_epochs=settings.epochs,
            learning_rate=settings.rate,
            warmup_steps=round(settings.warmup_share * updates),
            weight_decay=0.01,
            optim="adamw_torch_fused",
            seed=settings.seed,
            logging_strategy="no",
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            train_sampling_strategy="group_by_length" if group else "random",
        )
        collator = DataCollatorWithPadding(tokenizer)
        yield Trainer(network, options, train_dataset=train, data_collator=collator), examples
