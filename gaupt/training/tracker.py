"""Weights & Biases as one more view of the metrics, where ``train.wandb`` names a project."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from gaupt.errors import GauptError
from gaupt.files import write_bytes
from gaupt.progress import Progress
from gaupt.training.metrics import Log
from gaupt.training.run import Run

FOLDER = "wandb"
"""Of a run: what the package keeps there, and the name under which it knows the run."""


def check_tracker(project: str) -> None:
    """Refuse a ``project`` for which the package is missing, before anything is done.

    Raises:
        GauptError: it is.
    """
    if project:
        _package()


@contextmanager
def tracking(run: Run, progress: Progress) -> Iterator[Log]:
    """Send metrics to the project that the config of ``run`` names; nothing is sent where it names none.

    A run that resumes goes on in the same curves. The package's own settings hold: ``WANDB_MODE=offline`` keeps
    everything in the run's folder, and ``wandb sync`` sends it later.

    Raises:
        GauptError: the package is missing, or takes no run (nobody is logged in, for one).
    """
    project = run.config.train.wandb if run.ranks.leads else ""
    if not project:
        yield lambda step, values: None
        return
    wandb = _package()
    try:
        tracked = wandb.init(
            project=project,
            name=run.folder.resolve().name,
            id=_name(run.folder / FOLDER / "id"),
            resume="allow",
            dir=str(run.folder),
            config=run.config.model_dump(mode="json"),
            settings=wandb.Settings(silent=True, console="off"),
        )
    except wandb.Error as error:
        reason = str(error).partition(".")[0]
        raise GauptError(f"train.wandb: {reason}; run wandb login, or set WANDB_MODE=offline") from None
    # Steps that run again after a return to a checkpoint must not be refused: theirs is not the package's own count.
    tracked.define_metric("*", step_metric="step")
    if not tracked.offline:
        progress.message(f"{'wandb:':10} {tracked.url}")

    def log(step: int, values: Mapping[str, float]) -> None:
        tracked.log({"step": step, **values})

    code = 1
    try:
        yield log
        code = 0
    finally:
        tracked.finish(exit_code=code)


def _package() -> ModuleType:
    try:
        import wandb
    except ImportError as error:
        if error.name == "wandb":
            raise GauptError("train.wandb needs wandb: pip install wandb") from None
        raise GauptError(
            f"train.wandb: wandb cannot be imported ({error}); pip install --upgrade wandb"
        ) from None
    package: ModuleType = wandb
    return package


def _name(path: Path) -> str:
    """What the package knows the run by, in every call on its folder."""
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_bytes(path, secrets.token_hex(4).encode())
    return path.read_text()
