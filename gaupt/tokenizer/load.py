"""A tokenizer folder: ``tokenizer.json``, its native file, ``tokenizer_config.json``."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.files import as_json, read_json, refusing, sha256, write_bytes
from gaupt.folders import unexpected
from gaupt.seal import LIST, problem_of
from gaupt.seal import verify as verify_listed
from gaupt.stage import RECORD
from gaupt.tokenizer.convert import with_template
from gaupt.tokenizer.encode import Encode, FastEncode, SentencePieceEncode
from gaupt.tokenizer.encode_added import AddedWordsEncode, added_words, without_words
from gaupt.tokenizer.encode_char import CharEncode, is_bert
from gaupt.tokenizer.encode_roformer import RoFormerEncode, is_roformer
from gaupt.tokenizer.fast import copy_of, json_of
from gaupt.tokenizer.roformer import CLASS, ROFORMER, split_by_words
from gaupt.tokenizer.special import CLS, MASK, PAD, SEP, UNK, SpecialIds, special_ids
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
_FAST = "PreTrainedTokenizerFast"
"""The class of one that is all in its tokenizer.json, in every version of transformers."""
_OF_TRANSFORMERS = ("added_tokens_decoder", "backend")
"""What transformers always writes into a tokenizer_config.json and we never do: the one before version 5, the other
since."""
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
    """sha256 of tokenizer.json; of one that transformers saved again, as it was before, if nothing else changed."""
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
        if path.exists() and self.is_as_made and self.config.get("gaupt", {}).get("trained"):
            from sentencepiece import SentencePieceProcessor

            with refusing(f"{path} is damaged", _AGAIN):
                encode = SentencePieceEncode(SentencePieceProcessor(model_proto=path.read_bytes()))
                if (ids := encode([_PROBE]).ids).size and ids.max() >= self.vocab_size:
                    raise GauptError(f"{path} is not the model of {TOKENIZER} beside it; {_AGAIN}")
                return encode
        bare = without_words(self.fast)
        if is_roformer(bare):
            rest: Encode = RoFormerEncode(bare)
        elif is_bert(bare):
            rest = CharEncode(bare)
        else:
            return FastEncode(self.fast)
        words = added_words(self.fast)
        names = [token.content for token in bare.get_added_tokens_decoder().values()]
        return AddedWordsEncode(words, names, rest) if words else rest

    @property
    def is_as_made(self) -> bool:
        """Whether tokenizer.json says what it did when its checksum was taken; see `is_saved_again`."""
        return bool(_checksums(self.config).get(TOKENIZER, self.fingerprint) == self.fingerprint)

    @property
    def class_name(self) -> str:
        """The class by which transformers reads a copy of it, see `copy_tokenizer`."""
        type_ = self.config.get("gaupt", {}).get("type")
        return _class_of(type_) if type_ else str(self.config.get("tokenizer_class", _FAST))

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


def is_saved_again(config: dict[str, Any]) -> bool:
    """Whether transformers has loaded a tokenizer of ours and saved it: its files then are what that library writes,
    and the checksums in the ``config`` those of the files before."""
    marked = any(key in config for key in _OF_TRANSFORMERS)
    return marked and bool(_checksums(config)) and sealed(config) != config


def _checksums(config: dict[str, Any]) -> dict[str, str]:
    return dict(config.get("gaupt", {}).get("sha256", {}))


def written(fast: FastTokenizer) -> bytes:
    """What tokenizer.json holds of ``fast``."""
    return (json_of(fast, pretty=True) + "\n").encode()


def unpadded(fast: FastTokenizer) -> FastTokenizer:
    """A copy of anybody's tokenizer that neither cuts nor pads."""
    return copy_of(fast)


