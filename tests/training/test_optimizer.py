"""AdamW: what decays, and that its state survives being written as tensors."""

import torch

from gaupt.config import TrainConfig
from gaupt.training.optimizer import build_optimizer, load_optimizer_tensors, optimizer_tensors


def make():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2))
    return model, build_optimizer(model, TrainConfig(lr=0.1))


def step(model, optimizer, seed):
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(seed))
    model(x).square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()


def test_matrices_decay_and_vectors_do_not():
    model, optimizer = make()
    decayed = {id(p) for group in optimizer.param_groups if group["weight_decay"] for p in group["params"]}
    assert decayed == {id(p) for p in model.parameters() if p.dim() == 2}


def test_a_resumed_optimizer_takes_the_very_same_steps():
    model, optimizer = make()
    for seed in range(3):
        step(model, optimizer, seed)
    state = {name: tensor.clone() for name, tensor in optimizer_tensors(optimizer, model).items()}
    twin, twin_optimizer = make()
    twin.load_state_dict(model.state_dict())
    load_optimizer_tensors(twin_optimizer, twin, state)
    for seed in range(3, 6):
        step(model, optimizer, seed)
        step(twin, twin_optimizer, seed)
    for mine, other in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(mine, other)
