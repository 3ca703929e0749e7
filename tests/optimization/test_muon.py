"""Muon: what its updates are, that blocks are matrices of their own, and that torch's agrees."""

import pytest
import torch
from torch import distributed as dist

from gaupt.optimization.muon import Muon, orthogonal
from gaupt.training.ranks import Ranks
from tests.training.ranks_of import together


def stepped(shapes: list[tuple[int, int]], steps: int = 3, **options: object) -> list[torch.Tensor]:
    torch.manual_seed(0)
    matrices = [torch.randn(shape).requires_grad_() for shape in shapes]
    optimizer = Muon(matrices, lr=0.02, weight_decay=0.1, **options)
    for _ in range(steps):
        for matrix in matrices:
            matrix.grad = torch.randn_like(matrix)
        optimizer.step()
    return matrices


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 4, 16), (2, 16, 4)])
def test_singular_values_are_brought_near_one(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape), torch.float32))
    assert values.min() > 0.4 and values.max() < 1.3


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch has Muon from 2.9 on")
def test_it_agrees_with_torchs_which_computes_in_bfloat16() -> None:
    torch.manual_seed(0)
    theirs = [torch.randn(shape).requires_grad_() for shape in [(8, 16), (24, 8)]]
    optimizer = torch.optim.Muon(
        theirs, lr=0.02, weight_decay=0.1, momentum=0.95, nesterov=True, adjust_lr_fn="match_rms_adamw"
    )
    start = [matrix.detach().clone() for matrix in theirs]
    for _ in range(3):
        for matrix in theirs:
            matrix.grad = torch.randn_like(matrix)
        optimizer.step()
    for mine, other, begun in zip(stepped([(8, 16), (24, 8)]), theirs, start, strict=True):
        assert (mine - other).norm() < 0.05 * (other - begun).norm()


def test_a_matrix_of_blocks_is_as_many_matrices() -> None:
    torch.manual_seed(1)
    whole, gradient = torch.randn(10, 6), torch.randn(10, 6)
    apart = [part.clone().requires_grad_() for part in whole.split([4, 4, 2])]
    together = whole.clone().requires_grad_()
    joined = Muon([together], lr=0.1, blocks={together: [4, 4, 2]})
    separate = Muon(apart, lr=0.1)
    together.grad = gradient.clone()
    for matrix, part in zip(apart, gradient.split([4, 4, 2]), strict=True):
        matrix.grad = part.clone()
    joined.step()
    separate.step()
    torch.testing.assert_close(together.detach(), torch.cat([matrix.detach() for matrix in apart]))


def test_decay_is_decoupled() -> None:
    matrix = torch.ones(4, 4).requires_grad_()
    matrix.grad = torch.zeros(4, 4)
    Muon([matrix], lr=0.5, weight_decay=0.1).step()
    torch.testing.assert_close(matrix.detach(), torch.full((4, 4), 0.95))


def quintic(matrix: torch.Tensor) -> torch.Tensor:
    """Five Newton-Schulz steps of a matrix, applied to each singular value by itself."""
    left, values, right = torch.linalg.svd(matrix.double(), full_matrices=False)
    values = values / (matrix.double().norm() + 1e-7)
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return left @ torch.diag(values) @ right


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (1, 1)])
@pytest.mark.parametrize("size", [1.0, 1e-7])
def test_each_singular_value_takes_five_steps_of_the_quintic(shape: tuple[int, int], size: float) -> None:
    torch.manual_seed(0)
    matrices = size * torch.randn(2, *shape)
    expected = torch.stack([quintic(matrix) for matrix in matrices])
    torch.testing.assert_close(orthogonal(matrices, torch.float32).double(), expected, atol=2e-4, rtol=2e-4)


def test_products_are_of_the_precision_asked_for() -> None:
    matrices = torch.randn(1, 3, 5)
    assert orthogonal(matrices, torch.bfloat16).dtype == torch.bfloat16
    (matrix,) = stepped([(3, 5)], steps=1, precision=torch.bfloat16)
    (exact,) = stepped([(3, 5)], steps=1)
    assert matrix.dtype == torch.float32
    assert 0 < (matrix - exact).abs().max() < 0.01