def config_of(files: Mapping[str, bytes], type_: str, trained: bool) -> dict[str, Any]:
    """The tokenizer_config.json beside ``files``, by name: tokenizer.json and, where there is one, its native file."""
    normalizer = json.loads(files[TOKENIZER])["normalizer"] or {}
    values: dict[str, Any] = {
        "tokenizer_class": _class_of(type_),
        "pad_token": PAD,
        "unk_token": UNK,
        "cls_token": CLS,
        "sep_token": SEP,
        "mask_token": MASK,
        # All token types are 0: see gaupt.tokenizer.convert.
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
        # What a vocab.txt does not say of itself, for whoever takes it from here.
        **_of_bert(normalizer, type_),
        "gaupt": {
            "type": type_,
            "trained": trained,
            "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        },
    }
    return sealed(values)


def _class_of(type_: str) -> str:
    # A RoFormer's is not all in its tokenizer.json.
    return CLASS if type_ == ROFORMER else _FAST


def _of_bert(normalizer: Mapping[str, Any], type_: str) -> dict[str, bool]:
    """The options of BERT's normalization, those with a default where they have another value."""
    if normalizer.get("type") != "BertNormalizer":
        return {}
    options = {"do_lower_case": normalizer["lowercase"]}
    if normalizer["strip_accents"] is not None:
        options["strip_accents"] = normalizer["strip_accents"]
    if not normalizer["handle_chinese_chars"] and type_ != ROFORMER:  # whose words jieba has found before
        options["tokenize_chinese_chars"] = False
    return options


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load a folder that `gaupt tokenizer` wrote, or a copy of it, or what transformers saved of it again.

    Of the latter (`is_saved_again`) nobody knows what else has changed: it is read as it is.

    Raises:
        GauptError: the folder is missing, incomplete or damaged, or lacks a special token.
    """
    if not all((folder / name).is_file() for name in (CONFIG, TOKENIZER)):
        raise unexpected(folder, "tokenizer", remedy="gaupt tokenizer makes one")
    with refusing(f"{folder / CONFIG} is damaged", _AGAIN):
        config = read_json(folder / CONFIG)
        checksums = _checksums(config)
        by_words = config.get("gaupt", {}).get("type") == ROFORMER
        again = is_saved_again(config)
    data = (folder / TOKENIZER).read_bytes()
    with refusing(f"{folder / TOKENIZER} is damaged", _AGAIN):
        fast = FastTokenizer.from_buffer(data)
        # Texts are encoded as they are; what is to be padded to a length that nobody checks may take all memory.
        fast.no_padding()
        fast.no_truncation()
    for name in (SENTENCEPIECE_MODEL,) if again else (TOKENIZER, SENTENCEPIECE_MODEL):
        if name in checksums and (folder / name).is_file() and sha256(folder / name) != checksums[name]:
            intact = again or CONFIG not in checksums or sealed(config) == config
            damaged = name if intact else CONFIG
            raise GauptError(f"{folder / damaged} is damaged: its sha256 is not the recorded one; {_AGAIN}")
    with refusing(f"{folder / TOKENIZER} is damaged", _AGAIN):
        check_vocabulary(fast)
        if by_words:
            split_by_words(fast)
        if again:
            before = written(with_template(fast, str(folder)))  # transformers has its own for some classes
            data = before if hashlib.sha256(before).hexdigest() == checksums.get(TOKENIZER) else data
    special = special_ids(fast.token_to_id, str(folder))
    return Tokenizer(folder, fast, special, hashlib.sha256(data).hexdigest(), config)


def not_copied(folder: str, names: Sequence[str]) -> set[str]:
    """Of the ``names`` in a tokenizer's ``folder``, those that it is not read from; for `shutil.copytree`."""
    return {name for name in names if name not in FILES}


def copy_tokenizer(folder: Path, output: Path) -> list[Path]:
    """Copy what a tokenizer is read from into ``output``, beside shards or weights; return the copies.

    What transformers saved again becomes a tokenizer of ours again, which every release of it can load.
    """
    files = {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}
    with refusing(f"{folder / CONFIG} is damaged", _AGAIN):
        again = CONFIG in files and is_saved_again(json.loads(files[CONFIG]))
    if again:
        tokenizer = load_tokenizer(folder)
        files[TOKENIZER] = written(tokenizer.fast)
        sealed_files = {name: data for name, data in files.items() if name != CONFIG}
        with refusing(f"{folder / CONFIG} is damaged", _AGAIN):
            known = tokenizer.config["gaupt"]
            trained = known["trained"] and tokenizer.is_as_made
            files[CONFIG] = as_json(config_of(sealed_files, known["type"], trained))
    for name, data in files.items():
        write_bytes(output / name, data)
    return [output / name for name in files]


def verify(folder: Path) -> Iterator[str]:
    """For each file of a tokenizer folder, what is wrong with it, or an empty line. Raises as `load_tokenizer`.

    A copy, beside shards or in a checkpoint, has no list: its own config holds the checksums.
    """
    if (folder / LIST).is_file() or (folder / RECORD).exists():
        yield from verify_listed(folder)
        return
    config = load_tokenizer(folder).config
    if is_saved_again(config):
        yield from ["", ""]  # what is there to be checked was, when it was loaded
        return
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
