"""One optimizer update on a global batch.

Nothing here waits for the device: sums stay on it, and an update whose gradient is not finite is passed over by the
optimizers themselves. So a GPU always has work queued, and the host reads figures when they are due.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gaupt.batches.random import key, mix
from gaupt.batches.sampler import Batch
from gaupt.device import seed_draws, to_device
from gaupt.model.dropout import dropout_of_rows
from gaupt.training.metrics import StepResult
from gaupt.training.objective import masked_loss, micro_batches
from gaupt.training.run import Run, micro_rows
from gaupt.training.signals import Stopped

_DROPOUT = 2
"""What the keys of dropout are derived with; those of masks are with 1."""


@dataclass(frozen=True)
class Update:
    """What an update did, on the device."""

    sums: Tensor
    """Loss in nats, hits, masked tokens and tokens of the global batch, ranks that were asked to stop, and the
    gradient's norm: float64 [6]."""
    places: int
    """Tokens of the global batch, padding counted in."""
    losses: Tensor
    """Nats of each masked token of this rank's part, in its order: float32 [masked]."""

    def read(self) -> StepResult:
        """The figures, once the device has them.

        Raises:
            Stopped: a rank was asked to stop, and nothing was changed.
        """
        loss, hits, masked, tokens, stops, norm = self.sums.tolist()
        if stops:
            raise Stopped
        return StepResult(
            loss / masked, hits / masked, norm, int(tokens), 1 - tokens / self.places, int(masked)
        )


def update(run: Run, batch: Batch, share: float, check: Callable[[], None] = lambda: None) -> Update:
    """One optimizer update on a global batch, in micro-batches; ``share`` is that of the peak learning rates.

    ``batch`` is this rank's part of the global one. ``check`` is called before each micro-batch, and may raise
    `Stopped`: nothing is changed then. Of several ranks each learns of it as it reads the update.
    """
    ranks = run.ranks
    rows = micro_rows(run)
    keys = mix(
        key(run.config.seed, _DROPOUT, run.batch),
        ranks.rank * len(batch.input_ids) + np.arange(len(batch.input_ids)),
    ).tolist()
    run.model.train()
    device = run.machine.device
    sums, stops = torch.zeros(2, dtype=torch.float64, device=device), 0
    losses = [torch.empty(0, device=device)]
    try:
        for number, micro in enumerate(micro_batches(batch, rows)):
            check()
            # What a GPU drops follows from the first row: of a micro-batch it is the same, whichever rank has it.
            seed_draws(keys[number * rows], device)
            with dropout_of_rows(keys[number * rows : (number + 1) * rows]):
                scored = masked_loss(run.model, run.encode, micro, run.machine)
                scored.total.backward()  # type: ignore[no-untyped-call]
            losses.append(scored.losses[: len(micro.labels)])
            sums += torch.stack((scored.total.detach().double(), scored.hits.sum().double()))
    except Stopped:
        if ranks.alone:
            raise
        stops = 1  # told to the others with the rest, who wait for this rank's part
    counts = to_device(np.array((len(batch.positions), batch.tokens, stops), np.float64), device)
    sums = ranks.add_up(torch.cat((sums, counts)))
    ranks.add_up_gradients(run.model.parameters())
    norm = apply_gradients(run, sums[2], share, passed_over=sums[4] > 0)
    places = ranks.world * batch.input_ids.size
    return Update(torch.cat((sums, norm.double()[None])), places, torch.cat(losses))


def apply_gradients(run: Run, masked: Tensor, share: float, passed_over: Tensor | None = None) -> Tensor:
    """Update the weights by the gradient of the summed loss over ``masked`` tokens; returns its norm before clipping.

    An update that is ``passed_over``, or whose gradient is not finite, changes nothing. Divided by the masked tokens of
    the whole batch: neither micro-batches nor ranks change the gradient.
    """
    gradients = [p.grad for p in run.model.parameters() if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients) / masked.float()
    clipped = torch.clamp(run.config.train.clip_norm / (norm + 1e-6), max=1.0)
    torch._foreach_mul_(gradients, clipped / masked.float())
    bad = ~norm.isfinite()
    passed_over = (bad if passed_over is None else bad | passed_over).float()
    for optimizer in run.optimizers:
        optimizer.found_inf = passed_over  # type: ignore[attr-defined]
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * share
        with run.ranks.contact():
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return norm
