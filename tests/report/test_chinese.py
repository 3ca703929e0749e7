"""Everything that the report says has its Chinese, and nothing else has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gaupt.bench.measure import MODES
from gaupt.corpus.cleaner import STEPS
from gaupt.corpus.counts import KILLED, TOO_SLOW
from gaupt.corpus.drop.rules import RULES
from gaupt.evaluation.tasks.registry import TASKS
from gaupt.report import chinese
from gaupt.report.chinese import CHINESE

ROOM = Path(chinese.__file__).parent


def said() -> Iterator[str]:
    """The texts in calls of ``say`` in the modules of the report: always literal ones."""
    for file in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                text = node.args[0]
                assert isinstance(text, ast.Constant), f"{file.name}, line {node.lineno}: no literal text"
                yield text.value


def test_every_text_has_its_chinese_and_no_chinese_is_left_over() -> None:
    assert set(said()) == set(chinese.TEXTS)


def test_every_chinese_has_the_values_of_its_english() -> None:
    for english, text in CHINESE.items():
        assert sorted(re.findall(r"\{.*?\}", english)) == sorted(re.findall(r"\{.*?\}", text)), english


def test_the_rules_and_steps_of_cleaning_have_chinese_names() -> None:
    reasons = [*(rule.reason for rule in RULES), KILLED, TOO_SLOW, "exact_duplicate", "near_duplicate"]
    assert [name for name in (*reasons, *(step for step, _ in STEPS)) if name not in CHINESE] == []


def test_metrics_and_modes_have_chinese_names() -> None:
    assert {task.headline for task in TASKS.values()} - set(CHINESE) == set()
    assert set(MODES) - set(CHINESE) == set()
