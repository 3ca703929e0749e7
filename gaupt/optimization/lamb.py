"""LAMB, layer-wise adaptive moments (arXiv:1904.00962, algorithm 2), in the form that GAU-alpha was trained with:
moments are not corrected for their start at 0, and every parameter decays."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class Lamb(torch.optim.Optimizer):
    """An update u = m/(√v + ε) + λp is applied as p - η·(‖p‖/‖u‖)·u; the ratio is 1 where one of the norms is 0."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
        self.found_inf: Tensor | None = None
        """1 on the device where the update is to change nothing, as torch's own optimizers read it."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Apply one update."""
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            kept = 1.0 if self.found_inf is None else 1 - self.found_inf
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["exp_avg"] = torch.zeros_like(parameter)
                    state["exp_avg_sq"] = torch.zeros_like(parameter)
                mean, square, gradient = state["exp_avg"], state["exp_avg_sq"], parameter.grad
                if self.found_inf is not None:
                    gradient = torch.nan_to_num(gradient, 0.0, 0.0, 0.0)
                mean.add_((gradient - mean) * ((1 - beta1) * kept))
                square.add_((gradient.square() - square) * ((1 - beta2) * kept))
                update = mean / (square.sqrt() + group["eps"]) + group["weight_decay"] * parameter
                weight, length = parameter.norm(), update.norm()
                ratio = torch.where((weight > 0) & (length > 0), weight / length, 1.0)
                parameter.sub_(update * (group["lr"] * kept * ratio))
