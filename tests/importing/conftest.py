from pathlib import Path

import pytest

from tests.importing.public import write_public, write_roformer


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A transformers folder in the layout of the public GAU-α checkpoint."""
    return write_public(tmp_path / "chinese_GAU-alpha")


@pytest.fixture
def roformer(tmp_path: Path) -> Path:
    """A transformers folder of its own RoFormer."""
    return write_roformer(tmp_path / "roformer")
