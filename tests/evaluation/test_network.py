from pathlib import Path

import numpy as np
import pytest
import torch

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import build_network
from gaupt.evaluation.kinds.table import KINDS
from gaupt.evaluation.network import scores_of
from tests.evaluation.small import CPU, read, settings


@pytest.mark.parametrize(
    ("task", "per_token"), [("afqmc", False), ("c3", False), ("cluener", True), ("cmrc2018", True)]
)
def test_scores_do_not_depend_on_what_else_is_in_the_batch(
    encoder: Encoder, tasks: Path, task: str, per_token: bool
) -> None:
    data, config = read(task, tasks), settings()
    network = build_network(encoder, data, 0.0, 0)
    kind = KINDS[data.task.kind]
    items = kind.encode(data.dev, data.labels, encoder, config, config, False)
    assert network.per_token is per_token
    together = scores_of(network, items, encoder, CPU, 10_000)
    alone = scores_of(network, items, encoder, CPU, 1)
    for item, one, other in zip(items, together, alone, strict=True):
        assert len(one) == (len(item.places) if per_token else len(item.sequences))
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_head_is_drawn_from_its_seed(encoder: Encoder, tasks: Path) -> None:
    data = read("afqmc", tasks)
    first, again, other = (build_network(encoder, data, 0.0, seed).classifier.weight for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
