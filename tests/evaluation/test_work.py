"""What is known before the first run, and what is refused then."""

from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.evaluation.evaluate import evaluate, plan
from gaupt.evaluation.work import EvaluateOptions
from tests.evaluation.small import settings, write_bert, write_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One model."""
    return [write_model(tmp_path_factory.mktemp("models") / "one")]


def config(*overrides: str) -> Config:
    return Config(evaluate=settings("epochs=1", "resamples=100", "probe_draws=2", *overrides))


def run(
    models: list[Path],
    names: list[str],
    data: Path,
    output: Path,
    options: EvaluateOptions | None = None,
    *more: str,
) -> None:
    evaluate(models, names, data, output, config(*more), options)


@pytest.mark.parametrize(
    ("models_given", "names", "wanted", "message"),
    [
        (0, ["afqmc"], EvaluateOptions(), "no model given"),
        (1, [], EvaluateOptions(), "no task given"),
        (1, ["afqmcc"], EvaluateOptions(), "did you mean afqmc"),
        (1, ["afqmc"], EvaluateOptions(average="cls6"), "the average cls6 needs cmnli, csl"),
        (1, ["afqmc"], EvaluateOptions(average="all"), "no average named 'all'"),
        (1, ["tnews"], EvaluateOptions(), "no folder tnews/"),
    ],
)
def test_what_cannot_be_done_is_one_line_beforehand(
    models: list[Path],
    tasks: Path,
    tmp_path: Path,
    models_given: int,
    names: list[str],
    wanted: EvaluateOptions,
    message: str,
) -> None:
    with pytest.raises(GauptError, match=message):
        run(models[:models_given], names, tasks, tmp_path / "out", wanted)
    assert not (tmp_path / "out").exists()


def test_settings_of_a_task_that_nobody_knows_are_refused(
    models: list[Path], tasks: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        GauptError, match=r"evaluate\.tasks\.tnewz: no task of that name; did you mean tnews\?"
    ):
        run(models[:1], ["afqmc"], tasks, tmp_path, None, "tasks.tnewz.lr=1e-3")
    # Those of tasks that are not in this call are no mistake: a config may serve several calls.
    for name in ("tnews", "mine"):
        run(models[:1], ["afqmc"], tasks, tmp_path / name, None, "seeds=1", f"tasks.{name}.lr=1e-3")


@pytest.mark.slow
@pytest.mark.parametrize("probe", [False, True])
def test_a_model_that_reads_less_than_a_task_gives_is_refused(
    tasks: Path, tmp_path: Path, probe: bool
) -> None:
    short = write_bert(tmp_path / "short", positions=127)
    enough = write_bert(tmp_path / "enough", positions=128)
    options, length = EvaluateOptions(probe=probe), config("max_length=128")  # as a probe's
    plan([enough], ["afqmc"], tasks, tmp_path / "out", length, options)
    wanted = "is probed on 128; leave" if probe else r"--set evaluate\.tasks\.afqmc\.max_length=127"
    with pytest.raises(GauptError, match=f"short reads 127 tokens at once, and afqmc .*{wanted}"):
        plan([short], ["afqmc"], tasks, tmp_path / "out", length, options)


def test_a_model_given_twice_is_refused_and_equal_names_are_told_apart(tmp_path: Path, tasks: Path) -> None:
    twins = [write_model(tmp_path / side / "run", seed) for seed, side in enumerate(("left", "right"))]
    with pytest.raises(GauptError, match="given more than once"):
        run([twins[0], twins[0]], ["eprstmt"], tasks, tmp_path / "out")
    planned = plan(twins, ["eprstmt"], tasks, tmp_path / "out", config())
    assert planned.facts["models"] == "left/run, right/run"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (EvaluateOptions(probe=True, save=True), "--save is for fine-tuned models, and a probe makes none"),
        (EvaluateOptions(probe=True, submission=True), "--submission is for fine-tuned models, and a probe"),
    ],
)
def test_what_would_be_accepted_and_ignored_is_refused(
    models: list[Path], tasks: Path, tmp_path: Path, options: EvaluateOptions, message: str
) -> None:
    with pytest.raises(GauptError, match=message):
        run(models, ["afqmc"], tasks, tmp_path / "out", options)
    with pytest.raises(GauptError, match="and held-out text makes none"):
        run(models, ["mlm"], tmp_path, tmp_path / "out", EvaluateOptions(save=True))
