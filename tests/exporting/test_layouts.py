"""Models in the layouts of public checkpoints, as `gaupt import` reads them and others' code loads them."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from gaupt.checkpoint.finetuned import SEQUENCE, FineTuned
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.config import Config, ExportConfig
from gaupt.errors import GauptError
from gaupt.exporting.hf import export
from gaupt.exporting.layouts import check_layout, public_config, public_weights
from gaupt.importing.importer import import_checkpoint
from gaupt.importing.names import our_config, our_name
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.model.family import masked_lm
from tests.exporting.folders import QUIET, public_folder, write_checkpoint
from tests.model.small import FAMILY, build, tokens

PUBLIC = {name: FAMILY[name] for name in ("softmax_plus", "softmax", "roformer_v1", "roformer_v2")}
"""Members that a public layout has a place for."""


def layout_of(config: ModelConfig) -> Any:
    return "gau-alpha" if config.architecture == "gau" else "roformer"


def in_layout(config: ModelConfig) -> Config:
    return Config(export=ExportConfig(formats=(layout_of(config),)))


@pytest.mark.parametrize("member", PUBLIC)
def test_what_import_reads_is_what_was_written(member: str) -> None:
    config, weights = PUBLIC[member], masked_lm(PUBLIC[member]).state_dict()
    assert our_config(public_config(config, {})) == config
    public = public_weights(weights, config)
    back = {ours: tensor for name, tensor in public.items() if (ours := our_name(name))}
    table = back.pop("encoder.rotary_table", None)
    assert back.keys() == weights.keys() and all(torch.equal(back[name], weights[name]) for name in weights)
    assert (table is None) == (config.architecture == "gau")


@pytest.mark.parametrize("member", PUBLIC)
def test_an_exported_layout_is_imported_as_the_same_model(member: str, tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", PUBLIC[member], tmp_path)
    export(checkpoint.folder, tmp_path / "public", in_layout(PUBLIC[member]), progress=QUIET)
    import_checkpoint(tmp_path / "public", tmp_path / "again", progress=QUIET)
    ours, again = load_model(checkpoint.folder).model, load_model(tmp_path / "again").model
    assert again.config == ours.config
    assert torch.equal(again(tokens(2, 9)), ours(tokens(2, 9)))
    assert not list((tmp_path / "public").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "model_type"),
    [("gau_alpha_1_softmax_plus", "gau_alpha"), ("roformer_v1_1", "roformer"), ("roformer_v2_0", "roformer")],
)
def test_a_reference_imported_and_exported_is_the_reference_again(
    case: str, model_type: str, shared: Path, tmp_path: Path
) -> None:
    source = public_folder(shared / "parity" / case, model_type, tmp_path / "source")
    import_checkpoint(source, tmp_path / "ours", progress=QUIET)
    output = tmp_path / "public"
    export(tmp_path / "ours", output, in_layout(load_model(tmp_path / "ours").model.config), progress=QUIET)
    before, after = load_file(source / "model.safetensors"), load_file(output / "model.safetensors")
    assert after.keys() == before.keys()
    for name, tensor in before.items():
        torch.testing.assert_close(after[name], tensor, rtol=0, atol=1e-6 if "embed_positions" in name else 0)
    said = json.loads((source / "config.json").read_text())
    written = json.loads((output / "config.json").read_text())
    assert {name: written[name] for name in said} == said


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_transformers_own_roformer_computes_what_version_1_computes(tmp_path: Path) -> None:
    from transformers import AutoTokenizer, RoFormerForMaskedLM

    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["roformer_v1"], tmp_path)
    export(checkpoint.folder, tmp_path / "e", in_layout(FAMILY["roformer_v1"]), progress=QUIET)
    theirs, loading = RoFormerForMaskedLM.from_pretrained(tmp_path / "e", output_loading_info=True)
    assert not any(loading[what] for what in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    ids, mask = tokens(2, 9), torch.tensor([[1] * 9, [1] * 6 + [0] * 3])
    with torch.inference_mode():
        logits = theirs.eval()(ids, attention_mask=mask).logits
        ours = load_model(checkpoint.folder).model(ids, mask)
    torch.testing.assert_close(logits[mask.bool()], ours[mask.bool()], atol=1e-5, rtol=1e-5)
    assert AutoTokenizer.from_pretrained(tmp_path / "e")("一丁[MASK]七")["input_ids"] == [2, 5, 6, 4, 8, 3]


@pytest.mark.parametrize(
    ("layout", "config", "message"),
    [
        ("gau-alpha", FAMILY["roformer_v2"], "this model is a RoFormer"),
        ("roformer", FAMILY["softmax_plus"], "this model is a GAU"),
        ("gau-alpha", FAMILY["mixed_chunk"], "GAU-α's code has no attention = mixed_chunk"),
        ("gau-alpha", FAMILY["squared_relu"], r"GAU-α's code has no squared_relu with relu_scaling = n\^2"),
        (
            "gau-alpha",
            replace(FAMILY["softmax_plus"], length_floor=16),
            "GAU-α's code has no length_floor = 16",
        ),  # type: ignore[arg-type]
    ],
)
def test_a_model_without_a_place_in_a_layout_is_refused(
    layout: str, config: ModelConfig, message: str
) -> None:
    loaded = LoadedModel(masked_lm(config), Path(), Path(), None)
    with pytest.raises(GauptError, match=f"--format {re.escape(layout)}: {message}; export it as hf"):
        check_layout(loaded, layout)


def test_what_gau_alpha_computes_is_taken() -> None:
    squared = GAUConfig(
        normalization="squared_relu", relu_scaling="n", num_layers=1, vocab_size=9, hidden_size=8
    )
    for config in (squared, FAMILY["softmax"]):
        check_layout(LoadedModel(masked_lm(config), Path(), Path(), None), "gau-alpha")


def test_a_fine_tuned_head_has_no_place_in_a_layout() -> None:
    head = FineTuned(SEQUENCE, ("no", "yes"), {})
    loaded = LoadedModel(build("softmax_plus"), Path(), Path(), None, head)
    with pytest.raises(GauptError, match="no place for the head of GauptForSequenceClassification"):
        check_layout(loaded, "gau-alpha")


def test_a_model_that_lost_its_head_has_no_place_in_a_layout() -> None:
    loaded = LoadedModel(build("roformer_v1"), Path(), Path(), None, new_head=True)
    with pytest.raises(GauptError, match="was saved without the head that does; export it as hf"):
        check_layout(loaded, "roformer")