def test_updates_are_those_of_the_equations_and_what_has_no_gradient_stays() -> None:
    lr, momentum, decay = 0.05, 0.7, 0.3
    torch.manual_seed(0)
    idle = torch.randn(2, 3).requires_grad_()
    matrices = [torch.randn(shape).requires_grad_() for shape in ((3, 5), (6, 2), (3, 5))]
    expected, before = [matrix.detach().double().clone() for matrix in matrices], idle.detach().clone()
    means = [torch.zeros_like(x) for x in expected]
    optimizer = Muon([idle, *matrices], lr=lr, momentum=momentum, weight_decay=decay)
    for _ in range(2):
        for number, matrix in enumerate(matrices):
            matrix.grad = torch.randn_like(matrix)
            gradient = matrix.grad.double()
            means[number] = momentum * means[number] + (1 - momentum) * gradient
            direction = momentum * means[number] + (1 - momentum) * gradient  # Nesterov's
            scale = 0.2 * max(matrix.shape) ** 0.5
            expected[number] = expected[number] * (1 - lr * decay) - lr * scale * quintic(direction)
        optimizer.step()
    assert torch.equal(idle, before)
    for matrix, x in zip(matrices, expected, strict=True):
        torch.testing.assert_close(matrix.detach().double(), x, atol=1e-4, rtol=1e-4)


def test_defaults_keep_95_percent_of_the_mean_and_decay_nothing() -> None:
    optimizer = Muon([torch.ones(1, 1, requires_grad=True)], lr=0.1)
    assert optimizer.defaults == {"lr": 0.1, "momentum": 0.95, "weight_decay": 0.0}


def test_an_update_that_found_no_finite_gradient_changes_nothing() -> None:
    for gradient in (torch.full((2, 3), float("nan")), torch.full((2, 3), float("inf")), torch.ones(2, 3)):
        matrix = torch.randn(2, 3).requires_grad_()
        optimizer = Muon([matrix], lr=0.1, weight_decay=0.1)
        matrix.grad = torch.randn(2, 3)
        optimizer.step()
        before, mean = matrix.detach().clone(), optimizer.state[matrix]["momentum"].clone()
        optimizer.found_inf, matrix.grad = torch.tensor(1.0), gradient
        optimizer.step()
        assert torch.equal(matrix, before) and torch.equal(optimizer.state[matrix]["momentum"], mean)
        optimizer.found_inf = torch.tensor(0.0)
        matrix.grad = torch.ones(2, 3)
        optimizer.step()
        assert not torch.equal(matrix, before)


def test_processes_share_the_work_and_have_the_same_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    # Threads stand for processes here, which have no group of all.
    monkeypatch.setattr(dist, "get_rank", lambda group: group.rank())
    monkeypatch.setattr(dist, "get_world_size", lambda group: group.size())

    def gather(gathered: torch.Tensor, made: torch.Tensor, group: dist.ProcessGroup) -> None:
        parts = [torch.empty_like(made) for _ in range(group.size())]
        group.allgather([parts], [made]).wait()
        gathered.copy_(torch.cat(parts))

    for name in ("all_gather_single", "all_gather_into_tensor"):
        monkeypatch.setattr(dist, name, gather, raising=False)
    torch.manual_seed(0)
    # Of one shape three, of another one: one process has less to do, or nothing.
    shapes = [(3, 5), (3, 5), (3, 5), (6, 2)]
    begun, gradients = ([torch.randn(shape) for shape in shapes] for _ in range(2))

    def act(ranks: Ranks) -> list[torch.Tensor]:
        matrices = [matrix.clone().requires_grad_() for matrix in begun]
        optimizer = Muon(matrices, lr=0.1, group=ranks.group)
        for matrix, gradient in zip(matrices, gradients, strict=True):
            matrix.grad = gradient.clone()
        optimizer.step()
        return [matrix.detach() for matrix in matrices]

    alone = act(Ranks(0, 1))
    for shared in together(2, act, grouped=True):
        assert not isinstance(shared, BaseException)
        for matrix, other in zip(shared, alone, strict=True):
            torch.testing.assert_close(matrix, other)
