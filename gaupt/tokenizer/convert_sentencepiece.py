"""sentencepiece models as `tokenizers.Tokenizer`: ours, and those of others with any normalization."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sentencepiece import SentencePieceProcessor
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from gaupt.errors import GauptError
from gaupt.tokenizer.convert import with_template
from gaupt.tokenizer.sentencepiece_model import (
    BPE,
    BYTE,
    CONTROL,
    NORMAL,
    UNKNOWN,
    USER_DEFINED,
    WORD,
    read_model,
)
from gaupt.tokenizer.special import SPECIAL_TOKENS, UNK, our_names

SPACE = "▁"
"""U+2581, how sentencepiece writes a space."""
_NEVER = -1e5
"""Score of a piece that text must not match, such as the six characters ``<0x0A>``."""


def from_sentencepiece(model: bytes, where: str) -> Tokenizer:
    """A sentencepiece model with its own normalization, the special tokens under our names.

    Special tokens that it lacks get ids behind its own.

    Raises:
        GauptError: the model is of a kind that the tokenizers library cannot express.
    """
    proto = read_model(model)
    if proto.trainer_spec.model_type == WORD or proto.trainer_spec.treat_whitespace_as_suffix:
        raise GauptError(
            f"{where} is a sentencepiece model of whole words, or with spaces at the end of words; "
            "give one of type unigram, bpe or char with spaces before words"
        )
    names = our_names({piece.piece for piece in proto.pieces})
    pieces = [names.get(piece.piece, piece.piece) for piece in proto.pieces]
    # ALBERT's [MASK] is a piece of the user's that text matches: a corpus must not.
    types = [
        CONTROL if name in SPECIAL_TOKENS and piece.type != UNKNOWN else piece.type
        for name, piece in zip(pieces, proto.pieces, strict=True)
    ]
    tokenizer = Tokenizer(_matcher(proto, pieces, types))
    normalizer = proto.normalizer_spec
    steps = _normalizers(normalizer)
    tokenizer.normalizer = steps[0] if len(steps) == 1 else normalizers.Sequence(steps)
    if not any("\n" in piece for piece in pieces):
        # No piece holds a line end, so lines can be encoded one by one, which is faster and as exact.
        tokenizer.pre_tokenizer = pre_tokenizers.Split("\n", "isolated")
    decoding = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    if normalizer.add_dummy_prefix:
        decoding.append(decoders.Strip(" ", 1, 0))
    tokenizer.decoder = decoders.Sequence(decoding)
    if proto.trainer_spec.model_type == BPE:  # in a unigram model their score of 0 wins everywhere
        own = [name for name, type_ in zip(pieces, types, strict=True) if type_ == USER_DEFINED]
        tokenizer.add_tokens([AddedToken(name, normalized=False) for name in own])
    return with_template(tokenizer, where)


def processor(model: bytes) -> SentencePieceProcessor:
    """sentencepiece's own encoder with a model."""
    return SentencePieceProcessor(model_proto=model)


def _normalizers(spec: Any) -> list[Any]:
    """sentencepiece's normalization, step by step."""
    steps: list[Any] = []
    if spec.precompiled_charsmap:
        steps.append(normalizers.Precompiled(spec.precompiled_charsmap))
    if spec.remove_extra_whitespaces:
        steps += [normalizers.Replace(Regex(r"\A +| +\z"), ""), normalizers.Replace(Regex(" {2,}"), " ")]
    if spec.add_dummy_prefix:
        steps.append(normalizers.Prepend(" "))
    steps.append(normalizers.Replace(" ", SPACE))
    return steps


def _matcher(proto: Any, pieces: Sequence[str], types: Sequence[int]) -> models.Model:
    # Only normal pieces match text: control symbols and bytes are for us to write.
    matches = [type_ in (NORMAL, USER_DEFINED) for type_ in types]
    byte_fallback = BYTE in types
    if proto.trainer_spec.model_type == BPE:
        normal = [
            (-p.score, p.piece) for p, type_ in zip(proto.pieces, types, strict=True) if type_ == NORMAL
        ]
        return models.BPE(
            {piece: id_ for id_, piece in enumerate(pieces)},
            _merges([piece for _, piece in sorted(normal, key=itemgetter(0))]),
            unk_token=UNK,
            fuse_unk=True,
            byte_fallback=byte_fallback,
        )
    scores = [p.score if m else _NEVER for p, m in zip(proto.pieces, matches, strict=True)]
    return models.Unigram(list(zip(pieces, scores, strict=True)), types.index(UNKNOWN), byte_fallback)


def _merges(pieces: list[str]) -> list[tuple[str, str]]:
    """Every pair of pieces that makes a piece, the best piece (the first) first."""
    known = set(pieces)
    merges = []
    for piece in pieces:
        for cut in range(1, len(piece)):
            left, right = piece[:cut], piece[cut:]
            if left in known and right in known:
                merges.append((left, right))
    return merges
