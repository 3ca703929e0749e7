"""The thread that writes: one thing at a time, its errors told, and copies that later updates leave alone."""

import threading

import pytest
import torch

from gaupt.errors import GauptError
from gaupt.training.checkpoints import Writer, host_copy

SECONDS = 10


def fail() -> None:
    raise GauptError("the disk is full")


def test_work_goes_on_while_it_writes_and_the_end_waits() -> None:
    goes_on, written = threading.Event(), []

    def write() -> None:
        assert goes_on.wait(SECONDS)
        written.append(1)

    with Writer() as writer:
        writer.begin(write)
        writer.check()
        assert not written
        goes_on.set()
    assert written == [1]


def test_one_thing_is_written_at_a_time() -> None:
    goes_on, written = threading.Event(), []

    def first() -> None:
        assert goes_on.wait(SECONDS)
        written.append("first")

    with Writer() as writer:
        writer.begin(first)
        threading.Timer(0.02, goes_on.set).start()
        writer.begin(lambda: written.append("second"))
    assert written == ["first", "second"]


@pytest.mark.parametrize("how", ["check", "wait", "begin", "end"])
def test_what_goes_wrong_is_raised_where_it_can_be_told(how: str) -> None:
    with pytest.raises(GauptError, match="the disk is full"), Writer() as writer:
        writer.begin(fail)
        if how == "check":
            while True:
                writer.check()
        if how == "begin":
            writer.begin(lambda: None)
        if how == "wait":
            writer.wait()


def test_it_is_raised_once() -> None:
    with Writer() as writer:
        writer.begin(fail)
        with pytest.raises(GauptError):
            writer.wait()
        writer.wait()


def test_where_training_fails_what_is_being_written_is_finished_and_the_failure_told() -> None:
    written = []

    def write() -> None:
        threading.Event().wait(0.02)
        written.append(1)
        fail()

    with pytest.raises(ZeroDivisionError), Writer() as writer:
        writer.begin(write)
        raise ZeroDivisionError
    assert written == [1]


def test_who_insists_on_stopping_does_not_wait() -> None:
    goes_on = threading.Event()
    with pytest.raises(KeyboardInterrupt), Writer() as writer:
        writer.begin(lambda: goes_on.wait(SECONDS))
        raise KeyboardInterrupt
    goes_on.set()


def test_a_copy_is_what_was_there() -> None:
    weight = torch.zeros(3, requires_grad=True)
    copies = host_copy({"weight": weight, "turned": torch.arange(6).view(2, 3).T})
    with torch.no_grad():
        weight.add_(1)
    assert copies["weight"].tolist() == [0, 0, 0] and not copies["weight"].requires_grad
    assert copies["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
