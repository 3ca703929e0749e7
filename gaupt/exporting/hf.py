"""The export stage: a model to a folder that others load without gaupt.

It is written whole and keeps no record of a stage: everything in it is for the one who takes it away. What it was
made from stands in ``config.json``, under ``exported``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from safetensors.torch import save

from gaupt import __version__
from gaupt.checkpoint.exported import CONFIG, is_exported
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.checkpoint.weight_files import WEIGHTS, fingerprint
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.exporting.card import model_card
from gaupt.exporting.folder import config_values, exported_names, remote_code
from gaupt.exporting.onnx import ONNX, check_onnx, write_onnx
from gaupt.files import AnyPath, as_json, check_output, new_folder, read_json, write_bytes
from gaupt.progress import Progress
from gaupt.seal import close, listed, problem_of
from gaupt.stage import Plan
from gaupt.tokenizer.load import CONFIG as TOKENIZER_CONFIG
from gaupt.tokenizer.load import FILES as TOKENIZER_FILES
from gaupt.tokenizer.load import copy_tokenizer, sealed

State = Literal["new", "complete", "without ONNX", "damaged"]
"""What of an export its folder holds."""
CARD = "README.md"
"""The model card, which people write on."""


def plan(
    model: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> Plan:
    """What `export` would write. Writes nothing. Raises as `export`."""
    config, progress = config or Config(), progress or Progress(quiet=True)
    loaded, record, state = _look(Path(model), Path(output), config, progress, overwrite)
    facts = {
        "source": str(loaded.source),
        "parameters": loaded.parameters,
        "output": f"{output} ({state})",
        # Weights in float32; the rest is small.
        "bytes": 4 * loaded.parameters * (2 if record["onnx"] else 1),
    }
    return Plan(config.model_copy(update={"model": loaded.model.config}), facts)


def export(
    model: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the model at ``model`` (a run, a checkpoint or an exported folder) to ``output``.

    ``onnx`` among the formats of ``config.export`` adds ``onnx/model.onnx``, the masked LM or a fine-tuned model with
    its head, beside what transformers loads.

    Returns what was written: source, step, parameters, and the names of the files.

    Raises:
        GauptError: ``model`` cannot be loaded, or ``output`` holds something else.
    """
    output, progress = Path(output), progress or Progress(quiet=True)
    loaded, record, state = _look(Path(model), output, config or Config(), progress, overwrite)
    if state == "complete":
        progress.nothing_to_do(output)
    elif state == "new":
        with new_folder(output) as folder:
            write_folder(folder, loaded, record)
    elif state == "damaged":
        _put_aside(output, progress)
        write_folder(output, loaded, record)
    else:
        _write_last(output, loaded, record, read_json(output / CONFIG))
    return {
        "output": str(output),
        "source": str(loaded.source),
        "step": loaded.checkpoint.step if loaded.checkpoint else None,
        "parameters": loaded.parameters,
        "files": sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()),
    }


def describe(result: Mapping[str, Any], output: AnyPath) -> str:
    """A line for people on what `export` wrote."""
    return f"{output}: {result['parameters']:,} parameters from {result['source']}"


def _look(
    model: Path, output: Path, config: Config, progress: Progress, overwrite: bool
) -> tuple[LoadedModel, dict[str, str | bool], State]:
    """The model, what ``config.json`` will say of this export, and what of it ``output`` holds already."""
    onnx = "onnx" in config.export.formats
    loaded = load_model(model, warn=progress.warning)
    if onnx:
        check_onnx(loaded.model)
    record: dict[str, str | bool] = {
        "gaupt": __version__,
        "weights_sha256": fingerprint(loaded.source),
        "onnx": onnx,
    }
    there = _exported(output) if not overwrite and is_exported(output) else None
    if there in (record, record | {"onnx": True}, record | {"onnx": False}):
        if _damaged(output):
            return loaded, record | {"onnx": record["onnx"] or there["onnx"]}, "damaged"
        return loaded, record, "without ONNX" if record["onnx"] and not there["onnx"] else "complete"
    if there and there | {"gaupt": __version__, "onnx": record["onnx"]} == record:
        raise GauptError(
            f"{output} holds this model as gaupt {there['gaupt']} exported it; use --overwrite to replace it, "
            "or another -o folder"
        )
    check_output(output, is_exported, overwrite)
    return loaded, record, "new"


def _exported(folder: Path) -> dict[str, Any] | None:
    """What an exported folder says of itself; None where it says nothing, or its config is damaged."""
    try:
        known: dict[str, Any] | None = read_json(folder / CONFIG).get("exported")
        return known
    except (OSError, ValueError, AttributeError):
        return None


def _damaged(folder: Path) -> list[Path]:
    """The files of an exported folder that are missing or not what was written, but for the card.

    Raises:
        GauptError: its list is missing or damaged, so that nobody knows what others have changed.
    """
    try:
        files = listed(folder)
    except GauptError as error:
        raise GauptError(
            f"{str(error).partition(';')[0]}, so what others changed there is not known; use --overwrite to replace "
            "the folder, or another -o folder"
        ) from None
    return [
        folder / name for name, facts in files.items() if name != CARD and problem_of(folder / name, facts)
    ]


def _put_aside(folder: Path, progress: Progress) -> None:
    """Keep what is not as it was written under another name: it may be what somebody has made of it."""
    for path in _damaged(folder):
        kept = path.with_name(f"{path.name}.damaged")
        if path.exists():
            path.replace(kept)
        progress.warning(f"{path} was missing or damaged and is written anew; what was there is {kept.name}")


def write_folder(folder: Path, loaded: LoadedModel, record: Mapping[str, Any]) -> None:
    """Write ``loaded`` into ``folder``; ``record`` says in its ``config.json`` what it was made from."""
    write_tokenizer(folder, loaded)
    special = loaded.vocabulary().special
    ids = {
        "pad_token_id": special.pad,
        "cls_token_id": special.cls,
        "sep_token_id": special.sep,
        "mask_token_id": special.mask,
    }
    for name, text in remote_code().items():
        write_bytes(folder / name, text.encode())
    if not (folder / CARD).exists():
        write_bytes(folder / CARD, model_card(loaded).encode())
    weights = exported_names(loaded.model.state_dict())
    values = config_values(loaded.model.config, ids)
    if loaded.finetuned is not None:
        weights |= loaded.finetuned.exported_weights()
        values |= loaded.finetuned.config_values()
    # transformers asks for the "format" of the tensors in the file's metadata.
    write_bytes(folder / WEIGHTS, save(weights, metadata={"format": "pt"}))
    _write_last(folder, loaded, record, values)


def write_tokenizer(folder: Path, loaded: LoadedModel) -> None:
    """Write the tokenizer of ``loaded`` into ``folder``, with the length at which it cuts when told to truncate."""
    copy_tokenizer(loaded.tokenizer, folder)
    values = read_json(folder / TOKENIZER_CONFIG)
    values["model_max_length"] = loaded.model.config.max_length
    # Of a tokenizer that others saved there are no checksums to seal.
    ours = "sha256" in values.get("gaupt", {})
    write_bytes(folder / TOKENIZER_CONFIG, as_json(sealed(values) if ours else values))


def _write_last(
    folder: Path, loaded: LoadedModel, record: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Write the ONNX file where ``record`` tells of one, and at last the ``values`` of config.json, which do too."""
    if record.get("onnx"):
        write_onnx(loaded.model, loaded.finetuned, folder / ONNX)
    ours = (*remote_code(), *TOKENIZER_FILES, CARD, WEIGHTS, ONNX.parts[0])
    close(folder, CONFIG, as_json({**values, "exported": record}), ours)
