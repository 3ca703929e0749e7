"""Existing vocabularies: a vocab.txt, tokenizer.json, vocab.json or tokenizer.model, or a Hub folder on disk."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken
from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.files import read_json, refusing
from gaupt.folders import unexpected
from gaupt.tokenizer.declared import Declared, read_declared
from gaupt.tokenizer.fast import parts_of
from gaupt.tokenizer.load import VOCABULARY, check_vocabulary, count_ids
from gaupt.tokenizer.roformer import ROFORMER, split_by_words
from gaupt.tokenizer.special import MASK, SPECIAL_TOKENS, our_names

# In the order of preference where a folder holds several.
_BYTE_PAIRS, _MERGES = "vocab.json", "merges.txt"
_KNOWN_FILES = (
    "tokenizer.json",
    VOCABULARY,
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    _BYTE_PAIRS,
)
_OF_BERT = (
    "bert",
    "roformer",
    "electra",
    "distilbert",
    "mobilebert",
    "convbert",
    "squeezebert",
    "funnel",
    "lxmert",
)
_OF_ROBERTA = ("roberta", "longformer", "bart", "gpt2")
"""Whose classes in transformers set options of a tokenizer.json anew."""
_WORD = re.compile("[一-鿿]{2,}")
"""A piece that a WordPiece which cuts at each Chinese character never finds."""


@dataclass(frozen=True)
class Adopted:
    """An existing vocabulary in our terms."""

    type: str
    fast: FastTokenizer
    native: Path | None
    """File to copy beside tokenizer.json, and its name there."""
    native_name: str | None
    added: tuple[str, ...] = ()
    """Special tokens that it lacked: they have ids behind its own."""


def find_vocabulary(source: Path) -> Path:
    """The vocabulary file that ``source`` is or holds.

    Raises:
        GauptError: it is missing, or none that we know.
    """
    if not source.exists():
        raise unexpected(source, "tokenizer", "transformers", hub=True)
    if source.is_file():
        return source
    for name in _KNOWN_FILES:
        if (source / name).is_file():
            return source / name
    raise unexpected(
        source,
        "tokenizer",
        "transformers",
        remedy=f"--from takes a file or a folder with one of {', '.join(_KNOWN_FILES)}",
    )


def adopt(source: Path, lowercase: bool) -> Adopted:
    """Read an existing vocabulary; special tokens under other names get ours, and those it lacks are added.

    A vocab.txt must have them all: in BERT's format, one without is no vocabulary. What the files beside it say of how
    it is read counts (`gaupt.tokenizer.declared`): case, accents, tokens that were added, and RoFormer's words, which
    are its own where its class is RoFormer's, or none is named and the model is one and has words.

    ``lowercase`` decides for a vocab.txt without a tokenizer_config.json that says so.

    Raises:
        GauptError: the file is missing, damaged or of no known kind.
    """
    path = find_vocabulary(source)
    if path.suffix == ".txt":
        return _adopt_wordpiece(path, lowercase)
    if path.name == _BYTE_PAIRS:
        return _adopt_byte_pairs(path)
    if path.suffix == ".json":
        return _adopt_json(path)
    if path.suffix in (".model", ".vocab"):
        return _adopt_sentencepiece(path)
    raise GauptError(f"{path} is no vocabulary; expected vocab.txt, tokenizer.json or tokenizer.model")


def _adopt_wordpiece(path: Path, lowercase: bool) -> Adopted:
    from gaupt.tokenizer.convert import from_wordpiece

    vocab = [line.removesuffix("\r") for line in _lines(path, "a vocab.txt has one piece a line in UTF-8")]
    seen = set[str]()
    for number, piece in enumerate(vocab, 1):
        if piece in seen:
            raise GauptError(f"{path}:{number}: the piece {piece[:40]!r} is there twice")
        seen.add(piece)
    declared = read_declared(path)
    lowercase = lowercase if declared.lowercase is None else declared.lowercase
    with refusing(f"{path} is no vocabulary"):
        fast = from_wordpiece(
            vocab,
            lowercase,
            str(path),
            strip_accents=declared.strip_accents,
            chinese_apart=declared.chinese_apart,
            added=declared.added,
        )
        words = _by_words(declared, vocab)
        if words:
            split_by_words(fast)
        check_vocabulary(fast)
    # A vocab.txt alone would not find the tokens that are cut out of the text.
    whole = count_ids(fast) == len(vocab)
    type_ = ROFORMER if words else "char"
    return Adopted(type_, fast, path if whole else None, VOCABULARY if whole else None)


def _by_words(declared: Declared, vocab: Iterable[str]) -> bool:
    """Whether jieba cuts a text first."""
    if declared.name is not None:
        return declared.is_of(ROFORMER)
    return declared.is_of(ROFORMER) and any(map(_WORD.fullmatch, vocab))


def _lines(path: Path, expected: str) -> list[str]:
    try:
        # Only "\n" ends a line: a vocabulary may hold U+2028 and other separators as pieces.
        return path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise GauptError(f"{path} is not UTF-8; {expected}") from None


def _adopt_byte_pairs(path: Path) -> Adopted:
    from gaupt.tokenizer.convert import from_byte_pairs

    beside = path.with_name(_MERGES)
    if not beside.is_file():
        raise GauptError(f"{beside} is missing; a {_BYTE_PAIRS} is read with it")
    merges = list[tuple[str, str]]()
    for number, line in enumerate(_lines(beside, "it has one merge a line in UTF-8"), 1):
        if line.startswith("#version") or not line.strip():
            continue
        pair = line.removesuffix("\r").split(" ")
        if len(pair) != 2:
            raise GauptError(f"{beside}:{number}: expected two pieces, got {line[:40]!r}")
        merges.append((pair[0], pair[1]))
    declared = read_declared(path)
    with refusing(f"{path} is no vocabulary of pieces by id"):
        vocab: dict[str, int] = read_json(path)
        names = our_names(vocab)
        own = {names.get(piece, piece): id_ for piece, id_ in vocab.items()}
        # RoBERTa's <mask> takes the space before it.
        mask = AddedToken(MASK, lstrip=True, normalized=False, special=True)
        added = _renamed(declared.added, names)
        if not any(token.content == MASK for token in added):
            added = (*added, mask)
        missing = [token for token in SPECIAL_TOKENS if token not in own]
        own |= {token: max(own.values()) + place for place, token in enumerate(missing, 1)}
        fast = from_byte_pairs(own, merges, str(path), prefix_space=declared.prefix_space, added=added)
        check_vocabulary(fast)
    return Adopted("bpe", fast, None, None, tuple(missing))


def _adopt_json(path: Path) -> Adopted:
    from gaupt.tokenizer.convert import with_template

    declared = read_declared(path)
    with refusing(f"{path} is not a tokenizer.json"):
        fast = FastTokenizer.from_file(str(path))
        fast.no_padding()
        fast.no_truncation()
        check_vocabulary(fast)
        # Renamed in the JSON itself, so that ids stay as they are.
        names = our_names(fast.get_vocab(with_added_tokens=True))
        parts = _as_declared(parts_of(fast), declared)
        fast = FastTokenizer.from_str(json.dumps(_replace(parts, names) if names else parts))
        there = {token.content for token in fast.get_added_tokens_decoder().values()}
        fast.add_tokens([token for token in _renamed(declared.added, names) if token.content not in there])
        added = tuple(token for token in SPECIAL_TOKENS if fast.token_to_id(token) is None)
        with_template(fast, str(path))
        words = parts["model"]["type"] == "WordPiece" and _by_words(declared, parts["model"]["vocab"])
        if words:
            split_by_words(fast)
        check_vocabulary(fast)
        return Adopted(ROFORMER if words else parts["model"]["type"].lower(), fast, None, None, added)


def _as_declared(parts: dict[str, Any], declared: Declared) -> dict[str, Any]:
    """The parts of a tokenizer.json with what its class of transformers changes in it: what is not said has a default
    there, whatever the file holds."""
    normalizer, splitting = parts["normalizer"] or {}, parts["pre_tokenizer"] or {}
    if normalizer.get("type") == "BertNormalizer" and declared.is_of(*_OF_BERT):
        normalizer["lowercase"] = declared.lowercase is not False
        normalizer["strip_accents"] = declared.strip_accents
        normalizer["handle_chinese_chars"] = declared.chinese_apart
    if splitting.get("type") == "ByteLevel" and declared.is_of(*_OF_ROBERTA):
        splitting["add_prefix_space"] = declared.prefix_space
    return parts


def _renamed(tokens: Iterable[AddedToken], names: Mapping[str, str]) -> tuple[AddedToken, ...]:
    for token in (tokens := tuple(tokens)):
        token.content = names.get(token.content, token.content)
    return tokens


def _adopt_sentencepiece(path: Path) -> Adopted:
    import sentencepiece

    from gaupt.tokenizer.convert_sentencepiece import from_sentencepiece

    processor = sentencepiece.SentencePieceProcessor()
    with refusing(f"{path} is not a sentencepiece model"):
        processor.LoadFromSerializedProto(path.read_bytes())
        fast = from_sentencepiece(path.read_bytes(), str(path))
        check_vocabulary(fast)
    own = range(processor.get_piece_size())
    added = tuple(token for token in SPECIAL_TOKENS if fast.token_to_id(token) not in own)
    return Adopted("sentencepiece", fast, path, "tokenizer.model", added)


def _replace(value: Any, names: dict[str, str]) -> Any:
    """Replace every string, and every key, that is one of ``names``."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_replace(item, names) for item in value]
    if isinstance(value, dict):
        return {names.get(key, key): _replace(item, names) for key, item in value.items()}
    return value
