"""Run by the tests in a fresh interpreter: load an exported folder with transformers where gaupt is not.

Prints one JSON object with what it saw; arguments: the folder, the inputs as safetensors, a folder to save in.
"""

import json
import sys


class NoGaupt:
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == "gaupt":
            raise ImportError("gaupt cannot be imported here")


sys.meta_path.insert(0, NoGaupt())  # type: ignore[arg-type]

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

folder, inputs, saved = sys.argv[1:]
io = load_file(inputs)
batch = {"input_ids": io["input_ids"], "attention_mask": io["attention_mask"]}
rows, length = batch["input_ids"].shape
trust = {"trust_remote_code": True}

masked_lm = transformers.AutoModelForMaskedLM.from_pretrained(folder, **trust).eval()
base = transformers.AutoModel.from_pretrained(folder, **trust).eval()
with torch.inference_mode():
    output = masked_lm(**batch, token_type_ids=io["token_type_ids"], labels=io["labels"])
    hidden = base(**batch, token_type_ids=io["token_type_ids"]).last_hidden_state
save_file(
    {"logits": output.logits, "loss": output.loss.reshape(1), "last_hidden_state": hidden},
    f"{saved}.safetensors",
)

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
problems = []
for name, (arguments, labels, shape) in heads.items():
    labels_option = {"num_labels": 3} if name.endswith("Classification") else {}
    model = getattr(transformers, f"AutoModelFor{name}").from_pretrained(folder, **trust, **labels_option)
    output = model(**arguments, **labels)
    output.loss.backward()
    if list(output[1].shape) != shape:
        problems.append(f"{name}: shape {list(output[1].shape)}")
    if not all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None):
        problems.append(f"{name}: gradients")
    if not 0.01 < model.classifier.weight.std() < 0.04 or model.classifier.bias.any():
        problems.append(f"{name}: the new head is not initialized")
    trained = base.encoder.state_dict()
    if any(not torch.equal(tensor, trained[key]) for key, tensor in model.model.encoder.state_dict().items()):
        problems.append(f"{name}: the encoder's weights changed")

masked_lm.save_pretrained(saved)
again = transformers.AutoModel.from_pretrained(saved, **trust)
if not torch.equal(again.encoder.state_dict()["token_embedding.weight"], base.encoder.token_embedding.weight):
    problems.append("save_pretrained and from_pretrained change the weights")
tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **trust)
print(
    json.dumps(
        {
            "transformers": transformers.__version__,
            "problems": problems,
            "ids": tokenizer("一丁[MASK]七")["input_ids"],
            "inputs": sorted(tokenizer("一丁", "七")),
        }
    )
)
