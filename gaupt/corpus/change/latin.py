"""UTF-8 that was read as Latin-1 or Windows-1252, turned back."""

import re

from gaupt.text import characters

_CP1252 = {
    bytes((byte,)).decode("cp1252"): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_LATER = f"\x80-\xbf{''.join(map(re.escape, _CP1252))}"
"""What the second and later bytes of a character became."""
_CHARACTER = f"(?:[\xc2-\xdf][{_LATER}]|[\xe0-\xef][{_LATER}]{{2}}|[\xf0-\xf4][{_LATER}]{{3}})"
_EACH = re.compile(_CHARACTER)
_RUN = re.compile(f"[\xc0-\xff{_LATER}\ufffd]{{2,}}")

# Marks that stand beside a letter in sound text too: Café——, Ömer……, “Ä”, Nestlé®, 5×“Å”.
_USUAL_MARKS = "–—‘’“”„…•"
_MARKS = f"{_USUAL_MARKS}·°±²³«»§©®™\xa0"
_DOUBTFUL = re.compile(f"[\xc4-\xf4][{_MARKS}]+|[\xc2\xc3][{_USUAL_MARKS}]")
_BEFORE_DASH = re.compile(f"[\xc4-\xf4][{_USUAL_MARKS}]+")
_SOUND = f"[{_MARKS}×÷]|(?<=[A-Za-z])[\xc0-\xff]|[\xc0-\xff](?=[A-Za-z])"
_CUT = f"[\xc2-\xf4][{_LATER}]{{0,2}}"
"""A character of which the last bytes are missing: the text ended in it."""
_WHOLE = re.compile(f"(?:{_CHARACTER}|{_SOUND})*({_CUT})?(?![\xc0-\xff{_LATER}\ufffd])")
_LETTER = re.compile("[A-Za-z]")
_C1 = re.compile("[\x80-\x9f]")


def repair_latin(text: str) -> str:
    """``text`` with such characters turned back, also where it happened twice; as it is where bytes are missing.

    A letter before dashes or dots (Café——) is a character of UTF-8 by chance. It is turned back only
    where others leave no doubt that the text is broken, and alone only into a common Chinese character.
    """
    for _ in range(3):
        whole = broken = 0
        for run in _RUN.finditer(text):
            if _is_certain(run[0]):
                if _WHOLE.match(text, run.start()):
                    whole += len(run[0])
                else:
                    broken += len(run[0])
        if whole <= 4 * broken:
            break
        text = _RUN.sub(_repair_run, text)
    return text


def _is_certain(run: str) -> bool:
    found = [one for one in _EACH.findall(run) if not _DOUBTFUL.fullmatch(one) and _decode(one) is not None]
    # A single character of two bytes may be chance too: ÍŠ in a name in capitals.
    return len(found) > 2 or any(len(one) > 2 or one[0] in "ÂÃ" or _C1.search(one) for one in found)


def _repair_run(run: re.Match[str]) -> str:
    whole = _WHOLE.match(run.string, run.start())
    count = len(_EACH.findall(run[0]))
    if whole is None or not count:
        return run[0]
    cut = len(whole[1]) if whole[1] is not None and _is_certain(run[0]) else 0
    after_letter = _LETTER.match(run.string, run.start() - 1) is not None

    def repaired(found: re.Match[str]) -> str:
        character = _decode(found[0])
        if character is None:
            return found[0]
        doubtful = _BEFORE_DASH.fullmatch(found[0]) and (count == 1 or (after_letter and found.start() == 0))
        return found[0] if doubtful and character not in characters.common_han() else character

    return _EACH.sub(repaired, run[0][: len(run[0]) - cut])


def _decode(run: str) -> str | None:
    data = bytes(_CP1252.get(c, ord(c) & 0xFF) for c in run)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
