"""The optimizers of a model's named parameters, whose state saves as plain tensors."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch import distributed as dist

from gaupt.model.encoder import Encoder
from gaupt.model.gau import GAULayer
from gaupt.optimization.lamb import Lamb
from gaupt.optimization.muon import Muon


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


class OptimizerOptions(AdamWOptions, Protocol):
    """What decides the updates of pretraining."""

    @property
    def optimizer(self) -> str: ...
    @property
    def matrix_lr(self) -> float: ...
    @property
    def momentum(self) -> float: ...


def build_optimizers(
    model: torch.nn.Module,
    config: OptimizerOptions,
    precision: torch.dtype = torch.float32,
    group: dist.ProcessGroup | None = None,
) -> list[torch.optim.Optimizer]:
    """The optimizers that update ``model`` together, as ``config.optimizer`` says; groups keep their peak learning
    rate as ``initial_lr``.

    adamw  see `build_adamw`.
    lamb   see `gaupt.optimization.lamb`.
    muon   Muon on the matrices of the layers, AdamW on embeddings, scales, biases and what is outside of the layers.

    Args:
        model: whose parameters are updated.
        config: rates, decay and so on.
        precision: the number format in which Muon makes matrices orthogonal.
        group: processes that hold the same model and share that work.
    """
    optimizers = _build(model, config, precision, group)
    for optimizer in optimizers:
        for parameters in optimizer.param_groups:
            parameters["initial_lr"] = parameters["lr"]
    return optimizers


def build_adamw(parameters: Iterable[Tensor], config: AdamWOptions) -> torch.optim.AdamW:
    """AdamW (arXiv:1711.05101) with decay on matrices and none on vectors such as the scales of q and k.

    Its moments are corrected for their start at 0, without which few updates go astray (arXiv:2006.05987).
    """
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, betas=config.betas, eps=config.eps, fused=True)


def optimizer_tensors(
    optimizers: Iterable[torch.optim.Optimizer], model: torch.nn.Module
) -> dict[str, Tensor]:
    """The optimizers' state as ``{"exp_avg/NAME": tensor, …}`` under the model's parameter names."""
    names: dict[Tensor, str] = {parameter: name for name, parameter in model.named_parameters()}
    return {
        f"{key}/{names[parameter]}": torch.as_tensor(value)
        for optimizer in optimizers
        for parameter, state in optimizer.state.items()
        for key, value in state.items()
    }


def load_optimizer_tensors(
    optimizers: Sequence[torch.optim.Optimizer], model: torch.nn.Module, tensors: Mapping[str, Tensor]
) -> None:
    """Put back what `optimizer_tensors` returned."""
    parameters = dict(model.named_parameters())
    states: dict[Tensor, dict[str, Any]] = {
        parameter: optimizer.state[parameter]
        for optimizer in optimizers
        for group in optimizer.param_groups
        for parameter in group["params"]
    }
    for key, value in tensors.items():
        kind, _, name = key.partition("/")
        parameter = parameters[name]
        # The moments live beside the parameter; the step count stays where AdamW made it.
        device = parameter.device if kind != "step" else value.device
        states[parameter][kind] = value.to(device).clone()


def _build(
    model: torch.nn.Module, config: OptimizerOptions, precision: torch.dtype, group: dist.ProcessGroup | None
) -> list[torch.optim.Optimizer]:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decay = config.weight_decay
    if config.optimizer == "adamw":
        return [build_adamw(trained, config)]
    if config.optimizer == "lamb":
        return [Lamb(trained, lr=config.lr, betas=config.betas, eps=config.eps, weight_decay=decay)]
    matrices, blocks = _layer_matrices(model)
    muon = Muon(
        matrices,
        lr=config.matrix_lr,
        momentum=config.momentum,
        weight_decay=decay,
        blocks=blocks,
        precision=precision,
        group=group,
    )
    known = set(matrices)
    return [muon, build_adamw((p for p in trained if p not in known), config)]


def _layer_matrices(model: torch.nn.Module) -> tuple[list[Tensor], dict[Tensor, Sequence[int]]]:
    """The matrices of the encoder's layers, and the rows of the parts of those that are several in one."""
    matrices: list[Tensor] = []
    blocks: dict[Tensor, Sequence[int]] = {}
    for encoder in model.modules():
        if isinstance(encoder, Encoder):
            matrices += [p for p in encoder.layers.parameters() if p.dim() == 2 and p.requires_grad]
    for layer in model.modules():
        if isinstance(layer, GAULayer):
            e, s = layer.config.expanded_size, layer.config.key_size
            blocks[layer.expand.weight] = [e, e, s]  # the gates, the values, the shared vectors
    return matrices, blocks
