"""Fine-tuning learns, chooses its epoch as told, and repeats itself."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gaupt.config import EvaluateConfig
from gaupt.errors import GauptError
from gaupt.evaluation import finetune as finetuning
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import Outcome, build_network, finetune, predict
from tests.evaluation.small import CPU, read, settings


def run(encoder: Encoder, tasks: Path, task: str, config: EvaluateConfig, seed: int = 0) -> Outcome:
    return finetune(encoder, read(task, tasks, config), config, seed, CPU)


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize("task", ["eprstmt", "afqmc", "cluener", "chid", "c3", "cmrc2018"])
def test_every_kind_of_task_is_learned(encoder: Encoder, tasks: Path, task: str) -> None:
    outcome = run(encoder, tasks, task, settings("epochs=40", "lr=1e-2"))
    assert outcome.judged.scored.headline > 70
    assert outcome.curve[-1]["loss"] < outcome.curve[0]["loss"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(encoder: Encoder, tasks: Path) -> None:
    first, again, other = (
        run(encoder, tasks, "eprstmt", settings("dropout=0.1"), seed) for seed in (0, 0, 1)
    )
    assert first.curve[-1]["loss"] == again.curve[-1]["loss"]
    assert torch.equal(first.network.classifier.weight, again.network.classifier.weight)
    assert not torch.equal(first.network.classifier.weight, other.network.classifier.weight)


@pytest.mark.slow
@pytest.mark.option("evaluate.micro_batch_tokens")
def test_cutting_a_batch_changes_rounding_alone(
    encoder: Encoder, tasks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, widths = finetuning.collate, []

    def collate(part, *arguments):
        batch = real(part, *arguments)
        widths.append(batch.ids.numel())
        return batch

    monkeypatch.setattr(finetuning, "collate", collate)
    whole = run(encoder, tasks, "eprstmt", settings("epochs=1"))
    assert len(widths) == 6  # a pass for each of the batches
    widths.clear()
    cut = run(encoder, tasks, "eprstmt", settings("epochs=1", "micro_batch_tokens=24"))
    assert len(widths) > 6 and max(widths) <= 24
    assert whole.curve[0]["loss"] == pytest.approx(cut.curve[0]["loss"], rel=1e-4)


@pytest.mark.slow
@pytest.mark.option("evaluate.select")
def test_the_best_epoch_on_dev_is_scored_or_the_last(encoder: Encoder, tasks: Path) -> None:
    best = run(encoder, tasks, "afqmc", settings("epochs=6", "lr=1e-2"))
    scores = [point["dev"] for point in best.curve]
    assert best.epoch == 1 + int(np.argmax(scores))
    assert best.judged.scored.headline == max(scores)
    last = run(encoder, tasks, "afqmc", settings("epochs=6", "lr=1e-2", "select=last"))
    assert last.epoch == 6
    assert [point["dev"] for point in last.curve[:-1]] == [None] * 5
    assert last.judged.scored.headline == scores[-1]


@pytest.mark.slow
def test_the_network_left_is_that_of_the_chosen_epoch(encoder: Encoder, tasks: Path) -> None:
    config = settings("epochs=6", "lr=1e-2")
    outcome = run(encoder, tasks, "afqmc", config)
    data = read("afqmc", tasks, config)
    assert list(predict(outcome.network, data, data.dev, encoder, config, CPU)) == list(
        outcome.judged.predicted
    )


@pytest.mark.slow
def test_few_rows_get_more_epochs_where_updates_are_asked_for(encoder: Encoder, tasks: Path) -> None:
    # 48 rows in batches of 8: six updates an epoch.
    assert run(encoder, tasks, "eprstmt", settings("epochs=1")).facts["updates"] == 6
    assert run(encoder, tasks, "eprstmt", settings("epochs=1", "min_updates=13")).facts["updates"] == 18


def losses(encoder: Encoder, tasks: Path, *options: str) -> list[float | None]:
    outcome = run(encoder, tasks, "eprstmt", settings("epochs=2", *options))
    return [point["loss"] for point in outcome.curve]


@pytest.fixture(scope="module")
def plain(encoder: Encoder, tasks: Path) -> list[float | None]:
    return losses(encoder, tasks)


@pytest.mark.slow
@pytest.mark.option(
    "evaluate.weight_decay",
    "evaluate.warmup_share",
    "evaluate.clip_norm",
    "evaluate.betas",
    "evaluate.eps",
    "evaluate.pooling",
)
@pytest.mark.parametrize(
    "option",
    [
        "weight_decay=0.9",
        "warmup_share=0.9",
        "clip_norm=1e-3",
        "betas=[0.5,0.999]",
        "betas=[0.9,0.5]",
        "eps=0.1",
        "pooling=mean",
    ],
)
def test_each_option_changes_what_is_learned(
    encoder: Encoder, tasks: Path, plain: list[float | None], option: str
) -> None:
    assert losses(encoder, tasks, option) != plain


OF_A_TASK = {
    "epochs": "3",
    "min_updates": "13",  # 48 rows in batches of 8 are 6 an epoch
    "lr": "1e-3",
    "batch_size": "12",
    "dropout": "0.5",
    "train_rows": "47",
}


@pytest.mark.slow
@pytest.mark.option(
    *(f"evaluate.{option}" for option in OF_A_TASK),
    *(f"evaluate.tasks.NAME.{option}" for option in OF_A_TASK),
)
@pytest.mark.parametrize(("option", "value"), OF_A_TASK.items())
def test_an_option_of_a_task_changes_what_is_learned_for_it_alone(
    encoder: Encoder, tasks: Path, plain: list[float | None], option: str, value: str
) -> None:
    common = losses(encoder, tasks, f"{option}={value}")
    assert common != plain
    assert losses(encoder, tasks, f"tasks.eprstmt.{option}={value}") == common
    assert losses(encoder, tasks, f"tasks.afqmc.{option}={value}") == plain


def test_a_loss_that_is_not_finite_is_one_line(encoder: Encoder, tasks: Path) -> None:
    with pytest.raises(GauptError, match=r"seed 0: the loss of epoch \d is not finite; lower evaluate\.lr"):
        run(encoder, tasks, "eprstmt", settings("lr=1e38", "clip_norm=1e38", "epochs=3"))


def test_a_network_has_as_many_outputs_as_the_task_has_labels(encoder: Encoder, tasks: Path) -> None:
    assert build_network(encoder, read("cluener", tasks), 0.0, 0).classifier.out_features == 21
    assert build_network(encoder, read("cmrc2018", tasks), 0.0, 0).classifier.out_features == 2
