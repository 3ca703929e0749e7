"""The import stage: a public checkpoint to one of ours, written whole as every checkpoint is."""

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt.checkpoint.format import open_checkpoint, save_checkpoint
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.files import AnyPath, check_output, read_json
from gaupt.folders import KINDS, MODELS, kind_of, unexpected
from gaupt.importing.tensor_bundle import find_bundle
from gaupt.importing.weights import (
    PublicModel,
    read_tensorflow_folder,
    read_transformers_folder,
)
from gaupt.progress import Progress
from gaupt.seal import MANIFEST
from gaupt.stage import Plan
from gaupt.tokenizer.build import build_tokenizer


def plan(source: AnyPath, output: AnyPath, *, overwrite: bool = False) -> Plan:
    """What `import_checkpoint` would read, and what ``output`` holds already. Writes nothing. Raises as it does."""
    output = Path(output)
    model, _, complete = _look(Path(source), output, overwrite)
    facts = {
        "output": f"{output} ({'complete' if complete else 'new'})",
        "architecture": model.config.architecture,
        "parameters": model.parameters,
    }
    return Plan(Config(model=model.config), facts)


def import_checkpoint(
    source: AnyPath, output: AnyPath, *, progress: Progress | None = None, overwrite: bool = False
) -> dict[str, Any]:
    """Read the public checkpoint in ``source`` and write it to ``output`` as a checkpoint of ours.

    Returns what was written: model kind, parameters, where.

    Raises:
        GauptError: ``source`` is no checkpoint that we know or is damaged; ``output`` holds something else.
    """
    source, output, progress = Path(source), Path(output), progress or Progress(quiet=True)
    model, facts, complete = _look(source, output, overwrite)
    if complete:
        open_checkpoint(output)  # says so if it was damaged since
        progress.nothing_to_do(output)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            tokenizer = import_tokenizer(source, Path(scratch) / "tokenizer", model.config.vocab_size)
            save_checkpoint(output, model.weights, Config(model=model.config), tokenizer, facts=facts)
    return {
        "output": str(output),
        "architecture": model.config.architecture,
        "parameters": model.parameters,
    }


def describe(result: Mapping[str, Any], output: AnyPath) -> str:
    """A line for people on what `import_checkpoint` wrote."""
    return f"{output}: {result['architecture']}, {result['parameters']:,} parameters"


def _look(source: Path, output: Path, overwrite: bool) -> tuple[PublicModel, dict[str, str], bool]:
    """The public model, what the manifest will say of it, and whether ``output`` holds it already."""
    if not source.is_dir():
        raise unexpected(source, "transformers", hub=True)
    if (kind := kind_of(source)) in MODELS:
        raise GauptError(
            f"{source} is {KINDS[kind].called}: it needs no import; give it as it is to gaupt fill, export, evaluate "
            "or bench"
        )
    index = find_bundle(source)
    model = read_tensorflow_folder(index) if index else read_transformers_folder(source)
    facts = {"source": source.resolve().name, "fingerprint": _fingerprint(model)}
    complete = _is_checkpoint(output) and read_json(output / MANIFEST)["facts"] == facts
    if not complete:
        check_output(output, _is_checkpoint, overwrite)
    return model, facts, complete


def import_tokenizer(source: Path, output: Path, vocab_size: int) -> Path:
    """Write the tokenizer of the public checkpoint in ``source`` to ``output``; returns ``output``.

    The embedding of the model, of ``vocab_size`` rows, may have more than the vocabulary has pieces: many are padded to
    a round number.

    Raises:
        GauptError: there is no vocabulary, or the model's embedding has no row for some of it.
    """
    report = build_tokenizer(None, output, Config(), source=source)
    if report["vocab_size"] > vocab_size:
        raise GauptError(
            f"{source}: the vocabulary has {report['vocab_size']} tokens, the model's embedding {vocab_size} rows"
        )
    return output


def _is_checkpoint(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _fingerprint(model: PublicModel) -> str:
    """sha256 over the config and the tensors in the order of their names."""
    digest = hashlib.sha256(repr(model.config).encode())
    for name in sorted(model.weights):
        digest.update(name.encode() + model.weights[name].numpy().tobytes())
    return digest.hexdigest()
