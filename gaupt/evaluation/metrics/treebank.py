"""English words as the Penn Treebank cuts them, the unit of F1 for what is not Chinese.

The official script of CMRC 2018 calls NLTK's ``word_tokenize``: sentences, then the rules of the Treebank's published
sed script, in the order of NLTK 3.9: quotes, punctuation, brackets, dashes, contractions.
"""

import re

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Quotes that open.
        (r"([«“‘„]|`+)", r" \1 "),
        (r'^"', r"`` "),
        (r"(``)", r" \1 "),
        (r"([ (\[{<])(?:\"|'')", r"\1 `` "),
        (r"(?i)(')(?!re|ve|ll|m|t|s|d|n)(\w)\b", r"\1 \2"),
        # Punctuation. A period is a word of its own at the end of the sentence only.
        (r"([^.])(\.)([\])}>\"'»”’ ]*)\s*$", r"\1 \2 \3 "),
        (r"([:,])([^\d])", r" \1 \2"),
        (r"([:,])$", r" \1 "),
        (r"(\.{2,})", r" \1 "),
        (r"([;@#$%&?!*])", r" \1 "),
        (r"([^'])'\s", r"\1 ' "),
        # Brackets and dashes.
        (r"([\][(){}<>])", r" \1 "),
        (r"--", r" -- "),
        # Quotes that close, and what is short for a word.
        (r"^|$", r" "),
        (r"([»”’])", r" \1 "),
        (r"''", r" '' "),
        (r'"', r" '' "),
        (r"\s+", r" "),
        (r"([^' ])('[sS]|'[mM]|'[dD]|') ", r"\1 \2 "),
        (r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 "),
        (r"(?i)\b(can)(not)\b", r" \1 \2 "),
        (r"(?i)\b(d)('ye)\b", r" \1 \2 "),
        (r"(?i)\b(gim|lem)(me)\b", r" \1 \2 "),
        (r"(?i)\b(gon)(na)\b", r" \1 \2 "),
        (r"(?i)\b(got)(ta)\b", r" \1 \2 "),
        (r"(?i)\b(more)('n)\b", r" \1 \2 "),
        (r"(?i)\b(wan)(na)(?=\s)", r" \1 \2 "),
        (r"(?i) ('t)(is|was)\b", r" \1 \2 "),
    )
)
_PLAIN = re.compile(r"[^\W_]+")
_SPLIT_WORDS = re.compile(r"(?i).*(?:cannot|gimme|lemme|gonna|gotta|wanna).*")
_PERIOD = re.compile(r"(\S+)\.[\"')\]}]*\s+(?=\S)")
_LIST = (
    "dr mr mrs ms prof st jr sr co corp inc ltd bros vs v etc e.g i.e u.s u.k u.n d.c b.c a.m p.m ph.d "
    "gen sen rep gov lt col maj sgt jan feb mar apr jun jul aug sep sept oct nov dec"
)
ABBREVIATIONS = frozenset(_LIST.split(" "))
"""Words after whose period a sentence goes on: the common ones of those that Punkt's English model knows."""


def words(text: str) -> list[str]:
    """The words of ``text`` (in lower case), sentence by sentence."""
    if _PLAIN.fullmatch(text) and not _SPLIT_WORDS.fullmatch(text):
        return [text]
    found: list[str] = []
    start = 0
    for match in _PERIOD.finditer(text):
        if _ends_sentence(match[1]):
            found += _sentence_words(text[start : match.end()].rstrip())
            start = match.end()
    return found + _sentence_words(text[start:])


def _ends_sentence(word: str) -> bool:
    """Whether the period after ``word`` ends a sentence: not after an abbreviation, an initial or a number."""
    word = word.lstrip("\"'([{")
    return not (
        word in ABBREVIATIONS or len(word) == 1 or word.endswith(".") or word.replace(",", "").isdigit()
    )


def _sentence_words(text: str) -> list[str]:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.split()
