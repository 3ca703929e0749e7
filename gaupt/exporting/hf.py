"""The export stage: a model to a folder that others load without gaupt.

It is written whole and keeps no record of a stage: everything in it is for the one who takes it away. What it was
made from stands in ``config.json``, under ``exported``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

from safetensors.torch import save

from gaupt import __version__
from gaupt.checkpoint.exported import CONFIG, RECORD, is_exported
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.checkpoint.weight_files import WEIGHTS, fingerprint
from gaupt.config import Config, ExportConfig
from gaupt.errors import GauptError
from gaupt.exporting.card import model_card
from gaupt.exporting.check import check_folder
from gaupt.exporting.folder import config_values, exported_names, remote_code
from gaupt.exporting.layouts import check_layout, layout_of, public_config, public_weights
from gaupt.exporting.onnx import ONNX, check_onnx, write_onnx
from gaupt.exporting.quantize import QUANTIZED, check_int8, quantize_int8
from gaupt.exporting.scores import read_scores
from gaupt.files import AnyPath, as_json, check_output, new_folder, read_json, write_bytes
from gaupt.language import Language, language_of
from gaupt.progress import Progress
from gaupt.seal import Facts, close, facts_of, listed, problem_of
from gaupt.stage import Plan
from gaupt.tokenizer.load import CONFIG as TOKENIZER_CONFIG
from gaupt.tokenizer.load import FILES as TOKENIZER_FILES
from gaupt.tokenizer.load import Tokenizer, copy_tokenizer, sealed

State = Literal["new", "complete", "without parts", "damaged"]
"""What of an export its folder holds."""
CARD = "README.md"
"""The model card, which people write on."""
_CARD_PARTS = ("license", "scores", "language")
"""What of a record stands in the card."""
_UNSAID: Language = "en"
"""Language of the cards of those who do not say: of an older gaupt."""
_SAME = ("gaupt", "weights_sha256", "layout", "content")
"""What of a record cannot be added later."""


@dataclass(frozen=True)
class _Export:
    """What is asked for, and what of it is there."""

    loaded: LoadedModel
    config: ExportConfig
    scores: Mapping[str, Any] | None
    record: Mapping[str, str]
    """Of all that the folder will hold."""
    there: Mapping[str, str]
    """Of what it holds already."""
    state: State
    values: Mapping[str, Any]
    """What ``config.json`` says of the model."""


def plan(
    model: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    scores: AnyPath | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> Plan:
    """What `export` would write. Writes nothing. Raises as `export`."""
    config, progress = config or Config(), progress or Progress(quiet=True)
    asked = _look(Path(model), Path(output), config.export, scores, progress, overwrite)
    facts = {
        "source": str(asked.loaded.source),
        "parameters": asked.loaded.parameters,
        "output": f"{output} ({asked.state})",
        # Weights in float32, and a quarter of it in 8 bits; the rest is small.
        "bytes": asked.loaded.parameters * (4 + 4 * ("onnx" in asked.record) + ("quantize" in asked.record)),
    }
    return Plan(config.model_copy(update={"model": asked.loaded.model.config}), facts)


def export(
    model: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    *,
    scores: AnyPath | None = None,
    check: bool = False,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the model at ``model`` (a run, a checkpoint or an exported folder) to ``output``.

    ``onnx`` among the formats of ``config.export`` adds ``onnx/model.onnx``, the masked LM or a fine-tuned model with
    its head, beside what transformers loads; a public layout is a folder of its own. ``scores``, a folder of
    `gaupt evaluate`, are for the model card. With ``check`` the folder is loaded in a process without gaupt, and its
    numbers are compared with ours, see `gaupt.exporting.check`.

    Returns what was written: source, step, parameters, the names of the files, and what the check found.

    Raises:
        GauptError: ``model`` cannot be loaded, ``output`` holds something else, the format is none for this model, or
            the check finds a difference.
    """
    output, progress = Path(output), progress or Progress(quiet=True)
    asked = _look(Path(model), output, (config or Config()).export, scores, progress, overwrite)
    if asked.state == "complete":
        progress.nothing_to_do(output)
    elif asked.state == "new":
        with new_folder(output) as folder:
            _write(folder, asked, progress)
    elif asked.state == "damaged":
        _put_aside(output, progress)
        _write(output, asked, progress)
    else:
        _add(output, asked, progress)
    checked = None
    if check:
        checked = check_folder(output, asked.loaded, asked.record["layout"], asked.config.python)
        progress.message(checked.told())
    return {
        "output": str(output),
        "source": str(asked.loaded.source),
        "step": asked.loaded.checkpoint.step if asked.loaded.checkpoint else None,
        "parameters": asked.loaded.parameters,
        "files": sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()),
        **({} if checked is None else {"check": asdict(checked)}),
    }


