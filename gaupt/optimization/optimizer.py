"""AdamW over named parameters, with moments that save as plain tensors."""

from collections.abc import Mapping
from typing import Protocol

import torch


class AdamWOptions(Protocol):
    """What decides the updates, in [train] and in [evaluate]."""

    @property
    def lr(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def betas(self) -> tuple[float, float]: ...
    @property
    def eps(self) -> float: ...


def build_optimizer(model: torch.nn.Module, config: AdamWOptions) -> torch.optim.AdamW:
    """AdamW (arXiv:1711.05101) with decay on matrices and none on vectors such as the scales of q and k.

    Its moments are corrected for their start at 0, without which few updates go astray (arXiv:2006.05987).
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, betas=config.betas, eps=config.eps, fused=True)


def optimizer_tensors(optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The optimizer's state as ``{"exp_avg/NAME": tensor, …}`` under the model's parameter names."""
    names: dict[torch.Tensor, str] = {parameter: name for name, parameter in model.named_parameters()}
    return {
        f"{key}/{names[parameter]}": torch.as_tensor(value)
        for parameter, state in optimizer.state.items()
        for key, value in state.items()
    }


def load_optimizer_tensors(
    optimizer: torch.optim.Optimizer, model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]
) -> None:
    """Put back what `optimizer_tensors` returned."""
    parameters = dict(model.named_parameters())
    for key, value in tensors.items():
        kind, _, name = key.partition("/")
        parameter = parameters[name]
        # The moments live beside the parameter; the step count stays where AdamW made it.
        device = parameter.device if kind != "step" else value.device
        optimizer.state[parameter][kind] = value.to(device).clone()
