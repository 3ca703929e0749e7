"""The report's tables: what a reader takes from them."""

import re

import pytest

from gaupt.errors import GauptError
from gaupt.report import html
from gaupt.report.page import write_report
from gaupt.report.training import fill_section


def test_a_bar_is_as_long_as_its_number():
    table = html.table([("a", 1), ("b", 4)], header=("name", "count"), bar_column=1)
    assert re.findall(r"width:([\d.]+)rem", table) == ["3.00", "12.00"]


def test_facts_read_as_words_and_what_has_no_value_is_left_out():
    facts = html.facts({"vocab_size": 4000, "character_coverage": None})
    assert "vocab size" in facts and "4,000" in facts
    assert "coverage" not in facts


def test_guesses_stand_in_cells_of_their_own():
    guesses = [{"token": "，", "probability": 0.5}, {"token": "<b>", "probability": 0.25}]
    section = fill_section(
        [{"text": "天[MASK]", "masks": [guesses]}, {"text": "[MASK]", "masks": [guesses[:1]]}]
    )
    assert "<td>， 50.0%</td><td>&lt;b&gt; 25.0%</td>" in section
    assert section.count("<td>， 50.0%</td><td></td>") == 1


def test_a_folder_is_no_page(tmp_path):
    with pytest.raises(GauptError, match="is a folder; give -o a file"):
        write_report([], tmp_path)
