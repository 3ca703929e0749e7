"""The rules that may drop a document: each a measured value and the side of a threshold it must be on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from gaupt.config import CleanRules
from gaupt.text import characters
from gaupt.text.characters import Counts, Kind
from gaupt.text.ngrams import repeated_share

SENTENCE = 200
"""Visible characters of the longest text that may be a sentence of figures."""
# An amount, an order's number, a phone number: long, and yet one word of a sentence, where a table has many short ones.
# A run of one digit is none (666666666 is applause), nor is a longer one.
_LONG_NUMBER = re.compile(
    r"(?<![0-9])(?![0-9]*([0-9])\1{5})(?:[0-9]{9,19}|[0-9]{3,4}[ -][0-9]{4}[ -][0-9]{4})(?![0-9])"
)
_DIGITS_OF_A_WORD = 2
_SENTENCE_ENDS = '。！？…；.!?;：:”"』」）)》】~～'


class Measures:
    """What the rules look at in one text; what is costly is computed when first asked for."""

    def __init__(self, text: str, counts: Counts, blocked_words: frozenset[str] = frozenset()) -> None:
        self.text = text
        self.counts = counts
        self.blocked_words = blocked_words
        self.chinese = characters.chinese(counts)
        self.visible = max(1, characters.visible(counts))
        """Characters that are not white space; 1 for an empty text, so that shares are defined."""

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text that are not empty."""
        return [line for line in self.text.split("\n") if line]

    def share(self, *kinds: Kind) -> float:
        """Share of ``kinds`` among the visible characters."""
        return sum(self.counts[kind] for kind in kinds) / self.visible

    def chinese_share(self) -> float:
        """Chinese characters among the visible ones."""
        return self.chinese / self.visible

    def foreign_share(self) -> float:
        """Kana and Hangul among kana, Hangul and Chinese characters: Japanese has a quarter and more."""
        foreign = self.counts[Kind.KANA] + self.counts[Kind.HANGUL]
        return foreign / max(1, foreign + self.chinese)

    def digit_share(self) -> float:
        """Digits among the visible characters, as far as they make a table of numbers.

        Of a number of 9 to 19 digits two count: it is as long as a word. A text of at most `SENTENCE` visible
        characters with as many Chinese characters as digits is a sentence of figures: 0.
        """
        share = self.share(Kind.DIGIT)
        if share < 0.1:  # far from any limit, and most texts are
            return share
        found = [match[0] for match in _LONG_NUMBER.finditer(self.text)]
        long = sum(sum(map(str.isdigit, number)) - _DIGITS_OF_A_WORD for number in found)
        digits = self.counts[Kind.DIGIT] - long
        visible = self.visible - long - sum(number.count("-") for number in found)
        return 0.0 if digits <= self.chinese and visible <= SENTENCE else digits / visible

    def symbol_share(self) -> float:
        """Symbols, ASCII punctuation and unknown characters among the visible ones."""
        return self.share(Kind.SYMBOL, Kind.ASCII_SYMBOL, Kind.OTHER)

    def punctuation_share(self) -> float:
        """Punctuation marks of any kind among the visible characters."""
        return self.share(Kind.PUNCTUATION, Kind.ASCII_SYMBOL)

    def mean_line(self) -> float:
        """Mean characters in a line."""
        return sum(map(len, self.lines)) / max(1, len(self.lines))

    def unfinished_lines(self) -> float:
        """Share of the lines of more than one that do not end with punctuation."""
        if len(self.lines) < 3:
            return 0.0
        return sum(line[-1] not in _SENTENCE_ENDS for line in self.lines) / len(self.lines)

    def duplicate_lines(self) -> float:
        """Share of the characters that stand in lines which occurred before in the text."""
        if len(self.lines) < 2:
            return 0.0
        distinct = sum(map(len, set(self.lines)))
        return 1 - distinct / sum(map(len, self.lines))

    def repeated_ngrams(self) -> float:
        """Share of the 13-character runs that occurred before in the text."""
        return repeated_share(self.text, 13)

    def blocked_share(self) -> float:
        """Characters in blocked words among the visible ones."""
        return sum(self.text.count(word) * len(word) for word in self.blocked_words) / self.visible


@dataclass(frozen=True)
class Rule:
    """One rule. ``reason`` names it in reports; ``threshold`` is its key in the config."""

    reason: str
    threshold: str
    measure: Callable[[Measures], float]
    bound: Literal["at least", "at most"]

    def keeps(self, value: float, limit: float) -> bool:
        """Whether a text with this ``value`` stays."""
        return value >= limit if self.bound == "at least" else value <= limit

    def is_off(self, limit: float) -> bool:
        """Whether the rule can drop nothing."""
        return limit <= 0 if self.bound == "at least" else limit >= 1


# Cheap ones first: the first rule that a text breaks is the reason of its drop.
RULES = (
    Rule("not_chinese", "min_chinese_share", Measures.chinese_share, "at least"),
    Rule("too_short", "min_chinese", lambda m: m.chinese, "at least"),
    Rule("foreign_script", "max_foreign_share", Measures.foreign_share, "at most"),
    Rule("too_many_digits", "max_digit_share", Measures.digit_share, "at most"),
    Rule("too_many_symbols", "max_symbol_share", Measures.symbol_share, "at most"),
    Rule("too_little_punctuation", "min_punctuation_share", Measures.punctuation_share, "at least"),
    Rule("too_much_punctuation", "max_punctuation_share", Measures.punctuation_share, "at most"),
    Rule("short_lines", "min_mean_line", Measures.mean_line, "at least"),
    Rule("unfinished_lines", "max_unfinished_lines", Measures.unfinished_lines, "at most"),
    Rule("duplicate_lines", "max_duplicate_lines", Measures.duplicate_lines, "at most"),
    Rule("repeated_ngrams", "max_repeated_ngrams", Measures.repeated_ngrams, "at most"),
    Rule("blocked_words", "max_blocked_share", Measures.blocked_share, "at most"),
)


def active_rules(thresholds: CleanRules, has_blocked_words: bool) -> tuple[tuple[Rule, float], ...]:
    """The rules that can drop something, with their limits."""
    limits = ((rule, float(getattr(thresholds, rule.threshold))) for rule in RULES)
    return tuple(
        (rule, limit)
        for rule, limit in limits
        if not rule.is_off(limit) and (has_blocked_words or rule.reason != "blocked_words")
    )
