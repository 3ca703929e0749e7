"""Tensors of public checkpoints: read without running code, put together, and fitted to the model."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.importing.importer import import_checkpoint
from gaupt.importing.weights import read_config_json, read_transformers_folder, translate
from gaupt.model.config import RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.model.rotary import rotary_angles
from tests.exporting.folders import QUIET
from tests.importing.public import GAU, shard
from tests.model.small import FAMILY


def test_torch_weights_are_read_without_running_code(public: Path, tmp_path: Path) -> None:
    tensors = load_file(public / "model.safetensors")
    (public / "model.safetensors").unlink()
    torch.save(tensors, public / "pytorch_model.bin")
    import_checkpoint(public, tmp_path / "out", progress=QUIET)
    assert load_model(tmp_path / "out").model.config.num_layers == 2


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("evil-ran"),))


def test_a_pickle_with_code_is_refused(public: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (public / "model.safetensors").unlink()
    torch.save({"weights": Evil()}, public / "pytorch_model.bin")
    with pytest.raises(GauptError, match=r"pytorch_model\.bin is damaged or holds more than tensors"):
        import_checkpoint(public, tmp_path / "out", progress=QUIET)
    assert not (tmp_path / "evil-ran").exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_sharded_weights_are_put_together(public: Path, tmp_path: Path, name: str) -> None:
    import_checkpoint(public, tmp_path / "whole", progress=QUIET)
    shard(public, name)
    import_checkpoint(public, tmp_path / "sharded", progress=QUIET)
    whole, sharded = (
        (tmp_path / folder / "model.safetensors").read_bytes() for folder in ("whole", "sharded")
    )
    assert whole == sharded


def test_a_folder_becomes_a_model_of_ours_in_float32(public: Path) -> None:
    tensors = load_file(public / "model.safetensors")
    save_file({name: tensor.half() for name, tensor in tensors.items()}, public / "model.safetensors")
    model = read_transformers_folder(public)
    assert model.config.num_layers == 2
    assert {tensor.dtype for tensor in model.weights.values()} == {torch.float32}
    masked_lm(model.config).load_state_dict(dict(model.weights))


TABLE = "roformer.encoder.embed_positions.weight"


def roformer() -> tuple[RoFormerConfig, dict[str, torch.Tensor]]:
    """A small RoFormerV2 and its weights; our own names are taken as they are."""
    config = FAMILY["roformer_v2"]
    assert isinstance(config, RoFormerConfig)
    return config, masked_lm(config).state_dict()


def sinusoids(positions: int) -> torch.Tensor:
    """The stored table of heads 8 wide: sines, then cosines."""
    cos, sin = rotary_angles(positions, 8, torch.device("cpu"))
    return torch.cat((sin, cos), -1)


def test_a_stored_table_of_the_formulas_angles_is_dropped() -> None:
    config, weights = roformer()
    model = translate(config, weights | {TABLE: sinusoids(20)}, "here")
    assert model.config == config
    assert "encoder.rotary_table" not in model.weights


def test_another_table_is_kept_sets_the_length_and_counts_no_parameter() -> None:
    config, weights = roformer()
    table = sinusoids(20) + 1e-3
    model = translate(config, weights | {TABLE: table}, "here")
    assert isinstance(model.config, RoFormerConfig)
    assert model.config.rotary_table and model.config.max_length == 20
    assert torch.equal(model.weights["encoder.rotary_table"], table)
    assert model.parameters == sum(tensor.numel() for tensor in weights.values())


def test_a_decoder_is_left_out_where_it_is_the_embedding_and_refused_where_it_is_not() -> None:
    config, weights = roformer()
    embedding = weights["encoder.token_embedding.weight"]
    assert translate(config, weights | {"cls.predictions.decoder.weight": embedding.clone()}, "here")
    with pytest.raises(GauptError, match=r"here: cls\.predictions\.decoder\.weight is not tied"):
        translate(config, weights | {"cls.predictions.decoder.weight": embedding + 1}, "here")


def without(weights: Mapping[str, torch.Tensor], name: str) -> dict[str, torch.Tensor]:
    return {key: tensor for key, tensor in weights.items() if key != name}


def test_tensors_that_do_not_fit_are_named() -> None:
    config, weights = roformer()
    last = {name: tensor for name, tensor in weights.items() if not name.startswith("encoder.layers.1.")}
    with pytest.raises(GauptError, match="here has tensors of 1 layers, but its config says 2"):
        translate(config, last, "here")
    with pytest.raises(GauptError, match=r"here holds .*: encoder\.layers\.0\.key\.weight is missing"):
        translate(config, without(weights, "encoder.layers.0.key.weight"), "here")
    with pytest.raises(GauptError, match=r"here holds .*: extra is not a part of this model"):
        translate(config, weights | {"extra": torch.ones(1)}, "here")


def test_a_config_is_an_object_of_valid_json(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with pytest.raises(GauptError, match="is empty, not a folder of transformers"):
        read_config_json(tmp_path)
    for content, message in (
        (b"{", "is not valid JSON"),
        (b"\xff", "is not valid JSON"),
        (b"[1]", "no JSON object"),
    ):
        path.write_bytes(content)
        with pytest.raises(GauptError, match=message):
            read_config_json(tmp_path)
    path.write_text(json.dumps(GAU))
    assert read_config_json(tmp_path) == GAU