def describe(result: Mapping[str, Any], output: AnyPath) -> str:
    """A line for people on what `export` wrote."""
    return f"{output}: {result['parameters']:,} parameters from {result['source']}"


def write_finetuned(folder: Path, loaded: LoadedModel, source: str, task: str) -> None:
    """Write a model that was fine-tuned from ``source`` for ``task`` into the new ``folder``, as `export` would."""
    record = {"gaupt": __version__, "layout": "hf", "source": source, "task": task, "language": language_of()}
    values = _values(loaded, loaded.vocabulary(), "hf")
    _write(folder, _Export(loaded, ExportConfig(), None, record, {}, "new", values), Progress(quiet=True))


def _look(
    model: Path,
    output: Path,
    config: ExportConfig,
    scores: AnyPath | None,
    progress: Progress,
    overwrite: bool,
) -> _Export:
    """What is asked for, and what of it ``output`` holds already."""
    layout = layout_of(config.formats)
    if config.quantize != "none" and "onnx" not in config.formats:
        raise GauptError("export.quantize = int8 is for the ONNX file; add --format onnx")
    loaded = load_model(model, warn=progress.warning)
    if layout != "hf":
        check_layout(loaded, layout)
    results = None if scores is None else read_scores(scores, loaded)
    tokenizer = loaded.vocabulary()
    values = _values(loaded, tokenizer, layout)
    record = {
        "gaupt": __version__,
        "weights_sha256": fingerprint(loaded.source),
        "layout": layout,
        # Of the config and the tokenizer: the same weights may have other labels, or another way to pool.
        "content": facts_of(as_json([values, tokenizer.fingerprint]))["sha256"],
    }
    record |= {"onnx": config.onnx_task} if "onnx" in config.formats else {}
    record |= {"quantize": config.quantize} if config.quantize != "none" else {}
    record |= {"license": config.license} if config.license else {}
    record |= {"scores": facts_of(as_json(results))["sha256"]} if results is not None else {}

    there = _record_of(output) if not overwrite and _is_ours(output) else None
    record |= _language(config, there)
    state: State = "new"
    if there and all(there.get(key) == record[key] for key in _SAME):
        whole = record.items() <= there.items()
        state = "damaged" if _damaged(output) else "complete" if whole else "without parts"
    elif (
        there
        and there.get("weights_sha256") == record["weights_sha256"]
        and there.get("layout", "hf") == layout
    ):
        version = there.get("gaupt", "of another version")
        known = f"this model as gaupt {version} exported it"
        if version == __version__:
            known = "these weights with another config or tokenizer"
        raise GauptError(f"{output} holds {known}; use --overwrite to replace it, or another -o folder")
    else:
        check_output(output, _is_ours, overwrite)
        there = None
    there = there or {}
    asked = _Export(loaded, config, results, {**there, **record}, there, state, values)
    if _writes(asked, "onnx"):
        check_onnx(loaded.model)
    if _writes(asked, "quantize"):
        check_int8()
    return asked


def _language(config: ExportConfig, there: Mapping[str, str] | None) -> dict[str, str]:
    """What a record says of the language of the card."""
    known = None if there is None else there.get("language", _UNSAID)
    language = language_of(known if config.language == "auto" else config.language)
    # A folder that does not say it is none to be mended for that.
    return (
        {}
        if there is not None and "language" not in there and language == _UNSAID
        else {"language": language}
    )


def _writes(asked: _Export, part: str) -> bool:
    """Whether the file of ``part``, onnx or quantize, is to be written: all are where something is damaged."""
    if part not in asked.record or asked.state == "complete":
        return False
    return asked.state != "without parts" or any(
        asked.record.get(each) != asked.there.get(each) for each in {"onnx", part}
    )


def _is_ours(folder: Path) -> bool:
    """Whether ``folder`` is an export in any layout."""
    return is_exported(folder) or _record_of(folder) is not None


def _record_of(folder: Path) -> dict[str, str] | None:
    """What an exported folder says of itself; None where it says nothing, or its config is damaged."""
    try:
        known: dict[str, str] | None = read_json(folder / CONFIG).get(RECORD)
        return known if isinstance(known, dict) else None
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
        folder / name
        for name, facts in files.items()
        if problem_of(folder / name, facts) and (name != CARD or not (folder / name).exists())
    ]


def _put_aside(folder: Path, progress: Progress) -> None:
    """Keep what is not as it was written under another name: it may be what somebody has made of it."""
    for path in _damaged(folder):
        if not path.exists():
            progress.warning(f"{path} was missing and is written anew")
            continue
        kept = next(each for each in _names_aside(folder / path.name) if not each.exists())
        path.replace(kept)
        progress.warning(f"{path} was damaged and is written anew; what was there is {kept.name}")


