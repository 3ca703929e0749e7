import json
from pathlib import Path
from typing import Any

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.entities import NOTHING, cut_entities
from gaupt.evaluation.score import describe, score_file, score_rows
from gaupt.evaluation.tasks.registry import TASKS
from tests.evaluation.tasks.made import (
    C3,
    ENTITIES,
    FEW_SHOT_IDIOMS,
    IDIOM_ANSWERS,
    PAIRS,
    SQUAD,
    write_lines,
    write_value,
)


def test_rows_without_agreement_do_not_count(tmp_path: Path) -> None:
    rows = [
        {"sentence1": "一", "sentence2": "二", "label": label} for label in ("neutral", "-", "entailment")
    ]
    given = [{"id": i, "label": "neutral"} for i in range(3)]
    result = score_file(
        "ocnli", write_lines(tmp_path / "g.json", rows), write_lines(tmp_path / "p.json", given)
    )
    assert (result["accuracy"], result["counted"]) == (50, 2)


def test_a_file_without_answers_cannot_be_the_gold(tmp_path: Path) -> None:
    gold = write_lines(tmp_path / "test.json", [{"sentence1": "一", "sentence2": "二", "id": 0}])
    with pytest.raises(GauptError, match=r"test\.json has no answers"):
        score_file("afqmc", gold, write_lines(tmp_path / "p.json", [{"id": 0, "label": "1"}]))


def test_choices_are_compared_by_text_and_a_place_beyond_them_is_wrong(tmp_path: Path) -> None:
    gold = write_value(tmp_path / "dev.json", C3)
    given = write_lines(tmp_path / "p.json", [{"id": 0, "label": 3}, {"id": 1, "label": 2}])
    assert score_file("c3", gold, given)["accuracy"] == 50


def test_official_idioms_are_scored_against_the_file_of_answers(tmp_path: Path) -> None:
    gold = write_value(tmp_path / "dev_answer.json", IDIOM_ANSWERS)
    given = write_value(tmp_path / "p.json", {**IDIOM_ANSWERS, "#idiom000003#": 0, "#idiom999999#": 1})
    assert score_file("chid", gold, given)["accuracy"] == pytest.approx(200 / 3)


def test_few_shot_idioms_are_scored_by_their_ids(tmp_path: Path) -> None:
    gold = write_lines(tmp_path / "dev.json", FEW_SHOT_IDIOMS)
    result = score_file("chid", gold, write_lines(tmp_path / "p.json", [{"id": 7, "answer": 1}]))
    assert (result["accuracy"], result["accuracy_fewclue"]) == (100, 100)


def test_entities_have_both_of_their_metrics(tmp_path: Path) -> None:
    gold = write_lines(tmp_path / "dev.json", ENTITIES)
    given = [{"id": 0, "label": {"name": {"温格": [[0, 1], [0, 1]]}}}, {"id": 1, "label": {}}]
    result = score_file("cluener", gold, write_lines(tmp_path / "p.json", given))
    assert result["micro_span"] == {"precision": 100, "recall": 50, "f1": pytest.approx(200 / 3)}
    assert result["macro_by_string"] == 10  # one of ten types found


def test_the_leaderboards_strings_are_those_of_the_files_wherever_they_stand(tmp_path: Path) -> None:
    gold = write_lines(tmp_path / "dev.json", ENTITIES[:1])
    for label, macro, right in (
        ({"name": {"温格": []}}, 10, 0),  # no place
        ({"name": {"温格": [[2, 3]]}}, 10, 0),  # a wrong place
        ({"name": {"阿森": [[0, 1]]}}, 0, 1),  # the right place of another text
        ({"name": {"温格": [[0, 1]], "阿森": []}}, 20 / 3, 1),  # F1 2/3 of one type in ten
    ):
        given = write_lines(tmp_path / "p.json", [{"id": 0, "label": label}])
        result = score_file("cluener", gold, given)
        assert result["macro_by_string"] == pytest.approx(macro)
        assert result["micro_span"]["recall"] == 50 * right


def test_rows_without_agreement_need_no_prediction(tmp_path: Path) -> None:
    rows = [{"sentence1": "一", "sentence2": "二", "label": label} for label in ("neutral", "-")]
    gold = write_lines(tmp_path / "g.json", rows)
    for extra in ([], [{"id": 1, "label": "-"}], [{"id": 1, "label": None}]):
        given = write_lines(tmp_path / "p.json", [{"id": 0, "label": "neutral"}, *extra])
        assert score_file("ocnli", gold, given) == {"accuracy": 100, "counted": 1, "macro_f1": 100}


