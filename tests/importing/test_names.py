"""Configs and tensor names of the public checkpoints, in ours."""

from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from gaupt.importing.importer import import_checkpoint
from gaupt.importing.names import our_config, our_name, our_name_of_variable
from gaupt.model.config import GAUConfig, RoFormerConfig
from tests.exporting.folders import QUIET
from tests.importing.public import GAU


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


def test_squared_relu_of_gau_alphas_code_is_divided_by_n() -> None:
    values = {
        "model_type": "gau_alpha",
        "vocab_size": 53,
        "hidden_size": 20,
        "intermediate_size": 28,
        "attention_key_size": 10,
        "num_hidden_layers": 5,
        "normalization": "squared_relu",
    }
    config = our_config(values)
    assert isinstance(config, GAUConfig) and config.relu_scaling == "n"
    with pytest.raises(ValueError, match="scaling_factor = 'n' is not supported"):
        our_config(values | {"model_type": "gau"})


ROFORMER = {
    "model_type": "roformer",
    "vocab_size": 97,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 128,
    "hidden_act": "relu",
    "norm_type": "rms_norm",
    "use_bias": False,
}


@pytest.mark.parametrize(
    ("reference", "ours"),
    [
        ("gau.embeddings.word_embeddings.weight", "encoder.token_embedding.weight"),
        ("embeddings.token_type_embeddings.weight", "encoder.type_embedding.weight"),
        ("gau_alpha.encoder.layer.11.gau.i_dense.weight", "encoder.layers.11.expand.weight"),
        ("encoder.layer.0.gau.o_dense.weight", "encoder.layers.0.contract.weight"),
        ("gau.encoder.layer.0.gau.q_scaleoffset.weight", "encoder.layers.0.query_scale"),
        ("gau.encoder.layer.0.gau.k_scaleoffset.weight", "encoder.layers.0.key_scale"),
        ("roformer.embeddings.LayerNorm.bias", "encoder.norm.bias"),
        ("roformer.encoder.embed_positions.weight", "encoder.rotary_table"),
        ("roformer.encoder.layer.3.attention.self.key.bias", "encoder.layers.3.key.bias"),
        ("roformer.encoder.layer.3.attention.output.dense.weight", "encoder.layers.3.attention_out.weight"),
        ("roformer.encoder.layer.3.attention.output.LayerNorm.bias", "encoder.layers.3.attention_norm.bias"),
        ("roformer.encoder.layer.3.intermediate.dense.bias", "encoder.layers.3.expand.bias"),
        ("roformer.encoder.layer.3.output.dense.weight", "encoder.layers.3.contract.weight"),
        ("roformer.encoder.layer.3.output.LayerNorm.weight", "encoder.layers.3.feedforward_norm.weight"),
        ("cls.predictions.transform.dense.weight", "head.transform.0.weight"),
        ("cls.predictions.transform.LayerNorm.bias", "head.transform.2.bias"),
        ("cls.predictions.bias", "head.bias"),
        ("something.else", "something.else"),
    ],
)
def test_each_tensor_of_the_references_has_a_name_of_ours(reference: str, ours: str) -> None:
    assert our_name(reference) == ours


@pytest.mark.parametrize(
    "reference",
    [
        "cls.predictions.decoder.weight",
        "cls.predictions.decoder.bias",
        "roformer.embeddings.position_ids",
        "roformer.pooler.dense.weight",
        "pooler.dense.bias",
        "cls.seq_relationship.weight",
    ],
)
def test_tensors_that_repeat_others_or_take_no_part_have_no_name(reference: str) -> None:
    assert our_name(reference) is None


@pytest.mark.parametrize(
    ("variable", "ours"),
    [
        ("bert/embeddings/word_embeddings", "encoder.token_embedding.weight"),
        ("bert/embeddings/token_type_embeddings", "encoder.type_embedding.weight"),
        ("GAU_alpha/encoder/layer_12/gau/i_dense/kernel", "encoder.layers.12.expand.weight"),
        ("GAU_alpha/encoder/layer_12/gau/o_dense/kernel", "encoder.layers.12.contract.weight"),
        ("GAU_alpha/encoder/layer_0/gau/q_scaleoffset/gamma", "encoder.layers.0.query_scale"),
        ("GAU_alpha/encoder/layer_0/gau/k_scaleoffset/gamma", "encoder.layers.0.key_scale"),
        ("GAU_alpha/encoder/layer_0/gau/i_dense/kernel/Adam_m", None),
        ("global_step", None),
    ],
)
def test_variables_of_tensorflow_have_names_of_ours_and_an_optimizers_have_none(
    variable: str, ours: str | None
) -> None:
    assert our_name_of_variable(variable) == ours


def test_a_gau_config_gives_every_size() -> None:
    config = our_config(GAU | {"type_vocab_size": 3, "layer_norm_eps": 1e-9, "hidden_dropout_prob": 0.2})
    assert config == GAUConfig(
        vocab_size=40, hidden_size=16, num_layers=2, expanded_size=24, key_size=8, max_length=64,
        type_vocab_size=3, norm_eps=1e-9, dropout=0.2, normalization="softmax_plus",
    )  # fmt: skip


@pytest.mark.parametrize("scaling", ["n^2", "ns"])
def test_the_papers_scalings_of_squared_relu_are_kept(scaling: str) -> None:
    values = GAU | {"model_type": "gau", "normalization": "squared_relu", "scaling_factor": scaling}
    config = our_config(values)
    assert isinstance(config, GAUConfig) and config.relu_scaling == scaling


def test_a_scaling_counts_for_squared_relu_alone() -> None:
    config = our_config(GAU | {"model_type": "gau", "normalization": "softmax", "scaling_factor": "n"})
    assert isinstance(config, GAUConfig) and config.relu_scaling == GAUConfig().relu_scaling


def test_a_roformer_of_rms_norms_without_biases_is_version_2() -> None:
    assert our_config(ROFORMER) == RoFormerConfig(
        version=2, vocab_size=97, hidden_size=32, num_layers=2, num_heads=4, feedforward_size=64, max_length=128
    )  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"use_bias": True}, {"norm_type": "layer_norm"}, {"norm_type": "batch_norm", "use_bias": True}]
)
def test_a_norm_and_bias_that_no_version_has_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is neither RoFormerV1 nor RoFormerV2"):
        our_config(ROFORMER | values)


@pytest.mark.parametrize("value", ["swish", "silu", None])
def test_an_option_with_the_value_we_have_or_without_one_is_accepted(value: str | None) -> None:
    assert our_config(GAU | {"hidden_act": value}) == our_config(GAU)


@pytest.mark.parametrize("value", [2.0, "2", True, None])
def test_a_size_is_a_whole_number(value: object) -> None:
    with pytest.raises(ValueError, match=f"hidden_size = {value!r} is not a whole number"):
        our_config(GAU | {"hidden_size": value, "embedding_size": None})


def test_other_models_are_refused_by_their_type() -> None:
    with pytest.raises(ValueError, match="model_type = 'bert' is not one of gau, gau_alpha, roformer"):
        our_config({"model_type": "bert"})
    with pytest.raises(ValueError, match="model_type = None"):
        our_config({})
