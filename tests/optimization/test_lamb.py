"""LAMB against its equations."""

import pytest
import torch

from gaupt.optimization.lamb import Lamb


def stepped(begun: list[float], gradient: list[float], **options: float) -> list[float]:
    """A parameter after one update with a learning rate of 0.1, no decay and moments that are the gradient's own."""
    parameter = torch.tensor(begun, requires_grad=True)
    parameter.grad = torch.tensor(gradient)
    Lamb([parameter], **{"lr": 0.1, "betas": (0.0, 0.0), "eps": 1e-12, "weight_decay": 0.0, **options}).step()
    return parameter.tolist()


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


def test_the_defaults_are_adams_with_the_eps_and_the_decay_of_bert() -> None:
    optimizer = Lamb([torch.ones(1, requires_grad=True)], lr=0.1)
    assert optimizer.defaults == {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.01}


@pytest.mark.parametrize(
    ("begun", "gradient", "ends"),
    [
        ([3.0, -4.0], [7.0, 7.0], [3 - 0.05 * 2**0.5 * 5, -4 - 0.05 * 2**0.5 * 5]),  # u = (1, 1), ratio 5/√2
        ([0.3, -0.4], [7.0, 7.0], [0.3 - 0.05 * 2**0.5 * 0.5, -0.4 - 0.05 * 2**0.5 * 0.5]),
        ([0.5, 0.0], [0.0, -2.0], [0.5, 0.05]),
        ([0.0, 0.0], [7.0, -7.0], [-0.1, 0.1]),
        ([3.0, -4.0], [0.0, 0.0], [3.0, -4.0]),
        ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_an_update_is_as_long_as_the_parameter_times_the_rate_unless_a_length_is_0(
    begun: list[float], gradient: list[float], ends: list[float]
) -> None:
    assert stepped(begun, gradient) == pytest.approx(ends, rel=1e-6)


def test_an_update_shorter_than_1_is_stretched_as_well() -> None:
    # u = 2 / (2 + 6) = 0.25, stretched to the length 3 of the parameter
    assert stepped([3.0], [2.0], eps=6.0) == pytest.approx([2.7])


def test_a_parameter_without_a_gradient_stays_and_those_behind_it_move() -> None:
    first, second = (torch.full((2,), 2.0).requires_grad_() for _ in range(2))
    second.grad = torch.ones(2)
    Lamb([first, second], lr=0.5).step()
    assert first.tolist() == [2.0, 2.0]
    assert second.tolist() == pytest.approx([1.0, 1.0])  # both entries move alike, by half of the length


def test_an_update_that_found_no_finite_gradient_is_as_if_it_had_not_been() -> None:
    torch.manual_seed(0)
    begun, gradients = torch.randn(6), [torch.randn(6) for _ in range(3)]
    broken = torch.tensor([float("inf"), -float("inf"), float("nan"), 1.0, -1.0, 0.0])

    def after(updates: list[tuple[float | None, torch.Tensor]]) -> torch.Tensor:
        parameter = begun.clone().requires_grad_()
        optimizer = Lamb([parameter], lr=0.1)
        for found, gradient in updates:
            optimizer.found_inf = None if found is None else torch.tensor(found)
            parameter.grad = gradient.clone()
            before = parameter.detach().clone()
            optimizer.step()
            assert torch.equal(parameter, before) == (found == 1.0)
        return parameter.detach()

    expected = after([(None, gradient) for gradient in gradients])
    first, second, third = gradients
    found = after([(1.0, broken), (0.0, first), (0.0, second), (1.0, broken), (0.0, third), (1.0, first)])
    torch.testing.assert_close(found, expected)
