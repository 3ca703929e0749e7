"""Run by the tests in a fresh interpreter: load exported folders with transformers where gaupt is not.

Arguments: a folder of exported folders, one with the inputs NAME/io.safetensors of each, one to save in what each
computes as NAME.safetensors, and the names of those that are tried in every way: what was seen of them is printed as
one JSON object by name.
"""

import json
import sys
from pathlib import Path
from typing import Any


class NoGaupt:
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == "gaupt":
            raise ImportError("gaupt cannot be imported here")


sys.meta_path.insert(0, NoGaupt())  # type: ignore[arg-type]

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

TRUST = {"trust_remote_code": True}


def look_at(
    folder: Path, base: torch.nn.Module, io: dict[str, torch.Tensor], scratch: Path
) -> dict[str, Any]:
    """Every head, what is saved again, and the tokenizer."""
    batch = {"input_ids": io["input_ids"], "attention_mask": io["attention_mask"]}
    rows, length = batch["input_ids"].shape
    zeros = torch.zeros(rows, dtype=torch.long)
    heads = {
        "SequenceClassification": (batch, {"labels": zeros}, [rows, 3]),
        "TokenClassification": (batch, {"labels": zeros[:, None].repeat(1, length)}, [rows, length, 3]),
        "QuestionAnswering": (batch, {"start_positions": zeros, "end_positions": zeros}, [rows, length]),
        "MultipleChoice": (
            {name: tensor[:, None].repeat(1, 2, 1) for name, tensor in batch.items()},
            {"labels": zeros},
            [rows, 2],
        ),
    }
    trained = base.encoder.state_dict()
    problems = []
    for name, (arguments, labels, shape) in heads.items():
        options = {"num_labels": 3} if name.endswith("Classification") else {}
        model = getattr(transformers, f"AutoModelFor{name}").from_pretrained(folder, **TRUST, **options)
        output = model(**arguments, **labels)
        output.loss.backward()
        if list(output[1].shape) != shape:
            problems.append(f"{name}: shape {list(output[1].shape)}")
        if not all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None):
            problems.append(f"{name}: gradients")
        head = model.qa_outputs if name == "QuestionAnswering" else model.classifier
        if not 0.01 < head.weight.std() < 0.04 or head.bias.any():
            problems.append(f"{name}: the new head is not initialized")
        if any(
            not torch.equal(tensor, trained[key]) for key, tensor in model.model.encoder.state_dict().items()
        ):
            problems.append(f"{name}: the encoder's weights changed")

    transformers.AutoModelForMaskedLM.from_pretrained(folder, **TRUST).save_pretrained(scratch)
    again = transformers.AutoModel.from_pretrained(scratch, **TRUST).encoder.state_dict()
    if not torch.equal(again["token_embedding.weight"], trained["token_embedding.weight"]):
        problems.append("save_pretrained and from_pretrained change the weights")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **TRUST)
    return {
        "problems": problems,
        "ids": tokenizer("一丁[MASK]七")["input_ids"],
        "inputs": sorted(tokenizer("一丁", "七")),
    }


exports, inputs, saved = map(Path, sys.argv[1:4])
seen = {}
for folder in sorted(exports.iterdir()):
    io = load_file(inputs / folder.name / "io.safetensors")
    batch = {name: io[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    model = transformers.AutoModelForMaskedLM.from_pretrained(folder, **TRUST).eval()
    with torch.inference_mode():
        output = model(**batch, labels=io["labels"])
    outputs = {"logits": output.logits, "loss": output.loss.reshape(1)}
    if folder.name in sys.argv[4:]:
        base = transformers.AutoModel.from_pretrained(folder, **TRUST).eval()
        with torch.inference_mode():
            outputs["last_hidden_state"] = base(**batch).last_hidden_state
        seen[folder.name] = look_at(folder, base, io, saved / folder.name)
    save_file(outputs, saved / f"{folder.name}.safetensors")
print(json.dumps(seen))
