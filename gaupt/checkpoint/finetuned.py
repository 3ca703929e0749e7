"""The head that fine-tuning put on an encoder, as an exported folder keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

MASKED_LM = "GauptForMaskedLM"
"""Class of a folder without such a head."""
CLASSIFIER = "classifier."
"""What the exported classes put before the head's names."""


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

    @property
    def per_token(self) -> bool:
        """Whether every token is scored, not one state of the text."""
        return self.architecture in ("GauptForTokenClassification", "GauptForQuestionAnswering")

    def config_values(self) -> dict[str, Any]:
        """What ``config.json`` says of it."""
        values: dict[str, Any] = {"architectures": [self.architecture]}
        if self.pooling != "cls":
            values["classifier_pooling"] = self.pooling
        if self.architecture in ("GauptForSequenceClassification", "GauptForTokenClassification"):
            values["id2label"] = {str(place): label for place, label in enumerate(self.labels)}
            values["label2id"] = {label: place for place, label in enumerate(self.labels)}
            if self.architecture == "GauptForSequenceClassification":
                values["problem_type"] = "single_label_classification"
        return values


def split_finetuned(
    values: Mapping[str, Any], weights: Mapping[str, torch.Tensor]
) -> tuple[dict[str, torch.Tensor], FineTuned | None]:
    """The weights of the masked LM, and the head that an exported folder's ``config.json`` and weights hold besides."""
    head = {
        name.removeprefix(CLASSIFIER): tensor
        for name, tensor in weights.items()
        if name.startswith(CLASSIFIER)
    }
    plain = {name: tensor for name, tensor in weights.items() if not name.startswith(CLASSIFIER)}
    architecture = str((values.get("architectures") or [MASKED_LM])[0])
    if not head or architecture == MASKED_LM:
        return plain, None
    named = values.get("id2label") or {}
    labels = tuple(str(named.get(str(place), place)) for place in range(len(head["bias"])))
    return plain, FineTuned(architecture, labels, head, str(values.get("classifier_pooling", "cls")))
