"""CMRC 2018 and DRCD: exact match and F1 as their one official script counts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gaupt.evaluation.metrics.treebank import words

PUNCTUATION = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
"""What the official script drops. Its list also holds an ellipsis of two characters, which no character equals,
so … stays; so do ‘ — and all ASCII punctuation that is not here."""


@dataclass(frozen=True)
class ReadingScore:
    """Percentages over all questions; a question without a prediction counts as wrong."""

    f1: float
    em: float
    total: int
    skipped: int
    """Questions without a prediction."""
    questions: Mapping[str, tuple[float, int]]
    """F1 in 0…1 and exact match of each question that has a prediction."""

    @property
    def average(self) -> float:
        """(EM + F1)/2, what enters the CLUE average of arXiv:2205.05842."""
        return (self.f1 + self.em) / 2


def score_answers(references: Mapping[str, Sequence[str]], predictions: Mapping[str, Any]) -> ReadingScore:
    """Score predicted answers by question id against each question's ``references``.

    Predictions that are no strings are scored as Python would print them; ids without a question are ignored.
    """
    questions: dict[str, tuple[float, int]] = {}
    for name, answers in references.items():
        if name in predictions:
            predicted = str(predictions[name])
            f1 = max((answer_f1(predicted, answer) for answer in answers), default=0.0)
            em = int(any(exact_form(predicted) == exact_form(answer) for answer in answers))
            questions[name] = (f1, em)
    total = len(references)
    share = 100 / max(total, 1)
    return ReadingScore(
        f1=share * sum(f1 for f1, _ in questions.values()),
        em=share * sum(em for _, em in questions.values()),
        total=total,
        skipped=total - len(questions),
        questions=questions,
    )


def answer_f1(predicted: str, answer: str) -> float:
    """F1 in 0…1 over the longest common run of segments."""
    left, right = segments(predicted), segments(answer)
    common = _longest_common_run(left, right)
    if common == 0:
        return 0.0
    precision, recall = common / len(left), common / len(right)
    return 2 * precision * recall / (precision + recall)


def exact_form(text: str) -> str:
    """What exact match compares: lower case, without `PUNCTUATION`; spaces inside stay."""
    return "".join(character for character in _normal(text) if character not in PUNCTUATION)


def segments(text: str, keep_punctuation: bool = False) -> list[str]:
    """The units of F1: each Chinese character by itself, everything else by the words of the Treebank.

    Dropped punctuation does not end a word: ``e-mail`` is ``email``.
    """
    found: list[str] = []
    run = ""
    for character in _normal(text):
        punctuation = character in PUNCTUATION
        if punctuation and not keep_punctuation:
            continue
        if punctuation or "一" <= character <= "龥":
            if run:
                found += words(run)
                run = ""
            found.append(character)
        else:
            run += character
    return found + words(run) if run else found


def _normal(text: str) -> str:
    return text.lower().strip()


def _longest_common_run(left: Sequence[str], right: Sequence[str]) -> int:
    best = 0
    before = [0] * (len(right) + 1)
    for item in left:
        row = [0] * (len(right) + 1)
        for place, other in enumerate(right, 1):
            if item == other:
                row[place] = before[place - 1] + 1
                best = max(best, row[place])
        before = row
    return best
