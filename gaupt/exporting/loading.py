"""Run by `gaupt.exporting.check` in a process of its own: load an exported folder as those do who have no gaupt.

Arguments: the folder; the class that loads it, PACKAGE.CLASS, or auto: the one that its config names; and a scratch
folder with ``inputs.safetensors`` (input_ids, attention_mask) and ``texts.json``. Leaves ``outputs.safetensors`` there,
what the model computes by name, and what ONNX files do by ``FILE/NAME``; prints one JSON object: the versions of the
libraries, and the ids of the texts.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


class NoGaupt:
    """Finds no module of gaupt, wherever it is installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse gaupt's; others are left to the finders that follow."""
        if name.split(".")[0] == "gaupt":
            raise ImportError("gaupt cannot be imported here")


def main(folder: Path, loader: str, scratch: Path) -> None:
    """Load, compute, save and tell."""
    import torch
    import transformers
    from safetensors.torch import load_file, save_file

    inputs = load_file(scratch / "inputs.safetensors")
    trust: dict[str, Any] = {"trust_remote_code": True} if loader == "auto" else {}
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **trust)
    texts = json.loads((scratch / "texts.json").read_text(encoding="utf-8"))
    kind = _auto_class(folder, transformers) if loader == "auto" else _class_of(loader)
    model = kind.from_pretrained(folder, **trust).eval()
    with torch.inference_mode():
        found = model(**inputs)
    outputs = {name: value.contiguous() for name, value in found.items() if isinstance(value, torch.Tensor)}
    versions = {"transformers": transformers.__version__}
    # Others may have put files of their own beside.
    places = [folder / "onnx" / name for name in ("model.onnx", "model_quantized.onnx")]
    if files := [path for path in places if path.is_file()]:
        import onnxruntime  # type: ignore[import-untyped]

        versions["onnxruntime"] = onnxruntime.__version__
        for file in files:
            session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
            rows_alone = len(session.get_inputs()[0].shape) == 2  # and not several choices each
            arrays = {
                name: (tensor.flatten(0, -2) if rows_alone else tensor).numpy()
                for name, tensor in inputs.items()
            }
            names = [output.name for output in session.get_outputs()]
            outputs |= {
                f"{file.name}/{name}": torch.from_numpy(array)
                for name, array in zip(names, session.run(None, arrays), strict=True)
            }
    save_file(outputs, scratch / "outputs.safetensors")
    print(json.dumps({"versions": versions, "ids": [tokenizer(text)["input_ids"] for text in texts]}))


def _auto_class(folder: Path, transformers: Any) -> Any:
    """The auto class of the model that ``config.json`` says the folder holds."""
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    names = {path.partition(".")[2]: name for name, path in values["auto_map"].items()}
    return getattr(transformers, names[values["architectures"][0]])


def _class_of(loader: str) -> Any:
    module, _, name = loader.rpartition(".")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    sys.meta_path.insert(0, NoGaupt())
    os.environ["HF_HUB_OFFLINE"] = "1"
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
