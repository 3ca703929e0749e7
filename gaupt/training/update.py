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
from gaupt.model.dropout import dropout_of_rows
from gaupt.training.metrics import StepResult
from gaupt.training.objective import masked_loss, micro_batches
from gaupt.training.run import Run, micro_rows

_DROPOUT = 2
"""What the keys of dropout are derived with; those of masks are with 1."""


@dataclass(frozen=True)
class Update:
    """What an update did, on the device."""

    sums: Tensor
    """Loss in nats, hits and masked tokens of the global batch, and the gradient's norm: float64 [4]."""
    tokens: int
    padding: float
    losses: Tensor
    """Nats of each masked token, in the order of the batch: float32 [masked]."""

    def read(self) -> StepResult:
        """The figures, once the device has them."""
        loss, hits, masked, norm = self.sums.tolist()
        return StepResult(loss / masked, hits / masked, norm, self.tokens, self.padding, int(masked))


def update(run: Run, batch: Batch, share: float, check: Callable[[], None] = lambda: None) -> Update:
    """One optimizer update on a global batch, in micro-batches; ``share`` is that of the peak learning rates.

    ``check`` is called before each micro-batch, and may raise: nothing is changed then.
    """
    torch.manual_seed(step_seed(run.config.seed, run.batch))
    rows = micro_rows(run)
    keys = mix(key(run.config.seed, _DROPOUT, run.batch), np.arange(len(batch.input_ids))).tolist()
    run.model.train()
    device = run.machine.device
    sums, losses = torch.zeros(2, dtype=torch.float64, device=device), []
    for number, micro in enumerate(micro_batches(batch, rows)):
        check()
        with dropout_of_rows(keys[number * rows : (number + 1) * rows]):
            scored = masked_loss(run.model, run.encode, micro, run.machine)
            scored.total.backward()  # type: ignore[no-untyped-call]
        losses.append(scored.losses[: len(micro.labels)])
        sums += torch.stack((scored.total.detach().double(), scored.hits.sum().double()))
    masked = torch.tensor(float(len(batch.positions)), dtype=torch.float64, device=device)
    norm = apply_gradients(run, masked, share)
    padding = 1 - batch.tokens / batch.input_ids.size
    return Update(
        torch.cat((sums, torch.stack((masked, norm.double())))), batch.tokens, padding, torch.cat(losses)
    )


def apply_gradients(run: Run, masked: Tensor, share: float) -> Tensor:
    """Update the weights by the gradient of the summed loss over ``masked`` tokens; returns its norm before clipping.

    An update whose gradient is not finite changes nothing. Divided by the masked tokens of the whole batch:
    micro-batches do not change the gradient.
    """
    gradients = [p.grad for p in run.model.parameters() if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients) / masked.float()
    clipped = torch.clamp(run.config.train.clip_norm / (norm + 1e-6), max=1.0)
    torch._foreach_mul_(gradients, clipped / masked.float())
    passed_over = (~norm.isfinite()).float()
    for optimizer in run.optimizers:
        optimizer.found_inf = passed_over  # type: ignore[attr-defined]
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * share
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return norm


def step_seed(seed: int, batch: int) -> int:
    """A seed for torch's own draws (dropout) on the batch of this number."""
    return int(np.random.SeedSequence([seed, batch]).generate_state(1, np.uint64)[0]) >> 1
