"""The probe of every kind of task."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder, embeddings, randomized
from gaupt.evaluation.metrics.entities import NOTHING
from gaupt.evaluation.probe.probe import draw_rows, pair_auc, probe_encoder, probe_ngrams
from gaupt.evaluation.probe.states import freeze
from gaupt.evaluation.tasks.rows import Labelled
from tests.evaluation.small import CPU, read, settings


@pytest.mark.parametrize("task", ["eprstmt", "afqmc", "cluener", "c3", "cmrc2018"])
def test_a_probe_has_a_result_for_each_draw_and_repeats_itself(
    encoder: Encoder, tasks: Path, task: str
) -> None:
    config = settings("probe_draws=2")
    data = read(task, tasks, config)
    first, again = (probe_encoder(freeze(encoder, CPU, 4096), data, config, 0) for _ in range(2))
    assert len(first) == 2
    assert [judged.scored.headline for judged in first] == [judged.scored.headline for judged in again]
    assert all(len(judged.predicted) == len(data.scored) for judged in first)


def test_a_probe_learns_what_a_bag_of_characters_can_tell(encoder: Encoder, tasks: Path) -> None:
    config = settings("probe_draws=1")
    (judged,) = probe_encoder(freeze(encoder, CPU, 4096), read("eprstmt", tasks), config, 0)
    assert judged.scored.headline > 70


@pytest.mark.parametrize("task", ["cluener", "cmrc2018", "eprstmt"])
def test_texts_without_a_token_can_be_probed_or_are_told(encoder: Encoder, tasks: Path, task: str) -> None:
    data = read(task, tasks)
    empty: Any = {
        "cluener": lambda row: replace(row, text=" ", entities=NOTHING),
        "cmrc2018": lambda row: replace(row, context=" "),
        "eprstmt": lambda row: replace(row, texts=(" ",)),
    }[task]
    rows = {name: [empty(row) for row in getattr(data, name)] for name in ("train", "dev", "test")}
    config, blank = settings("probe_draws=1"), replace(data, **rows)
    frozen = freeze(encoder, CPU, 4096)
    if task == "eprstmt":
        assert len(probe_encoder(frozen, blank, config, 0)) == 1
    else:
        with pytest.raises(GauptError, match=f"{task}: the training rows have no text to probe"):
            probe_encoder(frozen, blank, config, 0)


def test_idioms_need_no_training_but_a_head_of_pretraining(encoder: Encoder, tasks: Path) -> None:
    data = read("chid", tasks)
    assert len(probe_encoder(freeze(encoder, CPU, 4096), data, settings(), 0)) == 1
    assert len(probe_encoder(freeze(randomized(encoder), CPU, 4096), data, settings(), 0)) == 1
    assert probe_encoder(freeze(embeddings(encoder), CPU, 4096), data, settings(), 0) == []


def test_ngrams_are_judged_by_the_same_ridge(tasks: Path) -> None:
    config = settings("probe_draws=1")
    assert probe_ngrams(read("eprstmt", tasks), config, 0)[0].scored.headline > 85
    assert probe_ngrams(read("cluener", tasks), config, 0) == []


@pytest.mark.option("evaluate.probe_draws", "evaluate.probe_rows")
@pytest.mark.parametrize(("task", "most"), [("eprstmt", 40), ("c3", 20), ("cmrc2018", 2)])
def test_rows_are_drawn_for_all_models_alike(tasks: Path, task: str, most: int) -> None:
    config = settings("probe_rows=40", "probe_draws=3")
    rows, draws = draw_rows(read(task, tasks), config, 5)
    again, same = draw_rows(read(task, tasks), config, 5)
    assert len(rows) == most
    assert rows == again
    assert [draw.tolist() for draw in draws] == [draw.tolist() for draw in same]
    assert [len(draw) for draw in draws] == [max(2, round(0.8 * most))] * 3
    if most > 2:
        assert draws[0].tolist() != draws[1].tolist()


def test_auc_is_the_share_of_pairs_in_order() -> None:
    vectors = {"a": [1.0, 0.0], "b": [1.0, 0.1], "c": [-1.0, 0.0], "d": [-1.0, -0.1]}
    rows = [
        Labelled(None, "0", pair, label)
        for pair, label in ((("a", "b"), "1"), (("c", "d"), "1"), (("a", "c"), "0"), (("b", "d"), "0"))
    ]
    for kind in (np.array, csr_array):
        embed = partial(embedded, kind, vectors)
        assert pair_auc(embed, rows, "1") == 100
        assert pair_auc(embed, rows, "0") == 0


def test_pairs_that_are_as_close_are_half_in_order() -> None:
    vectors = {"a": [1.0, 0.0], "b": [1.0, 0.1], "c": [-1.0, 0.0]}
    labels = ((("a", "b"), "1"), (("a", "b"), "0"), (("a", "c"), "0"), (("a", "b"), "0"), (("a", "b"), "1"))
    rows = [Labelled(None, str(row), pair, label) for row, (pair, label) in enumerate(labels)]
    # Two of six pairs in order, four as close as each other.
    assert pair_auc(partial(embedded, np.array, vectors), rows, "1") == pytest.approx(100 * (2 + 4 / 2) / 6)


def test_cosines_are_those_of_centred_vectors() -> None:
    """As they stand a and c are the closest; less their mean they point opposite ways."""
    vectors = {"a": [100.0, 1.0], "b": [100.0, 10.0], "c": [100.0, -1.0], "d": [100.0, -10.0]}
    rows = [
        Labelled(None, label, pair, label)
        for pair, label in ((("a", "b"), "1"), (("c", "d"), "1"), (("a", "c"), "0"))
    ]
    for kind in (np.array, csr_array):
        assert pair_auc(partial(embedded, kind, vectors), rows, "1") == 100


def embedded(kind: Callable[..., Any], vectors: dict[str, list[float]], texts: Sequence[str]) -> Any:
    return kind([vectors[text] for text in texts])


def test_pairs_of_two_labels_have_an_area_too(encoder: Encoder, tasks: Path) -> None:
    config = settings("probe_draws=1")
    (judged,) = probe_encoder(freeze(encoder, CPU, 4096), read("afqmc", tasks), config, 0)
    assert 0 <= judged.scored.figures["auc"] <= 100
