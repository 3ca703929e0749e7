"""The exported folder: its config, the names of its weights, and the code that it carries."""

import re

import pytest
import torch

from gaupt.exporting.folder import AUTO_CLASSES, config_values, exported_names, remote_code
from gaupt.model.family import masked_lm
from tests.model.small import FAMILY


def test_the_exported_code_imports_only_neighbours() -> None:
    files = remote_code()
    assert {"configuration_gau.py", "modeling_gau.py", "gau.py"} <= files.keys()
    for name, text in files.items():
        compile(text, name, "exec")
        assert text.startswith("# Part of gaupt ") and "SPDX-License-Identifier: Apache-2.0" in text
        assert "import gaupt" not in text and "from gaupt" not in text


@pytest.mark.parametrize("name", ["configuration_gau.py", "modeling_gau.py"])
def test_a_file_that_transformers_copies_names_everything_that_it_needs(name: str) -> None:
    """transformers 4 copies what a file imports itself, and not what those files import."""
    files = remote_code()

    def imported(file: str) -> set[str]:
        return {f"{module}.py" for module in re.findall(r"^ *from \.(\w+) import", files[file], flags=re.M)}

    needed, found = set[str](), {name}
    while found:
        needed |= (new := set().union(*map(imported, found)) - needed)
        found = new
    assert imported(name) == needed
    assert needed < files.keys() and name not in needed


@pytest.mark.parametrize("class_path", AUTO_CLASSES.values())
def test_every_auto_class_stands_in_the_carried_code(class_path: str) -> None:
    module, name = class_path.split(".")
    assert re.search(rf"^class {name}\(", remote_code()[f"{module}.py"], flags=re.M)


def test_the_config_goes_by_transformers_names() -> None:
    values = config_values(FAMILY["roformer_v1"], {"pad_token_id": 0})
    public = ("num_hidden_layers", "num_attention_heads", "intermediate_size", "max_position_embeddings")
    assert [values[name] for name in public] == [2, 4, 64, 512]
    assert not {"num_layers", "num_heads", "feedforward_size", "max_length"} & values.keys()
    assert (values["model_type"], values["encoder_type"], values["pad_token_id"]) == ("gaupt", "roformer", 0)


def test_the_encoders_weights_stand_under_model_and_the_heads_beside_it() -> None:
    weights = masked_lm(FAMILY["roformer_v1"]).state_dict()
    exported = exported_names(weights)
    assert len(exported) == len(weights)
    assert exported["model.encoder.norm.weight"] is weights["encoder.norm.weight"]
    assert exported["head.decoder.bias"] is weights["head.bias"]
    assert {name.split(".")[0] for name in exported} == {"model", "head"}
    assert all(torch.is_tensor(tensor) for tensor in exported.values())
