"""Classification from [CLS]."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.kinds import text
from gaupt.evaluation.tasks.rows import Labelled
from tests.evaluation.small import settings

ROWS = [Labelled(None, "0", ("天地", "人"), "b"), Labelled(None, "1", ("山", "水"), "a")]


def test_pairs_become_one_sequence_and_labels_places(encoder: Encoder, tasks: Path) -> None:
    config = settings()
    first, second = text.encode(ROWS, ("a", "b"), encoder, config, config, True)
    assert (len(first.sequences[0].ids), first.sequences[0].second) == (6, 4)
    assert (first.target, second.target) == (1, 0)


@pytest.mark.option("evaluate.max_length", "evaluate.tasks.NAME.max_length")
@pytest.mark.parametrize("option", ["max_length", "tasks.iflytek.max_length"])
@pytest.mark.parametrize("length", [16, 17])
def test_long_texts_are_cut_at_max_length(encoder: Encoder, option: str, length: int) -> None:
    config = settings(f"{option}={length}")
    task, rows = config.of_task("iflytek"), [Labelled(None, "0", ("天" * 40,), "a")]
    (item,) = text.encode(rows, ("a",), encoder, task, config, True)
    assert item.length == length


def test_loss_is_the_summed_cross_entropy(encoder: Encoder) -> None:
    config = settings()
    items = text.encode(ROWS, ("a", "b"), encoder, config, config, True)
    scores = torch.tensor([[0.0, 2.0], [1.0, 0.0]])
    loss, count = text.loss(scores, items)
    assert count == 2
    assert loss.item() == pytest.approx(np.log1p(np.exp(-2)) + np.log1p(np.exp(-1)), rel=1e-6)


def test_the_likeliest_label_is_predicted_with_its_probability(encoder: Encoder) -> None:
    config = settings()
    items = text.encode(ROWS, ("a", "b"), encoder, config, config, False)
    scores = [np.array([[0.0, np.log(3)]], np.float32), np.array([[1.0, 1.0]], np.float32)]
    predicted, confidence = text.predict(ROWS, ("a", "b"), items, scores, config)
    assert predicted == ["b", "a"]
    assert confidence == pytest.approx([0.75, 0.5])
