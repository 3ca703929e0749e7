"""The pretraining stage: token shards to a run."""

import math
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from gaupt.checkpoint.lineage import FROM, LENGTHENED, told
from gaupt.checkpoint.run_folder import OURS, SUMMARY, checkpoint_folders, clear_unfinished, newest_checkpoint
from gaupt.config import Config, read_config
from gaupt.device import check_compile, pick_device
from gaupt.errors import GauptError
from gaupt.files import AnyPath, as_json, read_json
from gaupt.progress import Progress
from gaupt.seal import close
from gaupt.stage import CONFIG, RECORD, Plan, Stage, State, inspect, open_stage, warning_lines, write_config
from gaupt.training.choose import agreed, choose_config
from gaupt.training.data import TrainingData, find_data, verify_data
from gaupt.training.estimate import fit_to_hours
from gaupt.training.lengthen import Longer, ends_before, ends_of, find_longer
from gaupt.training.loop import fit
from gaupt.training.outlook import outlook
from gaupt.training.ranks import ALONE, Ranks
from gaupt.training.run import Run, begin, resume, set_up
from gaupt.training.source import INPUT, Source, check_shape, find_source
from gaupt.training.tracker import check_tracker
from gaupt.training.trial import Trial, check_parameters, try_out
from gaupt.training.vocabulary import check_tokenizer

FREE_TO_CHANGE = (
    "micro_batch_tokens",
    "log_every",
    "eval_every",
    "eval_tokens",
    "checkpoint_every",
    "keep_checkpoints",
    "max_hours",
    "wandb",
)
"""Options of [train] that a resumed run may change: they decide what is written, not what is learned."""


def plan(
    data: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    source: AnyPath | None = None,
    device: str = "auto",
    overwrite: bool = False,
    progress: Progress | None = None,
    ranks: Ranks = ALONE,
) -> Plan:
    """What `pretrain` would do, with its time and memory, measured on the spot. Writes nothing.

    Raises:
        GauptError: as `pretrain`.
    """
    output, progress = Path(output), _told_by(ranks, progress)
    config = config or agreed(
        ranks, lambda: choose_config(output, source=source, device=device, overwrite=overwrite)
    )
    chosen = ranks.device or pick_device(device)
    model = ranks.each(lambda: find_source(source, output, overwrite, progress.warning))
    config, training_data, stage = _look(Path(data), output, config, chosen, ranks, model, overwrite)
    longer = _longer(stage, config, overwrite, ranks)
    stage = longer.stage if longer else stage
    state = State.INTERRUPTED if longer else State(ranks.settle(lambda: inspect(stage, overwrite).value))
    if state is State.COMPLETE and not overwrite:
        return Plan(config, {"output": f"{output} (complete)"})
    ranks.each(lambda: None if ranks.local_rank else verify_data(training_data))
    state = State.NEW if overwrite else state
    run, trial = _try(output, config, training_data, chosen, ranks, known=state is not State.NEW)
    run.ends = ends_of(stage)
    if longer:
        run.step = longer.step
    elif state is State.INTERRUPTED:
        checkpoint = newest_checkpoint(output, warn=progress.warning)
        run.step = 0 if checkpoint is None else checkpoint.step
    words, numbers = outlook(run, trial, device, longer.told() if longer else state.value)
    if model is not None:
        words["from"] = model.name
    return Plan(run.config, words, numbers, warning_lines(numbers["warnings"]))


