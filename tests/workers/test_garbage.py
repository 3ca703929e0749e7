"""Python looks for garbage less often while tasks run, and as before after them."""

import gc
import threading

import pytest

from gaupt.workers import Crew, local_crew
from gaupt.workers.garbage import THRESHOLDS, seldom_collecting


def test_it_is_as_before_however_a_task_ends() -> None:
    before = gc.get_threshold()
    assert before != THRESHOLDS
    with pytest.raises(ZeroDivisionError), seldom_collecting:
        assert gc.get_threshold() == THRESHOLDS
        _ = 1 / 0
    assert gc.get_threshold() == before


def test_the_last_of_several_threads_ends_it() -> None:
    before, entered, leave = gc.get_threshold(), threading.Event(), threading.Event()

    def other() -> None:
        with seldom_collecting:
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with seldom_collecting:
        thread.start()
        assert entered.wait(10)
    assert gc.get_threshold() == THRESHOLDS
    leave.set()
    thread.join()
    assert gc.get_threshold() == before


def thresholds(task: int) -> tuple[int, ...]:
    return gc.get_threshold()


def test_tasks_of_a_crew_run_so() -> None:
    with local_crew(1) as crew:
        assert isinstance(crew, Crew)
        assert [found for _, found in crew.run(thresholds, [0])] == [THRESHOLDS]
