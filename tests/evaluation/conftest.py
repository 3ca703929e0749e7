from pathlib import Path

import pytest

from gaupt.evaluation.encoders import Encoder
from tests.evaluation.small import small_encoder, write_tasks


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """A small random model of the family."""
    return small_encoder(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small tasks in their official files. Read only."""
    return write_tasks(tmp_path_factory.mktemp("tasks"))
