"""LAMB against its equations."""

import torch

from gaupt.optimization.lamb import Lamb


def test_updates_are_those_of_the_equations_and_without_correction_of_the_start() -> None:
    lr, betas, eps, decay = 0.05, (0.6, 0.8), 0.3, 0.7
    torch.manual_seed(0)
    parameters = [torch.randn(4, 3), torch.randn(3), torch.zeros(2)]
    expected = [p.double().clone() for p in parameters]
    parameters = [p.requires_grad_() for p in parameters]
    optimizer = Lamb(parameters, lr=lr, betas=betas, eps=eps, weight_decay=decay)
    moments = [(torch.zeros_like(x), torch.zeros_like(x)) for x in expected]
    for _ in range(3):
        for number, parameter in enumerate(parameters):
            parameter.grad = torch.randn_like(parameter)
            x, (mean, square), gradient = expected[number], moments[number], parameter.grad.double()
            mean = betas[0] * mean + (1 - betas[0]) * gradient
            square = betas[1] * square + (1 - betas[1]) * gradient**2
            moments[number] = mean, square
            update = mean / (square.sqrt() + eps) + decay * x
            ratio = x.norm() / update.norm() if x.norm() > 0 else 1.0
            expected[number] = x - lr * ratio * update
        optimizer.step()
    for parameter, x in zip(parameters, expected, strict=True):
        torch.testing.assert_close(parameter.detach().double(), x, atol=1e-6, rtol=1e-5)
