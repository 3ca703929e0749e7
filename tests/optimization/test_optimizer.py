"""AdamW: what decays, and that its state survives being written as tensors."""

from typing import Any

import pytest
import torch

from gaupt.config import TrainConfig
from gaupt.model.masked_lm import MaskedLM
from gaupt.optimization.lamb import Lamb
from gaupt.optimization.muon import Muon
from gaupt.optimization.optimizer import (
    build_adamw,
    build_optimizers,
    load_optimizer_tensors,
    optimizer_tensors,
)
from tests.model.small import build


def make():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2))
    return model, build_adamw(model.parameters(), TrainConfig(lr=0.1))


def step(model, optimizer, seed):
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(seed))
    model(x).square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()


def test_matrices_decay_and_vectors_do_not() -> None:
    model, optimizer = make()
    decayed = {id(p) for group in optimizer.param_groups if group["weight_decay"] for p in group["params"]}
    assert decayed == {id(p) for p in model.parameters() if p.dim() == 2}


def test_a_resumed_optimizer_takes_the_very_same_steps() -> None:
    model, optimizer = make()
    for seed in range(3):
        step(model, optimizer, seed)
    state = {name: tensor.clone() for name, tensor in optimizer_tensors([optimizer], model).items()}
    twin, twin_optimizer = make()
    twin.load_state_dict(model.state_dict())
    load_optimizer_tensors([twin_optimizer], twin, state)
    for seed in range(3, 6):
        step(model, optimizer, seed)
        step(twin, twin_optimizer, seed)
    for mine, other in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(mine, other)


def test_betas_eps_decay_and_rate_reach_the_updates() -> None:
    """Two updates of one matrix and one vector against the equations of AdamW, with no value a default."""
    lr, betas, eps, decay = 0.05, (0.6, 0.8), 0.3, 0.7
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 3)
    config = TrainConfig(lr=lr, betas=betas, eps=eps, weight_decay=decay)
    optimizer = build_adamw(model.parameters(), config)
    start = [parameter.detach().double().clone() for parameter in model.parameters()]
    gradients = [[torch.randn_like(parameter) for parameter in model.parameters()] for _ in range(2)]
    for drawn in gradients:
        for parameter, gradient in zip(model.parameters(), drawn, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
    for index, (parameter, x) in enumerate(zip(model.parameters(), start, strict=True)):
        mean, square = torch.zeros_like(x), torch.zeros_like(x)
        for number, drawn in enumerate(gradients, 1):
            gradient = drawn[index].double()
            x = x * (1 - lr * (decay if x.dim() == 2 else 0.0))
            mean = betas[0] * mean + (1 - betas[0]) * gradient
            square = betas[1] * square + (1 - betas[1]) * gradient**2
            root = (square / (1 - betas[1] ** number)).sqrt()
            x = x - lr * mean / (1 - betas[0] ** number) / (root + eps)
        torch.testing.assert_close(parameter.detach().double(), x, atol=1e-6, rtol=1e-5)


def built(name: str, **options: object) -> tuple[MaskedLM, list[torch.optim.Optimizer]]:
    config = TrainConfig.model_validate(
        {"optimizer": name, "lr": 0.1, "matrix_lr": 0.2, "momentum": 0.3, "weight_decay": 0.4}
        | {"betas": (0.5, 0.6), "eps": 0.7}
    )
    model = build("softmax_plus", layers=1)
    return model, build_optimizers(model, config, **options)  # type: ignore[arg-type]


def names_of(model: MaskedLM, group: dict[str, Any]) -> set[str]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {names[id(parameter)].removeprefix("encoder.") for parameter in group["params"]}


EMBEDDINGS = {"token_embedding.weight", "type_embedding.weight"}
MATRICES = {"layers.0.expand.weight", "layers.0.contract.weight"}
SCALES = {"layers.0.query_scale", "layers.0.key_scale"}
ADAM = {"betas": (0.5, 0.6), "eps": 0.7}
GROUPS: dict[str, list[tuple[type, set[str], dict[str, object]]]] = {
    "adamw": [
        (torch.optim.AdamW, EMBEDDINGS | MATRICES, {"initial_lr": 0.1, "weight_decay": 0.4, **ADAM}),
        (torch.optim.AdamW, SCALES, {"initial_lr": 0.1, "weight_decay": 0.0, **ADAM}),
    ],
    "lamb": [(Lamb, EMBEDDINGS | MATRICES | SCALES, {"initial_lr": 0.1, "weight_decay": 0.4, **ADAM})],
    "muon": [
        (Muon, MATRICES, {"initial_lr": 0.2, "weight_decay": 0.4, "momentum": 0.3}),
        (torch.optim.AdamW, EMBEDDINGS, {"initial_lr": 0.1, "weight_decay": 0.4, **ADAM}),
        (torch.optim.AdamW, SCALES, {"initial_lr": 0.1, "weight_decay": 0.0, **ADAM}),
    ],
}


@pytest.mark.parametrize("name", GROUPS)
def test_each_parameter_has_the_optimizer_and_the_options_that_are_for_it(name: str) -> None:
    model, optimizers = built(name)
    found = [(optimizer, group) for optimizer in optimizers for group in optimizer.param_groups]
    assert [(type(o), names_of(model, group)) for o, group in found] == [
        (kind, names) for kind, names, _ in GROUPS[name]
    ]
    for (_, group), (_, _, options) in zip(found, GROUPS[name], strict=True):
        assert {option: group[option] for option in options} == options
        assert group["lr"] == group["initial_lr"]


@pytest.mark.parametrize("name", GROUPS)
def test_what_is_frozen_is_not_updated(name: str) -> None:
    model = build("softmax_plus", layers=1)
    model.encoder.layers[0].expand.weight.requires_grad_(False)
    model.encoder.token_embedding.weight.requires_grad_(False)
    optimizers = build_optimizers(model, TrainConfig.model_validate({"optimizer": name}))
    held = {n for o in optimizers for group in o.param_groups for n in names_of(model, group)}
    assert held == {"type_embedding.weight", "layers.0.contract.weight"} | SCALES


def test_the_parts_of_one_matrix_are_made_orthogonal_by_themselves_in_the_precision_asked_for() -> None:
    model, (muon, _) = built("muon", precision=torch.bfloat16)
    expand = model.encoder.layers[0].expand.weight
    e, s = 48, 16
    twin = expand.detach().clone().requires_grad_()
    options = {"lr": 0.2, "momentum": 0.3, "weight_decay": 0.4}
    explicit = Muon([twin], blocks={twin: [e, e, s]}, precision=torch.bfloat16, **options)  # type: ignore[arg-type]
    expand.grad = torch.randn_like(expand)
    twin.grad = expand.grad.clone()
    for optimizer in (muon, explicit):
        optimizer.step()
    assert torch.equal(expand, twin)
