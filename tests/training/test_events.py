"""Event files, as TensorBoard reads them."""

import errno
import itertools
import os
from pathlib import Path

import pytest

from gaupt.training import events as events_module
from gaupt.training.events import Events


def read(folder: Path) -> list[tuple[int, float]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder)).Reload()
    return [(event.step, event.value) for event in found.Scalars("loss")]


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 9])
def test_tensorboard_reads_the_values_and_forgets_steps_that_ran_again(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "_numbers", itertools.count(number))
    monkeypatch.setattr(events_module.time, "time", lambda: 1e9)  # both files are of one second
    events = Events(tmp_path / "events", 1)
    for step in (1, 2, 3):
        events.write(step, {"loss": step / 2, "accuracy": 1})
    assert read(tmp_path / "events") == [(1, 0.5), (2, 1.0), (3, 1.5)]
    events.close()
    events = Events(tmp_path / "events", 3)
    events.write(3, {"loss": 9.0})
    events.close()
    assert len(list((tmp_path / "events").iterdir())) == 2
    assert read(tmp_path / "events") == [(1, 0.5), (2, 1.0), (3, 9.0)]


def test_a_full_disk_is_told_where_the_values_are_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = Events(tmp_path, 1)
    (path,) = tmp_path.iterdir()
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, events._file.fileno())
    os.close(full)
    with pytest.raises(OSError) as told:
        events.write(1, {"loss": 1.0})
    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, str(path))
    events.close()
