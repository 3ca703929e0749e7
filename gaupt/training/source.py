"""The model that a run goes on from, where it does not begin with weights drawn anew."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaupt.checkpoint.lineage import lineage
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.checkpoint.run_folder import checkpoint_folders
from gaupt.checkpoint.weight_files import fingerprint
from gaupt.config import Config, read_config
from gaupt.config.shape import differences
from gaupt.errors import GauptError
from gaupt.files import AnyPath, read_sealed_json
from gaupt.model.config import ModelConfig
from gaupt.stage import CONFIG, RECORD

INPUT = "--from"
"""What a run's record calls the model among its inputs."""


@dataclass(frozen=True)
class Source:
    """A model to go on from."""

    config: ModelConfig
    fingerprint: str
    """sha256 of the file with its weights."""
    path: Path | None = None
    """MODEL as it was given. None: the run has begun, and needs it no more."""
    loaded: LoadedModel | None = None
    """None where ``path`` is."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return "the model that the run began from" if self.path is None else str(self.path)

    def lineage(self) -> dict[str, Any]:
        """What the run's checkpoints say of it."""
        assert self.path is not None and self.loaded is not None
        return lineage(self.path, self.loaded.checkpoint, self.fingerprint)


def find_source(
    path: AnyPath | None,
    output: AnyPath,
    overwrite: bool = False,
    warn: Callable[[str], None] = lambda message: None,
) -> Source | None:
    """MODEL at ``path``; None where the run in ``output`` begins from nothing. ``warn`` hears what it was read without.

    A run that began from a model goes on without it: it may be left out, or be gone, once there are checkpoints.

    Raises:
        GauptError: ``path`` is no MODEL, is damaged, or is the run itself.
    """
    output = Path(output)
    if path is not None and output.resolve() in (Path(path).resolve(), *Path(path).resolve().parents):
        raise GauptError(
            f"--from {path} is in the folder of the run itself; choose another -o folder (a finished run with a stable "
            "phase is lengthened by --steps alone)"
        )
    if (path is None or not Path(path).exists()) and not overwrite and checkpoint_folders(output):
        known = _recorded(output)
        if known is not None:
            return Source(read_config(output / CONFIG).model, known)
    if path is None:
        return None
    path = Path(path)
    loaded = load_model(path, warn=warn)
    return Source(loaded.model.config, fingerprint(loaded.source), path, loaded)


def check_shape(config: Config, source: Source) -> None:
    """Refuse a config that describes another model than the one to go on from.

    Raises:
        GauptError: it does; the differences are named.
    """
    if found := differences(config, source.config):
        raise GauptError(
            f"[model]: {', '.join(found)} as in {source.name}; a run that goes on from a model has its shape"
        )


def _recorded(output: Path) -> str | None:
    """The fingerprint of the model that the run in ``output`` began from."""
    try:
        known = read_sealed_json(output / RECORD)["inputs"][INPUT]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(known)
