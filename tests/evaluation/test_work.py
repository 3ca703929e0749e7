"""What is known before the first run, and what is refused then."""

import os
import shutil
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.evaluation.evaluate import evaluate, plan
from gaupt.evaluation.work import EvaluateOptions
from tests.evaluation.small import settings, write_bert, write_model
from tests.evaluation.tasks.made import IDIOM_ANSWERS, IDIOMS, PAIRS, write_lines, write_value

SPANS = {"span1_text": "天", "span1_index": 0}


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.parametrize("name", ["probe", "random", "published", "average"])
def test_held_out_text_takes_no_option_of_tasks(models: list[Path], tmp_path: Path, name: str) -> None:
    options = EvaluateOptions(**{name: "cls6" if name == "average" else True})
    with pytest.raises(GauptError, match=f"--{name} is for tasks with labels"):
        run(models, ["mlm"], tmp_path, tmp_path / "out", options)


@pytest.mark.slow
def test_rows_of_one_name_are_refused(tmp_path: Path, tasks: Path) -> None:
    named = [write_model(tmp_path / name) for name in ("a", "a (random)", "majority")]
    plan(named[:2], ["afqmc"], tasks, tmp_path / "out", config())
    with pytest.raises(GauptError, match=r"two rows of the table would be called 'a \(random\)'"):
        plan(named[:2], ["afqmc"], tasks, tmp_path / "out", config(), EvaluateOptions(random=True))
    with pytest.raises(GauptError, match="called 'majority'"):
        plan(named[2:], ["afqmc"], tasks, tmp_path / "out", config())


@pytest.mark.slow
def test_two_tasks_are_not_read_from_one_folder(models: list[Path], tasks: Path, tmp_path: Path) -> None:
    plan(models, ["afqmc"], tasks / "afqmc", tmp_path / "out", config())
    with pytest.raises(GauptError, match="afqmc and bustm would both be read from"):
        plan(models, ["afqmc", "bustm"], tasks / "afqmc", tmp_path / "out", config())


@pytest.mark.slow
def test_an_average_of_clue_is_refused_over_fewclues_files(models: list[Path], tmp_path: Path) -> None:
    names = ("afqmc", "cmnli", "csl", "iflytek", "tnews", "cluewsc")
    rows = {
        "csl": [{"keyword": ["天"], "abst": "地", "label": "1"}],
        "iflytek": [{"sentence": "天", "label": "1"}],
        "tnews": [{"sentence": "天", "label": "102"}],
        "cluewsc": [
            {"target": {**SPANS, "span2_text": "他", "span2_index": 2}, "text": "天，他", "label": "true"}
        ],
        "cmnli": [{"sentence1": "天", "sentence2": "地", "label": "neutral"}],
    }
    for name in names:
        for split in ("train", "dev"):
            write_lines(tmp_path / name / f"{split}.json", rows.get(name, PAIRS))
    wanted = EvaluateOptions(average="cls6")
    plan(models, names, tmp_path, tmp_path / "out", config(), wanted)
    write_lines(tmp_path / "tnews" / "test_public.json", rows["tnews"])
    with pytest.raises(GauptError, match="the average cls6 is over CLUE's files, and those of tnews"):
        plan(models, names, tmp_path, tmp_path / "out", config(), wanted)


@pytest.mark.slow
def test_a_submission_needs_test_files_that_can_be_read(models: list[Path], tmp_path: Path) -> None:
    for split in ("train", "dev"):
        write_lines(tmp_path / "afqmc" / f"{split}.json", PAIRS)
    wanted = EvaluateOptions(submission=True)
    with pytest.raises(GauptError, match="--submission predicts test files, and none of these tasks has one"):
        plan(models, ["afqmc"], tmp_path, tmp_path / "out", config(), wanted)
    test = tmp_path / "afqmc" / "test.json"
    test.write_text("", encoding="utf-8")
    with pytest.raises(GauptError, match=r"test\.json is empty"):
        plan(models, ["afqmc"], tmp_path, tmp_path / "out", config(), wanted)
    write_lines(test, [{"sentence1": "天", "sentence2": "地"}])
    plan(models, ["afqmc"], tmp_path, tmp_path / "out", config(), wanted)


OWN = """kind = "classification"
fields = ["text"]
metric = "accuracy"
[files]
train = "rows.jsonl"
dev = "rows.jsonl"
"""


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["own.toml", "rows.jsonl", "chid/dev_answer.json", "the model"])
def test_what_makes_a_score_may_not_change_under_it(tmp_path: Path, changed: str) -> None:
    model = write_model(tmp_path / "one")
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    write_lines(tmp_path / "rows.jsonl", [{"text": "天", "label": "a"}, {"text": "地", "label": "b"}])
    for split in ("train", "dev"):
        write_lines(tmp_path / "chid" / f"{split}.json", IDIOMS)
        write_value(tmp_path / "chid" / f"{split}_answer.json", IDIOM_ANSWERS)

    def again() -> None:
        names = [str(tmp_path / "own.toml"), "chid"]
        run([model], names, tmp_path, tmp_path / "out", EvaluateOptions(probe=True))

    again()
    again()  # complete
    if changed == "the model":
        shutil.rmtree(model)
        write_model(model, seed=1)
    else:
        os.utime(tmp_path / changed, ns=(0, 0))
        again()  # touched, and the same
        (tmp_path / changed).write_bytes((tmp_path / changed).read_bytes() + b"\n")
    with pytest.raises(GauptError, match="--overwrite"):
        again()
