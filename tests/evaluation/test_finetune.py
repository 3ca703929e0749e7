"""Fine-tuning learns, chooses its epoch as told, and repeats itself."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gaupt.config import EvaluateConfig
from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import Outcome, build_network, finetune, predict
from tests.evaluation.small import CPU, read, settings


def run(encoder: Encoder, tasks: Path, task: str, config: EvaluateConfig, seed: int = 0) -> Outcome:
    return finetune(encoder, read(task, tasks, config), config, seed, CPU)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["eprstmt", "afqmc", "cluener", "chid", "c3", "cmrc2018"])
def test_every_kind_of_task_is_learned(encoder: Encoder, tasks: Path, task: str) -> None:
    outcome = run(encoder, tasks, task, settings("epochs=40", "lr=1e-2"))
    assert outcome.judged.scored.headline > 70
    assert outcome.curve[-1]["loss"] < outcome.curve[0]["loss"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(encoder: Encoder, tasks: Path) -> None:
    first, again, other = (
        run(encoder, tasks, "eprstmt", settings("dropout=0.1"), seed) for seed in (0, 0, 1)
    )
    assert first.curve[-1]["loss"] == again.curve[-1]["loss"]
    assert torch.equal(first.network.classifier.weight, again.network.classifier.weight)
    assert not torch.equal(first.network.classifier.weight, other.network.classifier.weight)


def test_cutting_a_batch_changes_rounding_alone(encoder: Encoder, tasks: Path) -> None:
    whole = run(encoder, tasks, "eprstmt", settings("epochs=1"))
    cut = run(encoder, tasks, "eprstmt", settings("epochs=1", "micro_batch_tokens=16"))
    assert whole.curve[0]["loss"] == pytest.approx(cut.curve[0]["loss"], rel=1e-4)


def test_the_best_epoch_on_dev_is_scored_or_the_last(encoder: Encoder, tasks: Path) -> None:
    best = run(encoder, tasks, "afqmc", settings("epochs=6", "lr=1e-2"))
    scores = [point["dev"] for point in best.curve]
    assert best.epoch == 1 + int(np.argmax(scores))
    assert best.judged.scored.headline == max(scores)
    last = run(encoder, tasks, "afqmc", settings("epochs=6", "lr=1e-2", "select=last"))
    assert last.epoch == 6
    assert [point["dev"] for point in last.curve[:-1]] == [None] * 5
    assert last.judged.scored.headline == scores[-1]


def test_the_network_left_is_that_of_the_chosen_epoch(encoder: Encoder, tasks: Path) -> None:
    config = settings("epochs=6", "lr=1e-2")
    outcome = run(encoder, tasks, "afqmc", config)
    data = read("afqmc", tasks, config)
    assert list(predict(outcome.network, data, data.dev, encoder, config, CPU)) == list(
        outcome.judged.predicted
    )


def test_few_rows_get_more_epochs_where_updates_are_asked_for(encoder: Encoder, tasks: Path) -> None:
    # 48 rows in batches of 8: six updates an epoch.
    assert run(encoder, tasks, "eprstmt", settings("epochs=1")).facts["updates"] == 6
    assert run(encoder, tasks, "eprstmt", settings("epochs=1", "min_updates=13")).facts["updates"] == 18


def test_settings_of_a_task_hold_for_it_alone(encoder: Encoder, tasks: Path) -> None:
    config = settings("epochs=1", "tasks.afqmc.epochs=2", "tasks.afqmc.batch_size=48")
    assert run(encoder, tasks, "afqmc", config).facts["updates"] == 2
    assert run(encoder, tasks, "eprstmt", config).facts["updates"] == 6


@pytest.mark.parametrize(
    "option",
    [
        "lr=1e-3",
        "dropout=0.5",
        "weight_decay=0.9",
        "warmup_share=0.9",
        "clip_norm=1e-3",
        "betas=[0.5,0.5]",
        "eps=0.1",
        "pooling=mean",
    ],
)
def test_each_option_changes_what_is_learned(encoder: Encoder, tasks: Path, option: str) -> None:
    plain = run(encoder, tasks, "eprstmt", settings("epochs=2"))
    changed = run(encoder, tasks, "eprstmt", settings("epochs=2", option))
    assert plain.curve[-1]["loss"] != changed.curve[-1]["loss"]


def test_a_loss_that_is_not_finite_is_one_line(encoder: Encoder, tasks: Path) -> None:
    with pytest.raises(GauptError, match=r"seed 0: the loss of epoch \d is not finite; lower evaluate\.lr"):
        run(encoder, tasks, "eprstmt", settings("lr=1e38", "clip_norm=1e38", "epochs=3"))


def test_a_network_has_as_many_outputs_as_the_task_has_labels(encoder: Encoder, tasks: Path) -> None:
    assert build_network(encoder, read("cluener", tasks), 0.0, 0).classifier.out_features == 21
    assert build_network(encoder, read("cmrc2018", tasks), 0.0, 0).classifier.out_features == 2
