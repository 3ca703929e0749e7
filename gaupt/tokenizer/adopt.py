"""Existing vocabularies: a vocab.txt, tokenizer.json or tokenizer.model, or a Hub folder on disk."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.files import read_json, refusing
from gaupt.folders import unexpected
from gaupt.tokenizer.load import check_vocabulary
from gaupt.tokenizer.special import SPECIAL_TOKENS, our_names

# In the order of preference where a folder holds several.
_KNOWN_FILES = ("tokenizer.json", "vocab.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model")


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

    A vocab.txt must have them all: in BERT's format, one without is no vocabulary.

    ``lowercase`` decides for a vocab.txt without a tokenizer_config.json that says so.

    Raises:
        GauptError: the file is missing, damaged or of no known kind.
    """
    path = find_vocabulary(source)
    if path.suffix == ".txt":
        return _adopt_wordpiece(path, lowercase)
    if path.suffix == ".json":
        return _adopt_json(path)
    if path.suffix in (".model", ".vocab"):
        return _adopt_sentencepiece(path)
    raise GauptError(f"{path} is no vocabulary; expected vocab.txt, tokenizer.json or tokenizer.model")


def _adopt_wordpiece(path: Path, lowercase: bool) -> Adopted:
    from gaupt.tokenizer.convert import from_wordpiece

    try:
        # Only "\n" ends a line: a vocabulary may hold U+2028 and other separators as pieces.
        lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise GauptError(f"{path} is not UTF-8; a vocab.txt has one piece a line in UTF-8") from None
    vocab = [line.removesuffix("\r") for line in lines]
    seen = set[str]()
    for number, piece in enumerate(vocab, 1):
        if piece in seen:
            raise GauptError(f"{path}:{number}: the piece {piece[:40]!r} is there twice")
        seen.add(piece)
    says = _sibling(path, "tokenizer_config.json").get("do_lower_case")
    lowercase = says if isinstance(says, bool) else lowercase
    with refusing(f"{path} is no vocabulary"):
        fast = from_wordpiece(vocab, lowercase, str(path))
        check_vocabulary(fast)
    return Adopted("char", fast, path, "vocab.txt")


def _adopt_json(path: Path) -> Adopted:
    from gaupt.tokenizer.convert import with_template

    with refusing(f"{path} is not a tokenizer.json"):
        fast = FastTokenizer.from_file(str(path))
        # Renamed in the JSON itself, so that ids stay as they are.
        if names := our_names(fast.get_vocab(with_added_tokens=True)):
            fast = FastTokenizer.from_str(json.dumps(_replace(json.loads(fast.to_str()), names)))
        added = tuple(token for token in SPECIAL_TOKENS if fast.token_to_id(token) is None)
        with_template(fast, str(path))
        fast.no_padding()
        fast.no_truncation()
        check_vocabulary(fast)
        return Adopted(json.loads(fast.to_str())["model"]["type"].lower(), fast, None, None, added)


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


def _sibling(path: Path, name: str) -> dict[str, Any]:
    try:
        value = read_json(path.parent / name)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
