import json
import os
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.entities import NOTHING
from gaupt.evaluation.tasks.read import (
    read_choices,
    read_idioms,
    read_json_file,
    read_labelled,
    read_questions,
    read_tagged,
)
from tests.evaluation.tasks.made import (
    C3,
    ENTITIES,
    FEW_SHOT_IDIOMS,
    IDIOM_ANSWERS,
    IDIOMS,
    SQUAD,
    write_lines,
    write_value,
)


def read(path: Path, labels: tuple[str, ...] | None = ("0", "1")) -> list:
    return read_labelled(path, lambda record: (record["sentence"],), labels)


def test_json_lines_and_one_json_value_are_both_read(tmp_path: Path) -> None:
    assert read_json_file(write_lines(tmp_path / "a.json", [{"a": 1}, {"a": 2}])) == [{"a": 1}, {"a": 2}]
    assert read_json_file(write_value(tmp_path / "b.json", [1, 2])) == [1, 2]


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}\n{"a": \n', encoding="utf-8")
    with pytest.raises(GauptError, match=r"a\.json, line 2"):
        read_json_file(path)
    path.write_bytes("中文".encode("gb18030"))
    with pytest.raises(GauptError, match="not UTF-8"):
        read_json_file(path)


def test_labels_may_be_integers_strings_or_truth_values(tmp_path: Path) -> None:
    rows = [
        {"sentence": "一", "label": 1},
        {"sentence": "二", "label": "1"},
        {"sentence": "三", "label": True},
    ]
    assert [row.label for row in read(write_lines(tmp_path / "a.json", rows), None)] == ["1", "1", "true"]


def test_rows_that_nobody_agreed_on_have_no_label(tmp_path: Path) -> None:
    rows = [{"sentence": "一", "label": "-"}, {"sentence": "二"}]
    assert [row.label for row in read(write_lines(tmp_path / "a.json", rows))] == [None, None]


def test_a_wrong_label_and_a_missing_field_name_their_row(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.json", [{"sentence": "一", "label": "0"}, {"sentence": "二", "label": "2"}]
    )
    with pytest.raises(GauptError, match=r"row 2: label '2' is not one of 0, 1"):
        read(path)
    with pytest.raises(GauptError, match=r"row 1: no field 'sentence'"):
        read(write_lines(tmp_path / "b.json", [{"text": "一", "label": "0"}]))


def test_entities_keep_type_and_places(tmp_path: Path) -> None:
    first, second = read_tagged(write_lines(tmp_path / "a.json", ENTITIES), ("name", "organization"))
    assert first.entities.spans == {("name", 0, 1), ("organization", 4, 6)}
    assert first.entities.strings == {("name", "温格"), ("organization", "阿森纳")}
    assert second.entities == NOTHING


def test_an_unknown_type_and_a_span_outside_the_text_are_refused(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.json", ENTITIES)
    with pytest.raises(GauptError, match="entity type 'organization' is not one of name"):
        read_tagged(path, ("name",))
    outside = [{"text": "温格", "label": {"name": {"温格": [[0, 2]]}}}]
    with pytest.raises(GauptError, match="row 1: the span 0 to 2 is not in its text"):
        read_tagged(write_lines(tmp_path / "b.json", outside), ("name",))


def test_both_layouts_of_cmrc_read_alike(tmp_path: Path) -> None:
    paragraph = SQUAD["data"][0]["paragraphs"][0]
    original = [
        {
            "context_id": "P0",
            "context_text": paragraph["context"],
            "qas": [
                {
                    "query_id": q["id"],
                    "query_text": q["question"],
                    "answers": [a["text"] for a in q["answers"]],
                }
                for q in paragraph["qas"]
            ],
        }
    ]
    squad = read_questions(write_value(tmp_path / "a.json", SQUAD))
    flat = read_questions(write_value(tmp_path / "b.json", original))
    assert [(q.id, q.group, q.question, [text for text, _ in q.answers]) for q in squad] == [
        (q.id, q.group, q.question, [text for text, _ in q.answers]) for q in flat
    ]
    assert flat[0].answers == (("1932年", 3),)
    # Each passage may be in either, answers as objects or as texts, a place left open.
    mixed = [
        original[0],
        {"paragraphs": [{**paragraph, "qas": [{**paragraph["qas"][0], "answers": ["1932年"]}]}]},
    ]
    assert [q.answers for q in read_questions(write_value(tmp_path / "c.json", {"data": mixed}))] == [
        (("1932年", 3),),
        (("九十米", 10),),
        (("1932年", 3),),
    ]
    open_place = {"id": "Q", "question": "何时", "answers": [{"text": "1932年", "answer_start": None}]}
    (row,) = read_questions(write_value(tmp_path / "d.json", [{"context": "桥", "qas": [open_place]}]))
    assert row.answers == (("1932年", -1),)


def test_a_choice_that_stands_twice_is_its_first_place(tmp_path: Path) -> None:
    first, second = read_choices(write_value(tmp_path / "c3.json", C3))
    assert (first.before, first.after, first.answer) == ("男：去哪？\n女：去河边。", "去哪？", 0)
    assert second.answer == 1


def test_a_document_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"c3\.json, document 3: not in the format of its task"):
        read_choices(write_value(tmp_path / "c3.json", [*C3, ["天热。"]]))
    with pytest.raises(GauptError, match=r"dev\.json, passage 2: no field 'context'"):
        read_questions(write_value(tmp_path / "dev.json", [*SQUAD["data"], {"qas": []}]))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 100_000])
