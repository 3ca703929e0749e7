from pathlib import Path

import pytest

from gaupt.config import Config
from tests.conftest import shorten_trials
from tests.training.runs import train


@pytest.fixture(autouse=True)
def every_trial_is_short(short_trial: None) -> None:
    """Runs are many here."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, prepared: Path, tiny_config: Config) -> Path:
    """An undisturbed run. Read only."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    with pytest.MonkeyPatch.context() as patch:
        shorten_trials(patch)
        train(prepared, run, tiny_config)
    return run
