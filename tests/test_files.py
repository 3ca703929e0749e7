"""Atomic writes and compressed JSON lines."""

import errno
import hashlib

import pytest

from gaupt.files import (
    atomic_write,
    read_jsonl_zst,
    read_sealed_json,
    sha256,
    write_bytes,
    write_jsonl_zst,
    write_sealed_json,
)


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "value.txt"
    write_bytes(path, b"old")
    with pytest.raises(RuntimeError), atomic_write(path) as file:
        file.write(b"half of the ne")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["value.txt"]


def test_a_write_that_fails_says_which_file(tmp_path):
    path = tmp_path / "value.txt"
    with pytest.raises(OSError, match=r"value\.txt"), atomic_write(path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_json_lines_come_back_as_written_whatever_separators_they_hold(tmp_path):
    path = tmp_path / "lines.jsonl.zst"
    with write_jsonl_zst(path) as file:
        file.write('{"text": "一\u2028二\x85三"}\n'.encode())
        file.write('{"text": "四"}\n'.encode())
    assert [record["text"] for record in read_jsonl_zst(path)] == ["一\u2028二\x85三", "四"]


def test_sha256_is_the_standard_one(tmp_path):
    path = tmp_path / "bytes"
    path.write_bytes(b"gaupt" * 1000)
    assert sha256(path) == hashlib.sha256(b"gaupt" * 1000).hexdigest()


def test_a_compressed_file_cut_anywhere_is_noticed(tmp_path):
    path = tmp_path / "lines.jsonl.zst"
    with write_jsonl_zst(path) as file:
        for number in range(500):
            file.write(f'{{"text": "{number * 7919}"}}\n'.encode())
    whole = path.read_bytes()
    for size in (len(whole) - 1, len(whole) // 2, 5):
        path.write_bytes(whole[:size])
        with pytest.raises((EOFError, ValueError)):
            list(read_jsonl_zst(path))


def test_several_frames_read_as_one(tmp_path):
    path = tmp_path / "frames.jsonl.zst"
    with write_jsonl_zst(path) as file:
        file.write(b'{"text": "one"}\n{"text": ')
    first = path.read_bytes()
    with write_jsonl_zst(path) as file:
        file.write(b'"two"}')
    path.write_bytes(first + path.read_bytes())
    assert [record["text"] for record in read_jsonl_zst(path)] == ["one", "two"]


def flips(data: bytes):
    for bit in range(0, 8 * len(data)):
        yield data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def test_every_flipped_bit_of_a_compressed_file_is_noticed(tmp_path):
    path = tmp_path / "lines.jsonl.zst"
    with write_jsonl_zst(path) as file:
        file.write('{"text": "人人生而自由，在尊严和权利上一律平等。"}\n'.encode())
    whole, lines = path.read_bytes(), list(read_jsonl_zst(path))
    for damaged in flips(whole):
        path.write_bytes(damaged)
        try:
            # A few bits of the frame's header say how to store, not what.
            assert list(read_jsonl_zst(path)) == lines
        except (EOFError, ValueError):
            continue


def test_every_flipped_bit_of_sealed_json_is_noticed(tmp_path):
    path = tmp_path / "record.json"
    value = {"stage": "clean", "inputs": {"一.txt": [3, 4]}, "share": 0.5}
    write_sealed_json(path, value)
    whole = path.read_bytes()
    assert read_sealed_json(path) == value
    for damaged in (*flips(whole), whole[:-1], b"[]", b""):
        path.write_bytes(damaged)
        with pytest.raises(ValueError):
            read_sealed_json(path)
