"""The configuration that transformers reads and writes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaupt.exporting.folder import config_values
from gaupt.model.config import GAUConfig, RoFormerConfig
from tests.model.small import FAMILY


@pytest.fixture
def configuration() -> Any:
    """The class, imported where it is used: transformers takes a while."""
    from gaupt.exporting.remote.configuration_gau import GauptConfig

    return GauptConfig


@pytest.mark.parametrize("member", FAMILY)
def test_an_exported_config_describes_the_same_encoder(configuration: Any, member: str) -> None:
    config = configuration.from_dict(config_values(FAMILY[member], {"pad_token_id": 0}))
    assert config.encoder_config() == FAMILY[member]
    assert config.pad_token_id == 0


@pytest.mark.parametrize("member", ["mixed_chunk", "roformer_v1"])
def test_a_saved_config_is_read_as_it_was(configuration: Any, member: str, tmp_path: Path) -> None:
    written = replace(FAMILY[member], max_length=77, dropout=0.25)
    configuration.from_dict(config_values(written, {}) | {"classifier_dropout": 0.3}).save_pretrained(
        tmp_path
    )
    read = configuration.from_pretrained(tmp_path)
    assert read.encoder_config() == written
    assert read.classifier_dropout == 0.3


def test_what_is_not_said_has_the_default_of_its_architecture(configuration: Any) -> None:
    assert configuration().encoder_config() == GAUConfig()
    assert configuration("roformer", version=1).encoder_config() == RoFormerConfig(version=1)


def test_layers_heads_and_lengths_go_by_transformers_names(configuration: Any) -> None:
    config = configuration("roformer", num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=99)
    encoder = config.encoder_config()
    assert isinstance(encoder, RoFormerConfig)
    assert (encoder.num_layers, encoder.num_heads, encoder.max_length) == (3, 4, 99)
    assert not hasattr(config, "num_layers")


def test_gau_has_one_head(configuration: Any) -> None:
    assert configuration().num_attention_heads == 1


def test_what_transformers_itself_keeps_is_kept(configuration: Any) -> None:
    config = configuration(num_labels=5, problem_type="regression")
    assert (config.num_labels, config.problem_type) == (5, "regression")


def test_another_architecture_is_refused_by_name(configuration: Any) -> None:
    with pytest.raises(ValueError, match="architecture = 'mamba' is not one of gau, roformer"):
        configuration("mamba")


def test_values_of_no_encoder_are_refused_when_the_encoder_is_asked_for(configuration: Any) -> None:
    with pytest.raises(ValueError, match="key_size = 3"):
        configuration(key_size=3).encoder_config()
