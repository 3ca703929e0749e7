"""Personal data, masked with a word that says what stood there."""

from gaupt.corpus.change.personal.accounts import mask_accounts
from gaupt.corpus.change.personal.emails import SIGNS, mask_emails
from gaupt.corpus.change.personal.numbers import mask_numbers
from gaupt.text.characters import Counts, Kind

_PASSES = 8
"""How often a text is looked through, at most; two or three do."""
_SHORTEST = 5
"""No number and no name of an account has fewer letters and digits."""


def mask_personal_data(text: str, counts: Counts) -> str:
    """``text`` with e-mail addresses, identity-card, phone, bank-card and IP numbers and account names masked.

    ``counts`` as `characters.count` gives, so that a text without digits costs nothing. Masking a masked text
    changes nothing.
    """
    many_digits = counts[Kind.DIGIT] >= _SHORTEST
    if not many_digits and counts[Kind.DIGIT] + counts[Kind.LETTER] < _SHORTEST:
        return text
    # A mask is shorter than what stood there, so that a second pass may see a word farther off.
    for _ in range(_PASSES):
        before, text = text, mask_accounts(_mask_numbers_and_emails(text, many_digits))
        if text == before:
            break
    return text


def _mask_numbers_and_emails(text: str, many_digits: bool) -> str:
    if any(sign in text for sign in SIGNS):
        text = mask_emails(text)
    return mask_numbers(text) if many_digits else text
