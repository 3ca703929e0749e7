"""An existing vocabulary with words of the user's behind its own pieces, whose ids stay as they are.

Where it can be, a word becomes a piece like the others, so that what is fastest encodes it:

unigram     a piece as probable as the rarest of the pieces that the word was cut into: it always beats those, and
            competes with what overlaps it.
bpe         the last merges of all, with a piece for each step on the way to the word.
WordPiece   an entry, for a word that BERT's splitting keeps whole, such as a Latin one.

Elsewhere (Chinese words in a vocabulary of characters, vocabularies of others) it is cut out of the text as it is
written, before anything else looks at it: the leftmost, of those that begin there the longest.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, models
from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.tokenizer.convert_sentencepiece import from_sentencepiece, processor
from gaupt.tokenizer.fast import in_python, of_parts, parts_of
from gaupt.tokenizer.load import count_ids
from gaupt.tokenizer.roformer import split_by_words
from gaupt.tokenizer.sentencepiece_model import BPE, NORMAL, read_model
from gaupt.tokenizer.special import SPECIAL_TOKENS

_WITH_FREQUENCY = re.compile(r"\S*[一-鿿]\S* \d+( \w+)?")
"""A line of jieba's dictionaries."""


@dataclass(frozen=True)
class Extended:
    """A vocabulary with words added."""

    fast: FastTokenizer
    model: bytes | None
    """The sentencepiece model, where the words are pieces of one."""
    known: tuple[str, ...]
    """Words that were pieces before."""
    steps: tuple[str, ...] = ()
    """Pieces on the way to words, which came in with them."""
    apart: tuple[str, ...] = ()
    """Words that are cut out of the text."""


def read_words(path: Path) -> list[str]:
    """The words in a file, one a line, each once.

    Raises:
        GauptError: it cannot be read, holds none, or a line is no word (file and line are named).
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise GauptError(f"--extend {path} is not UTF-8; convert it") from None
    except OSError as error:
        raise GauptError(f"--extend {path}: {error.strerror}; name a file with a word a line") from None
    words: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if word in SPECIAL_TOKENS:
            raise GauptError(f"{path}:{number}: {word} is a special token, not a word to add")
        if _WITH_FREQUENCY.fullmatch(word):
            raise GauptError(
                f"{path}:{number}: expected a word and nothing else, got {word!r}; drop its frequency"
            )
        if word:
            words[word] = None
    if not words:
        raise GauptError(f"--extend {path} holds no word; write one a line")
    return list(words)


def extend(fast: FastTokenizer, model: bytes | None, words: Sequence[str], where: str) -> Extended:
    """``fast`` with ``words``; ``model`` is the sentencepiece model that it was made of, if any. ``where`` names it.

    Raises:
        GauptError: a word cannot be told from a mark of the vocabulary.
    """
    own = fast.get_vocab(with_added_tokens=True)
    if model is not None and processor(model).get_piece_size() == count_ids(fast):
        return _as_pieces(model, words, where)
    entries = {word: _entry(fast, word, where) for word in words}
    known = [word for word in words if word in own or entries[word] in own]
    new = [word for word in words if word not in known]
    apart = [word for word in new if entries[word] is None]
    grown = _with_entries(fast, own, [entries[word] or word for word in new])
    grown.add_tokens([AddedToken(word, normalized=False) for word in apart])
    return Extended(grown, None, tuple(known), apart=tuple(apart))


def _entry(fast: FastTokenizer, word: str, where: str) -> str | None:
    """What ``word`` is as an entry of a WordPiece vocabulary; None where that would never be found, or is none."""
    if not isinstance(fast.model, models.WordPiece):
        return None
    inside = fast.model.continuing_subword_prefix
    if word.startswith(inside):
        raise GauptError(f"{word} cannot be added to {where}: {inside} stands for the inside of a word there")
    normal = word if fast.normalizer is None else fast.normalizer.normalize_str(word)
    parts = [(normal, None)] if fast.pre_tokenizer is None else fast.pre_tokenizer.pre_tokenize_str(normal)
    whole = len(parts) == 1 and len(parts[0][0]) <= fast.model.max_input_chars_per_word
    return str(parts[0][0]) if whole else None


def _with_entries(fast: FastTokenizer, own: Mapping[str, int], new: Iterable[str]) -> FastTokenizer:
    """``fast`` whose model holds everything that has an id, special tokens too, and the ``new`` entries behind.

    Ids are given anew when a tokenizer.json is read to what its model does not hold: they would change.
    """
    size = count_ids(fast)
    ids = dict(own) | {entry: size + place for place, entry in enumerate(dict.fromkeys(new))}
    parts = parts_of(fast)
    vocab = parts["model"]["vocab"]
    if isinstance(vocab, dict):
        parts["model"]["vocab"] = ids
    else:
        least = min(score for _, score in vocab)  # what is unknown costs as much as before
        parts["model"]["vocab"] += [
            [piece, least] for piece in sorted(ids, key=ids.__getitem__)[len(vocab) :]
        ]
    grown = of_parts(parts, fast)
    return split_by_words(grown) if in_python(fast) else grown


def _as_pieces(model: bytes, words: Sequence[str], where: str) -> Extended:
    """The words as pieces of a sentencepiece model."""
    proto = read_model(model)
    proto.normalizer_spec.add_dummy_prefix = False
    cutter = processor(proto.SerializeToString())
    proto = read_model(model)
    bpe = proto.trainer_spec.model_type == BPE
    scores = {piece.piece: piece.score for piece in proto.pieces if piece.type == NORMAL}
    least, own = min(scores.values()), {piece.piece for piece in proto.pieces}
    known, steps = [], []
    for word in words:
        text = cutter.normalize(word)
        if text in own:
            known.append(word)
            continue
        parts = _parts(cutter, word)
        # In a model of merges every step on the way is a piece; characters that it does not know are too.
        way = [*parts, *accumulate(parts)] if bpe else [text]
        for piece in way:
            if piece in own:
                continue
            least -= 1 if bpe else 0
            score = least if bpe else min(scores.get(part, least) for part in parts)
            proto.pieces.add(piece=piece, score=score)
            own.add(piece)
            if piece != text:
                steps.append(piece)
    data: bytes = proto.SerializeToString(deterministic=True)
    return Extended(from_sentencepiece(data, where), data, tuple(known), tuple(steps))


def _parts(cutter: Any, word: str) -> list[str]:
    """The pieces that a model cuts ``word`` into; of what it does not know, the characters."""
    found, spelt = list[str](), b""
    for piece in cutter.encode(word, out_type=str):
        if cutter.is_byte(cutter.piece_to_id(piece)):
            spelt += bytes([int(piece[1:-1], 16)])
            continue
        known = not cutter.is_unknown(cutter.piece_to_id(piece))
        found += [*spelt.decode(), *([piece] if known else piece)]
        spelt = b""
    return [*found, *spelt.decode()]
