import pytest

from gaupt.model.masked_lm import MaskedLM
from tests.model.small import FAMILY, build


@pytest.fixture(params=FAMILY)
def model(request: pytest.FixtureRequest) -> MaskedLM:
    """Each member of the family."""
    return build(request.param)
