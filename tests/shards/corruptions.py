"""Damage of any kind to the files of a folder."""

import random
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.inspection import verify_folder


def a_thousand_corruptions_are_found(folder: Path, files: list[Path]) -> None:
    """Flip a bit of one of ``files``, or cut it, and see `verify_folder` name it; a thousand times."""
    draw = random.Random(0)
    for _ in range(1_000):
        path = draw.choice(files)
        good = path.read_bytes()
        place = draw.randrange(len(good))
        if draw.random() < 0.5:
            path.write_bytes(good[:place] + bytes([good[place] ^ 1 << draw.randrange(8)]) + good[place + 1 :])
        else:
            path.write_bytes(good[:place])
        with pytest.raises(GauptError, match=str(path)):
            verify_folder(folder)
        path.write_bytes(good)
