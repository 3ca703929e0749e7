"""The head that fine-tuning put on an encoder, as an exported folder keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

MASKED_LM = "GauptForMaskedLM"
"""Class of a folder without such a head."""
CHOICE, READING = "GauptForMultipleChoice", "GauptForQuestionAnswering"
SEQUENCE, TOKENS = "GauptForSequenceClassification", "GauptForTokenClassification"
_HEADS = {SEQUENCE: "classifier.", TOKENS: "classifier.", READING: "qa_outputs.", CHOICE: "classifier."}
"""What each of the exported classes puts before the names of its head."""
_BEFORE = {READING: "classifier."}
"""What it did so in exports of earlier versions."""


_OUTPUTS = {READING: 2, CHOICE: 1}
"""Of the heads that have no labels: start and end, and how good a choice is."""
_PROBLEMS = ("single_label_classification", "multi_label_classification", "regression")


@dataclass(frozen=True)
class FineTuned:
    """A head, and what its scores stand for."""

    architecture: str
    """Class of the exported code that has this head."""
    labels: tuple[str, ...]
    """Names of the scores, in order."""
    weights: Mapping[str, torch.Tensor]
    """``weight`` [labels, d] and ``bias`` [labels]."""
    pooling: str = "cls"
    """Which state of a text is scored, see `gaupt.model.heads.pool`."""
    problem: str = "single_label_classification"
    """What a sequence's scores are for, as transformers calls it."""

    @property
    def per_token(self) -> bool:
        """Whether every token is scored, not one state of the text."""
        return self.architecture in (TOKENS, READING)

    def config_values(self) -> dict[str, Any]:
        """What ``config.json`` says of it."""
        values: dict[str, Any] = {"architectures": [self.architecture]}
        if self.pooling != "cls":
            values["classifier_pooling"] = self.pooling
        if self.architecture in (SEQUENCE, TOKENS):
            values["id2label"] = {str(place): label for place, label in enumerate(self.labels)}
            values["label2id"] = {label: place for place, label in enumerate(self.labels)}
            if self.architecture == SEQUENCE:
                values["problem_type"] = self.problem
        return values

    def exported_weights(self) -> dict[str, torch.Tensor]:
        """Its weights under the exported class's names."""
        return {_HEADS[self.architecture] + name: tensor for name, tensor in self.weights.items()}


def split_finetuned(
    values: Mapping[str, Any], weights: Mapping[str, torch.Tensor]
) -> tuple[dict[str, torch.Tensor], FineTuned | None]:
    """The weights of the masked LM, and the head that an exported folder's ``config.json`` and weights hold besides.

    Raises:
        ValueError: what ``config.json`` says of the head is no such thing, or its weights are none.
    """
    architectures, named = values.get("architectures") or [MASKED_LM], values.get("id2label") or {}
    if not isinstance(architectures, list) or not isinstance(named, Mapping):
        raise ValueError("architectures is no list, or id2label is no table")
    architecture, pooling = str(architectures[0]), str(values.get("classifier_pooling", "cls"))
    prefixes = {*_HEADS.values()}
    plain = {name: tensor for name, tensor in weights.items() if not name.startswith(tuple(prefixes))}
    if architecture not in _HEADS:
        return plain, None
    places = (_HEADS[architecture], _BEFORE.get(architecture, ""))
    prefix = next((each for each in places if each and any(name.startswith(each) for name in weights)), None)
    if prefix is None:
        return plain, None
    head = {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
    shapes = {name: tuple(tensor.shape) for name, tensor in head.items()}
    if shapes.keys() != {"weight", "bias"} or (len(shapes["weight"]), len(shapes["bias"])) != (2, 1):
        raise ValueError(f"a head has a weight [labels, d] and a bias [labels], not {shapes}")
    if shapes["weight"][0] != shapes["bias"][0]:
        raise ValueError(
            f"the weight of the head is for {shapes['weight'][0]} labels, its bias for {shapes['bias'][0]}"
        )
    if pooling not in ("cls", "mean"):
        raise ValueError(f"classifier_pooling = {pooling[:40]!r} is not one of cls, mean")
    labels = tuple(str(named.get(str(place), place)) for place in range(len(head["bias"])))
    # transformers guesses it as it trains, and keeps the guess nowhere.
    guessed = "regression" if len(labels) == 1 else FineTuned.problem
    problem = str(values.get("problem_type") or guessed)
    if problem not in _PROBLEMS:
        raise ValueError(f"problem_type = {problem[:40]!r} is not one of {', '.join(_PROBLEMS)}")
    if len(labels) != _OUTPUTS.get(architecture, len(labels)):
        raise ValueError(
            f"the head of {architecture} has {_OUTPUTS[architecture]} outputs, not {len(labels)}"
        )
    if len({*labels}) < len(labels):
        raise ValueError("id2label calls two labels by one name")
    if not all(tensor.isfinite().all() for tensor in head.values()):
        raise ValueError("the head holds what is no number")
    return plain, FineTuned(architecture, labels, {k: t.float() for k, t in head.items()}, pooling, problem)
