"""A folder of gaupt export, told from others and read back."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from gaupt.checkpoint.exported import CONFIG, WEIGHTS, is_exported, read_exported
from gaupt.errors import GauptError
from gaupt.exporting.folder import config_values, exported_names
from gaupt.files import write_json
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.model.family import masked_lm
from tests.model.small import FAMILY


def write_exported(folder: Path, config: ModelConfig, **changes: object) -> dict[str, torch.Tensor]:
    """What export writes that is read back; returns the weights under our names."""
    weights = masked_lm(config).state_dict()
    write_json(folder / CONFIG, config_values(config, {}) | changes)
    save_file(exported_names(weights), folder / WEIGHTS)
    return weights


@pytest.mark.parametrize("member", FAMILY)
def test_config_and_weights_come_back_under_our_names(member: str, tmp_path: Path) -> None:
    written = write_exported(tmp_path, FAMILY[member])
    found = read_exported(tmp_path)
    weights = found.weights
    assert found.config == FAMILY[member]
    assert weights.keys() == written.keys()
    assert all(torch.equal(weights[name], written[name]) for name in written)


def test_weights_of_half_precision_are_read_as_float32(tmp_path: Path) -> None:
    written = write_exported(tmp_path, FAMILY["softmax"])
    save_file(exported_names({name: tensor.half() for name, tensor in written.items()}), tmp_path / WEIGHTS)
    assert {tensor.dtype for tensor in read_exported(tmp_path).weights.values()} == {torch.float32}


def test_what_a_config_does_not_say_has_its_default_and_what_transformers_adds_is_passed_over(
    tmp_path: Path,
) -> None:
    write_exported(tmp_path, FAMILY["softmax_plus"])
    values = json.loads((tmp_path / CONFIG).read_text())
    for name in ("encoder_type", "length_floor", "max_position_embeddings"):
        del values[name]
    write_json(tmp_path / CONFIG, values | {"transformers_version": "5.0.0"})
    config = read_exported(tmp_path).config
    assert isinstance(config, GAUConfig)
    assert (config.length_floor, config.max_length, config.hidden_size) == (1, 512, 32)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"model_type": "gaupt"}', True),
        (b'{"model_type": "bert"}', False),
        (b"{}", False),
        (b"[]", False),
        (b"{", False),
        (b"\xff\xfe", False),
        (None, False),
    ],
)
def test_only_a_config_that_says_gaupt_is_an_export(
    content: bytes | None, told: bool, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / CONFIG).write_bytes(content)
    assert is_exported(tmp_path) is told


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder_type": "mamba"}, "encoder_type = 'mamba' is not one of gau, roformer"),
        ({"key_size": 3}, "key_size = 3"),
        ({"hidden_size": "wide"}, "hidden_size = 'wide' is not a whole number"),
        ({"hidden_size": 10**9}, "hidden_size = 1000000000 is more than"),
        ({"dropout": "much"}, "a value is of another type"),
        ({"encoder_type": []}, "a value is of another type"),
    ],
)
def test_a_config_of_no_model_is_named(changes: dict[str, object], message: str, tmp_path: Path) -> None:
    write_exported(tmp_path, FAMILY["softmax_plus"], **changes)
    with pytest.raises(GauptError, match=rf"config\.json is damaged \(.*{message}.*\); export again"):
        read_exported(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"not tensors at all"])
def test_weights_that_cannot_be_read_are_named_with_a_remedy(content: bytes | None, tmp_path: Path) -> None:
    write_exported(tmp_path, FAMILY["softmax_plus"])
    (tmp_path / WEIGHTS).unlink()
    if content is not None:
        (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(GauptError, match=r"model\.safetensors is (missing|damaged: .*); .*export again"):
        read_exported(tmp_path)
