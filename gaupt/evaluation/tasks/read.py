"""The formats of CLUE's files: JSON lines, SQuAD's layout, and the layouts of C3, ChID and CLUENER."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.evaluation.metrics.entities import Entities, Named, Span
from gaupt.evaluation.tasks.rows import Choice, Labelled, Question, Tagged
from gaupt.files import check_plain

NOT_AGREED = "-"
"""The label of a row of CMNLI or OCNLI whose annotators did not agree: it counts nowhere."""
BLANK = re.compile(r"#idiom\d*#")
FEW_SHOT_BLANK = "#idiom#"
OTHER_BLANK = "____"


def read_json_file(path: Path) -> Any:
    """A file of one JSON value, or JSON lines as a list.

    Raises:
        GauptError: it cannot be read, or a line is no JSON.
    """
    if path.is_dir():
        raise GauptError(f"{path} is a folder; give a file in it")
    check_plain(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise GauptError(f"{path} is not UTF-8; CLUE's files are JSON in UTF-8") from None
    except OSError as error:
        raise GauptError(f"cannot read {path}: {error.strerror}") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    values = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise GauptError(f"{path}, line {number}: no JSON ({error}); expected JSON lines") from None
    return values


def read_records(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines, or of a JSON list of objects. Raises as `read_json_file`."""
    value = read_json_file(path)
    values = [value] if isinstance(value, dict) else value
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise GauptError(f"{path}: expected JSON lines, an object a line")
    return values


def read_labelled(
    path: Path,
    texts: Callable[[Mapping[str, Any]], tuple[str, ...]],
    labels: Sequence[str] | None,
    *,
    label_field: str = "label",
    group: Callable[[Mapping[str, Any]], str] | None = None,
) -> list[Labelled]:
    """Rows of one text or two with a label; ``labels`` None takes any. Raises GauptError naming a wrong line."""
    known = None if labels is None else frozenset(labels)
    not_agreed = NOT_AGREED if labels is not None and NOT_AGREED not in labels else None
    rows: list[Labelled] = []
    for number, record in enumerate(read_records(path), 1):
        with _wrong_row(path, number):
            label = record.get(label_field)
            label = None if label is None or label == not_agreed else read_label(label)
            if label is not None and known is not None and label not in known:
                raise GauptError(
                    f"{path}, row {number}: label {label!r} is not one of {_listed(labels or ())}"
                )
            identity = record.get("id")
            rows.append(
                Labelled(
                    None if identity is None else str(identity),
                    group(record) if group else str(len(rows)),
                    tuple(map(read_text, texts(record))),
                    label,
                )
            )
    return rows


def read_tagged(path: Path, labels: Sequence[str]) -> list[Tagged]:
    """CLUENER's rows: ``{"text", "label": {type: {entity: [[first, last], …]}}}``."""
    rows: list[Tagged] = []
    for number, record in enumerate(read_records(path), 1):
        with _wrong_row(path, number):
            text, identity = read_text(record["text"]), record.get("id")
            entities = None
            if record.get("label") is not None:
                entities = read_entities(record["label"])
                for type_, start, end in entities.spans:
                    if type_ not in labels:
                        raise GauptError(
                            f"{path}, row {number}: entity type {type_!r} is not one of {_listed(labels)}"
                        )
                    if not 0 <= start <= end < len(text):
                        raise GauptError(
                            f"{path}, row {number}: the span {start} to {end} is not in its text"
                        )
            rows.append(Tagged(None if identity is None else str(identity), str(len(rows)), text, entities))
    return rows


def read_entities(label: Mapping[str, Mapping[str, Sequence[Sequence[Any]]]]) -> Entities:
    """The entities of one ``label`` object in CLUENER's layout."""
    spans: set[Span] = set()
    strings: set[Named] = set()
    for type_, entities in label.items():
        for text, places in entities.items():
            strings.add((type_, text))
            spans.update((type_, whole_number(start), whole_number(end)) for start, end in places)
    return Entities(frozenset(spans), frozenset(strings))


def read_questions(path: Path) -> list[Question]:
    """CMRC 2018 and DRCD, in SQuAD's layout or in HFL's original one, each passage by itself."""
    value = read_json_file(path)
    rows: list[Question] = []
    with _wrong_row(path, 0):
        articles = value["data"] if isinstance(value, dict) else value
    for number, article in enumerate(articles, 1):
        with _wrong_row(path, number, "passage"):
            for passage in article.get("paragraphs", [article]):
                context = read_text(_either(passage, "context_text", "context"))
                group = str(passage.get("id", passage.get("context_id", len(rows))))
                for item in passage["qas"]:
                    rows.append(
                        Question(
                            str(_either(item, "query_id", "id")),
                            group,
                            context,
                            read_text(_either(item, "query_text", "question")),
                            tuple(_answer(answer, context) for answer in item.get("answers") or ()),
                        )
                    )
    return rows


def _either(record: Mapping[str, Any], name: str, other: str) -> Any:
    return record[name] if name in record else record[other]


def _answer(answer: Any, context: str) -> tuple[str, int]:
    """Text and first character of an answer: an object of SQuAD's layout, or the text alone."""
    if not isinstance(answer, Mapping):
        return str(answer), context.find(str(answer))
    start = answer.get("answer_start")
    return str(answer["text"]), -1 if start is None else int(start)


