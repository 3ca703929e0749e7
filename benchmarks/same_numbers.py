"""How far the numbers of an exported masked LM move when others offload, adapt, resize, round, compile or pad it.

    python benchmarks/same_numbers.py FOLDER [--length 128]

Each is the largest difference from the logits of the plain model, as a share of the largest, over real tokens of two
rows, one with padding. Needs transformers, accelerate and peft, and nothing of gaupt; a compiler of C++.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import accelerate  # type: ignore[import-not-found, unused-ignore]
import peft  # type: ignore[import-not-found, unused-ignore]
import torch
import transformers
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM

CPU = torch.device("cpu")
LEFT = 17
"""Tokens of padding put before."""


class Rows:
    """A folder's model, two rows, and what it makes of them."""

    def __init__(self, folder: Path, length: int) -> None:
        self.folder = folder
        model = self.read()
        self.vocabulary = model.config.vocab_size
        self.ids = torch.randint(5, self.vocabulary, (2, length))
        self.mask = torch.ones_like(self.ids)
        self.mask[1, 3 * length // 4 :] = 0
        self.expected = self.of(model)

    def read(self) -> Any:
        return AutoModelForMaskedLM.from_pretrained(self.folder, trust_remote_code=True).eval()

    def of(self, model: Callable[..., Any], left: int = 0) -> Tensor:
        """Logits [tokens, vocabulary], with ``left`` tokens of padding put before each row."""
        before = torch.zeros(2, left, dtype=torch.long)
        ids, mask = (torch.cat([before, each], 1) for each in (self.ids, self.mask))
        with torch.no_grad():
            logits: Tensor = model(ids, attention_mask=mask).logits
        return logits.float()[mask > 0][:, : self.vocabulary]

    def difference(self, found: Tensor, expected: Tensor | None = None) -> float:
        expected = self.expected if expected is None else expected
        return float((found - expected).abs().max() / self.expected.abs().max())


def differences(rows: Rows) -> dict[str, float]:
    """By what was done to the model."""
    found = {"offloaded to memory": rows.difference(rows.of(accelerate.cpu_offload(rows.read(), CPU)))}
    with tempfile.TemporaryDirectory() as scratch:
        found["offloaded to disk"] = rows.difference(
            rows.of(accelerate.disk_offload(rows.read(), scratch, CPU))
        )

    model = rows.read()
    model.resize_token_embeddings(rows.vocabulary + 64)
    found["vocabulary grown by 64"] = rows.difference(rows.of(model))

    model = rows.read()
    targets = [
        name for name, part in model.named_modules() if isinstance(part, nn.Linear) and ".layers." in name
    ]
    config = peft.LoraConfig(r=8, target_modules=targets, init_lora_weights=False)
    adapted = peft.get_peft_model(model, config).eval()
    moved = rows.of(adapted)
    found["LoRA merged, from the same not merged"] = rows.difference(
        rows.of(adapted.merge_and_unload()), moved
    )

    for dtype in (torch.bfloat16, torch.float16):
        found[str(dtype).removeprefix("torch.")] = rows.difference(rows.of(rows.read().to(dtype)))
    found["torch.compile"] = rows.difference(rows.of(torch.compile(rows.read())))
    example = {"attention_mask": rows.mask}
    graph = torch.export.export(rows.read(), (rows.ids,), example, strict=False).module()
    found["torch.export"] = rows.difference(rows.of(graph))
    found["padding on the left"] = rows.difference(rows.of(rows.read(), LEFT))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--length", type=int, default=128)
    options = parser.parse_args()
    torch.manual_seed(0)
    print(f"{options.folder}, transformers {transformers.__version__}")
    for name, value in differences(Rows(options.folder, options.length)).items():
        print(f"{name:40} {value:.1e}")


if __name__ == "__main__":
    main()
