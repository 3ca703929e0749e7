"""Numbers of persons: identity cards, phones, bank cards and addresses on the internet.

One pass finds the places where a number of any kind may stand; only there the kinds are tried, and only what has the
form of one is looked at with its surroundings.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from gaupt.corpus.change.personal.addresses import IP, is_address_of_someone
from gaupt.corpus.change.personal.surroundings import (
    DASHES,
    after,
    before,
    has_unit,
    is_after_phone_word,
    is_in_address,
    is_name_of_a_thing,
    is_quantity,
)

_PLACE = re.compile(rf"[+(（0-9](?<![0-9A-Za-z.][0-9])[0-9 .()（）+{DASHES}]{{5,31}}[0-9Xx](?![0-9A-Za-z])")
_GAP = rf"[ {DASHES}]"
_BEGIN, _END = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])(?!\.\d)"
_CHINA = rf"[(（]?(?:\+|00)?86[)）]?{_GAP}?"
_AREA = r"(?:10|2\d|[3-9]\d{2})"
_LOCAL = rf"[2-8]\d{{2,3}}{_GAP}?\d{{4}}(?: ?[-转] ?\d{{1,5}})?"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"

_IDENTITY = re.compile(rf"{_BEGIN}{_PROVINCE}\d{{4}}{_GAP}?(?:19|20)\d{{2}}{_DAY}{_GAP}?\d{{3}}[\dXx]{_END}")
_OLD_IDENTITY = re.compile(rf"{_BEGIN}{_PROVINCE}\d{{6}}{_DAY}\d{{3}}{_END}")
_MOBILE = re.compile(
    rf"{_BEGIN}(?:{_CHINA})?1[3-9]\d(?:{_GAP}?\d{{4}}{_GAP}?\d{{4}}|\d{{2}}{_GAP}\d{{6}}|{_GAP}\d{{3}}{_GAP}\d{{5}}|\.\d{{4}}\.\d{{4}}){_END}"
)
_USUAL = re.compile(rf"(?:{_CHINA})?\d{{3}}{_GAP}?\d{{4}}{_GAP}?\d{{4}}")
_CARD = re.compile(
    rf"{_BEGIN}[3-69]\d{{3}}(?:(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}?\d{{1,3}})?|\d{{2}}{_GAP}\d{{10,13}}|\d{{11,15}}){_END}"
)
_LANDLINE = re.compile(
    rf"(?<![0-9A-Za-z.{DASHES}])(?:{_CHINA}0?{_AREA}{_GAP}?|0{_AREA}(?: ?[{DASHES}] ?| )|[(（]0{_AREA}[)）] ?){_LOCAL}(?![0-9A-Za-z{DASHES}])"
)
# A number without its area code, or run together with it, is one only after a word that says so: eight digits may be
# a date, or a count.
_LOCAL_NUMBER = re.compile(
    rf"(?<![0-9A-Za-z.{DASHES}])(?!(?:19|20)\d\d[01]\d)(?:0{_AREA})?{_LOCAL}(?![0-9A-Za-z{DASHES}])"
)
_IDENTITY_WORD = re.compile(r"身份证|证件|公民身份|身份号")
_ROUND = re.compile(r"0{6}\Z")
_SPACED = re.compile(r"(?<!\d)\d{1,5} \Z")
_SPACED_ON = re.compile(r" \d{1,5}(?!\d)")
_DATE_ON = re.compile(rf"[{DASHES}]\d{{1,2}}(?!\d)")

# The first digits that banks' cards have, and how long such cards are (ISO/IEC 7812).
_BANK = re.compile(
    r"62\d{14,17}\Z|60\d{14,17}\Z|4\d{15}\Z|5[1-5]\d{14}\Z|2[2-7]\d{14}\Z|35\d{14}\Z|3[47]\d{13}\Z|(?:436742|456351|9558[08]|9559[59])\d+\Z"
)
_CARD_WORD = re.compile(
    r"卡号|[行用蓄记资联]卡|[账帐][号户]|户[名头口]|开户|汇[款入到至]|打[款到进]|转[账至到给入]|[收还退付]款|[工农建中招交]行|银行|银联|这张|卡[上里]|visa|master|card",
    re.IGNORECASE,
)
_CARD_WORD_BEHIND = re.compile(r"[^\d。\n]{0,8}?(?:[工农建中招交]行|银行|户名|开户|[账帐]户|汇款|转账)")

_LOOK = 400
"""Characters on either side of a place; no rule looks farther, but for digits and spaces without end."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class _Sort(NamedTuple):
    """A sort of number: its mask, what it looks like, and whether one that does is meant where it stands."""

    mask: str
    form: re.Pattern[str]
    is_meant: Callable[[re.Match[str]], bool]


