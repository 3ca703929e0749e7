"""Public checkpoints to ours."""

import json
import shutil
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from gaupt.errors import GauptError
from gaupt.export.hf import export_hf
from gaupt.export.importer import import_checkpoint
from gaupt.export.load import load_model
from gaupt.export.reference import our_config
from gaupt.model.rotary import rotary_angles
from gaupt.tokenizer.load import load_tokenizer
from tests.export.folders import QUIET, public_folder, write_vocabulary

GAU = {
    "model_type": "gau_alpha",
    "vocab_size": 40,
    "hidden_size": 16,
    "intermediate_size": 24,
    "attention_key_size": 8,
    "num_hidden_layers": 2,
    "max_position_embeddings": 64,
    "normalization": "softmax_plus",
}


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A transformers folder in the layout of the public GAU-α checkpoint."""
    folder = write_vocabulary(tmp_path / "chinese_GAU-alpha", GAU["vocab_size"])  # type: ignore[arg-type]
    (folder / "config.json").write_text(json.dumps(GAU))
    torch.manual_seed(0)
    embedding = torch.randn(40, 16)
    tensors = {
        "gau_alpha.embeddings.word_embeddings.weight": embedding,
        "gau_alpha.embeddings.token_type_embeddings.weight": torch.randn(2, 16),
        "cls.predictions.decoder.weight": embedding.clone(),
    }
    for i in range(2):
        layer = f"gau_alpha.encoder.layer.{i}.gau."
        tensors |= {
            f"{layer}i_dense.weight": torch.randn(56, 16),
            f"{layer}o_dense.weight": torch.randn(16, 24),
            f"{layer}q_scaleoffset.weight": torch.randn(8),
            f"{layer}k_scaleoffset.weight": torch.randn(8),
        }
    save_file(tensors, folder / "model.safetensors")
    return folder


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


def break_tie(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["cls.predictions.decoder.weight"] += 1
    save_file(tensors, folder / "model.safetensors")


def break_vocabulary(folder: Path) -> None:
    write_vocabulary(folder, 39)


def break_scaling(folder: Path) -> None:
    values = GAU | {"model_type": "gau", "normalization": "squared_relu", "scaling_factor": "n"}
    (folder / "config.json").write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (break_missing_config, r"has no config\.json"),
        (break_model_type, "model_type = 'bert'"),
        (break_missing_key, "has no hidden_size"),
        (break_json, "not valid JSON"),
        (break_weights, "is damaged"),
        (break_missing_weights, r"no model\.safetensors and no pytorch_model\.bin"),
        (break_shape, r"has shape \(2, 16\)|has shape \(40, 16\)|has shape"),
        (break_layers, r"layers\.1\.\w+(\.weight)? is not a part"),
        (break_tie, "is not tied"),
        (break_vocabulary, "39 tokens, the model's embedding 40 rows"),
        (break_scaling, "scaling_factor = 'n'"),
    ],
)
def test_what_cannot_be_imported_is_named(public: Path, tmp_path: Path, damage: object, message: str) -> None:
    damage(public)  # type: ignore[operator]
    with pytest.raises(GauptError, match=message):
        import_checkpoint(public, tmp_path / "out", progress=QUIET)
    assert not (tmp_path / "out").exists()


def test_roformer_configs_without_a_norm_type_are_version_1() -> None:
    """The layout of transformers' own RoFormer, in which junnyu/roformer_chinese_base is stored."""
    values = {
        "model_type": "roformer",
        "vocab_size": 50000,
        "embedding_size": 768,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "hidden_act": "gelu",
        "rotary_value": False,
        "max_position_embeddings": 1536,
    }
    config = our_config(values)
    assert config.architecture == "roformer" and config.version == 1 and not config.rotary_table
    with pytest.raises(ValueError, match="rotary_value = True"):
        our_config(values | {"rotary_value": True})
    with pytest.raises(ValueError, match="embedding_size = 128"):
        our_config(values | {"embedding_size": 128})


def test_the_public_vocabulary_gives_the_public_ids_here_and_in_the_export(
    shared: Path, tmp_path: Path
) -> None:
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
    export_hf(tmp_path / "out", tmp_path / "export", progress=QUIET)
    tokenizer = load_tokenizer(tmp_path / "out" / "tokenizer")
    exported = transformers.AutoTokenizer.from_pretrained(tmp_path / "export", trust_remote_code=True)
    with (shared / "parity" / "tokenizer" / "cases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            expected = json.loads(line)
            ids = [tokenizer.special.cls, *tokenizer.encode(expected["text"]), tokenizer.special.sep]
            assert ids == expected["ids"], expected["text"]
            assert exported(expected["text"])["input_ids"] == expected["ids"], expected["text"]


def test_a_rotary_table_that_is_the_formulas_is_dropped_and_another_is_kept(
    shared: Path, tmp_path: Path
) -> None:
    source = public_folder(shared / "parity" / "roformer_v2_0", "roformer", tmp_path / "public")
    import_checkpoint(source, tmp_path / "kept", progress=QUIET)
    kept = load_model(tmp_path / "kept").model
    assert kept.config.rotary_table and "encoder.rotary_table" in kept.state_dict()  # type: ignore[union-attr]

    tensors = load_file(source / "model.safetensors")
    cos, sin = rotary_angles(512, 16, torch.device("cpu"))
    tensors["roformer.encoder.embed_positions.weight"] = torch.cat((sin, cos), -1)
    save_file(tensors, source / "model.safetensors")
    import_checkpoint(source, tmp_path / "dropped", progress=QUIET)
    dropped = load_model(tmp_path / "dropped").model
    assert not dropped.config.rotary_table  # type: ignore[union-attr]
    with torch.inference_mode():
        assert dropped(torch.ones(1, 600, dtype=torch.long)).shape == (1, 600, 97)
