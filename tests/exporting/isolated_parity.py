"""Run by the tests in a fresh interpreter: many exported folders through transformers where gaupt is not.

Prints one JSON object, name to greatest error as a share of the logits' scale; arguments: a folder of exported
folders, and the folder of the parity cases, both by the cases' names.
"""

import json
import sys
from pathlib import Path


class NoGaupt:
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == "gaupt":
            raise ImportError("gaupt cannot be imported here")


sys.meta_path.insert(0, NoGaupt())  # type: ignore[arg-type]

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from transformers import AutoModelForMaskedLM  # noqa: E402

exports, cases = map(Path, sys.argv[1:])
errors = {}
for folder in sorted(exports.iterdir()):
    io = load_file(cases / folder.name / "io.safetensors")
    model = AutoModelForMaskedLM.from_pretrained(folder, trust_remote_code=True).eval()
    inputs = {name: io[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.inference_mode():
        logits = model(**inputs).logits
    real = io["attention_mask"].bool()
    scale = io["logits"][real].abs().max()
    errors[folder.name] = float((logits - io["logits"])[real].abs().max() / scale)
print(json.dumps(errors))
