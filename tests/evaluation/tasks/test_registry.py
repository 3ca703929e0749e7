from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.tasks.registry import AVERAGES, GROUPS, TASKS, TNEWS_LABELS
from tests.evaluation.tasks.made import write_lines

WSC = {
    "text": "猫看见狗，它跑了。",
    "target": {"span1_text": "猫", "span1_index": 0, "span2_text": "它", "span2_index": 5},
}


def test_tnews_leaves_out_two_numbers() -> None:
    assert len(TNEWS_LABELS) == 15
    assert {"105", "111"}.isdisjoint(TNEWS_LABELS)


def test_groups_and_averages_name_tasks() -> None:
    members = {name for group in GROUPS.values() for name in group}
    members |= {name for average in AVERAGES.values() for name in average.members}
    assert members <= TASKS.keys()
    assert len(AVERAGES["paper9"].members) == 9
    assert {"ocnli", "drcd", "cluener"}.isdisjoint(AVERAGES["paper9"].members)


def test_noun_and_pronoun_are_marked_in_either_order(tmp_path: Path) -> None:
    target = WSC["target"]
    turned = {f"span{3 - int(key[4])}{key[5:]}": value for key, value in target.items()}
    path = write_lines(
        tmp_path / "a.json", [{**WSC, "label": "true"}, {**WSC, "target": turned, "label": "false"}]
    )
    first, second = TASKS["cluewsc"].read(path)
    assert first.texts == ("_猫_看见狗，[它]跑了。",)
    assert second.texts == ("[猫]看见狗，_它_跑了。",)
    assert first.group == second.group


def test_a_span_that_is_not_where_it_should_be_is_refused(tmp_path: Path) -> None:
    wrong = {**WSC, "target": {**WSC["target"], "span2_index": 4}, "label": "true"}
    with pytest.raises(GauptError, match=r"row 1: .*'它' does not stand at character 4"):
        TASKS["cluewsc"].read(write_lines(tmp_path / "a.json", [wrong]))


def test_keywords_come_before_the_abstract(tmp_path: Path) -> None:
    row = {"abst": "本文研究桥梁。", "keyword": ["桥梁", "河流"], "label": "0"}
    (read,) = TASKS["csl"].read(write_lines(tmp_path / "a.json", [row]))
    assert read.texts == ("桥梁；河流", "本文研究桥梁。")
    assert read.group == "本文研究桥梁。"
