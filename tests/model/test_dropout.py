"""Dropout: its rate, its mean, its seed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gaupt.model.dropout import Dropout, begin_layer, bytes_from, dropout, dropout_of_rows


def test_dropout_keeps_the_mean_and_its_rate() -> None:
    torch.manual_seed(0)
    x = torch.ones(1000, 1000)
    dropped = dropout(x, 0.1, training=True)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.1, abs=0.003)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.002)
    assert dropout(x, 0.1, training=False) is x
    assert dropped.unique().numel() == 2


def test_dropout_is_drawn_anew_and_repeats_with_the_seed() -> None:
    x = torch.ones(7, 9)
    torch.manual_seed(0)
    first, second = dropout(x, 0.5, training=True), dropout(x, 0.5, training=True)
    torch.manual_seed(0)
    assert torch.equal(dropout(x, 0.5, training=True), first) and not torch.equal(first, second)


@pytest.mark.slow
@given(rate=st.floats(0.01, 0.98), rows=st.integers(1, 9), columns=st.integers(1, 9))
def test_what_is_kept_is_scaled_by_the_rate_rounded_to_a_256th(rate: float, rows: int, columns: int) -> None:
    x = torch.linspace(1, 2, rows * columns).view(rows, columns)
    dropped = dropout(x, rate, training=True)
    scale = 256 / (256 - round(rate * 256))
    assert dropped.shape == x.shape
    assert torch.isclose(dropped, x * scale).logical_or(dropped == 0).all()


@pytest.mark.parametrize("least", [1, 2, 26, 127, 128, 129, 254, 255])
def test_bytes_are_compared_eight_at_a_time(least: int) -> None:
    torch.manual_seed(0)
    # Each value, with all kinds of neighbours in its word.
    each = torch.stack([torch.randperm(256) for _ in range(64)]).to(torch.uint8)
    assert torch.equal(bytes_from(each.clone().view(torch.int64), least), (each >= least).to(torch.uint8))


@pytest.mark.parametrize("rate", [1e-4, 0.999])
def test_rates_that_round_to_nothing_or_all_are_torchs_own(rate: float) -> None:
    torch.manual_seed(0)
    share = (dropout(torch.ones(200_000), rate, training=True) == 0).float().mean().item()
    assert share == pytest.approx(rate, rel=0.5) and 0 < share < 1


def test_gradients_pass_where_values_did() -> None:
    x = torch.ones(40, requires_grad=True)
    torch.manual_seed(0)
    out = dropout(x, 0.5, training=True)
    out.sum().backward()
    assert x.grad is not None and torch.equal(x.grad, out.detach())


def test_the_number_format_stays() -> None:
    assert dropout(torch.ones(9, dtype=torch.bfloat16), 0.5, training=True).dtype == torch.bfloat16


def test_the_module_drops_in_training_alone() -> None:
    x, module = torch.ones(100), Dropout(0.5)
    assert (module(x) == 0).any()
    assert module.eval()(x) is x
    assert Dropout(0.0)(x) is x


@pytest.mark.slow
@given(first=st.integers(0, 6), stop=st.integers(1, 7), width=st.integers(1, 20))
def test_a_row_with_a_key_drops_the_same_whatever_rows_are_beside_it(
    first: int, stop: int, width: int
) -> None:
    keys, part, x = [2**62 + 3 * n for n in range(7)], slice(min(first, stop - 1), stop), torch.ones(7, width)
    with dropout_of_rows(keys):
        whole = [dropout(x, 0.5, training=True) for _ in range(2)]
    with dropout_of_rows(keys[part]):
        alone = [dropout(x[part], 0.5, training=True) for _ in range(2)]
    assert all(torch.equal(a[part], b) for a, b in zip(whole, alone, strict=True))


def test_rows_calls_and_keys_draw_their_own() -> None:
    x = torch.ones(2, 400)
    with dropout_of_rows([1, 2]):
        first, second = dropout(x, 0.5, training=True), dropout(x, 0.5, training=True)
    drawn = [*first, *second]
    with dropout_of_rows([3, 4]):
        drawn += dropout(x, 0.5, training=True)
    agree = [(a == b).float().mean().item() for i, a in enumerate(drawn) for b in drawn[:i]]
    assert max(agree) < 0.6 and min(agree) > 0.4


def test_a_layer_computed_again_drops_the_same() -> None:
    x = torch.ones(3, 40)
    with dropout_of_rows([1, 2, 3]):
        begin_layer(1)
        first = dropout(x, 0.5, training=True)
        begin_layer(2)
        other = dropout(x, 0.5, training=True)
        begin_layer(1)
        assert torch.equal(dropout(x, 0.5, training=True), first) and not torch.equal(first, other)


def test_without_keys_torch_draws_again() -> None:
    with dropout_of_rows([1]):
        pass
    torch.manual_seed(0)
    first = dropout(torch.ones(50), 0.5, training=True)
    torch.manual_seed(0)
    assert torch.equal(dropout(torch.ones(50), 0.5, training=True), first)
