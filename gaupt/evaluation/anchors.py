"""What a model has to beat: the majority class, and character n-grams."""

from collections import Counter
from collections.abc import Sequence
from typing import cast

from gaupt.evaluation.data import TaskData
from gaupt.evaluation.finetune import Judged
from gaupt.evaluation.predictions import Predicted
from gaupt.evaluation.score import score_rows
from gaupt.evaluation.tasks.rows import Choice, Labelled

MAJORITY = "majority"
NGRAMS = "TF-IDF"


def majority(data: TaskData) -> list[Judged]:
    """The commonest label of the training rows, or place of the right choice; nothing for spans and answers."""
    if data.task.kind in ("classification", "pair"):
        counts = Counter(cast(Labelled, row).label for row in data.train)
        commonest: Predicted = max(sorted(counts, key=str), key=counts.__getitem__)
    elif data.task.kind == "choice":
        places = Counter(cast(Choice, row).answer for row in data.train)
        commonest = max(sorted(places, key=str), key=places.__getitem__)
    else:
        return []
    predicted: Sequence[Predicted] = [commonest] * len(data.scored)
    return [Judged(score_rows(data.task, data.scored, predicted), predicted, [0.0] * len(data.scored))]
