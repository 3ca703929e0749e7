"""MODEL of the command line: what can be loaded, and one clear line for what cannot."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaupt.checkpoint.load import load_model, load_state
from gaupt.errors import GauptError
from gaupt.evaluation.fill import fill_masks
from gaupt.exporting.hf import export
from tests.exporting.folders import QUIET, write_checkpoint
from tests.model.small import FAMILY, tokens

CONFIG = FAMILY["softmax_plus"]


def test_run_checkpoint_and_export_give_the_same_model(tmp_path: Path) -> None:
    run = tmp_path / "run"
    checkpoint = write_checkpoint(run / "checkpoints" / "step-0000007", CONFIG, tmp_path)
    export(run, tmp_path / "export", progress=QUIET)
    ids = tokens(2, 8)
    outputs = [load_model(path).model(ids) for path in (run, checkpoint.folder, tmp_path / "export")]
    assert torch.equal(outputs[0], outputs[1]) and torch.equal(outputs[0], outputs[2])


@pytest.mark.slow
def test_a_damaged_newest_checkpoint_is_passed_over(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_checkpoint(run / "checkpoints" / "step-0000007", CONFIG, tmp_path / "x")
    newest = write_checkpoint(run / "checkpoints" / "step-0000008", CONFIG, tmp_path / "y")
    flip_byte(newest.folder / "model.safetensors")
    warnings: list[str] = []
    loaded = load_model(run, warn=warnings.append)
    assert loaded.source.name == "step-0000007"
    assert len(warnings) == 1 and "step-0000008" in warnings[0]


def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="does not exist"):
        load_model(tmp_path / "nothing")


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is empty, not a run of gaupt pretrain, a checkpoint or"):
        load_model(tmp_path)


def test_a_public_checkpoint_is_pointed_to_import(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gau_alpha"}))
    with pytest.raises(GauptError, match="gaupt import"):
        load_model(tmp_path)


def test_damaged_weights_of_a_checkpoint(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", CONFIG, tmp_path)
    flip_byte(checkpoint.folder / "model.safetensors")
    with pytest.raises(GauptError, match=r"model\.safetensors is damaged"):
        load_model(checkpoint.folder)


def test_truncated_weights_of_an_export(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", CONFIG, tmp_path)
    export(checkpoint.folder, tmp_path / "export", progress=QUIET)
    weights = tmp_path / "export" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(GauptError, match="damaged"):
        load_model(tmp_path / "export")


@pytest.mark.slow
def test_weights_of_another_model(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", CONFIG, tmp_path)
    export(checkpoint.folder, tmp_path / "export", progress=QUIET)
    path = tmp_path / "export" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"num_hidden_layers": 2}))
    with pytest.raises(GauptError, match=r"config\.json is damaged.*export again, or remove files.json"):
        load_model(tmp_path / "export")
    (tmp_path / "export" / "files.json").unlink()
    with pytest.raises(GauptError, match=r"another model's weights: encoder\.layers\.2"):
        load_model(tmp_path / "export")


def flip_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"weight": torch.zeros(2, 2)}, r"weight has shape \(2, 2\), this model needs \(2, 3\)"),
        ({}, "weight is missing"),
        ({"weight": torch.zeros(2, 3), "extra": torch.zeros(1)}, "extra is not a part of this model"),
    ],
)
def test_another_models_weights_are_refused_by_name(weights: dict[str, torch.Tensor], expected: str) -> None:
    with pytest.raises(GauptError, match=expected):
        load_state(torch.nn.Linear(3, 2, bias=False), weights, where="here")


def exported_with(tmp_path: Path, **changes: object) -> Path:
    """An exported folder without a list of checksums, with other values in its config."""
    folder = tmp_path / "export"
    export(write_checkpoint(tmp_path / "checkpoint", CONFIG, tmp_path).folder, folder, progress=QUIET)
    (folder / "files.json").unlink()
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | changes))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [{"num_hidden_layers": 10**8}, {"hidden_size": 10**8}, {"vocab_size": 10**8}]
)
def test_a_config_of_any_size_takes_no_time_and_no_memory(changes: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="holds another model's weights"):
        load_model(exported_with(tmp_path, **changes))


@pytest.mark.slow
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(value: float, tmp_path: Path) -> None:
    folder = exported_with(tmp_path)
    weights = load_file(folder / "model.safetensors")
    weights["model.encoder.type_embedding.weight"][0, 0] = value
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(
        GauptError, match=r"export is damaged: encoder\.type_embedding\.weight holds what is no number"
    ):
        load_model(folder)


@pytest.mark.slow
def test_a_vocabulary_of_more_ids_than_the_model_has_rows_is_refused(tmp_path: Path) -> None:
    folder = exported_with(tmp_path)
    loaded = load_model(folder)
    assert loaded.vocabulary().vocab_size <= loaded.model.config.vocab_size
    fast = loaded.vocabulary().fast
    fast.add_tokens([f"<{n}>" for n in range(loaded.model.config.vocab_size)])
    fast.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text("{}")
    with pytest.raises(GauptError, match=r"tokenizer\.json is of another model: it has \d+ tokens"):
        loaded.vocabulary()


@pytest.mark.parametrize("member", ["roformer_v1", "roformer_v2", "softmax_plus"])
def test_a_head_that_was_not_saved_is_drawn_anew_and_told_where_there_is_one(
    member: str, tmp_path: Path
) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY[member], tmp_path)
    export(checkpoint.folder, tmp_path / "e", progress=QUIET)
    (tmp_path / "e" / "files.json").unlink()
    weights = load_file(tmp_path / "e" / "model.safetensors")
    encoder = {name: tensor for name, tensor in weights.items() if not name.startswith("head.")}
    save_file(encoder, tmp_path / "e" / "model.safetensors")
    warnings: list[str] = []
    first, second = (load_model(tmp_path / "e", warn=warnings.append) for _ in range(2))
    assert first.new_head is (member == "roformer_v1") and len(warnings) == 2 * first.new_head
    assert torch.equal(first.model(tokens(2, 8)), second.model(tokens(2, 8)))
    if first.new_head:
        assert "was saved without its masked-LM head, which is drawn anew" in warnings[0]
        with pytest.raises(GauptError, match="e was saved without the masked-LM head that predicts"):
            fill_masks(tmp_path / "e", ["一[MASK]"])


def test_a_part_of_a_head_is_no_head(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["roformer_v1"], tmp_path)
    export(checkpoint.folder, tmp_path / "e", progress=QUIET)
    (tmp_path / "e" / "files.json").unlink()
    weights = load_file(tmp_path / "e" / "model.safetensors")
    del weights["head.transform.0.weight"]
    save_file(weights, tmp_path / "e" / "model.safetensors")
    with pytest.raises(GauptError, match=r"head\.transform\.0\.weight is missing"):
        load_model(tmp_path / "e")


def test_an_adapter_of_peft_is_told_from_a_model(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(GauptError, match="is an adapter of peft, not a model: merge it"):
        load_model(tmp_path)


def test_an_export_without_its_tokenizer_says_what_is_missing(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", CONFIG, tmp_path)
    export(checkpoint.folder, tmp_path / "e", progress=QUIET)
    (tmp_path / "e" / "tokenizer.json").unlink()
    with pytest.raises(
        GauptError, match=r"tokenizer\.json is missing; copy the whole folder, save its tokenizer there"
    ):
        load_model(tmp_path / "e")
