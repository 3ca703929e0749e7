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
    "a.a a.c a.d a.g a.h a.m a.m.e a.s a.t adm ala ariz aug ave b.f b.v bros c.i.t c.o.m.b c.v calif chg cie co col "
    "colo conn corp cos ct d.c d.h d.w dec dr e.f e.h e.l e.m f.g f.j feb fla fri ft g.d g.f g.k ga gen h.c h.f h.m "
    "i.m.s ill inc j.b j.c j.j j.k j.p j.r jan jr kan ky l.a l.f l.p lt ltd m.b.a m.d.c m.j maj messrs mg mich minn "
    "mr mrs ms n.c n.d n.h n.j n.m n.v n.y nev nov oct ok okla ore p.a.m p.m pa ph.d prof r.a r.h r.i r.j r.k r.t rep "
    "reps s.a s.a.y s.c s.g s.p.a s.s sen sep sept sr st sw t.j tenn tues u.k u.n u.s u.s.a u.s.s.r va vs vt w.c w.r "
    "w.va w.w wash wed wis yr"
)
ABBREVIATIONS = frozenset(_LIST.split(" "))
"""Words after whose period a sentence goes on: those that Punkt's English model (NLTK's, learned from news) knows,
single letters aside. What is not among them, such as ``etc`` and ``e.g``, ends a sentence there."""


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
    word = re.split(r"[\"'()\[\]{};,:]", word)[-1] or word
    return not (word in ABBREVIATIONS or len(word) == 1 or word.endswith(".") or word.isdigit())


def _sentence_words(text: str) -> list[str]:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.split()
