import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.evaluation.metrics.reading import answer_f1, exact_form, score_answers, segments

ANSWERS = st.text("北京上海ab1 ,。《》", max_size=8)


def test_each_chinese_character_is_a_segment_and_other_runs_are_words() -> None:
    assert segments("重128KB，共2本") == ["重", "128kb", "共", "2", "本"]


def test_dropped_punctuation_does_not_end_a_word() -> None:
    assert segments("e-mail") == ["email"]
    assert segments("e-mail", keep_punctuation=True) == ["e", "-", "mail"]


def test_characters_past_the_first_block_are_no_chinese_to_the_official_script() -> None:
    assert segments("㐀㐁一丁龤龥龦") == ["㐀㐁", "一", "丁", "龤", "龥", "龦"]


def test_exact_match_folds_case_and_drops_listed_punctuation_only() -> None:
    assert exact_form(" 《ABC》（一） ") == "abc一"
    assert exact_form("中 文…100%") == "中 文…100%"
    listed, kept = (
        "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』",
        "!\"#$%&'(),.;<>?@[]{|}‘—…【】〈〉．％",
    )
    assert exact_form(f"a{listed}{kept}b") == f"a{kept}b"


def test_f1_is_over_the_longest_common_run_not_the_subsequence() -> None:
    # 北京 is shared as a run of two; 市 stands elsewhere.
    assert answer_f1("北京x市", "北京市") == pytest.approx(2 * (2 / 4) * (2 / 3) / (2 / 4 + 2 / 3))
    assert answer_f1("甲", "乙") == 0


@pytest.mark.slow
@given(ANSWERS, ANSWERS)
def test_f1_is_symmetric_and_one_for_the_same_segments(one: str, two: str) -> None:
    assert answer_f1(one, two) == pytest.approx(answer_f1(two, one))
    assert answer_f1(one, one) == (1 if segments(one) else 0)


def test_the_best_reference_counts_and_a_missing_answer_counts_as_wrong() -> None:
    score = score_answers({"a": ["北京市", "北京"], "b": ["上海"]}, {"a": "北京", "c": "ignored"})
    assert (score.em, score.f1, score.average) == (50, 50, 50)
    assert (score.total, score.skipped) == (2, 1)
    assert score.questions == {"a": (1, 1)}


def test_exact_match_and_f1_are_counted_apart() -> None:
    score = score_answers({"a": ["北京市"], "b": ["上海"], "c": []}, {"a": "北京", "b": "上，海", "c": ""})
    assert score.questions == {"a": (pytest.approx(0.8), 0), "b": (1, 1), "c": (0, 0)}
    assert (score.f1, score.em, score.average) == pytest.approx((60, 100 / 3, 140 / 3))


def test_no_questions_are_no_points() -> None:
    score = score_answers({}, {"a": "北京"})
    assert (score.f1, score.em, score.total, score.skipped) == (0, 0, 0, 0)


def test_what_is_no_string_is_scored_as_python_prints_it() -> None:
    assert score_answers({"a": ["none"]}, {"a": None}).em == 100


def test_segmentation_agrees_with_the_official_script(shared: Path) -> None:
    cases = json.loads((shared / "metric-cases" / "mrc-segmentation.json").read_text(encoding="utf-8"))[
        "cases"
    ]
    for case in cases:
        assert segments(case["text"]) == case["segments_without_punctuation"]
        assert segments(case["text"], keep_punctuation=True) == case["segments_with_punctuation"]
        assert exact_form(case["text"]) == case["exact_match_form"]
