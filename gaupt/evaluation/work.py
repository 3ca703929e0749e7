"""What an evaluation is to do, found out before its first run."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.evaluation.anchors import MAJORITY, NGRAMS
from gaupt.evaluation.data import TaskData, read_task
from gaupt.evaluation.encoders import Encoder, embeddings, load_encoder, mask_id, randomized
from gaupt.evaluation.format import RESULTS
from gaupt.evaluation.hidden_text import read_texts
from gaupt.evaluation.records import Run
from gaupt.evaluation.save import check_saveable
from gaupt.evaluation.submission import test_files, test_paths
from gaupt.evaluation.tasks.find import find_tasks
from gaupt.evaluation.tasks.read import answers_beside
from gaupt.evaluation.tasks.registry import AVERAGES, TASKS
from gaupt.evaluation.tasks.rows import first_repeated
from gaupt.evaluation.tasks.task import Task
from gaupt.files import AnyPath, named_files, sha256
from gaupt.folders import names_apart
from gaupt.progress import Progress
from gaupt.seal import MANIFEST
from gaupt.stage import Stage

HELD_OUT_TEXT = "mlm"
"""The task that is a masked LM's own: held-out text instead of labels."""
Protocol = Literal["finetune", "probe", "mlm"]


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """What `evaluate` is to do beside scoring the models."""

    probe: bool = False
    """Score frozen encoders by a ridge instead of fine-tuning them."""
    random: bool = False
    """Fine-tune each network from random weights as well; a probe always does."""
    average: str | None = None
    """An average that has to come out: refused where a member is not among the tasks."""
    published: bool = False
    """Show what others published beside it."""
    submission: bool = False
    """Write CLUE's zip of predictions for the test files without answers."""
    save: bool = False
    """Keep the fine-tuned models of the first seed."""
    trust_remote_code: bool = False
    """Run code that a folder of transformers brings."""


@dataclass(frozen=True)
class Work:
    """Everything that is known before the first run."""

    protocol: Protocol
    encoders: Sequence[Encoder]
    tasks: Sequence[TaskData]
    stage: Stage
    runs: Sequence[Run]


def look(
    models: Sequence[AnyPath],
    tasks: Sequence[str],
    data: Path,
    output: Path,
    config: Config,
    options: EvaluateOptions,
    progress: Progress,
) -> Work:
    """Load the models and the tasks, check what can be checked, and tell what is to be done. Writes nothing.

    Raises:
        GauptError: a model, a task or a file is missing or wrong, or options do not go together.
    """
    if not models:
        raise GauptError(
            "no model given: name a run, a checkpoint, an exported folder or a folder of transformers"
        )
    if not tasks:
        raise GauptError("no task given: --task NAME, a group such as clue9, or mlm for held-out text")
    encoders = [
        load_encoder(path, name, trust_remote_code=options.trust_remote_code, warn=progress.warning)
        for path, name in zip(models, _names([Path(model) for model in models]), strict=True)
    ]
    values = {
        "evaluate": config.evaluate.model_dump(mode="json"),
        "seed": config.seed,
        "models": [encoder.name for encoder in encoders],
    } | {name: getattr(options, name) for name in ("probe", "random", "published", "submission", "save")}
    made_of = {key: value for encoder in encoders for key, value in _made_of(encoder).items()}
    _check_options(options, tasks)
    if HELD_OUT_TEXT in tasks:
        if len(tasks) > 1:
            raise GauptError(
                "mlm takes a file of held-out text as --data; evaluate the other tasks by themselves"
            )
        for encoder in encoders:
            mask_id(encoder)
        read_texts(data)
        stage = Stage(
            "evaluate", output, RESULTS, values | {"tasks": [HELD_OUT_TEXT]}, {**made_of, data.name: data}
        )
        return Work("mlm", encoders, [], stage, [])
    found = find_tasks(tasks)
    if not data.is_dir():
        raise GauptError(f"{data} is no folder; --data takes the folder that holds the tasks' folders")
    _check_average(options.average, found)
    _check_settings(config, found, progress)
    for encoder in encoders:
        _check_lengths(encoder, found, config, options.probe)
        if options.save:
            check_saveable(encoder)
    read = [read_task(task, data, config.evaluate) for task in found]
    _check_folders(read)
    _check_files_of_average(options.average, read)
    if options.submission:
        _check_submission(read)
    files = [Path(name) for name in tasks if name.endswith(".toml")]
    for each in read:
        for path in (*each.files.train, *each.files.dev, *each.files.test):
            files += [path, *answers_beside(path)]
        if options.submission:
            files += [path for _, path in test_paths(each)]
    inputs = {**made_of, **named_files(files)}
    stage = Stage("evaluate", output, RESULTS, values | {"tasks": [task.name for task in found]}, inputs)
    everyone = list(encoders)
    if options.probe:
        everyone += map(embeddings, encoders)
    if options.probe or options.random:
        everyone += map(randomized, encoders)
    _check_names([*(encoder.name for encoder in everyone), MAJORITY, NGRAMS])
    runs = [
        Run(encoder.name, each.task.name, config.seed + seed)
        for each in read
        for encoder in everyone
        for seed in range(1 if options.probe else config.evaluate.seeds)
    ]
    return Work("probe" if options.probe else "finetune", everyone, read, stage, runs)


