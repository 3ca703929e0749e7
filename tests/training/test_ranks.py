"""What processes add up and settle; played by threads that share a store."""

from typing import Any

import pytest
import torch

from gaupt.errors import GauptError
from gaupt.training.ranks import ALONE, ENDED, Lost, Ranks
from tests.training.ranks_of import together


def test_who_is_alone_calls_and_waits_for_nobody() -> None:
    assert ALONE.alone and ALONE.leads
    value = object()
    assert ALONE.settle(lambda: value) is value
    assert ALONE.each(lambda: value) is value
    assert ALONE.gather(lambda: value) == [value]
    ALONE.wait()


def test_who_is_alone_keeps_gradients_and_sums_as_they_are() -> None:
    parameter, gradient = torch.ones(2, requires_grad=True), torch.ones(2)
    parameter.grad = gradient
    ALONE.add_up_gradients([parameter])
    assert parameter.grad is gradient
    assert ALONE.add_up(gradient) is gradient and gradient.tolist() == [1, 1]


def test_what_rank_0_settles_holds_for_all() -> None:
    called = []

    def act(ranks: Ranks) -> Any:
        return ranks.settle(lambda: called.append(ranks.rank) or {"steps": [1, None]}), ranks.leads

    value = {"steps": [1, None]}
    assert together(3, act) == [(value, True), (value, False), (value, False)]
    assert called == [0]


@pytest.mark.slow
def test_each_says_its_own_and_all_know_them_by_rank() -> None:
    assert together(3, lambda ranks: ranks.gather(lambda: 10 * ranks.rank)) == [[0, 10, 20]] * 3
    assert together(3, lambda ranks: ranks.each(lambda: {ranks.rank})) == [{0}, {1}, {2}]


def test_questions_are_answered_in_their_order() -> None:
    def act(ranks: Ranks) -> Any:
        return [ranks.settle(lambda: "a"), ranks.gather(lambda: ranks.rank), ranks.settle(lambda: "b")]

    assert together(2, act) == [["a", [0, 1], "b"]] * 2


def refuse(ranks: Ranks, those: tuple[int, ...]) -> None:
    if ranks.rank in those:
        raise GauptError("nowhere does not exist")


def test_a_mistake_that_rank_0_meets_is_everybodys() -> None:
    ends = together(2, lambda ranks: ranks.settle(lambda: refuse(ranks, (0,))))
    assert [(type(end), str(end)) for end in ends] == [(GauptError, "nowhere does not exist")] * 2


@pytest.mark.parametrize(
    ("those", "told"),
    [((0, 1), r"^nowhere does not exist$"), ((1,), r"^rank 1 on \S+: nowhere does not exist$")],
)
def test_a_mistake_that_one_meets_is_told_with_its_place(those: tuple[int, ...], told: str) -> None:
    for end in together(2, lambda ranks: ranks.each(lambda: refuse(ranks, those))):
        with pytest.raises(GauptError, match=told):
            raise end


def test_who_waits_for_one_that_has_ended_is_lost() -> None:
    def act(ranks: Ranks) -> Any:
        assert ranks.store is not None
        if ranks.leads:
            return ranks.settle(lambda: 1)
        ranks.store.set(ENDED, "2")
        return None

    end, _ = together(2, lambda ranks: ranks.gather(lambda: 1) if ranks.leads else act(ranks))
    assert isinstance(end, Lost)


def test_gradients_become_those_of_all_and_none_counts_as_zeros() -> None:
    def act(ranks: Ranks) -> Any:
        first, second, fixed = (torch.zeros(shape, requires_grad=True) for shape in ((2, 3), (4,), (5,)))
        fixed.requires_grad_(False)
        first.grad = torch.full((2, 3), 1.0 + ranks.rank)
        if ranks.leads:
            second.grad = torch.arange(4.0)
        ranks.add_up_gradients([first, second, fixed])
        assert fixed.grad is None
        return (
            first.grad.tolist(),
            second.grad.tolist(),
            ranks.add_up(torch.tensor([1.0, ranks.rank])).tolist(),
        )

    assert together(2, act, grouped=True) == [([[3.0] * 3] * 2, [0.0, 1.0, 2.0, 3.0], [2.0, 1.0])] * 2


def fail(error: Exception) -> None:
    raise error


def test_an_error_of_the_connection_is_a_loss_and_one_of_the_memory_is_not() -> None:
    ranks = Ranks(0, 2)
    with (
        pytest.raises(Lost, match=r"^Read error \[10\.0\.0\.2\]:99: Connection reset by peer$"),
        ranks.contact(),
    ):
        fail(
            RuntimeError(
                "[gloo/pair.cc:537] Read error [10.0.0.2]:99: Connection reset by peer. Check the logs."
            )
        )
    with pytest.raises(torch.OutOfMemoryError), ranks.contact():
        fail(torch.OutOfMemoryError("a lot"))
    with pytest.raises(RuntimeError, match="a bug"), ALONE.contact():
        fail(RuntimeError("a bug"))
