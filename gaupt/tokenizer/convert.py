"""Vocabularies as `tokenizers.Tokenizer`: what tokenizer.json holds and transformers loads.

Each function returns a tokenizer that frames a text as ``[CLS] text [SEP]`` and a pair as
``[CLS] a [SEP] b [SEP]``, all of token type 0: the models that we train and import use no other.
"""

from collections.abc import Sequence

import sentencepiece
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from gaupt.tokenizer.special import CLS, SEP, SPECIAL_TOKENS, UNK, special_ids

SPACE = "▁"
"""U+2581, how sentencepiece writes a space."""
_NEVER = -1e5
"""Score of a piece that text must not match, such as the six characters ``<0x0A>``."""


def from_sentencepiece(model: bytes) -> Tokenizer:
    """A sentencepiece model that changes nothing of the text (identity normalization, no dummy prefix)."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    size = processor.get_piece_size()
    pieces = [processor.id_to_piece(id_) for id_ in range(size)]
    scores = [processor.get_score(id_) for id_ in range(size)]
    # Only normal pieces match text: control symbols and bytes are for us to write.
    matches = [
        not (processor.is_control(i) or processor.is_byte(i) or processor.is_unknown(i)) for i in range(size)
    ]
    byte_fallback = any(processor.is_byte(id_) for id_ in range(size))
    if is_bpe(processor):
        merges = _merges([p for p, m in zip(pieces, matches, strict=True) if m])
        matcher: models.Model = models.BPE(
            {piece: id_ for id_, piece in enumerate(pieces)},
            merges,
            unk_token=UNK,
            fuse_unk=True,
            byte_fallback=byte_fallback,
        )
    else:
        vocab = [(p, s if m else _NEVER) for p, s, m in zip(pieces, scores, matches, strict=True)]
        matcher = models.Unigram(vocab, processor.unk_id(), byte_fallback)
    tokenizer = Tokenizer(matcher)
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    # No piece holds a line end, so lines can be encoded one by one, which is faster and as exact.
    tokenizer.pre_tokenizer = pre_tokenizers.Split("\n", "isolated")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return with_template(tokenizer, "the sentencepiece model")


def from_wordpiece(vocab: Sequence[str], lowercase: bool, where: str) -> Tokenizer:
    """BERT's way: every Chinese character and punctuation sign apart, words of other scripts in pieces."""
    ids = {piece: id_ for id_, piece in enumerate(vocab)}
    special_ids(ids.get, where)
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNK, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return with_template(tokenizer, where)


def with_template(tokenizer: Tokenizer, where: str) -> Tokenizer:
    """Make the special tokens special and frame texts with [CLS] and [SEP]."""
    ids = special_ids(tokenizer.token_to_id, where)
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{CLS}:0 $A:0 {SEP}:0",
        pair=f"{CLS}:0 $A:0 {SEP}:0 $B:0 {SEP}:0",
        special_tokens=[(CLS, ids.cls), (SEP, ids.sep)],
    )
    return tokenizer


def is_bpe(processor: sentencepiece.SentencePieceProcessor) -> bool:
    """Whether the model merges pairs: the scores of its pieces are then 0, -1, -2, … in the order of ids."""
    normal = [
        id_
        for id_ in range(processor.get_piece_size())
        if not (processor.is_control(id_) or processor.is_byte(id_) or processor.is_unknown(id_))
    ]
    return all(processor.get_score(id_) == -rank for rank, id_ in enumerate(normal))


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