def test_json_that_is_nested_without_end_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "deep.json").write_text(text, encoding="utf-8")
    with pytest.raises(GauptError, match=r"deep\.json, line 1: no JSON"):
        read_json_file(tmp_path / "deep.json")


@pytest.mark.parametrize("place", [2, -1, 0.5, True, float("inf"), "x"])
def test_a_place_that_no_candidate_has_is_refused(tmp_path: Path, place: object) -> None:
    with pytest.raises(GauptError, match=r"few\.json, row 1"):
        read_idioms(write_lines(tmp_path / "few.json", [{**FEW_SHOT_IDIOMS[0], "answer": place}]))
    path = write_lines(tmp_path / "dev.json", IDIOMS)
    write_value(tmp_path / "dev_answer.json", {**IDIOM_ANSWERS, "#idiom000002#": 4 if place == 2 else place})
    with pytest.raises(GauptError, match=r"dev_answer\.json"):
        read_idioms(path)


def test_an_answer_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    wrong = [[["天热。"], [{"question": "天气？", "choice": ["冷"], "answer": "热"}], "1-2"]]
    with pytest.raises(GauptError, match="document 1-2: the answer '热' is not among its choices"):
        read_choices(write_value(tmp_path / "c3.json", wrong))


def test_idioms_of_the_official_layout_have_their_answers_in_a_second_file(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "dev.json", IDIOMS)
    assert [row.answer for row in read_idioms(path)] == [None, None, None]
    write_value(tmp_path / "dev_answer.json", IDIOM_ANSWERS)
    rows = read_idioms(path)
    assert [(row.id, row.answer, row.group) for row in rows] == [
        ("#idiom000001#", 0, "1"),
        ("#idiom000002#", 1, "1"),
        ("#idiom000003#", 2, "1"),
    ]
    assert (rows[1].before, rows[1].after) == ("他____地走了，又", "。")


def test_an_answer_file_without_a_blank_is_refused(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "dev.json", IDIOMS)
    write_value(tmp_path / "dev_answer.json", {"#idiom000001#": 0})
    with pytest.raises(GauptError, match="no answer for #idiom000002#"):
        read_idioms(path)


def test_fewclues_layout_has_one_blank_a_row(tmp_path: Path) -> None:
    (row,) = read_idioms(write_lines(tmp_path / "dev.json", FEW_SHOT_IDIOMS))
    assert (row.id, row.before, row.after, row.answer, row.blank) == ("7", "他", "地走了。", 1, True)


def test_a_minus_is_a_label_where_the_task_has_it(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.json", [{"text": "一", "label": "-"}, {"text": "二", "label": "+"}])

    def labels(known: tuple[str, ...] | None) -> list[str | None]:
        return [row.label for row in read_labelled(path, lambda record: (record["text"],), known)]

    assert labels(("+", "-")) == labels(None) == ["-", "+"]
    assert labels(("+",)) == [None, "+"]


@pytest.mark.parametrize("text", [None, 1, ["天"], "\ud800"])
def test_what_is_no_text_is_refused(tmp_path: Path, text: object) -> None:
    passage = {"context": text, "qas": [{"id": "Q", "question": "何", "answers": []}]}
    question = {"question": "何", "choice": ["天", text], "answer": "天"}
    for read, value in (
        (
            lambda path: read_labelled(path, lambda record: (record["text"],), None),
            [{"text": text, "label": "1"}],
        ),
        (lambda path: read_tagged(path, ("name",)), [{"text": text, "label": {}}]),
        (read_questions, [passage]),
        (read_questions, [{**passage, "context": "天", "qas": [{**passage["qas"][0], "question": text}]}]),
        (read_choices, [[["天"], [question], "1"]]),
        (read_choices, [[[text], [{**question, "choice": ["天"]}], "1"]]),
        (read_idioms, [{**IDIOMS[0], "candidates": ["天", text]}]),
        (read_idioms, [{**FEW_SHOT_IDIOMS[0], "candidates": [text]}]),
    ):
        (tmp_path / "a.json").write_text(json.dumps(value), encoding="utf-8")
        with pytest.raises(GauptError, match=r"a\.json, (row|passage|document) 1: not in the format"):
            read(tmp_path / "a.json")


def test_a_question_without_choices_is_refused(tmp_path: Path) -> None:
    empty = [[["天"], [{"question": "何", "choice": []}], "1"]]
    with pytest.raises(GauptError, match=r"document 1: .*no choices"):
        read_choices(write_value(tmp_path / "a.json", empty))
    for rows in (IDIOMS, FEW_SHOT_IDIOMS):
        with pytest.raises(GauptError, match=r"row 1: .*candidates is empty"):
            read_idioms(write_lines(tmp_path / "b.json", [{**rows[0], "candidates": []}]))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GauptError, match="pipe is a pipe or a device"):
        read(tmp_path / "pipe")
