"""The exported folder: `config.json`, weights, code and tokenizer that transformers loads by itself.

config.json             GauptConfig: the encoder's fields, auto_map
model.safetensors       weights of GauptForMaskedLM
configuration_gau.py, modeling_gau.py, and the modules of gaupt.model that they import
tokenizer files         as in the checkpoint
README.md               the model card
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from importlib import resources
from typing import Any

import torch

from gaupt import __version__
from gaupt.checkpoint.exported import EXPORTED, MODEL_TYPE, PREFIX
from gaupt.model.config import PUBLIC_NAMES, ModelConfig

NOTICE = f"""\
# Part of gaupt {__version__}, Copyright The gaupt maintainers.
# Licensed under the Apache License, Version 2.0: http://www.apache.org/licenses/LICENSE-2.0
# SPDX-License-Identifier: Apache-2.0

"""
"""Heads each Python file that an exported folder carries."""
AUTO_CLASSES = {
    "AutoConfig": "configuration_gau.GauptConfig",
    "AutoModel": "modeling_gau.GauptModel",
    "AutoModelForMaskedLM": "modeling_gau.GauptForMaskedLM",
    "AutoModelForSequenceClassification": "modeling_gau.GauptForSequenceClassification",
    "AutoModelForTokenClassification": "modeling_gau.GauptForTokenClassification",
    "AutoModelForQuestionAnswering": "modeling_gau.GauptForQuestionAnswering",
    "AutoModelForMultipleChoice": "modeling_gau.GauptForMultipleChoice",
}


def config_values(config: ModelConfig, of_tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """The ``config.json`` of an exported model; ``of_tokenizer``: its class and special ids, such as pad_token_id."""
    return {
        "architectures": ["GauptForMaskedLM"],
        "auto_map": AUTO_CLASSES,
        "model_type": MODEL_TYPE,
        **{PUBLIC_NAMES.get(name, name): value for name, value in asdict(config).items()},
        **of_tokenizer,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
    }


def exported_names(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Our weights under the names of GauptForMaskedLM."""
    return {_exported_name(name): tensor for name, tensor in weights.items()}


def _exported_name(name: str) -> str:
    return PREFIX + name if name.startswith("encoder.") else EXPORTED.get(name, name)


def remote_code() -> dict[str, str]:
    """Text of each Python file that an exported folder carries, by file name.

    They are the modules of gaupt.exporting.remote and gaupt.model themselves, with imports among them made
    relative: a folder that transformers loads may import only its neighbours.
    """
    files = {}
    for package in ("gaupt.exporting.remote", "gaupt.model"):
        for entry in resources.files(package).iterdir():
            if entry.name.endswith(".py") and entry.name != "__init__.py":
                text = entry.read_text(encoding="utf-8")
                files[entry.name] = NOTICE + re.sub(
                    r"^( *)from gaupt\.(?:exporting\.remote|model)\.", r"\1from .", text, flags=re.M
                )
    for name in ("configuration_gau.py", "modeling_gau.py"):
        files[name] += _indirect_imports(name, files)
    return files


def _indirect_imports(name: str, files: Mapping[str, str]) -> str:
    """Lines that import what the file's imports import: transformers 4 copies only what a file names itself."""
    direct = _imports(files[name])
    reached, found = set(direct), list(direct)
    while found:
        new = _imports(files[f"{found.pop()}.py"]) - reached
        reached |= new
        found.extend(new)
    lines = [
        f"from .{module} import __doc__ as _{module}  # noqa: E402\n" for module in sorted(reached - direct)
    ]
    return "".join(
        ["\n", "# transformers copies only the neighbours that are named here.\n", *lines] if lines else []
    )


def _imports(text: str) -> set[str]:
    return set(re.findall(r"^ *from \.(\w+) import", text, flags=re.M))
