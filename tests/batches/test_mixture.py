from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gaupt.batches.mixture import Mixture, group_samples
from gaupt.batches.pack import pack
from gaupt.batches.sampler import MaskedLMSampler
from gaupt.errors import GauptError

LENGTHS = np.full(600, 64)
GROUPS = np.repeat([0, 1, 2], 200)


def seen(mixture: Mixture, first: int, count: int) -> np.ndarray:
    """How often each sample is drawn in some slots."""
    rows, _ = mixture.draw(np.arange(first, first + count), seed=0)
    samples, _ = mixture.samples_of(rows)
    return np.bincount(samples, minlength=len(LENGTHS))


def test_weights_say_how_often_a_sample_is_seen() -> None:
    mixture = Mixture(LENGTHS, 64, GROUPS, [2.0, 0.5, 0.0])
    counts = seen(mixture, 0, 4 * mixture.rows_per_epoch)
    assert mixture.rows_per_epoch == 500
    assert (counts[GROUPS == 0] == 8).all()
    assert (counts[GROUPS == 1] == 2).all()
    assert (counts[GROUPS == 2] == 0).all()


def test_a_tiny_weight_is_one_place_and_no_weight_is_none() -> None:
    mixture = Mixture(LENGTHS, 64, GROUPS, [1.0, 1e-6, 0.0])
    assert mixture.rows_per_epoch == 201
    counts = seen(mixture, 0, 3 * 201)
    assert counts[GROUPS == 0].tolist() == [3] * 200
    assert sorted(counts[GROUPS == 1]) == [0] * 197 + [1] * 3  # one row an epoch, another one each time
    assert not counts[GROUPS == 2].any()


def test_a_weight_without_samples_has_no_place() -> None:
    assert Mixture(LENGTHS, 64, GROUPS, [1.0, 1.0, 1.0, 5.0]).rows_per_epoch == 600


def test_sources_are_mixed_all_the_way() -> None:
    mixture = Mixture(LENGTHS, 64, GROUPS, [2.0, 1.0, 1.0])
    for first in range(0, 800, 200):
        share = seen(mixture, first, 200)[GROUPS == 0].sum() / 200
        assert 0.38 < share < 0.62


def test_a_pass_over_a_group_is_complete_before_the_next() -> None:
    mixture = Mixture(LENGTHS, 64, GROUPS, [1.0, 1.0, 1.0])
    rows, passes = mixture.draw(np.arange(3 * 600), 0)
    for number in range(3):
        assert sorted(rows[passes == number].tolist()) == list(range(600))


def test_rows_hold_the_samples_of_one_group_as_they_are_packed() -> None:
    lengths, groups = np.arange(600) % 60 + 5, np.arange(600) % 2
    mixture = Mixture(lengths, 64, groups, [1.0, 1.0])
    rows, counts = mixture.samples_of(np.arange(mixture.rows_per_epoch))
    expected, sizes = [], []
    for group in (0, 1):
        members = np.flatnonzero(groups == group)
        packed, bounds = pack(lengths[members], 64, 0)
        expected += members[packed].tolist()
        sizes += np.diff(bounds).tolist()
    assert (rows.tolist(), counts.tolist()) == (expected, sizes)
    chosen, count = mixture.samples_of(np.array([3, 1]))
    before = np.cumsum(counts) - counts
    assert chosen.tolist() == [*rows[before[3] :][: counts[3]], *rows[before[1] :][: counts[1]]]
    assert count.tolist() == [counts[3], counts[1]]


def test_padding_is_counted_as_often_as_its_rows_are_seen() -> None:
    # Two rows of 8 and 4 tokens, twice each; one row of 5; one that is left out; a group of none.
    mixture = Mixture(np.array([4, 4, 4, 5, 9]), 10, np.array([0, 0, 0, 1, 2]), [2.0, 1.0, 0.0, 1.0])
    assert mixture.rows_per_epoch == 5
    assert mixture.padding_share == pytest.approx(1 - (2 * 12 + 5) / 50)


def test_rows_are_drawn_alike_in_every_release() -> None:
    """A resumed run must go on with the order that it began with."""
    mixture = Mixture(LENGTHS[:9], 64, GROUPS[::67], [2.0, 1.0, 1.0])
    rows, passes = mixture.draw(np.arange(10, 16), seed=5)
    assert (rows.tolist(), passes.tolist()) == ([4, 3, 4, 1, 7, 2], [0, 0, 1, 3, 1, 3])


def grouped(names: list[str], weights: dict[str, float], *bounds: list[int]) -> tuple[list[int], list[float]]:
    """Of shards with documents of ten tokens, one of each of ``names``, in this order and in reverse."""
    shards: Any = SimpleNamespace(
        manifest={"splits": {"train": {"shards": [{"name": n, "sources": names} for n in ("a", "b")]}}},
        names=lambda split: ["a", "b"],
    )
    forth = np.arange(len(names))
    loaded: Any = [
        SimpleNamespace(documents=np.arange(len(names) + 1, dtype=np.uint64) * 10, sources=order)
        for order in (forth, forth[::-1])
    ]
    groups, shares = group_samples(shards, "train", loaded, [np.array(bound) for bound in bounds], weights)
    return groups.tolist(), shares


def test_the_first_pattern_that_fits_a_samples_source_is_its_group_and_the_rest_is_seen_once() -> None:
    names, bounds = ["web", "wiki-zh", "wiki-en"], ([0, 4, 10, 20, 29, 30], [0, 10, 20, 30])
    assert grouped(names, {}, *bounds) == ([0] * 8, [1.0])
    weights = {"wiki-zh": 3.0, "wiki*": 0.0}
    assert grouped(names, weights, *bounds) == ([2, 2, 0, 1, 1, 1, 0, 2], [3.0, 0.0, 1.0])
    weights = {"wiki*": 0.0, "wiki-zh": 3.0}
    assert grouped(names, weights, *bounds) == ([2, 2, 0, 0, 0, 0, 0, 2], [0.0, 3.0, 1.0])


@pytest.mark.parametrize(
    ("count", "told"), [(8, "s0, s1, s2, s3, s4, s5, s6, s7"), (9, "s0, s1, s2, s3, s4, s5, s6, s7, …")]
)
def test_a_pattern_that_fits_none_is_told_the_first_eight_sources(count: int, told: str) -> None:
    names = [f"s{number}" for number in range(count)][::-1]
    with pytest.raises(GauptError, match=f"no source fits 'S1'; there are {told}$"):
        grouped(names, {"s*": 1.0, "S1": 2.0}, [0, 10], [0, 10])


def test_the_sampler_weighs_sources_by_pattern(shards_folder: Path) -> None:
    all_rows = MaskedLMSampler(shards_folder, 64, 1, 0).rows_per_epoch
    half = MaskedLMSampler(shards_folder, 64, 1, 0, source_weights={"source[12]": 0}).rows_per_epoch
    assert half < 0.5 * all_rows


def test_a_pattern_that_fits_no_source_is_named(shards_folder: Path) -> None:
    with pytest.raises(GauptError, match=r"'wiki\*'; there are source0, source1, source2"):
        MaskedLMSampler(shards_folder, 64, 1, 0, source_weights={"wiki*": 2})
    with pytest.raises(GauptError, match="nothing is left"):
        MaskedLMSampler(shards_folder, 64, 1, 0, source_weights={"*": 0})
