"""Muon: what its updates are, that blocks are matrices of their own, and that torch's agrees."""

import pytest
import torch

from gaupt.optimization.muon import Muon, orthogonal


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