def test_questions_are_scored_over_all_of_them(tmp_path: Path) -> None:
    gold = write_value(tmp_path / "dev.json", SQUAD)
    result = score_file("cmrc2018", gold, write_value(tmp_path / "p.json", {"Q1": "九十米"}))
    assert result == {"f1": 50, "em": 50, "average": 50, "total": 2, "skipped": 1}


@pytest.mark.parametrize("task", ["afqmc", "c3", "cluener", "cmrc2018"])
def test_the_headline_is_the_ratio_of_its_parts(tmp_path: Path, task: str) -> None:
    value: Any = {"afqmc": PAIRS, "c3": C3, "cluener": ENTITIES, "cmrc2018": SQUAD}[task]
    rows = TASKS[task].read(write_value(tmp_path / "gold.json", value))
    predicted: Any = {
        "afqmc": ["1", "1"],
        "c3": [0, 0],
        "cluener": [cut_entities("温格执教阿森纳", {("name", 0, 1)}), NOTHING],
        "cmrc2018": ["1932年", "十米"],
    }[task]
    scored = score_rows(TASKS[task], rows, predicted)
    numerator, denominator = scored.parts.sum(0)
    assert scored.headline == pytest.approx(100 * numerator / denominator)
    assert len(scored.groups) == len(scored.parts) == 2
    assert 0 < scored.headline < 100


def test_the_figures_read_as_a_table(tmp_path: Path) -> None:
    gold = write_lines(tmp_path / "dev.json", ENTITIES)
    given = write_lines(tmp_path / "p.json", [{"id": i, "label": {}} for i in range(2)])
    text = describe(score_file("cluener", gold, given), "cluener")
    assert "precision 0.000" in text
    assert text.splitlines()[0] == "cluener:"


def cases(shared: Path) -> list[dict[str, Any]]:
    files = sorted((shared / "metric-cases").glob("*-[0-9].json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


@pytest.mark.slow
def test_the_official_scripts_known_answers(shared: Path, tmp_path: Path) -> None:
    for case in cases(shared):
        gold, given = tmp_path / "gold.json", tmp_path / "given.json"
        expected = case["expected"]
        answers = case["gold"]["answers"] if case.get("layout") == "official" else case["gold"]
        write_value(gold, answers)
        for name in [key for key in case if key.startswith("predictions")]:
            value = case[name]
            if case["task"] == "c3":
                value = [{"id": position, "label": place} for position, place in enumerate(value)]
            write_value(given, value)
            if expected.get("raises"):
                with pytest.raises(GauptError):
                    score_file("chid", gold, given)
                continue
            result = score_file(case["task"], gold, given)
            wanted = {
                key: expected[key] for key in result if key in expected and not isinstance(result[key], dict)
            }
            if case["task"] == "cluener":
                wanted = {"macro_by_string": expected["macro_by_string_undefined_as_zero"]}
                assert result["micro_span"]["f1"] == pytest.approx(
                    expected["counts_span_as_sets"]["f1_2x_over_sum"], abs=1e-6
                )
            elif case["task"] == "c3":
                wanted = {
                    "accuracy": expected.get("accuracy_over_four_places", expected.get("accuracy_by_text"))
                }
            elif name != "predictions":
                ways = {
                    "greedy": "greedy_one_to_one",
                    "independent": "independent_argmax",
                    "optimal": "optimal_one_to_one",
                }
                wanted = {"accuracy": expected[f"accuracy_{ways[name.removeprefix('predictions_')]}"]}
            assert wanted
            assert {key: result[key] for key in wanted} == pytest.approx(wanted, abs=1e-6), case["name"]


def test_gold_and_predictions_that_are_swapped_are_told(tmp_path: Path) -> None:
    gold = write_lines(tmp_path / "gold.json", [{"sentence1": "一", "sentence2": "二", "label": "1"}])
    given = write_lines(tmp_path / "p.json", [{"id": 0, "label": "1"}])
    assert score_file("afqmc", gold, given)["accuracy"] == 100
    with pytest.raises(GauptError, match=r"p\.json holds predictions, .* gaupt score TASK GOLD PREDICTIONS"):
        score_file("afqmc", given, gold)
    with pytest.raises(GauptError, match="is a folder; give a file in it"):
        score_file("afqmc", tmp_path, given)
