"""A folder of gaupt export, told from others and read back."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from gaupt.checkpoint.exported import CONFIG, WEIGHTS, is_exported, read_exported, saved_by_others
from gaupt.errors import GauptError
from gaupt.exporting.folder import config_values, exported_names
from gaupt.files import sha256, write_json
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.model.family import masked_lm
from gaupt.seal import list_files, write_list
from gaupt.tokenizer.load import sealed
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


def close_folder(folder: Path) -> None:
    """Write the list of what is in ``folder``, as export does."""
    write_list(folder, list_files(folder))


def test_what_transformers_saved_in_an_export_is_read_and_what_is_damaged_is_not(tmp_path: Path) -> None:
    write_exported(tmp_path, FAMILY["softmax_plus"])
    close_folder(tmp_path)
    trained = write_exported(tmp_path, FAMILY["softmax_plus"], transformers_version="4.46.3")
    found = read_exported(tmp_path)
    assert all(torch.equal(found.weights[name], trained[name]) for name in trained)
    assert saved_by_others(tmp_path)
    write_exported(tmp_path, FAMILY["softmax_plus"])
    assert not saved_by_others(tmp_path)
    with pytest.raises(
        GauptError, match=r"model\.safetensors is damaged.*export again, or remove files\.json"
    ):
        read_exported(tmp_path)


def test_a_tokenizer_that_transformers_saved_in_an_export_is_read(tmp_path: Path) -> None:
    write_exported(tmp_path, FAMILY["softmax_plus"])
    (tmp_path / "tokenizer.json").write_text("{}")
    ours = sealed({"gaupt": {"sha256": {"tokenizer.json": sha256(tmp_path / "tokenizer.json")}}})
    write_json(tmp_path / "tokenizer_config.json", ours)
    close_folder(tmp_path)
    read_exported(tmp_path)
    write_json(tmp_path / "tokenizer_config.json", ours | {"backend": "tokenizers"})
    (tmp_path / "tokenizer.json").write_text("{ }")
    read_exported(tmp_path)
    write_json(tmp_path / "tokenizer_config.json", ours)
    with pytest.raises(GauptError, match=r"tokenizer\.json is damaged"):
        read_exported(tmp_path)


def test_an_encoder_that_was_saved_alone_has_no_prefix(tmp_path: Path) -> None:
    written = write_exported(tmp_path, FAMILY["softmax_plus"])
    alone = {name: tensor for name, tensor in written.items() if name.startswith("encoder.")}
    save_file(alone, tmp_path / WEIGHTS)
    assert read_exported(tmp_path).weights.keys() == alone.keys()


def test_a_decoder_is_the_embedding_or_refused(tmp_path: Path) -> None:
    written = write_exported(tmp_path, FAMILY["roformer_v1"])
    embedding = written["encoder.token_embedding.weight"]
    stored = exported_names(written)
    save_file(stored | {"head.decoder.weight": embedding.clone()}, tmp_path / WEIGHTS)
    assert read_exported(tmp_path).weights.keys() == written.keys()
    save_file(stored | {"head.decoder.weight": embedding + 1}, tmp_path / WEIGHTS)
    with pytest.raises(GauptError, match=r"head\.decoder\.weight is not tied to the embedding"):
        read_exported(tmp_path)


def test_a_bias_is_read_under_the_name_of_earlier_exports(tmp_path: Path) -> None:
    written = write_exported(tmp_path, FAMILY["roformer_v1"])
    stored = exported_names(written)
    stored["head.bias"] = stored.pop("head.decoder.bias")
    save_file(stored, tmp_path / WEIGHTS)
    write_json(tmp_path / CONFIG, _earlier(json.loads((tmp_path / CONFIG).read_text())))
    found = read_exported(tmp_path)
    assert found.weights.keys() == written.keys() and found.config == FAMILY["roformer_v1"]


def _earlier(values: dict[str, object]) -> dict[str, object]:
    return {"architecture" if name == "encoder_type" else name: value for name, value in values.items()}


def test_a_head_of_another_width_does_not_fit(tmp_path: Path) -> None:
    written = write_exported(
        tmp_path, FAMILY["softmax_plus"], architectures=["GauptForSequenceClassification"]
    )
    head = {"classifier.weight": torch.ones(2, 7), "classifier.bias": torch.zeros(2)}
    save_file(exported_names(written) | head, tmp_path / WEIGHTS)
    with pytest.raises(GauptError, match="the head reads states of 7 numbers, hidden_size is 32"):
        read_exported(tmp_path)
