"""The report's tables: what a reader takes from them."""

from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.report.page import write_report


def test_a_folder_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is a folder; give a file in it"):
        write_report([], tmp_path)
