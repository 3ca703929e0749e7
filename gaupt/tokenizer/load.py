"""A tokenizer folder: ``tokenizer.json``, its native file, ``tokenizer_config.json``."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.files import read_json, refusing, sha256, write_bytes
from gaupt.folders import unexpected
from gaupt.seal import LIST, problem_of
from gaupt.seal import verify as verify_listed
from gaupt.stage import RECORD
from gaupt.tokenizer.encode import Encode, FastEncode, SentencePieceEncode
from gaupt.tokenizer.encode_added import AddedWordsEncode, added_words, without_words
from gaupt.tokenizer.encode_char import CharEncode, is_bert
from gaupt.tokenizer.special import SpecialIds, special_ids
from gaupt.tokenizer.words import WordBounds

TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
"""Marker of a complete tokenizer folder."""
SENTENCEPIECE_MODEL = "tokenizer.model"
VOCABULARY = "vocab.txt"
REPORT = "report.json"
FILES = (TOKENIZER, CONFIG, SENTENCEPIECE_MODEL, VOCABULARY)
"""What a tokenizer is read from, and its copies are."""
_AGAIN = "make it again"
_NONE = np.zeros(0, np.bool_)
_PROBE = "字 a1，\n\U000f0000"
"""What every vocabulary can encode: signs of several kinds, and one that none knows."""
_GAPS, _ROWS = 16, 1 << 16
"""Ids go no further than this for each piece, and this many: tables of them are made."""


class EncodedWords(NamedTuple):
    """The tokens of several texts, one after the other."""

    ids: NDArray[np.int32]
    """Shape [tokens]."""
    starts: NDArray[np.bool_]
    """Whether a word starts with the token: shape [tokens]."""
    offsets: NDArray[np.int64]
    """Tokens before each text, and in all: shape [texts + 1]."""


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """A vocabulary ready to encode and decode."""

    folder: Path
    fast: FastTokenizer
    """The same vocabulary in the tokenizers library, as transformers loads it."""
    special: SpecialIds
    fingerprint: str
    """sha256 of tokenizer.json."""
    config: dict[str, Any]
    """tokenizer_config.json."""

    @cached_property
    def vocab_size(self) -> int:
        """Rows that an embedding needs: one more than the greatest id, special and added tokens included."""
        return count_ids(self.fast)

    @cached_property
    def never_random(self) -> list[int]:
        """Ids that say nothing as a random replacement: special tokens, ``[unused1]`` and the like, bytes.

        Those that no piece has are among them: a public vocabulary may have gaps.
        """
        odd = re.compile(r"|\[unused\d+\]|<0x[0-9A-F]{2}>")
        added = {id_ for id_, token in self.fast.get_added_tokens_decoder().items() if token.special}
        pieces = enumerate(map(self.fast.id_to_token, range(self.vocab_size)))
        return [id_ for id_, piece in pieces if id_ in added or odd.fullmatch(piece or "")]

    @cached_property
    def readable(self) -> list[str]:
        """What people read of each id, without the signs of a vocabulary for spaces and for the inside of a word.

        A piece of spaces alone is one space. Empty for what is no text: `never_random`, and parts of a character.
        """
        inside = getattr(self.fast.model, "continuing_subword_prefix", None) or ""
        nothing = set(self.never_random)
        texts = ["" if id_ in nothing else self.fast.decode([id_]) or " " for id_ in range(self.vocab_size)]
        return [
            "" if "\ufffd" in text else text and (text.removeprefix(inside).strip() or " ") for text in texts
        ]

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text`` without [CLS] and [SEP]: those that transformers gives.

        The name of a special token in the text, such as ``[MASK]``, is that token.
        """
        if self._special_names.search(text):
            ids: list[int] = self.fast.encode(text, add_special_tokens=False).ids
            return ids
        plain: list[int] = self.encode_places([text]).ids.tolist()
        return plain

    def encode_words(self, texts: Sequence[str], words: WordBounds) -> EncodedWords:
        """Token ids of several texts, and whether a word starts with each token.

        The texts are corpus, so ``[MASK]`` in one is six characters. A token over the end of a word counts to
        both words: what follows it inside the second word continues it, so that masking takes them together.
        """
        encoded = self.encode_places(texts)
        starts = words(texts)[encoded.places] & (encoded.places >= 0) if len(encoded.ids) else _NONE
        offsets = encoded.offsets
        starts[offsets[:-1][offsets[:-1] < offsets[1:]]] = True
        return EncodedWords(encoded.ids, starts, offsets)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ``ids``; special tokens are left out."""
        return self.fast.decode(list(ids), skip_special_tokens=True)

    def token(self, id_: int) -> str:
        """The piece with this id as the vocabulary writes it."""
        piece = self.fast.id_to_token(id_)
        if piece is None:
            raise IndexError(f"no token has the id {id_}")
        return piece

    @cached_property
    def encode_places(self) -> Encode:
        """What encodes several texts of a corpus: token ids, and where in the texts each token begins."""
        path = self.folder / SENTENCEPIECE_MODEL
        if path.exists() and self.config.get("gaupt", {}).get("trained"):
            from sentencepiece import SentencePieceProcessor

            with refusing(f"{path} is damaged", _AGAIN):
                encode = SentencePieceEncode(SentencePieceProcessor(model_proto=path.read_bytes()))
                if (ids := encode([_PROBE]).ids).size and ids.max() >= self.vocab_size:
                    raise GauptError(f"{path} is not the model of {TOKENIZER} beside it; {_AGAIN}")
                return encode
        bare = without_words(self.fast)
        if not is_bert(bare):
            return FastEncode(self.fast)
        words = added_words(self.fast)
        names = [token.content for token in bare.get_added_tokens_decoder().values()]
        return AddedWordsEncode(words, names, CharEncode(bare)) if words else CharEncode(bare)

    @cached_property
    def _special_names(self) -> re.Pattern[str]:
        names = (token.content for token in self.fast.get_added_tokens_decoder().values())
        return re.compile("|".join(map(re.escape, names)))


def count_ids(fast: FastTokenizer) -> int:
    """One more than the greatest id of a vocabulary: it may have gaps."""
    return max(fast.get_vocab(with_added_tokens=True).values(), default=-1) + 1


def check_vocabulary(fast: FastTokenizer) -> None:
    """Refuse a vocabulary that cannot be worked with.

    Raises:
        ValueError: its ids lie so far apart that no table of them can be made.
        BaseException: whatever the tokenizers library makes of a text, see `gaupt.files.refusing`.
    """
    pieces, size = fast.get_vocab_size(with_added_tokens=True), count_ids(fast)
    if size > _GAPS * pieces + _ROWS:
        raise ValueError(f"it has {pieces:,} pieces, and ids up to {size - 1:,}")
    # What parts of it lack shows when they are used.
    fast.decode(fast.encode(_PROBE).ids)


def sealed(config: dict[str, Any]) -> dict[str, Any]:
    """tokenizer_config.json with its own sha256 in it: of the same JSON, 2-space indented, without that."""
    checksums = {name: value for name, value in config["gaupt"]["sha256"].items() if name != CONFIG}
    plain = config | {"gaupt": config["gaupt"] | {"sha256": checksums}}
    digest = hashlib.sha256(json.dumps(plain, ensure_ascii=False, indent=2).encode()).hexdigest()
    return plain | {"gaupt": plain["gaupt"] | {"sha256": checksums | {CONFIG: digest}}}


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load a folder that `gaupt tokenizer` wrote, or a copy of it.

    Raises:
        GauptError: the folder is missing, incomplete or damaged, or lacks a special token.
    """
    if not all((folder / name).is_file() for name in (CONFIG, TOKENIZER)):
        raise unexpected(folder, "tokenizer", remedy="gaupt tokenizer makes one")
    with refusing(f"{folder / CONFIG} is damaged", _AGAIN):
        config = read_json(folder / CONFIG)
        checksums = dict(config.get("gaupt", {}).get("sha256", {}))
    data = (folder / TOKENIZER).read_bytes()
    with refusing(f"{folder / TOKENIZER} is damaged", _AGAIN):
        fast = FastTokenizer.from_buffer(data)
        # Texts are encoded as they are; what is to be padded to a length that nobody checks may take all memory.
        fast.no_padding()
        fast.no_truncation()
    for name in (TOKENIZER, SENTENCEPIECE_MODEL):
        if name in checksums and (folder / name).is_file() and sha256(folder / name) != checksums[name]:
            damaged = name if CONFIG not in checksums or sealed(config) == config else CONFIG
            raise GauptError(f"{folder / damaged} is damaged: its sha256 is not the recorded one; {_AGAIN}")
    with refusing(f"{folder / TOKENIZER} is damaged", _AGAIN):
        check_vocabulary(fast)
    special = special_ids(fast.token_to_id, str(folder))
    return Tokenizer(folder, fast, special, hashlib.sha256(data).hexdigest(), config)


