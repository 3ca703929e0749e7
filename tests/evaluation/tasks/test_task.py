from dataclasses import replace

from gaupt.evaluation.tasks.registry import TASKS
from gaupt.evaluation.tasks.task import METRICS


def test_a_task_is_judged_by_the_custom_of_its_kind_unless_it_says() -> None:
    assert TASKS["cmrc2018"].headline == "average"
    assert replace(TASKS["cmrc2018"], metric="em").headline == "em"


def test_every_kind_of_task_has_its_metrics() -> None:
    assert {task.kind for task in TASKS.values()} == set(METRICS)