def mask_numbers(text: str) -> str:
    """``text`` with numbers of persons masked.

    What stands before a number is looked at with its masks: they are shorter, and say what stood there, so that in a
    long list each number vouches for the next.
    """
    pieces = []
    done, before = 0, ""
    for place in _PLACE.finditer(text):
        start, end = place.span()
        if place[0].count(".") < 3 and not _ANY.search(text, start, end):
            continue
        before = (before + text[done:start])[-_LOOK:]
        masked = _mask_place(before, place[0], text[end : end + _LOOK])
        pieces += [text[done:start], masked]
        before += masked
        done = end
    return "".join([*pieces, text[done:]])


def is_identity_number(number: str) -> bool:
    """Whether the check character of an 18-digit identity-card number is right (GB 11643-1999)."""
    characters = [c for c in number if c.isalnum()]
    total = sum(int(digit) * weight for digit, weight in zip(characters[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == characters[17].upper()


def is_card_number(number: str) -> bool:
    """Whether a number begins as a bank's card does and its check digit is right (Luhn, ISO/IEC 7812-1)."""
    digits = _digits(number)
    doubled = (int(c) if i % 2 == 0 else int(c) * 2 - 9 * (c > "4") for i, c in enumerate(reversed(digits)))
    return _BANK.match(digits) is not None and sum(doubled) % 10 == 0


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _mask_place(before: str, place: str, behind: str) -> str:
    """``place``, which stands between ``before`` and ``behind``, with its numbers masked."""
    text = before + place + behind
    pieces = []
    done, last = len(before), len(before) + len(place)
    for start, end, mask in sorted(_found(text, done, last)):
        pieces += [text[done:start], mask]
        done = end
    return "".join([*pieces, text[done:last]])


def _found(text: str, first: int, last: int) -> list[tuple[int, int, str]]:
    """Start, end and mask of the numbers from ``first`` to ``last``; where two sorts fit, the first of `_SORTS` counts."""
    found: list[tuple[int, int, str]] = []
    for mask, form, is_meant in _SORTS:
        for match in form.finditer(text, first, last):
            start, end = match.span()
            free = all(end <= other[0] or start >= other[1] for other in found)
            if free and is_meant(match):
                found.append((start, end, mask))
    return found


def _is_identity(match: re.Match[str]) -> bool:
    return is_identity_number(match[0]) and not is_in_address(match.string, *match.span())


def _is_old_identity(match: re.Match[str]) -> bool:
    """The first cards had 15 digits and no check digit, so that only a word before them tells them."""
    return _IDENTITY_WORD.search(before(match.string, match.start())) is not None and not is_in_address(
        match.string, *match.span()
    )


def _is_mobile(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    if is_in_address(text, start, end) or _DATE_ON.match(text, end):
        return False
    if is_after_phone_word(text, start):
        return True
    in_row = " " in match[0] and (
        _SPACED.search(before(text, start)) is not None or _SPACED_ON.match(text, end) is not None
    )
    return not (
        in_row
        or _USUAL.fullmatch(match[0]) is None
        or _ROUND.search(match[0])
        or is_name_of_a_thing(text, start, len(_digits(match[0])))
        or is_quantity(text, start, end)
    )


def _is_card(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    return (
        is_card_number(match[0])
        and (
            _CARD_WORD.search(before(text, start)) is not None
            or _CARD_WORD_BEHIND.match(after(text, end)) is not None
        )
        and not is_in_address(text, start, end)
        and not is_name_of_a_thing(text, start, len(_digits(match[0])))
    )


def _is_landline(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    return not is_in_address(text, start, end) and (
        is_after_phone_word(text, start)
        or not (is_name_of_a_thing(text, start, len(_digits(match[0]))) or is_quantity(text, start, end))
    )


def _is_local(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    return (
        is_after_phone_word(text, start) and not has_unit(text, end) and not is_in_address(text, start, end)
    )


_SORTS = (
    _Sort("[IP]", IP, is_address_of_someone),
    _Sort("[身份证号]", _IDENTITY, _is_identity),
    _Sort("[身份证号]", _OLD_IDENTITY, _is_old_identity),
    _Sort("[手机号]", _MOBILE, _is_mobile),
    _Sort("[银行卡号]", _CARD, _is_card),
    _Sort("[电话]", _LANDLINE, _is_landline),
    _Sort("[电话]", _LOCAL_NUMBER, _is_local),
)
_ANY = re.compile("|".join(sort.form.pattern for sort in _SORTS if sort.form is not IP))