def pretrain(
    data: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    source: AnyPath | None = None,
    device: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    ranks: Ranks = ALONE,
) -> dict[str, Any]:
    """Train a masked LM on the shards in ``data`` and write the run to ``output``; resumes what is there.

    It begins with the weights of the MODEL at ``source``, where there is one, whose shape ``config`` must have.
    ``config`` is `choose_config`'s where there is none. ``workers`` processes prepare the batches; None: two for a
    GPU, and none for a CPU, whose cores all train. ``ranks``: this process among those that train the run together, see
    `gaupt.training.launch.joined`. Returns the run's closing figures, also in ``summary.json``.

    Raises:
        GauptError: unusable data, output or device, a model that the memory is too small for, shards of another
            tokenizer than that of ``source``, or training that diverged.
        KeyboardInterrupt: stopped by SIGINT, SIGTERM or SIGHUP, or after train.max_hours; a checkpoint was written.
    """
    begun = time.monotonic()
    output, progress = Path(output), _told_by(ranks, progress)
    config = config or agreed(
        ranks, lambda: choose_config(output, source=source, device=device, overwrite=overwrite)
    )
    chosen = ranks.device or pick_device(device)
    model = ranks.each(lambda: find_source(source, output, overwrite, progress.warning))
    config, training_data, stage = _look(Path(data), output, config, chosen, ranks, model, overwrite)
    if longer := _longer(stage, config, overwrite, ranks):
        stage = longer.stage
        ranks.settle(longer.begin)
        progress.message(f"{'lengthen:':10} {longer.told()}")
    with ExitStack() as held:
        state = State(ranks.settle(lambda: held.enter_context(open_stage(stage, overwrite, progress)).value))
        if state is State.COMPLETE:
            summary: dict[str, Any] = ranks.settle(lambda: read_json(output / SUMMARY))
            return summary
        # Once for each machine: its disks may hold a copy of their own.
        ranks.each(lambda: None if ranks.local_rank else verify_data(training_data))
        run, trial = _try(output, config, training_data, chosen, ranks, known=state is State.INTERRUPTED)
        run.ends = ends_of(stage)
        if ranks.leads:
            write_config(output, run.config)
            clear_unfinished(output)
        resume(run, progress)
        if ranks.settle(lambda: not checkpoint_folders(output)):
            begin(run, model, progress)
        words, numbers = outlook(run, trial, device, state.value)
        for name in ("device", "model", "tokens", "memory"):
            progress.message(f"{name + ':':10} {words[name]}")
        for warning in numbers["warnings"]:
            progress.message(f"warning:   {warning}")
        progress.message(f"{'time:':10} {words['time']}; Ctrl-C is safe, the same command resumes")
        hours = run.config.train.max_hours
        deadline = begun + 3600 * hours if hours else math.inf
        summary = fit(run, workers, progress, trial, deadline)
        summary |= {FROM: told(run.source)} if run.source else {}
        summary |= {LENGTHENED: run.ends} if run.ends else {}
        if ranks.leads:
            close(output, SUMMARY, as_json(summary), (*OURS, CONFIG, RECORD))
        return summary


def _told_by(ranks: Ranks, progress: Progress | None) -> Progress:
    """Where this process reports: of several the first alone tells."""
    return (progress or Progress(quiet=True)) if ranks.leads else Progress(quiet=True, warns=False)


def describe(summary: Mapping[str, Any], output: AnyPath) -> str:
    """One line for people on a finished run."""
    return (
        f"run:       {summary['steps']:,} steps, {summary['tokens']:,} tokens, {summary['parameters']:,} parameters; "
        f"validation loss {summary['eval_loss']:.3f}, accuracy {summary['eval_accuracy']:.3f} "
        f"(unigram entropy {summary['unigram_entropy']:.3f}), in {output}"
    )


def _look(
    data: Path,
    output: Path,
    config: Config,
    device: torch.device,
    ranks: Ranks,
    source: Source | None,
    overwrite: bool,
) -> tuple[Config, TrainingData, Stage]:
    """The config as the data completes it, the data, and the stage that they make."""
    if config.train.compile:
        ranks.each(lambda: check_compile(device))
    ranks.settle(lambda: check_tracker(config.train.wandb))
    training_data = ranks.each(lambda: find_data(data))
    if len(set(ranks.gather(lambda: training_data.fingerprint))) > 1:
        raise GauptError(f"the machines have other shards each in {data}; copy those of one to all")
    config = complete_config(config, training_data)
    if source is not None:
        check_shape(config, source)
        if source.loaded is not None:
            check_tokenizer(source.loaded.tokenizer, training_data.shards.folder, source.name)
    ends = ranks.settle(lambda: [] if overwrite else ends_before(output))
    return config, training_data, _stage(output, config, training_data, source, ends)


