"""The names in our files that people read have their Chinese."""

from gaupt.corpus.cleaner import STEPS
from gaupt.corpus.counts import KILLED, TOO_SLOW
from gaupt.corpus.drop.rules import RULES
from gaupt.evaluation.anchors import MAJORITY, NGRAMS
from gaupt.evaluation.tasks.registry import TASKS
from gaupt.terms import CHINESE_TERMS


def test_the_rules_and_steps_of_cleaning_have_chinese_names() -> None:
    reasons = [*(rule.reason for rule in RULES), KILLED, TOO_SLOW, "exact_duplicate", "near_duplicate"]
    names = (*reasons, *(step for step, _ in STEPS), "repeated_paragraphs", "repeated_paragraphs_removed")
    assert [name for name in names if name not in CHINESE_TERMS] == []


def test_metrics_and_what_models_are_compared_with_have_chinese_names() -> None:
    assert {*(task.headline for task in TASKS.values()), MAJORITY, NGRAMS} - set(CHINESE_TERMS) == set()