def read_choices(path: Path) -> list[Choice]:
    """C3: a list of ``[[sentences], [{question, choice, answer}, …], document id]``."""
    rows = []
    documents = read_json_file(path)
    if not isinstance(documents, list):
        raise GauptError(f"{path}: expected a list of [[sentences], [questions], id]")
    for number, entry in enumerate(documents, 1):
        with _wrong_row(path, number, "document"):
            sentences, questions, document = entry
            for item in questions:
                choices, answer = tuple(map(read_text, item["choice"])), item.get("answer")
                if not choices:
                    raise ValueError("a question has no choices")
                if answer is not None and str(answer) not in choices:
                    raise GauptError(
                        f"{path}, document {document}: the answer {answer!r} is not among its choices"
                    )
                identity = item.get("id")
                rows.append(
                    Choice(
                        None if identity is None else str(identity),
                        f"{path.stem} {document}",
                        "\n".join(map(read_text, sentences)),
                        read_text(item["question"]),
                        choices,
                        None if answer is None else choices.index(str(answer)),
                    )
                )
    return rows


def read_idioms(path: Path) -> list[Choice]:
    """ChID, in the official layout (several blanks a line, the answers in a second file) or in FewCLUE's."""
    records = read_records(path)
    if records and isinstance(records[0].get("content"), str):
        return [*_few_shot_idioms(path, records)]
    beside = answers_beside(path)
    answers = read_answers(beside[0]) if beside else {}
    rows = []
    for number, record in enumerate(records, 1):
        with _wrong_row(path, number):
            choices = _candidates(record)
            if isinstance(record["content"], str):
                raise TypeError("content is one text here, and a list of texts in the first row")
            for passage in record["content"]:
                for match in BLANK.finditer(read_text(passage)):
                    tag = match[0]
                    if answers and tag not in answers:
                        raise GauptError(f"{beside[0]} has no answer for {tag} of {path.name}")
                    if answers:
                        _check_place(answers[tag], choices, f"{beside[0]}, {tag}")
                    rows.append(
                        Choice(
                            tag,
                            str(number),
                            BLANK.sub(OTHER_BLANK, passage[: match.start()]),
                            BLANK.sub(OTHER_BLANK, passage[match.end() :]),
                            choices,
                            answers.get(tag),
                            blank=True,
                        )
                    )
    return rows


def answers_beside(path: Path) -> list[Path]:
    """The file of answers that ChID's official layout has for ``path``, where it is there."""
    answers = path.with_name(f"{path.stem}_answer{path.suffix}")
    return [answers] if answers.is_file() else []


def read_answers(path: Path) -> dict[str, int]:
    """ChID's answers: one object, the place of the right idiom by blank."""
    value = read_json_file(path)
    try:
        return {str(tag): whole_number(place) for tag, place in value.items()}
    except (AttributeError, TypeError, ValueError):
        raise GauptError(f'{path}: expected one JSON object {{"#idiom…#": place}}') from None


def _few_shot_idioms(path: Path, records: Sequence[Mapping[str, Any]]) -> Iterator[Choice]:
    for number, record in enumerate(records, 1):
        with _wrong_row(path, number):
            before, blank, after = read_text(record["content"]).partition(FEW_SHOT_BLANK)
            if not blank:
                raise GauptError(f"{path}, row {number}: no {FEW_SHOT_BLANK} in its content")
            identity, answer = record.get("id"), record.get("answer")
            choices, place = _candidates(record), None if answer is None else whole_number(answer)
            if place is not None:
                _check_place(place, choices, f"{path}, row {number}")
            yield Choice(
                None if identity is None else str(identity),
                str(number),
                before,
                after,
                choices,
                place,
                blank=True,
            )


def _candidates(record: Mapping[str, Any]) -> tuple[str, ...]:
    if not record["candidates"]:
        raise ValueError("candidates is empty")
    return tuple(map(read_text, record["candidates"]))


def _check_place(place: int, choices: Sequence[str], where: str) -> None:
    if not 0 <= place < len(choices):
        raise GauptError(f"{where}: the answer {place} is not the place of one of {len(choices)} candidates")


def whole_number(value: Any) -> int:
    """A place, as a number or as its digits. Raises TypeError or ValueError."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise TypeError(f"a place is a whole number, not {value!r}")
    return int(value)


def read_text(value: Any) -> str:
    """A text. Raises TypeError where it is none, and ValueError where half of a character stands alone in it."""
    if not isinstance(value, str):
        raise TypeError(f"a text is expected, not {value!r}")
    value.encode()
    return value


def read_label(value: Any) -> str:
    """A label as a string. Raises TypeError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int):
        raise TypeError(f"a label is a string or an integer, not {value!r}")
    return str(value)


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:8])
    return shown if len(labels) <= 8 else f"{shown}, … ({len(labels)} labels)"


@contextmanager
def _wrong_row(path: Path, number: int, kind: str = "row") -> Iterator[None]:
    """Turn what a row lacks into one line that names file and row; 0 names the file alone."""
    where = f"{path}, {kind} {number}" if number else str(path)
    try:
        yield
    except KeyError as error:
        raise GauptError(f"{where}: no field {error}; expected the format of its task") from None
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise GauptError(f"{where}: not in the format of its task ({error})") from None