def _longer(stage: Stage, config: Config, overwrite: bool, ranks: Ranks) -> Longer | None:
    """What is to be done where the run in the output folder is to have more steps than it was begun with."""
    if overwrite:
        return None
    found: list[Longer] = []

    def find() -> list[int] | None:
        found.extend(filter(None, [find_longer(stage, config.train)]))
        return [found[0].step, found[0].end] if found else None

    known = ranks.settle(find)
    if known is None:
        return None
    return found[0] if found else Longer.of(stage, *known)


def _try(
    output: Path, config: Config, data: TrainingData, device: torch.device, ranks: Ranks, *, known: bool
) -> tuple[Run, Trial]:
    """The run before its first step, with what its trial settled; ``known``: as it was settled when it began."""
    train = config.train
    settled = ranks.settle(lambda: _settled(output) if known else {})
    if settled and train.micro_batch_tokens == "auto":
        train = train.model_copy(update={"micro_batch_tokens": settled["micro_batch_tokens"]})
    if settled and train.hours:
        train = train.model_copy(update={"steps": settled["steps"]})
    ranks.each(lambda: check_parameters(config, device, ranks))
    run = set_up(output, config.model_copy(update={"train": train}), data, device, ranks)
    trial = try_out(run)
    train = train.model_copy(update={"micro_batch_tokens": trial.micro_rows * config.shards.seq_len})
    if not settled and train.hours:
        steps = ranks.settle(lambda: fit_to_hours(train, trial.pace).steps)
        train = train.model_copy(update={"steps": steps})
    run.config = config.model_copy(update={"train": train})
    return run, trial


def _settled(output: Path) -> dict[str, Any]:
    """What the trial settled when the run in ``output`` began; nothing where it has not."""
    if not (output / CONFIG).is_file():
        return {}
    return read_config(output / CONFIG).train.model_dump(include={"micro_batch_tokens", "steps"})


def complete_config(config: Config, data: TrainingData) -> Config:
    """``config`` with the sizes that the data decides: the vocabulary and the length of samples.

    Raises:
        GauptError: a batch is shorter than one sample.
    """
    seq_len = config.shards.seq_len
    if config.train.batch_tokens < seq_len:
        raise GauptError(
            f"train.batch_tokens = {config.train.batch_tokens} is less than one sample of "
            f"shards.seq_len = {seq_len} tokens"
        )
    values = config.model_dump()
    values["model"] |= {
        "vocab_size": data.vocab_size,
        "max_length": max(seq_len, config.model.max_length),
    }
    return Config.model_validate(values)


def _stage(
    output: Path, config: Config, data: TrainingData, source: Source | None, ends: Sequence[int]
) -> Stage:
    """The run folder as a stage: what makes it the same run."""
    values = config.model_dump(mode="json", include={"seed", "shards", "model", "train"})
    values["shards"] = {"seq_len": config.shards.seq_len}
    if values["train"]["warmup_steps"] == "auto":  # as in the records of runs from before it could be said
        del values["train"]["warmup_steps"]
    # How many steps fit into the hours is settled when the run begins.
    for name in (*FREE_TO_CHANGE, *(("steps",) if config.train.hours else ())):
        del values["train"][name]
    values |= {LENGTHENED: list(ends)} if ends else {}
    inputs: dict[str, Path | str] = {"shards": data.fingerprint}
    if source is not None:
        inputs[INPUT] = source.fingerprint
    return Stage("pretrain", output, SUMMARY, values, inputs)
