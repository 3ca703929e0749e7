"""Export a model as a folder that others load without gaupt."""

import shutil
from pathlib import Path
from typing import Any

from safetensors.torch import save

from gaupt import __version__
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.export.card import model_card
from gaupt.export.folder import CONFIG, WEIGHTS, config_values, exported_names, is_exported, remote_code
from gaupt.export.onnx import ONNX, check_onnx, write_onnx
from gaupt.export.replace import check_output, new_folder
from gaupt.files import read_json, sha256, write_bytes, write_json
from gaupt.model.config import ModelConfig
from gaupt.progress import Progress
from gaupt.tokenizer.load import load_tokenizer

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.txt")


def export_hf(
    model: Path, output: Path, *, onnx: bool = False, progress: Progress, overwrite: bool = False
) -> dict[str, Any]:
    """Write the model at ``model`` (a run, a checkpoint or an exported folder) to ``output``.

    ``onnx`` adds the masked LM as ``onnx/model.onnx``, beside what transformers loads.

    Returns what was written: source, step, parameters, and the names of the files.

    Raises:
        GauptError: ``model`` cannot be loaded, or ``output`` holds something else.
    """
    loaded, record, complete = _look(model, output, onnx, progress, overwrite)
    if complete:
        progress.message(f"{output} is complete; nothing to do")
    else:
        with new_folder(output) as folder:
            _write(folder, loaded, record)
            if onnx:
                write_onnx(loaded.model, folder / ONNX)
    return {
        "output": str(output),
        "source": str(loaded.source),
        "step": loaded.checkpoint.step if loaded.checkpoint else None,
        "parameters": loaded.parameters,
        "files": sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()),
    }


def export_plan(
    model: Path, output: Path, *, onnx: bool, progress: Progress, overwrite: bool
) -> tuple[ModelConfig, dict[str, Any]]:
    """The architecture of ``model``, and what `export_hf` would do. Writes nothing. Raises as `export_hf`."""
    loaded, _, complete = _look(model, output, onnx, progress, overwrite)
    return loaded.model.config, {
        "source": str(loaded.source),
        "parameters": loaded.parameters,
        "output": f"{output} ({'complete' if complete else 'new'})",
        # Weights in float32; the rest is small.
        "bytes": 4 * loaded.parameters * (2 if onnx else 1),
    }


def _look(
    model: Path, output: Path, onnx: bool, progress: Progress, overwrite: bool
) -> tuple[LoadedModel, dict[str, str | bool], bool]:
    """The model, what ``config.json`` will say of this export, and whether ``output`` holds it already."""
    loaded = load_model(model, warn=progress.message)
    if onnx:
        check_onnx(loaded.model)
    record: dict[str, str | bool] = {
        "gaupt": __version__,
        "weights_sha256": sha256(loaded.source / WEIGHTS),
        "onnx": onnx,
    }
    complete = not overwrite and is_exported(output) and read_json(output / CONFIG).get("exported") == record
    if not complete:
        check_output(output, is_exported, overwrite)
    return loaded, record, complete


def _write(folder: Path, loaded: LoadedModel, record: dict[str, str | bool]) -> None:
    for name in TOKENIZER_FILES:
        if (loaded.tokenizer / name).exists():
            shutil.copy(loaded.tokenizer / name, folder)
    special = load_tokenizer(loaded.tokenizer).special
    ids = {
        "pad_token_id": special.pad,
        "cls_token_id": special.cls,
        "sep_token_id": special.sep,
        "mask_token_id": special.mask,
    }
    for name, text in remote_code().items():
        write_bytes(folder / name, text.encode())
    write_bytes(folder / "README.md", model_card(loaded).encode())
    # transformers asks for the "format" of the tensors in the file's metadata.
    weights = exported_names(loaded.model.state_dict())
    write_bytes(folder / WEIGHTS, save(weights, metadata={"format": "pt"}))
    write_json(folder / CONFIG, config_values(loaded.model.config, ids) | {"exported": record})
