"""Public checkpoints to ours."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.export.hf import export_model
from gaupt.importing.importer import import_checkpoint
from gaupt.importing.names import our_config
from gaupt.importing.weights import read_weights
from gaupt.model.rotary import rotary_angles
from gaupt.progress import Progress
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


def test_no_flipped_bit_of_torch_weights_is_a_crash(public: Path, tmp_path: Path) -> None:
    torch.save(load_file(public / "model.safetensors"), public / "pytorch_model.bin")
    (public / "model.safetensors").unlink()
    path = public / "pytorch_model.bin"
    data = path.read_bytes()
    start = data.index(b"data.pkl")
    for place in range(start, start + 1200, 11):
        path.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        with suppress(GauptError):
            read_weights(public)


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


def test_the_same_weights_with_another_config_are_another_model(public: Path, tmp_path: Path) -> None:
    import_checkpoint(public, tmp_path / "out", progress=QUIET)
    (public / "config.json").write_text(json.dumps(GAU | {"normalization": "softmax"}))
    with pytest.raises(GauptError, match="--overwrite"):
        import_checkpoint(public, tmp_path / "out", progress=QUIET)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_sharded_weights_are_put_together(public: Path, tmp_path: Path, name: str) -> None:
    import_checkpoint(public, tmp_path / "whole", progress=QUIET)
    shard(public, name)
    import_checkpoint(public, tmp_path / "sharded", progress=QUIET)
    whole, sharded = (
        (tmp_path / folder / "model.safetensors").read_bytes() for folder in ("whole", "sharded")
    )
    assert whole == sharded


def shard(folder: Path, name: str) -> None:
    """Cut ``model.safetensors`` into two files as transformers does, in the format that ``name`` has."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    stem, suffix = name.split(".")
    files: dict[str, dict[str, torch.Tensor]] = {}
    for number, (key, tensor) in enumerate(tensors.items()):
        files.setdefault(f"{stem}-0000{number % 2 + 1}-of-00002.{suffix}", {})[key] = tensor
    for file, part in files.items():
        if suffix == "bin":
            torch.save(part, folder / file)
        else:
            save_file(part, folder / file)
    weight_map = {key: file for file, part in files.items() for key in part}
    (folder / f"{name}.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


def test_a_base_model_saved_by_itself_has_no_prefix(public: Path, tmp_path: Path) -> None:
    import_checkpoint(public, tmp_path / "masked_lm", progress=QUIET)
    tensors = load_file(public / "model.safetensors")
    save_file(
        {name.removeprefix("gau_alpha."): t for name, t in tensors.items() if not name.startswith("cls.")},
        public / "model.safetensors",
    )
    import_checkpoint(public, tmp_path / "base", progress=QUIET)
    both = ((tmp_path / folder / "model.safetensors").read_bytes() for folder in ("masked_lm", "base"))
    assert len(set(both)) == 1


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
        (break_layers, "has tensors of 2 layers, but its config says 1"),
        (break_size, r"num_hidden_layers = 2\.0 is not a whole number"),
        (break_names, r"pytorch_model\.bin is not a state dict"),
        (break_tie, "is not tied"),
        (break_vocabulary, "39 tokens, the model's embedding 40 rows"),
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


def test_a_vocabulary_of_words_is_told(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """junnyu/roformer_chinese_base has 50,000 words of jieba, which no tokenizer.json finds."""
    source = public_folder(shared / "parity" / "roformer_v1_0", "roformer", tmp_path / "public")
    import_checkpoint(source, tmp_path / "characters", progress=Progress())
    assert capsys.readouterr().err == ""
    lines = (source / "vocab.txt").read_text(encoding="utf-8").splitlines()
    lines[-2:] = ["今天", "天气"]
    (source / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    import_checkpoint(source, tmp_path / "words", progress=Progress())
    message = capsys.readouterr().err
    assert message.startswith("warning: 2 pieces of the vocabulary are words") and message.count("\n") == 1


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
    export_model(tmp_path / "out", tmp_path / "export", progress=QUIET)
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
