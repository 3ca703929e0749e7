from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.corpus.duplicates.rows import (
    Rows,
    alike,
    read_array,
    read_ragged,
    read_rows,
    write_array,
    write_ragged,
    write_rows,
)

ROW = np.dtype([("key", "<u8"), ("place", "<u4")])


def made(*keys: int) -> Rows:
    return np.array([(key, place) for place, key in enumerate(keys)], ROW)


def by_key(buckets: int):  # type: ignore[no-untyped-def]
    def bucket_of(rows: Rows) -> npt.NDArray[np.int64]:
        return (rows["key"] % np.uint64(buckets)).astype(np.int64)

    return bucket_of


@given(st.lists(st.integers(0, 2**64 - 1), max_size=30), st.integers(1, 9))
def test_each_row_is_in_its_bucket_and_rows_of_a_bucket_stay_in_order(
    tmp_path_factory: pytest.TempPathFactory, keys: list[int], buckets: int
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a"
    write_rows(path, [made(*keys)], buckets, by_key(buckets))
    found = [read_rows(path, ROW, bucket, buckets).tolist() for bucket in range(buckets)]
    assert found == [
        [(key, place) for place, key in enumerate(keys) if key % buckets == bucket]
        for bucket in range(buckets)
    ]


def test_tables_of_a_file_are_read_one_by_one(tmp_path: Path) -> None:
    tables = [made(1, 2, 3), made(), made(4, 6, 5, 7)]
    write_rows(tmp_path / "a", iter(tables), 2, by_key(2))
    found = [
        [read_rows(tmp_path / "a", ROW, bucket, 2, table, 3)["key"].tolist() for bucket in range(2)]
        for table in range(3)
    ]
    assert found == [[[2], [1, 3]], [[], []], [[4, 6], [5, 7]]]


@given(
    st.lists(st.sampled_from([0, 1, 2, 1 << 50, 1 << 58, 1 << 63, (1 << 63) + 1, (1 << 64) - 1]), max_size=40)
)
def test_keys_that_occur_more_than_once_come_by_key_and_in_order(keys: list[int]) -> None:
    found = alike(np.array(keys, np.uint64)).tolist()
    expected = [place for place, key in enumerate(keys) if keys.count(key) > 1]
    assert found == sorted(expected, key=lambda place: (keys[place], place))


def test_a_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_rows(path, [made(1, 2)], 1, by_key(1))
    path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(EOFError, match="a ends too early"):
        read_rows(path, ROW, 0, 1)


def test_arrays_of_any_length_are_read_by_their_places(tmp_path: Path) -> None:
    type_ = np.dtype("<u2")
    with write_ragged(tmp_path / "a") as add:
        for length in (3, 0, 2, 5):
            add(np.arange(length, dtype=type_) + 100 * length)
    for places in ([0, 1, 2, 3], [1], [0, 3], []):
        found = read_ragged(tmp_path / "a", type_, np.array(places, np.int64))
        lengths = [(3, 0, 2, 5)[place] for place in places]
        assert [one.tolist() for one in found] == [[100 * n + more for more in range(n)] for n in lengths]
    write_array(tmp_path / "b", np.array([7, 8], type_))
    assert read_array(tmp_path / "b", type_).tolist() == [7, 8]
