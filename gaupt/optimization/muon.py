"""Muon: momentum whose matrices are made orthogonal before they are applied.

Method: K. Jordan, "Muon: an optimizer for hidden layers in neural networks" (2024), with the scale of
arXiv:2502.16982, section 2.2, that gives its updates the size of AdamW's.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic that each Newton-Schulz step applies to the singular values."""
STEPS = 5
_TINY = 1e-7


class Muon(torch.optim.Optimizer):
    """Muon on matrices. All of one shape are made orthogonal in one batched product.

    Args:
        matrices: parameters of two dimensions.
        lr: learning rate.
        momentum: share of the running sum of gradients that an update keeps.
        weight_decay: decoupled decay, times the learning rate.
        blocks: rows of the parts of a matrix that is several in one, each made orthogonal by itself.
        precision: the number format of the Newton-Schulz steps.
        group: processes that share the work, each holding all parameters; None: this one alone.
    """

    def __init__(
        self,
        matrices: Sequence[Tensor],
        *,
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        blocks: Mapping[Tensor, Sequence[int]] | None = None,
        precision: torch.dtype = torch.float32,
        group: dist.ProcessGroup | None = None,
    ) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self._blocks = blocks or {}
        self._precision = precision
        self._group = group
        self.found_inf: Tensor | None = None
        """1 on the device where the update is to change nothing, as torch's own optimizers read it."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Apply one update."""
        for group in self.param_groups:
            parts: defaultdict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                direction = self._momentum(parameter, group["momentum"])
                sizes = list(self._blocks.get(parameter, [len(parameter)]))
                for place, part in zip(
                    torch.split(parameter, sizes), torch.split(direction, sizes), strict=True
                ):
                    parts[place.shape].append((place, part))
            rate, decay = group["lr"] * self._kept(), group["weight_decay"]
            for (rows, columns), pairs in parts.items():
                scale = 0.2 * max(rows, columns) ** 0.5
                updates = self._orthogonal([part for _, part in pairs])
                for (place, _), update in zip(pairs, updates, strict=True):
                    place.mul_(1 - rate * decay)
                    place.sub_(update.to(place.dtype) * (rate * scale))

    def _kept(self) -> float | Tensor:
        """What an update counts: 1, or 0 where it is to change nothing."""
        return 1.0 if self.found_inf is None else 1 - self.found_inf

    def _momentum(self, parameter: Tensor, momentum: float) -> Tensor:
        """The Nesterov step of ``parameter``, whose running mean takes up the gradient."""
        gradient, state = parameter.grad, self.state[parameter]
        assert gradient is not None
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        if self.found_inf is not None:
            gradient = torch.nan_to_num(gradient, 0.0, 0.0, 0.0)
        mean: Tensor = state["momentum"]
        mean.add_((gradient - mean) * ((1 - momentum) * self._kept()))
        return torch.lerp(gradient, mean, momentum)

    def _orthogonal(self, matrices: list[Tensor]) -> Tensor:
        """The matrices, all of one shape, made orthogonal: each process its share, where there are several."""
        if self._group is None:
            return orthogonal(torch.stack(matrices), self._precision)
        rank, world = dist.get_rank(self._group), dist.get_world_size(self._group)
        share = -(-len(matrices) // world)
        own = matrices[rank * share : (rank + 1) * share]
        made = matrices[0].new_zeros(share, *matrices[0].shape)
        if own:
            made[: len(own)] = orthogonal(torch.stack(own), self._precision).to(made.dtype)
        gathered = made.new_empty(world * share, *made.shape[1:])
        # Renamed in torch 2.13.
        gather = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor
        gather(gathered, made, group=self._group)
        return gathered[: len(matrices)]


def orthogonal(matrices: Tensor, precision: torch.dtype) -> Tensor:
    """Matrices [k, m, n] with their singular values brought near 1: `STEPS` of Newton-Schulz in ``precision``."""
    a, b, c = COEFFICIENTS
    wide = matrices.shape[-2] <= matrices.shape[-1]
    x = matrices if wide else matrices.mT
    x = (x / (x.norm(dim=(-2, -1), keepdim=True) + _TINY)).to(precision)
    for _ in range(STEPS):
        square = x @ x.mT  # [k, r, r], r the shorter side
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x if wide else x.mT
