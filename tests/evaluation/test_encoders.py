"""Any MODEL as an encoder."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save_file

from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder, embeddings, load_encoder, mask_id, randomized
from gaupt.exporting.hf import export
from gaupt.model.config import RoFormerConfig
from gaupt.progress import Progress
from tests.evaluation.small import TINY_BERT, VOCABULARY, write_bert, write_model

IDS = torch.tensor([[2, 8, 9, 3]])


def states(encoder: Encoder, dropout: float = 0.0, seed: int = 0) -> torch.Tensor:
    with torch.inference_mode():
        hidden: torch.Tensor = encoder.build(dropout, seed).eval()(IDS, None, None)
    return hidden


def test_a_checkpoint_and_its_export_are_the_same_encoder(tmp_path: Path) -> None:
    checkpoint = write_model(tmp_path / "run")
    export(checkpoint, tmp_path / "exported", progress=Progress(quiet=True))
    mine, exported = load_encoder(checkpoint), load_encoder(tmp_path / "exported")
    assert torch.equal(states(mine), states(exported))
    assert (mine.name, exported.name) == ("run", "exported")


def test_each_network_is_its_own(encoder: Encoder) -> None:
    before = states(encoder)
    with torch.no_grad():
        for parameter in encoder.build(0.0, 0).parameters():
            parameter.zero_()
    assert torch.equal(states(encoder), before)


def test_random_twins_differ_by_seed_alone(encoder: Encoder) -> None:
    twin = randomized(encoder)
    assert twin.name == "small (random)"
    assert torch.equal(states(twin, seed=1), states(twin, seed=1))
    assert not torch.allclose(states(twin, seed=1), states(twin, seed=2))
    assert not torch.allclose(states(twin, seed=1), states(encoder, seed=1))


def test_the_embedding_layer_alone_knows_no_context(encoder: Encoder) -> None:
    alone = embeddings(encoder).build(0.0, 0)
    with torch.inference_mode():
        first, second = alone(torch.tensor([[2, 8, 9, 3], [2, 8, 7, 3]]), None, None)
    assert torch.equal(first[1], second[1])
    assert torch.equal(first[1], encoder.build(0.0, 0).state_dict()["token_embedding.weight"][8])


@pytest.mark.slow
@pytest.mark.untraced
def test_a_bert_of_transformers_is_an_encoder(tmp_path: Path) -> None:
    bert = load_encoder(write_bert(tmp_path / "bert"))
    assert (bert.hidden_size, bert.two_types, bert.ours) == (16, True, None)
    assert bert.tokenizer.encode("天地", add_special_tokens=False).ids == [5, 6]
    assert states(bert).shape == (1, 4, 16)
    assert torch.equal(states(bert), states(bert, dropout=0.5))  # eval mode
    assert bert.masked_lm is not None
    logits = bert.masked_lm()(IDS, torch.ones_like(IDS), None, torch.tensor([1, 2]))
    assert logits.shape == (2, 10)
    assert not torch.allclose(states(randomized(bert)), states(bert))
    assert states(embeddings(bert)).shape == (1, 4, 16)


@pytest.mark.slow
@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_a_folder_in_half_precision_is_computed_in_float32(tmp_path: Path, precision: torch.dtype) -> None:
    whole = load_encoder(write_bert(tmp_path / "whole"))
    half = load_encoder(write_bert(tmp_path / "half", precision=precision))
    assert states(half).dtype == torch.float32
    torch.testing.assert_close(states(half), states(whole), atol=0.05, rtol=0)
    assert half.masked_lm is not None
    assert half.masked_lm()(IDS, torch.ones_like(IDS), None, torch.tensor([1])).dtype == torch.float32


@pytest.mark.slow
def test_loading_a_folder_of_transformers_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_bert(tmp_path / "bert")
    capfd.readouterr()
    states(load_encoder(folder))
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_weights_that_a_folder_lacks_are_told_and_not_drawn(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    # Read whole: what is mapped from a file breaks when the file is written anew.
    weights = load((folder / "model.safetensors").read_bytes())
    body = {name: weight for name, weight in weights.items() if not name.startswith("cls.")}
    save_file(body, folder / "model.safetensors", {"format": "pt"})
    encoder = load_encoder(folder)  # without a head, it can still be fine-tuned
    assert encoder.masked_lm is not None
    with pytest.raises(GauptError, match=r"bert lacks \d weights of its BertForMaskedLM, cls\.predictions"):
        encoder.masked_lm()
    body.pop("bert.encoder.layer.0.output.dense.bias")
    save_file(body, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        GauptError, match=r"bert lacks 1 weights of its BertModel, (bert\.)?encoder\.layer\.0"
    ):
        load_encoder(folder)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(GauptError, match="cannot load"):
        load_encoder(folder)


@pytest.mark.slow
def test_how_much_is_read_at_once_is_what_the_table_of_positions_holds(
    tmp_path: Path, encoder: Encoder
) -> None:
    from transformers import RobertaConfig, RobertaModel

    assert encoder.longest is None  # rotary angles have no end
    assert load_encoder(write_bert(tmp_path / "bert", positions=20)).longest == 20
    folder = write_bert(tmp_path / "roberta")
    config = RobertaConfig(vocab_size=10, max_position_embeddings=22, pad_token_id=1, **TINY_BERT)
    RobertaModel(config).save_pretrained(folder)
    longest = load_encoder(folder).longest
    assert longest == 20
    model = load_encoder(folder).build(0.0, 0).eval()
    assert model(torch.full((1, longest), 5), None, None).shape == (1, 20, 16)
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.full((1, longest + 1), 5), None, None)


def test_a_stored_rotary_table_has_an_end(tmp_path: Path) -> None:
    config = RoFormerConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_layers=1,
        num_heads=2,
        feedforward_size=32,
        max_length=24,
        rotary_table=True,
    )
    assert load_encoder(write_model(tmp_path / "table", model=config)).longest == 24
    assert (
        load_encoder(write_model(tmp_path / "none", model=replace(config, rotary_table=False))).longest
        is None
    )


@pytest.mark.slow
def test_a_vocabulary_without_mask_is_told_where_it_is_needed(tmp_path: Path) -> None:
    bert = load_encoder(write_bert(tmp_path / "bert", mask=False))
    with pytest.raises(GauptError, match=r"bert has no \[MASK\]"):
        mask_id(bert)


@pytest.mark.slow
def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is empty, not a run of gaupt pretrain, a checkpoint or"):
        load_encoder(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "nothing"}', encoding="utf-8")
    with pytest.raises(GauptError, match="cannot load"):
        load_encoder(tmp_path)
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(GauptError, match=r"config\.json is no JSON"):
        load_encoder(tmp_path)


def test_code_of_a_folder_runs_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "m.M"}}', encoding="utf-8")
    with pytest.raises(GauptError, match=r"brings code of its own.*--trust-remote-code"):
        load_encoder(tmp_path)
