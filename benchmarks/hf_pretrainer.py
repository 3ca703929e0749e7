"""transformers' Trainer pretraining a RoFormer on samples of ours, by its defaults or as fast as it can.

RoFormer in transformers is RoFormerV1: biases, LayerNorm, a transform before the vocabulary, eager attention, and
scores over the whole vocabulary at every position. Needs accelerate and transformers 5 or later.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sample_pool import Sample
from torch import Tensor

from gaupt.batches.masking import Masking, mask_words
from gaupt.batches.random import key, mix
from gaupt.model.config import RoFormerConfig

IGNORED = -100


@dataclass(frozen=True)
class Special:
    """Ids that a collator has to know."""

    pad: int
    mask: int
    ordinary: np.ndarray
    """Ids that random tokens are drawn from."""


@dataclass(frozen=True)
class Settings:
    """How the Trainer runs."""

    batch: int
    """Samples of an update."""
    best: bool
    """Grouped by length, padded to multiples of 8 by a collator of arrays; else its defaults."""
    bfloat16: bool = False
    at_once: int = 0
    """Samples of a forward and backward pass; 0: all of an update."""
    masked_head: bool = False
    """Scores over the vocabulary at masked positions alone, which transformers does not offer."""


class VectorizedCollator:
    """Pads to a multiple of 8 and masks whole words as ours does, in a few calls of numpy for the whole batch."""

    def __init__(self, special: Special, masking: Masking | None = None) -> None:
        self.special, self.masking = special, masking or Masking()
        self.calls = self.places = 0

    def __call__(self, examples: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """``examples`` hold input_ids [n] and starts [n], arrays."""
        lengths = np.array([len(example["input_ids"]) for example in examples])
        width = -(-int(lengths.max()) // 8) * 8
        there = np.arange(width) < lengths[:, None]  # [b, width]
        inside = (
            there & (np.arange(width) > 0) & (np.arange(width) < lengths[:, None] - 1)
        )  # no [CLS] or [SEP]
        ids = np.full(there.shape, self.special.pad, np.int64)
        ids[there] = np.concatenate([example["input_ids"] for example in examples])
        tokens = ids[inside]
        starts = np.concatenate([example["starts"][1:-1] for example in examples])
        keys = mix(key(self.calls), np.arange(len(examples)))
        masked = mask_words(
            tokens, starts, lengths - 2, keys, self.masking, self.special.mask, self.special.ordinary
        )
        wanted = np.full(tokens.shape, IGNORED)
        wanted[masked.places] = tokens[masked.places]
        labels = np.full(there.shape, IGNORED, np.int64)
        labels[inside], ids[inside] = wanted, masked.shown
        self.calls, self.places = self.calls + 1, self.places + ids.size
        arrays = {"input_ids": ids, "attention_mask": there.astype(np.int64), "labels": labels}
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


class LibraryCollator:
    """transformers' own whole-word collator, given our words.

    It takes a gap between two tokens' offsets for the start of a word, which no Chinese text has, and cannot pad
    offsets: so offsets with gaps where our words start are made, and padded, here.
    """

    def __init__(self, tokenizer: Any) -> None:
        from transformers import DataCollatorForLanguageModeling

        # It shows whole words as [MASK] alone, whatever it is asked for.
        self.collate = DataCollatorForLanguageModeling(
            tokenizer, mlm_probability=0.15, whole_word_mask=True, mask_replace_prob=1, random_replace_prob=0
        )
        self.places = 0

    def __call__(self, examples: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """``examples`` hold input_ids, special_tokens_mask and offset_mapping, lists."""
        width = max(len(example["input_ids"]) for example in examples)
        padded = [
            {
                **example,
                "offset_mapping": example["offset_mapping"] + [(0, 0)] * (width - len(example["input_ids"])),
            }
            for example in examples
        ]
        batch = self.collate(padded)
        self.places += batch["input_ids"].numel()
        return dict(batch)


def library_example(sample: Sample) -> dict[str, Any]:
    """``sample`` as `LibraryCollator` takes it."""
    n = len(sample.ids)
    begins = np.arange(n) + np.cumsum(sample.starts)  # one apart inside a word, two where one starts
    offsets = np.stack((begins, begins + 1), 1).tolist()
    return {
        "input_ids": sample.ids.tolist(),
        "special_tokens_mask": [1] + [0] * (n - 2) + [1],
        "offset_mapping": offsets,
    }


def build_roformer(size: RoFormerConfig, masked_head: bool) -> torch.nn.Module:
    """RoFormerForMaskedLM of ``size``, with dropout 0.1; with ``masked_head``, scores at masked positions alone."""
    from transformers import RoFormerConfig as TheirConfig
    from transformers import RoFormerForMaskedLM
    from transformers.modeling_outputs import MaskedLMOutput

    class MaskedPositions(RoFormerForMaskedLM):
        def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> MaskedLMOutput:
            hidden = self.roformer(input_ids, attention_mask=attention_mask)[0]
            chosen = labels != IGNORED
            scores = self.cls(hidden[chosen])
            return MaskedLMOutput(loss=torch.nn.functional.cross_entropy(scores, labels[chosen]))

    config = TheirConfig(
        vocab_size=size.vocab_size,
        hidden_size=size.hidden_size,
        num_hidden_layers=size.num_layers,
        num_attention_heads=size.num_heads,
        intermediate_size=size.feedforward_size,
        max_position_embeddings=size.max_length,
    )
    model: torch.nn.Module = (MaskedPositions if masked_head else RoFormerForMaskedLM)(config)
    return model


def train(
    size: RoFormerConfig,
    samples: Sequence[Sample],
    warm_up: Sequence[Sample],
    tokenizer_folder: Path,
    special: Special,
    settings: Settings,
    scratch: Path,
) -> dict[str, Any]:
    """One epoch over ``samples``, after one over ``warm_up`` that is not timed: seconds, and places with padding."""
    from transformers import AutoTokenizer, Trainer, TrainerCallback, TrainingArguments

    class Clock(TrainerCallback):
        cpu = wall = 0.0

        def on_train_begin(self, *_: Any, **__: Any) -> None:
            self.cpu, self.wall = time.process_time(), time.perf_counter()

        def on_train_end(self, *_: Any, **__: Any) -> None:
            self.cpu, self.wall = time.process_time() - self.cpu, time.perf_counter() - self.wall

    at_once = settings.at_once or settings.batch
    options: dict[str, Any] = {
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": -(-settings.batch // at_once),
        "num_train_epochs": 1,
        "save_strategy": "no",  # by default it would write once within these few steps: no part of the comparison
        "report_to": [],
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "use_cpu": True,
        "bf16": settings.bfloat16,
    }
    if settings.best:
        options |= {
            "train_sampling_strategy": "group_by_length",
            "optim": "adamw_torch_fused",
            "logging_strategy": "no",
        }
    torch.manual_seed(0)
    model = build_roformer(size, settings.masked_head)
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    for part in (warm_up, samples):
        collator: Any = VectorizedCollator(special) if settings.best else LibraryCollator(tokenizer)
        examples = [
            {"input_ids": s.ids, "starts": s.starts, "length": len(s.ids)}
            if settings.best
            else library_example(s)
            for s in part
        ]
        clock = Clock()
        trainer = Trainer(
            model,
            TrainingArguments(str(scratch), **options),
            train_dataset=examples,
            data_collator=collator,
            callbacks=[clock],
        )
        trainer.train()
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return {"cpu": clock.cpu, "wall": clock.wall, "places": collator.places, "parameters": parameters}
