"""What a run will take, by arithmetic from what `gaupt.training.trial` measured."""

from dataclasses import dataclass

from gaupt.config import TrainConfig

CHECKPOINT_BYTES = 12
"""Of a parameter in a checkpoint: itself and AdamW's two moments, in float32."""
BYTES_WRITTEN = 250e6
"""A second, by a disk that syncs what it writes: what checkpoints are counted with."""


@dataclass(frozen=True)
class Pace:
    """Seconds that the parts of a run take."""

    step: float
    """One update, with all of its micro-batches."""
    validation: float
    """One evaluation on the validation split."""
    checkpoint: float

    def seconds(self, train: TrainConfig, done: int = 0) -> float:
        """From after step ``done`` to the end."""
        # One more of both at the last step, which may be none of every so many.
        validations = (train.steps - 1) // train.eval_every - done // train.eval_every + 1
        checkpoints = (train.steps - 1) // train.checkpoint_every - done // train.checkpoint_every + 1
        updates = (train.steps - done) * self.step
        return updates + validations * self.validation + checkpoints * self.checkpoint


def fit_to_hours(train: TrainConfig, pace: Pace) -> TrainConfig:
    """``train`` with as many steps as its ``hours`` hold."""
    each = pace.step + pace.validation / train.eval_every + pace.checkpoint / train.checkpoint_every
    steps = max(1, int((train.hours * 3600 - pace.validation - pace.checkpoint) / each))
    return train.model_copy(update={"steps": steps})
