"""The pretraining stage: token shards to a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from gaupt.checkpoint.run_folder import SUMMARY
from gaupt.config import Config
from gaupt.device import check_compile, pick_device
from gaupt.errors import GauptError
from gaupt.files import AnyPath, read_json, write_json
from gaupt.model.family import masked_lm
from gaupt.progress import Progress
from gaupt.stage import Plan, Stage, State, inspect, open_stage, write_config
from gaupt.training.data import TrainingData, find_data, verify_data
from gaupt.training.loop import fit
from gaupt.training.run import set_up

FREE_TO_CHANGE = ("log_every", "eval_every", "eval_tokens", "checkpoint_every", "keep_checkpoints")
"""Options of [train] that a resumed run may change: they decide what is written, not what is learned."""


def plan(data: AnyPath, output: AnyPath, config: Config | None = None, *, overwrite: bool = False) -> Plan:
    """The sizes of the run that `pretrain` would make, and what ``output`` holds already. Writes nothing.

    Raises:
        GauptError: unusable data or output.
    """
    config, _, stage = _look(Path(data), Path(output), config or Config())
    state = inspect(stage, overwrite)
    with torch.device("meta"):
        model = masked_lm(config.model)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    rows = config.train.batch_tokens // config.shards.seq_len
    facts = {
        "output": f"{output} ({state.value})",
        "parameters": parameters,
        "sequences_per_step": rows,
        "tokens_total": rows * config.shards.seq_len * config.train.steps,
        # Weights and two moments, in float32.
        "bytes_per_checkpoint": parameters * 12,
    }
    return Plan(config, facts)


def pretrain(
    data: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Train a GAU masked LM on the shards in ``data`` and write the run to ``output``; resumes what is there.

    ``workers`` processes prepare the batches; None: two for a GPU, and none for a CPU, whose cores all train.
    Returns the run's closing figures, also in ``summary.json``.

    Raises:
        GauptError: unusable data or output, or training that diverged.
        KeyboardInterrupt: stopped by SIGINT or SIGTERM, after a checkpoint was written.
    """
    output, progress = Path(output), progress or Progress(quiet=True)
    config, training_data, stage = _look(Path(data), output, config or Config())
    if config.train.compile:
        check_compile(pick_device())
    with open_stage(stage, overwrite, progress) as state:
        if state is State.COMPLETE:
            summary: dict[str, Any] = read_json(output / SUMMARY)
            return summary
        verify_data(training_data)
        write_config(output, config)
        run = set_up(output, config, training_data, progress)
        summary = fit(run, workers, progress)
        write_json(output / SUMMARY, summary)
        return summary


def describe(summary: Mapping[str, Any], output: AnyPath) -> str:
    """One line for people on a finished run."""
    return (
        f"run:       {summary['steps']:,} steps, {summary['tokens']:,} tokens, {summary['parameters']:,} parameters; "
        f"validation loss {summary['eval_loss']:.3f}, accuracy {summary['eval_accuracy']:.3f} "
        f"(unigram entropy {summary['unigram_entropy']:.3f}), in {output}"
    )


def _look(data: Path, output: Path, config: Config) -> tuple[Config, TrainingData, Stage]:
    """The config as the data completes it, the data, and the stage that they make."""
    training_data = find_data(data)
    config = _resolve(config, training_data)
    return config, training_data, _stage(output, config, training_data)


def _resolve(config: Config, data: TrainingData) -> Config:
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


def _stage(output: Path, config: Config, data: TrainingData) -> Stage:
    """The run folder as a stage: what makes it the same run."""
    values = config.model_dump(mode="json", include={"seed", "shards", "model", "train"})
    values["shards"] = {"seq_len": config.shards.seq_len}
    for name in FREE_TO_CHANGE:
        del values["train"][name]
    return Stage("pretrain", output, SUMMARY, values, {"shards": data.fingerprint})
