"""The script that loads an export where gaupt is not; `test_check.py` runs it as it is run."""

import pytest

from gaupt.exporting.loading import NoGaupt


@pytest.mark.parametrize("name", ["gaupt", "gaupt.model.gau"])
def test_no_module_of_gaupt_is_found(name: str) -> None:
    with pytest.raises(ImportError, match="gaupt cannot be imported here"):
        NoGaupt().find_spec(name)


@pytest.mark.parametrize("name", ["torch", "gaupts", "transformers.gaupt"])
def test_others_are_left_to_the_next_finder(name: str) -> None:
    assert NoGaupt().find_spec(name) is None  # type: ignore[func-returns-value]
