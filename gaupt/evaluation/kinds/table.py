"""Which module knows a kind of task."""

from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from gaupt.config import EvaluateConfig, TaskConfig
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import Item
from gaupt.evaluation.kinds import answer, choice, tags, text
from gaupt.evaluation.tasks.task import Kind


class KindOfTask(Protocol):
    """What each module of this room offers."""

    PER_TOKEN: bool
    """Whether the head scores every token, or a sequence by its [CLS]."""

    def outputs(self, labels: Sequence[str]) -> tuple[str, ...]: ...

    def encode(
        self,
        rows: Sequence[Any],
        labels: Sequence[str],
        encoder: Encoder,
        task: TaskConfig,
        evaluate: EvaluateConfig,
        training: bool,
    ) -> list[Item]: ...

    def loss(self, scores: Tensor, items: Sequence[Item]) -> tuple[Tensor, int]: ...

    def predict(
        self,
        rows: Sequence[Any],
        labels: Sequence[str],
        items: Sequence[Item],
        scores: Sequence[NDArray[np.float32]],
        evaluate: EvaluateConfig,
    ) -> tuple[list[Any], list[float]]: ...


KINDS: dict[Kind, KindOfTask] = {
    "classification": cast(KindOfTask, text),
    "pair": cast(KindOfTask, text),
    "choice": cast(KindOfTask, choice),
    "spans": cast(KindOfTask, tags),
    "reading": cast(KindOfTask, answer),
}
