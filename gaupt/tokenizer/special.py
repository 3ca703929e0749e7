"""The five special tokens, and the ids they have in a vocabulary."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from gaupt.errors import GauptError

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL_TOKENS = (PAD, UNK, CLS, SEP, MASK)
"""In the order of their ids in a vocabulary of ours: 0 to 4."""
# Other names that public vocabularies give them.
_ALIASES = {
    PAD: ("<pad>", "<|padding|>"),
    UNK: ("<unk>",),
    CLS: ("<s>", "<cls>", "<bos>"),
    SEP: ("</s>", "<sep>", "<eos>", "<|endoftext|>"),
    MASK: ("<mask>", "[gMASK]", "<|mask|>"),
}


@dataclass(frozen=True)
class SpecialIds:
    """Ids of the special tokens."""

    pad: int
    unk: int
    cls: int
    sep: int
    mask: int


def our_names(vocab: Container[str]) -> dict[str, str]:
    """Our names of the special tokens that a vocabulary holds under others, by those names."""
    names = {}
    for token, aliases in _ALIASES.items():
        found = next((alias for alias in aliases if alias in vocab), None)
        if found is not None and token not in vocab:
            names[found] = token
    return names


def special_ids(token_to_id: Callable[[str], int | None], where: str) -> SpecialIds:
    """Look the special tokens up.

    Raises:
        GauptError: the vocabulary lacks one; ``where`` names it.
    """
    ids = [token_to_id(token) for token in SPECIAL_TOKENS]
    missing = [token for token, id_ in zip(SPECIAL_TOKENS, ids, strict=True) if id_ is None]
    if missing:
        raise GauptError(f"the vocabulary in {where} has no {', '.join(missing)}; a masked LM needs them")
    pad, unk, cls, sep, mask = (id_ for id_ in ids if id_ is not None)
    return SpecialIds(pad, unk, cls, sep, mask)
