"""Public checkpoints to ours."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.exporting.hf import export
from gaupt.importing.importer import import_checkpoint
from gaupt.progress import Progress
from gaupt.tokenizer.load import load_tokenizer
from tests.exporting.folders import QUIET, public_folder, write_vocabulary
from tests.importing.public import GAU, shard
from tests.model.small import tokens


def test_every_tensor_finds_its_place(public: Path, tmp_path: Path) -> None:
    result = import_checkpoint(public, tmp_path / "out", progress=QUIET)
    reference = load_file(public / "model.safetensors")
    ours = load_model(tmp_path / "out").model.state_dict()
    assert torch.equal(
        ours["encoder.layers.1.expand.weight"], reference["gau_alpha.encoder.layer.1.gau.i_dense.weight"]
    )
    assert torch.equal(
        ours["encoder.layers.0.key_scale"], reference["gau_alpha.encoder.layer.0.gau.k_scaleoffset.weight"]
    )
    # Row 0 is the padding token's: zero in a fresh torch model, not in the checkpoint.
    assert torch.equal(
        ours["encoder.token_embedding.weight"], reference["gau_alpha.embeddings.word_embeddings.weight"]
    )
    assert result["parameters"] == sum(t.numel() for name, t in reference.items() if "decoder" not in name)


def test_a_second_import_does_nothing_and_another_source_is_refused(public: Path, tmp_path: Path) -> None:
    import_checkpoint(public, tmp_path / "out", progress=QUIET)
    before = (tmp_path / "out" / "manifest.json").stat().st_mtime_ns
    import_checkpoint(public, tmp_path / "out", progress=QUIET)
    assert (tmp_path / "out" / "manifest.json").stat().st_mtime_ns == before
    tensors = {name: tensor * 2 for name, tensor in load_file(public / "model.safetensors").items()}
    save_file(tensors, public / "model.safetensors")
    with pytest.raises(GauptError, match="--overwrite"):
        import_checkpoint(public, tmp_path / "out", progress=QUIET)
    import_checkpoint(public, tmp_path / "out", progress=QUIET, overwrite=True)


def test_the_same_weights_with_another_config_are_another_model(public: Path, tmp_path: Path) -> None:
    import_checkpoint(public, tmp_path / "out", progress=QUIET)
    (public / "config.json").write_text(json.dumps(GAU | {"normalization": "softmax"}))
    with pytest.raises(GauptError, match="--overwrite"):
        import_checkpoint(public, tmp_path / "out", progress=QUIET)


def break_shard(folder: Path) -> None:
    shard(folder, "model.safetensors")
    (folder / "model-00002-of-00002.safetensors").unlink()


def break_index(folder: Path) -> None:
    shard(folder, "model.safetensors")
    weight_map = {"x": "../elsewhere.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def break_index_json(folder: Path) -> None:
    shard(folder, "model.safetensors")
    (folder / "model.safetensors.index.json").write_text("[]")


def break_pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    path = folder / "pytorch_model.bin"
    path.write_bytes(path.read_bytes()[:-500])


def break_activation(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"hidden_act": "gelu"}))


def break_bias(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"use_bias": True}))


def break_scale(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"attention_scale": False}))


def break_embedding(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"embedding_size": 8}))


def break_missing_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def break_model_type(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"model_type": "bert"}))


def break_missing_key(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({k: v for k, v in GAU.items() if k != "hidden_size"}))


def break_json(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def break_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:50])


def break_missing_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def break_shape(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"hidden_size": 32}))


def break_layers(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"num_hidden_layers": 1}))


def break_size(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(GAU | {"num_hidden_layers": 2.0}))


def break_names(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({1: torch.ones(2)}, folder / "pytorch_model.bin")


def break_tie(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["cls.predictions.decoder.weight"] += 1
    save_file(tensors, folder / "model.safetensors")


def break_vocabulary(folder: Path) -> None:
    write_vocabulary(folder, 41)


def break_scaling(folder: Path) -> None:
    values = GAU | {"model_type": "gau", "normalization": "squared_relu", "scaling_factor": "n"}
    (folder / "config.json").write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (break_missing_config, r"\(no config\.json\)"),
        (break_model_type, "model_type = 'bert'"),
        (break_missing_key, "has no hidden_size"),
        (break_json, "not valid JSON"),
        (break_weights, "is damaged"),
        (break_missing_weights, r"model\.safetensors is missing; fetch it again"),
        (break_shape, r"has shape \(2, 16\)|has shape \(40, 16\)|has shape"),
        (break_layers, "has tensors of 2 layers, but its config says 1"),
        (break_size, r"num_hidden_layers = 2\.0 is not a whole number"),
        (break_names, r"pytorch_model\.bin is not a state dict"),
        (break_tie, "is not tied"),
        (break_vocabulary, "41 tokens, the model's embedding 40 rows"),
        (break_scaling, "scaling_factor = 'n'"),
        (
            break_shard,
            r"model-00002-of-00002\.safetensors is missing; model\.safetensors\.index\.json lists it",
        ),
        (break_index, "holds no weight_map of file names"),
        (break_index_json, "holds no weight_map of file names"),
        (break_pickle, r"pytorch_model\.bin is damaged"),
        (break_activation, "hidden_act = 'gelu' is not supported in a GAU, 'swish' is"),
        (break_bias, "use_bias = True is not supported in a GAU"),
        (break_scale, "attention_scale = False is not supported in a GAU"),
        (break_embedding, "embedding_size = 8 is not supported in a GAU, 16 is"),
    ],
)
def test_what_cannot_be_imported_is_named(public: Path, tmp_path: Path, damage: object, message: str) -> None:
    damage(public)  # type: ignore[operator]
    with pytest.raises(GauptError, match=message):
        import_checkpoint(public, tmp_path / "out", progress=QUIET)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_roformer_of_transformers_gives_its_logits_here(roformer: Path, tmp_path: Path) -> None:
    from transformers import RoFormerForMaskedLM

    import_checkpoint(roformer, tmp_path / "out", progress=QUIET)
    ids, mask = tokens(2, 9) % 40, torch.tensor([[1] * 9, [1] * 5 + [0] * 4])
    theirs = RoFormerForMaskedLM.from_pretrained(roformer).eval()
    with torch.inference_mode():
        expected = theirs(input_ids=ids, attention_mask=mask).logits[mask.bool()]
        logits = load_model(tmp_path / "out").model(ids, mask)[mask.bool()]
    assert (logits - expected).abs().max() < 1e-5 * expected.abs().max()


@pytest.mark.slow
def test_a_vocabulary_of_words_is_found_by_jieba_here_and_in_the_export(
    roformer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """junnyu/roformer_chinese_base has 50,000 words of jieba, which a WordPiece alone never finds."""
    from transformers import AutoTokenizer

    lines = (roformer / "vocab.txt").read_text(encoding="utf-8").splitlines()
    lines[-2:] = ["今天", "非常"]
    (roformer / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    import_checkpoint(roformer, tmp_path / "words", progress=Progress())
    assert capsys.readouterr().err == ""
    export(tmp_path / "words", tmp_path / "export", progress=QUIET)
    exported = AutoTokenizer.from_pretrained(tmp_path / "export", trust_remote_code=True)
    for folder in (tmp_path / "words/tokenizer", tmp_path / "export"):
        ids = load_tokenizer(folder).encode("今天非常一丁[MASK]")
        assert ids == [38, 39, 5, 6, 4]
        assert exported("今天非常一丁[MASK]", add_special_tokens=False)["input_ids"] == ids


def test_rows_without_pieces_stay(public: Path, tmp_path: Path) -> None:
    """Many public embeddings are padded to a round number of rows."""
    write_vocabulary(public, 37)
    import_checkpoint(public, tmp_path / "out", progress=QUIET)
    loaded = load_model(tmp_path / "out")
    assert loaded.vocabulary().vocab_size == 37
    rows = loaded.model.state_dict()["encoder.token_embedding.weight"]
    assert torch.equal(
        rows, load_file(public / "model.safetensors")["gau_alpha.embeddings.word_embeddings.weight"]
    )


@pytest.mark.slow
def test_the_public_vocabulary_gives_the_public_ids_here_and_in_the_export(
    shared: Path, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    case = shared / "parity" / "gau_alpha_0_softmax"
    source = public_folder(case, "gau_alpha", tmp_path / "public")
    shutil.copy(shared / "parity" / "tokenizer" / "vocab.txt", source)
    values = json.loads((source / "config.json").read_text()) | {"vocab_size": 12000}
    (source / "config.json").write_text(json.dumps(values))
    tensors = load_file(source / "model.safetensors")
    for name in ("gau_alpha.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"):
        tensors[name] = tensors[name].repeat(124, 1)[:12000].clone()
    save_file(tensors, source / "model.safetensors")
    import_checkpoint(source, tmp_path / "out", progress=QUIET)
    export(tmp_path / "out", tmp_path / "export", progress=QUIET)
    tokenizer = load_tokenizer(tmp_path / "out" / "tokenizer")
    exported = AutoTokenizer.from_pretrained(tmp_path / "export", trust_remote_code=True)
    with (shared / "parity" / "tokenizer" / "cases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            expected = json.loads(line)
            ids = [tokenizer.special.cls, *tokenizer.encode(expected["text"]), tokenizer.special.sep]
            assert ids == expected["ids"], expected["text"]
            assert exported(expected["text"])["input_ids"] == expected["ids"], expected["text"]


def test_a_model_of_ours_needs_no_import(public: Path, tmp_path: Path) -> None:
    import_checkpoint(public, tmp_path / "ours", progress=QUIET)
    export(tmp_path / "ours", tmp_path / "export", progress=QUIET)
    for folder, called in (("ours", "a checkpoint"), ("export", "a folder of gaupt export")):
        with pytest.raises(
            GauptError, match=f"{folder} is {called}: it needs no import; give it as it is to"
        ):
            import_checkpoint(tmp_path / folder, tmp_path / "out", progress=QUIET)


def test_a_name_of_the_hub_is_told_how_to_download(tmp_path: Path) -> None:
    with pytest.raises(
        GauptError, match="hf download junnyu/roformer_chinese_base --local-dir roformer_chinese_base"
    ):
        import_checkpoint("junnyu/roformer_chinese_base", tmp_path / "out", progress=QUIET)
