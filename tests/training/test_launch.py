"""Ranks from start to end: the same curve as one process, one voice, one end."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from gaupt.checkpoint.run_folder import newest_checkpoint, read_metrics
from gaupt.config import Config, load_config, to_toml
from gaupt.device import pick_device
from gaupt.errors import GauptError
from gaupt.training.launch import device_of, joined
from gaupt.training.pretrain import pretrain
from tests.conftest import TINY
from tests.processes import start
from tests.training.ranks_of import start_ranks
from tests.training.runs import cut_back, pretrain_command, same_to_the_bit

ENDLESS = ("train.steps=100000", "train.checkpoint_every=5", "train.log_every=1", "train.eval_every=100000")
PLACE = {"WORLD_SIZE": "2", "RANK": "0", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2", "MASTER_PORT": "1"}


@pytest.mark.parametrize("environment", [{}, {"WORLD_SIZE": "1", "RANK": "0"}, {"RANK": "3"}])
def test_without_others_a_process_is_alone(environment: dict[str, str]) -> None:
    with joined("auto", environment) as ranks:
        assert ranks.alone and ranks.device is None
        print("heard")


@pytest.mark.parametrize("missing", ["RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_PORT"])
def test_half_an_environment_is_refused_by_name(missing: str) -> None:
    environment = {name: value for name, value in PLACE.items() if name != missing}
    with pytest.raises(GauptError, match=f"^WORLD_SIZE = 2 is set and {missing} = .. is no number: start"):
        joined("auto", environment).__enter__()


def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(GauptError, match="WORLD_SIZE = 'many' is no number"):
        joined("auto", {"WORLD_SIZE": "many"}).__enter__()


def test_each_takes_the_gpu_of_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    assert [device_of(3, wanted) for wanted in ("auto", "cuda", "cpu")] == ["cuda:3", "cuda:3", "cpu"]
    with pytest.raises(GauptError, match="this machine has cuda:0 to cuda:3"):
        device_of(4, "auto")
    with pytest.raises(
        GauptError, match="--device cuda:1: of several processes each takes the GPU of its own number"
    ):
        device_of(0, "cuda:1")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert device_of(3, "auto") == str(pick_device()) == "cpu"


TOGETHER = """
import sys
from pathlib import Path
from gaupt.config import read_config
from gaupt.training.launch import joined
from gaupt.training.pretrain import pretrain
from tests.training.runs import cut_back

data, folder = map(Path, sys.argv[1:])
with joined("cpu") as ranks:
    for config in sorted(folder.glob("*.toml")):
        run, again = folder / config.stem, folder / f"{config.stem}-again"
        pretrain(data, run, read_config(config), ranks=ranks)
        ranks.settle(lambda: cut_back(run, again, 5))
        pretrain(data, again, read_config(config), ranks=ranks)
        print(config.stem)
"""


def learned(run: Path) -> dict[tuple[int, str], float]:
    """Each figure of the metrics that is not of the clock."""
    return {
        (record["step"], name): record[name]
        for record in read_metrics(run)
        for name in ("loss", "accuracy", "padding", "total_tokens", "lr", "eval_loss", "eval_accuracy")
        if name in record
    }


@pytest.mark.slow
def test_two_ranks_learn_what_one_does_and_one_goes_on_where_they_stopped(
    prepared: Path, tiny_config: Config, tmp_path: Path
) -> None:
    more = ["train.steps=10", "train.log_every=1", "train.checkpoint_every=5", "train.precision=float32"]
    configs = {
        recipe: load_config(
            overrides=[*TINY, *more, "model.dropout=0.2", "train.warmup_share=0.3"], recipe=recipe
        )
        for recipe in ("fast", "gau-alpha", "paper")
    }
    assert [config.train.optimizer for config in configs.values()] == ["muon", "lamb", "adamw"]
    for name, config in configs.items():
        (tmp_path / f"{name}.toml").write_text(to_toml(config))
    ends = [rank.finish() for rank in start_ranks(2, "-c", TOGETHER, str(prepared), str(tmp_path))]
    assert ends == [(0, "fast\ngau-alpha\npaper\n", ""), (0, "", "")]

    for name, config in configs.items():
        alone, resumed = tmp_path / f"{name}-alone", tmp_path / f"{name}-resumed"
        pretrain(prepared, alone, config, device="cpu", workers=0)
        cut_back(tmp_path / name, resumed, 5)
        pretrain(prepared, resumed, config, device="cpu", workers=0)
        for run in (tmp_path / name, resumed):
            assert learned(run) == pytest.approx(learned(alone), rel=1e-6)
        assert {step for step, what in learned(alone) if what == "loss"} == set(range(1, 11))
        assert same_to_the_bit(tmp_path / name, tmp_path / f"{name}-again")


@pytest.mark.slow
def test_where_one_is_killed_the_other_ends_soon_and_says_why(prepared: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    first, second = start_ranks(2, *pretrain_command(prepared, run, *ENDLESS))
    # At step 10 the checkpoint of step 5 is waited for.
    first.wait_for(lambda: read_metrics(run)[10:])
    second.process.kill()
    killed = time.monotonic()
    status, out, err = first.finish(60)
    assert time.monotonic() - killed < 30
    told = [line for line in err.splitlines() if "gaupt:" in line]
    assert (status, out, len(told)) == (1, "", 1), err
    assert told[0].startswith("gaupt: error: a process of this run was lost (")
    assert told[0].endswith("the same command resumes at the newest checkpoint")
    assert "Traceback" not in err
    second.finish()
    assert newest_checkpoint(run)


@pytest.mark.slow
def test_a_signal_to_one_of_them_saves_once_and_ends_all(prepared: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    torchrun = start(
        "-m", "torch.distributed.run", "--nproc-per-node", "2", *pretrain_command(prepared, run, *ENDLESS)
    )
    torchrun.wait_for(lambda: read_metrics(run)[3:])
    ranks = {child.environ()["RANK"]: child for child in psutil.Process(torchrun.process.pid).children()}
    ranks["1"].send_signal(signal.SIGTERM)
    signaled = time.monotonic()
    _, out, err = torchrun.finish(60)
    assert time.monotonic() - signaled < 30
    told = [line for line in err.splitlines() if line.startswith(("stopped", "gaupt:"))]
    step = newest_checkpoint(run).step
    assert told == [
        f"stopped at step {step}; the same command resumes",
        "gaupt: interrupted; the same command continues",
    ]
    assert read_metrics(run)[-1]["step"] == step
    assert "exitcode  : 130" in err  # torchrun ends by itself who ends later than the first
    assert out == "" and not (run / "summary.json").exists()


@pytest.mark.slow
def test_a_mistake_is_told_once_and_is_the_status_of_all(prepared: Path, tmp_path: Path) -> None:
    ranks = start_ranks(2, *pretrain_command(prepared, tmp_path / "run", "train.batch_tokens=448"))
    ends = [rank.finish() for rank in ranks]
    assert [(status, out) for status, out, _ in ends] == [(2, "")] * 2
    assert "".join(err for *_, err in ends) == (
        "gaupt: error: a batch of 7 rows cannot be dealt to 2 processes; choose a multiple of 128 for "
        "train.batch_tokens\n"
    )
    assert not (tmp_path / "run").exists()