def _names_aside(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.damaged")
    yield from (path.with_name(f"{path.name}.damaged-{number}") for number in count(2))


def _write(folder: Path, asked: _Export, progress: Progress) -> None:
    """Write everything into ``folder``, but for a card that others have changed."""
    loaded, layout = asked.loaded, asked.record["layout"]
    _write_tokenizer(folder, loaded)
    for name, text in _code(asked).items():
        write_bytes(folder / name, text.encode())
    card = _write_card(folder, asked, progress)
    shape, weights = loaded.model.config, loaded.model.state_dict()
    if layout == "hf":
        weights = exported_names(weights)
        if loaded.finetuned is not None:
            weights |= loaded.finetuned.exported_weights()
    else:
        weights = public_weights(weights, shape)
    # transformers asks for the "format" of the tensors in the file's metadata.
    write_bytes(folder / WEIGHTS, save(weights, metadata={"format": "pt"}))
    _write_onnx(folder, asked)
    _close(folder, asked, card)


def _add(folder: Path, asked: _Export, progress: Progress) -> None:
    """Add what ``folder`` lacks."""
    card = _write_card(folder, asked, progress)
    _write_onnx(folder, asked)
    _close(folder, asked, card)


@dataclass(frozen=True)
class _Card:
    """What a folder's card is in the end."""

    record: Mapping[str, str]
    """What the record says of it."""
    theirs: Mapping[str, Facts]
    """The facts of the card as it was written, where others have changed it since: it stays theirs."""


def _write_card(folder: Path, asked: _Export, progress: Progress) -> _Card:
    """Write the card where it is missing or ours, and what it shows has changed."""
    path, there = folder / CARD, {part: asked.there[part] for part in _CARD_PARTS if part in asked.there}
    wanted = {part: asked.record[part] for part in _CARD_PARTS if part in asked.record}
    if path.exists():
        written = listed(folder)[CARD]
        if problem_of(path, written):
            if wanted != there:
                progress.warning(f"{path} is not as it was written, so it stays as it is: it may be your own")
            return _Card(there, {CARD: written})
        if wanted == there:
            return _Card(there, {})
    if "scores" in wanted and asked.scores is None:
        del wanted["scores"]
        progress.warning(f"{path} is written anew without scores; give --scores to show them again")
    config = asked.config.model_copy(update={"license": wanted.get("license", "")})
    card = model_card(asked.loaded, config, asked.scores, language_of(wanted.get("language", _UNSAID)))
    write_bytes(path, card.encode())
    return _Card(wanted, {})


def _values(loaded: LoadedModel, tokenizer: Tokenizer, layout: str) -> dict[str, Any]:
    """What ``config.json`` says of the model in ``layout``."""
    special = tokenizer.special
    of_tokenizer = {
        # transformers before 5 looks for a pipeline's tokenizer where this is said alone.
        "tokenizer_class": tokenizer.class_name,
        "pad_token_id": special.pad,
        "cls_token_id": special.cls,
        "sep_token_id": special.sep,
        "mask_token_id": special.mask,
    }
    shape, finetuned = loaded.model.config, loaded.finetuned
    if layout != "hf":
        return public_config(shape, of_tokenizer)
    return config_values(shape, of_tokenizer) | ({} if finetuned is None else finetuned.config_values())


def _write_tokenizer(folder: Path, loaded: LoadedModel) -> None:
    """Write the tokenizer, with the length at which it cuts when it is told to truncate."""
    copy_tokenizer(loaded.tokenizer, folder)
    values = read_json(folder / TOKENIZER_CONFIG)
    values["model_max_length"] = loaded.model.config.max_length
    # Of a tokenizer that others saved there are no checksums to seal.
    ours = "sha256" in (values.get("gaupt") or {})
    write_bytes(folder / TOKENIZER_CONFIG, as_json(sealed(values) if ours else values))


def _write_onnx(folder: Path, asked: _Export) -> None:
    """Write the ONNX files that are asked for and not there."""
    if _writes(asked, "onnx"):
        write_onnx(asked.loaded.model, asked.loaded.finetuned, folder / ONNX, asked.record["onnx"])
    if _writes(asked, "quantize"):
        quantize_int8(folder / ONNX, folder / QUANTIZED)


def _code(asked: _Export) -> dict[str, str]:
    return remote_code() if asked.record["layout"] == "hf" else {}


def _close(folder: Path, asked: _Export, card: _Card) -> None:
    """Write the list and, as the last file, config.json with the record."""
    ours = (*_code(asked), *TOKENIZER_FILES, CARD, WEIGHTS, ONNX.parts[0])
    record = {part: value for part, value in asked.record.items() if part not in _CARD_PARTS} | dict(
        card.record
    )
    close(folder, CONFIG, as_json({**asked.values, RECORD: record}), ours, card.theirs)
