"""Any MODEL as an encoder."""

from pathlib import Path

import pytest
import torch

from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder, embeddings, load_encoder, mask_id, randomized
from gaupt.exporting.hf import export
from gaupt.progress import Progress
from tests.evaluation.small import write_model

IDS = torch.tensor([[2, 8, 9, 3]])


def states(encoder: Encoder, dropout: float = 0.0, seed: int = 0) -> torch.Tensor:
    with torch.inference_mode():
        hidden: torch.Tensor = encoder.build(dropout, seed).eval()(IDS, None, None)
    return hidden


def write_bert(folder: Path, mask: bool = True) -> Path:
    """A BERT of transformers' own, as its save_pretrained leaves it."""
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    folder.mkdir()
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(["[MASK]"] if mask else []), *"天地人山水"]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), mask_token="[MASK]" if mask else None)
    tokenizer.save_pretrained(folder)
    return folder


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
def test_a_vocabulary_without_mask_is_told_where_it_is_needed(tmp_path: Path) -> None:
    bert = load_encoder(write_bert(tmp_path / "bert", mask=False))
    with pytest.raises(GauptError, match=r"bert has no \[MASK\]"):
        mask_id(bert)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is not a model"):
        load_encoder(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "nothing"}', encoding="utf-8")
    with pytest.raises(GauptError, match="cannot load"):
        load_encoder(tmp_path)


def test_code_of_a_folder_runs_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "m.M"}}', encoding="utf-8")
    with pytest.raises(GauptError, match=r"brings code of its own.*--trust-remote-code"):
        load_encoder(tmp_path)
