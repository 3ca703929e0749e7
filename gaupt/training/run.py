"""A run in memory: set up at its newest checkpoint, and saved."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from gaupt.batches.masking import Masking
from gaupt.batches.sampler import MaskedLMSampler
from gaupt.checkpoint.format import Checkpoint, open_checkpoint, save_checkpoint
from gaupt.checkpoint.lineage import FROM, LENGTHENED, told
from gaupt.checkpoint.load import load_state, load_weights
from gaupt.checkpoint.run_folder import (
    checkpoint_folder,
    newest_checkpoint,
    prune_checkpoints,
)
from gaupt.config import Config, TrainConfig
from gaupt.device import Machine, keep_freed_memory, pick_precision
from gaupt.errors import GauptError
from gaupt.model.family import masked_lm
from gaupt.model.masked_lm import MaskedLM
from gaupt.optimization.optimizer import build_optimizers, load_optimizer_tensors, optimizer_tensors
from gaupt.optimization.schedule import rate_share, stable_steps
from gaupt.progress import Progress
from gaupt.shards.format import TRAIN, VALIDATION
from gaupt.training.checkpoints import host_copy
from gaupt.training.data import TrainingData
from gaupt.training.metrics import Window
from gaupt.training.objective import Encode
from gaupt.training.ranks import ALONE, Ranks
from gaupt.training.source import Source
from gaupt.training.spikes import SpikeWatch
from gaupt.training.vocabulary import new_pieces, with_pieces

_COUNTS = ("passed_over", "rollbacks", "bad_updates", "astray", "skipped", "good")
"""What of a run is counted, and kept in its checkpoints."""


@dataclass
class Run:
    """Everything the loop works on."""

    folder: Path
    config: Config
    data: TrainingData
    machine: Machine
    model: MaskedLM
    encode: Encode
    optimizers: list[torch.optim.Optimizer]
    sampler: MaskedLMSampler
    validation: MaskedLMSampler
    step: int = 0
    """Updates done."""
    tokens: int = 0
    """Tokens seen, padding left out."""
    passed_over: int = 0
    """Batches that came before and are not among the updates, see `gaupt.training.rollback`."""
    rollbacks: int = 0
    """How often the run went back to a checkpoint."""
    bad_updates: int = 0
    """The last updates in a row without a finite loss and gradient, or with a loss above `loop.hopeless_loss`."""
    astray: int = 0
    """How many of those had such a loss."""
    skipped: int = 0
    """Updates of the whole run that changed nothing, for a gradient that is not finite."""
    good: int = 0
    """Step of the newest checkpoint with no bad update since the one before: it is not pruned."""
    is_clean: bool = True
    """Whether no update since the last checkpoint was bad."""
    window: Window = field(default_factory=Window)
    """The updates since the last line of metrics."""
    watch: SpikeWatch = field(default_factory=SpikeWatch)
    """The losses that the next one is compared with."""
    ranks: Ranks = ALONE
    """This process among those that train the run together."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """What is known of the model that the run went on from, see `gaupt.checkpoint.lineage`; empty for none."""

    ends: tuple[int, ...] = ()
    """Where the run ended before it was lengthened, the first time first, see `gaupt.training.lengthen`."""

    @property
    def warmup_steps(self) -> float:
        """Updates of the warm-up; a share is one of the steps that the run had when it began."""
        return warmup_steps(self.config.train, self.ends[0] if self.ends else self.config.train.steps)

    @property
    def rate(self) -> float:
        """Share of the peak learning rates that the next update takes."""
        train = self.config.train
        return rate_share(self.step, warmup_steps=self.warmup_steps, steps=train.steps, points=train.schedule)

    @property
    def stable_steps(self) -> int:
        """The update after which the rate falls for good; its checkpoint stays, so that the run can be lengthened."""
        return stable_steps(self.config.train.schedule, self.config.train.steps)

    @property
    def batch(self) -> int:
        """Number of the next batch: what it holds, its masks and what dropout drops follow from it."""
        return self.step + self.passed_over


def set_up(
    folder: Path, config: Config, data: TrainingData, device: torch.device, ranks: Ranks = ALONE
) -> Run:
    """Build the model, the optimizer and the samplers of a new run, of which this process trains its share."""
    train = config.train
    if device.type == "cpu":
        keep_freed_memory()
    torch.manual_seed(config.seed)
    model = masked_lm(config.model).to(device)
    machine = Machine(device, pick_precision(device, train.precision))
    return Run(
        folder=folder,
        config=config,
        data=data,
        machine=machine,
        model=model,
        # Compiling replaces the call, not the parameters: names in checkpoints stay the same.
        encode=torch.compile(model.encode) if train.compile else model.encode,
        optimizers=build_optimizers(model, train, machine.precision, ranks.group),
        sampler=build_sampler(config, data, TRAIN),
        validation=build_sampler(config, data, VALIDATION),
        ranks=ranks,
    )


def resume(run: Run, progress: Progress) -> None:
    """Take ``run`` to the newest checkpoint in its folder, where there is one; those that a kill has left over go."""
    checkpoint = newest_for_all(run, progress)
    if checkpoint is not None:
        restore(run, checkpoint)
        if run.ranks.leads:
            _pruning(run)()
        progress.message(f"resuming {run.folder} at step {run.step}")


def newest_for_all(run: Run, progress: Progress, before: int | None = None) -> Checkpoint | None:
    """The newest checkpoint of ``run`` as rank 0 finds it, ``before`` a step if there is one."""
    found: list[Checkpoint] = []

    def newest() -> str | None:
        found.extend(filter(None, [newest_checkpoint(run.folder, warn=progress.warning, before=before)]))
        return str(found[0].folder.relative_to(run.folder)) if found else None

    place = run.ranks.settle(newest)
    if place is None:
        return None
    return run.ranks.each(lambda: found[0] if found else _seen_by_all(run.folder / place))


def restore(run: Run, checkpoint: Checkpoint) -> None:
    """Take ``run`` to one of its checkpoints."""
    load_weights(run.model, checkpoint)
    load_optimizer_tensors(run.optimizers, run.model, checkpoint.optimizer())
    run.step, run.tokens = checkpoint.step, int(checkpoint.facts["tokens"])
    run.source = checkpoint.facts.get(FROM, {})
    for name in _COUNTS:
        setattr(run, name, int(checkpoint.facts.get(name, 0)))
    run.window = Window(**checkpoint.facts.get("window", {}))
    run.watch = SpikeWatch(**checkpoint.facts.get("watch", {}))
    run.is_clean = True


def _seen_by_all(folder: Path) -> Checkpoint:
    """The checkpoint that rank 0 resumes from."""
    if not folder.is_dir():
        raise GauptError(f"{folder} is not there; the folder of -o has to be one that all machines see")
    return open_checkpoint(folder)


def begin(run: Run, source: Source | None, progress: Progress) -> None:
    """Give ``run``, which is new, the weights of ``source`` where there is one, and save it: there is something to go
    back to from the first step on, and nothing more is needed of ``source``."""
    if source is not None:
        _take_weights(run, source, progress)
    if run.ranks.leads:
        save(run)


def _take_weights(run: Run, source: Source, progress: Progress) -> None:
    assert source.loaded is not None
    weights, pieces = (
        source.loaded.model.state_dict(),
        new_pieces(source.loaded.tokenizer, run.data.shards.folder),
    )
    load_state(run.model, with_pieces(weights, run.data.vocab_size - len(pieces), pieces), source.name)
    run.source = source.lineage()
    more = f"; {len(pieces):,} new pieces begin as the mean of theirs" if pieces else ""
    progress.message(f"{'from:':10} {told(run.source)}{more}")


def warmup_steps(train: TrainConfig, steps: int) -> float:
    """Updates of the warm-up of a run that has so many ``steps`` when it begins."""
    return train.warmup_share * steps if train.warmup_steps == "auto" else float(train.warmup_steps)


def masking_of(train: TrainConfig) -> Masking:
    """How much is masked, and what is shown instead.

    A rate that moves does so while the learning rate falls: a stable phase is the same for runs of any length.
    """
    return Masking(
        train.mask_rate,
        train.mask_token_share,
        train.random_token_share,
        train.ngram_shares,
        train.final_mask_rate,
        train.steps,
        stable_steps(train.schedule, train.steps),
    )


def build_sampler(config: Config, data: TrainingData, split: str) -> MaskedLMSampler:
    """The masked samples of one split, in global batches of ``batch_tokens``."""
    seq_len, train = config.shards.seq_len, config.train
    return MaskedLMSampler(
        data.shards.folder,
        seq_len,
        train.batch_tokens // seq_len,
        config.seed,
        # What is held out is scored alike, however it was learned.
        masking_of(train) if split == TRAIN else Masking(),
        split,
        train.source_weights if split == TRAIN else None,
    )


def micro_rows(run: Run) -> int:
    """Rows of one forward and backward pass; all of a batch where nothing was tried out."""
    asked = run.config.train.micro_batch_tokens
    return run.sampler.rows if asked == "auto" else max(1, asked // run.config.shards.seq_len)


def save(run: Run) -> None:
    """Write a checkpoint of the run's present step, then remove the oldest ones."""
    saving(run)()


def saving(run: Run) -> Callable[[], None]:
    """What writes a checkpoint of the run's present step, however much later it is called, and removes the oldest."""
    run.good = run.step if run.is_clean else run.good
    run.is_clean = True
    save = partial(
        save_checkpoint,
        checkpoint_folder(run.folder, run.step),
        host_copy(run.model.state_dict()),
        run.config,
        run.data.tokenizer,
        step=run.step,
        facts={
            "tokens": run.tokens,
            "shards": run.data.fingerprint,
            "corpus": run.data.shards.manifest.get("corpus", {}),
            "window": asdict(run.window),
            "watch": asdict(run.watch),
            **{name: getattr(run, name) for name in _COUNTS},
        }
        | ({FROM: run.source} if run.source else {})
        | ({LENGTHENED: run.ends} if run.ends else {}),
        optimizer=host_copy(optimizer_tensors(run.optimizers, run.model)),
    )
    prune = _pruning(run)

    def write() -> None:
        save()
        prune()

    return write


def _pruning(run: Run) -> Callable[[], None]:
    keep = run.config.train.keep_checkpoints
    stable = run.stable_steps or None
    return partial(prune_checkpoints, run.folder, keep, newest=run.step, spare=run.good, stable=stable)
