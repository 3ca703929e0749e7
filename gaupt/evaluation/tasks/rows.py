"""What a row of a task's file says, by the kind of the task. All are read-only and know nothing of tokens."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gaupt.evaluation.metrics.entities import Entities


@dataclass(frozen=True)
class Labelled:
    """A text or a pair of texts, and its label."""

    id: str | None
    """The row's own id, if the file has one."""
    group: str
    """Rows of the same group are resampled together: those of one abstract, one paragraph."""
    texts: tuple[str, ...]
    """One text or two."""
    label: str | None
    """None: not given, or not agreed on (``-``)."""


@dataclass(frozen=True)
class Tagged:
    """A text and the entities in it."""

    id: str | None
    group: str
    text: str
    entities: Entities | None


@dataclass(frozen=True)
class Question:
    """A question whose answer is a piece of the context."""

    id: str
    group: str
    context: str
    question: str
    answers: tuple[tuple[str, int], ...]
    """Texts and their first characters in the context; a place may be wrong or -1, texts decide scores."""


@dataclass(frozen=True)
class Choice:
    """A place that one of several texts fits."""

    id: str | None
    group: str
    """For idioms: the line, within which each idiom fits one blank."""
    before: str
    """C3: the passage. ChID: the text before the blank."""
    after: str
    """C3: the question. ChID: the text after the blank."""
    choices: tuple[str, ...]
    answer: int | None
    """Place of the right one; the first where its text occurs twice."""
    blank: bool = False
    """Whether the choices fill a blank between ``before`` and ``after``, one to one within the group."""


Row = Labelled | Tagged | Question | Choice


def first_repeated(names: Iterable[str | None]) -> str | None:
    """The first of ``names`` that occurs more than once."""
    return next((name for name, times in Counter(names).items() if times > 1), None)


def answered(row: Row) -> bool:
    """Whether the file says what is right."""
    if isinstance(row, Labelled):
        return row.label is not None
    if isinstance(row, Tagged):
        return row.entities is not None
    if isinstance(row, Question):
        return bool(row.answers)
    return row.answer is not None
