"""Counts and formulas of the comparison, against the paper's table and against what torch counts."""

import pytest

from gaupt.bench.contestants import (
    classifier_parameters,
    contestants,
    ours,
)
from gaupt.model.config import GAUConfig, ModelConfig, RoFormerConfig

GAU = GAUConfig()
V1 = RoFormerConfig(version=1, vocab_size=50_000, max_length=1536)
V2 = RoFormerConfig(version=2)


@pytest.mark.parametrize(
    ("config", "published"), [(GAU, 96_519_170), (V2, 94_777_090), (V1, 124_147_970)], ids=["GAU", "V2", "V1"]
)
@pytest.mark.untraced
def test_parameters_are_those_of_the_papers_table(config: ModelConfig, published: int) -> None:
    assert classifier_parameters(ours("", config)) == published


@pytest.mark.slow
def test_bench_counts_each_with_its_published_vocabulary() -> None:
    counted = {
        c.name: classifier_parameters(c) for c in contestants(layers=24, vocab_size=12_000, longest=2048)
    }
    assert counted["GAU-24"] == 96_519_170
    assert counted["RoFormerV1-12"] == 124_147_970
    assert counted["RoFormerV2-12"] == 94_777_090
    if "transformers RoFormerV1-12" in counted:
        assert counted["transformers RoFormerV1-12"] == 124_147_970
        assert counted["transformers BERT-12"] == 102_269_186


@pytest.mark.slow
def test_transformers_models_take_part_where_it_is_installed() -> None:
    pytest.importorskip("transformers")
    names = [contestant.name for contestant in contestants(layers=2, vocab_size=100, longest=32)]
    assert "transformers RoFormerV1-1" in names and "transformers BERT-1" in names
