from pathlib import Path

import numpy as np
import pytest

from gaupt.batches.mixture import Mixture
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


def test_the_sampler_weighs_sources_by_pattern(shards_folder: Path) -> None:
    all_rows = MaskedLMSampler(shards_folder, 64, 1, 0).rows_per_epoch
    half = MaskedLMSampler(shards_folder, 64, 1, 0, source_weights={"source[12]": 0}).rows_per_epoch
    assert half < 0.5 * all_rows


def test_a_pattern_that_fits_no_source_is_named(shards_folder: Path) -> None:
    with pytest.raises(GauptError, match=r"'wiki\*'; there are source0, source1, source2"):
        MaskedLMSampler(shards_folder, 64, 1, 0, source_weights={"wiki*": 2})
    with pytest.raises(GauptError, match="nothing is left"):
        MaskedLMSampler(shards_folder, 64, 1, 0, source_weights={"*": 0})
