"""AdamW: what decays, and that its state survives being written as tensors."""

import torch

from gaupt.config import TrainConfig
from gaupt.optimization.optimizer import build_adamw, load_optimizer_tensors, optimizer_tensors


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