def _names(paths: Sequence[Path]) -> list[str]:
    names = names_apart(paths)
    if len(set(names)) < len(names):
        raise GauptError(f"{paths[0]} is given more than once; name each model once")
    return names


def _made_of(encoder: Encoder) -> dict[str, Path | str]:
    """What makes a model what it is: a checkpoint's list of its files; else weights, config, vocabulary and code."""
    folder = encoder.source
    if (folder / MANIFEST).is_file():
        return {f"{encoder.name} {MANIFEST}": sha256(folder / MANIFEST)}
    suffixes = {".safetensors", ".bin", ".json", ".toml", ".txt", ".model", ".py"}
    return {
        f"{encoder.name} {path.relative_to(folder)}": path
        for path in sorted([*folder.glob("*"), *folder.glob("tokenizer/*")])
        if path.is_file() and path.suffix in suffixes and "optim" not in path.name
    }


def _check_names(names: Sequence[str]) -> None:
    if (name := first_repeated(names)) is not None:
        raise GauptError(f"two rows of the table would be called {name!r}; rename the folder of one model")


def _check_folders(tasks: Sequence[TaskData]) -> None:
    """Refuse to read two official tasks from one folder."""
    folders: dict[Path, str] = {}
    for each in tasks:
        if each.task.root is None:
            other = folders.setdefault(each.files.folder, each.task.name)
            if other != each.task.name:
                raise GauptError(
                    f"{other} and {each.task.name} would both be read from {each.files.folder}; "
                    "give --data the folder that holds the tasks' folders"
                )


def _check_files_of_average(name: str | None, tasks: Sequence[TaskData]) -> None:
    """Refuse FewCLUE's files in the place of CLUE's."""
    if name is None or AVERAGES[name].few_shot:
        return
    for each in tasks:
        if each.task.name in AVERAGES[name].members and each.files.few_shot:
            raise GauptError(
                f"the average {name} is over CLUE's files, and those of {each.task.name} in "
                f"{each.files.folder} are FewCLUE's; leave --average out"
            )


def _check_submission(tasks: Sequence[TaskData]) -> None:
    """Read the test files before anything is trained for them."""
    if not [rows for each in tasks for rows in test_files(each)]:
        raise GauptError(
            "--submission predicts test files, and none of these tasks has one that CLUE takes; leave it out"
        )


def _check_options(options: EvaluateOptions, tasks: Sequence[str]) -> None:
    """Refuse what would be accepted and ignored."""
    if HELD_OUT_TEXT in tasks:
        asked = [name for name in ("probe", "random", "average", "published") if getattr(options, name)]
        if asked:
            raise GauptError(
                f"--{asked[0]} is for tasks with labels; leave it out where text is scored (mlm)"
            )
    without = "a probe" if options.probe else "held-out text" if HELD_OUT_TEXT in tasks else ""
    asked = [name for name in ("submission", "save") if getattr(options, name)]
    if without and asked:
        raise GauptError(f"--{asked[0]} is for fine-tuned models, and {without} makes none; leave it out")


def _check_average(name: str | None, tasks: Sequence[Task]) -> None:
    if name is None:
        return
    if name not in AVERAGES:
        raise GauptError(f"no average named {name!r}; known: {', '.join(AVERAGES)}")
    official = {task.name for task in tasks if task.root is None}
    missing = [member for member in AVERAGES[name].members if member not in official]
    if missing:
        raise GauptError(
            f"the average {name} needs {', '.join(missing)} as well; add --task, or leave --average out"
        )


def _check_lengths(encoder: Encoder, tasks: Sequence[Task], config: Config, probe: bool) -> None:
    """Refuse texts that a table of positions is too short for."""
    if encoder.longest is None:
        return
    for task in tasks:
        asked = config.evaluate.of_task(task.name).max_length
        if probe and task.kind != "spans":
            if task.probe_length > encoder.longest:
                raise GauptError(
                    f"{encoder.name} reads {encoder.longest} tokens at once, and {task.name} is probed on "
                    f"{task.probe_length}; leave one of them out"
                )
        elif asked > encoder.longest:
            raise GauptError(
                f"{encoder.name} reads {encoder.longest} tokens at once, and {task.name} is given {asked}; "
                f"--set evaluate.tasks.{task.name}.max_length={encoder.longest}"
            )


def _check_settings(config: Config, tasks: Sequence[Task], progress: Progress) -> None:
    """Refuse settings of a task whose name is a slip; those of an own task that is not in this call are told."""
    known = {*TASKS, *(task.name for task in tasks)}
    for name in config.evaluate.tasks:
        if name not in known:
            if near := difflib.get_close_matches(name, known, n=1):
                raise GauptError(f"evaluate.tasks.{name}: no task of that name; did you mean {near[0]}?")
            progress.message(f"evaluate.tasks.{name}: no task of that name is evaluated here")