def not_copied(folder: str, names: Sequence[str]) -> set[str]:
    """Of the ``names`` in a tokenizer's ``folder``, those that it is not read from; for `shutil.copytree`."""
    return {name for name in names if name not in FILES}


def copy_tokenizer(folder: Path, output: Path) -> list[Path]:
    """Copy what a tokenizer is read from into ``output``, beside shards or weights; return the copies."""
    copies = []
    for name in FILES:
        if (folder / name).is_file():
            write_bytes(output / name, (folder / name).read_bytes())
            copies.append(output / name)
    return copies


def verify(folder: Path) -> Iterator[str]:
    """For each file of a tokenizer folder, what is wrong with it, or an empty line. Raises as `load_tokenizer`.

    A copy, beside shards or in a checkpoint, has no list: its own config holds the checksums.
    """
    if (folder / LIST).is_file() or (folder / RECORD).exists():
        yield from verify_listed(folder)
        return
    config = load_tokenizer(folder).config
    try:
        # As bytes: a changed space changes no value.
        written = (json.dumps(sealed(config), ensure_ascii=False, indent=2) + "\n").encode()
        intact = (folder / CONFIG).read_bytes() == written
    except KeyError:
        intact = False
    if not intact:
        yield f"{folder / CONFIG} is damaged: it is not what was written"
        return
    yield ""
    for name, checksum in config["gaupt"]["sha256"].items():
        if name != CONFIG:
            yield problem_of(folder / name, {"sha256": checksum})
