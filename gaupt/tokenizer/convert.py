"""Vocabularies as `tokenizers.Tokenizer`: what tokenizer.json holds and transformers loads.

Each function returns a tokenizer that frames a text as ``[CLS] text [SEP]`` and a pair as
``[CLS] a [SEP] b [SEP]``, all of token type 0: the models that we train and import use no other.
"""

from collections.abc import Iterable, Mapping, Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from gaupt.tokenizer.special import CLS, SEP, SPECIAL_TOKENS, UNK, special_ids


def from_wordpiece(
    vocab: Sequence[str],
    lowercase: bool,
    where: str,
    *,
    strip_accents: bool | None = None,
    chinese_apart: bool = True,
    added: Iterable[AddedToken] = (),
) -> Tokenizer:
    """BERT's way: every Chinese character and punctuation sign apart, words of other scripts in pieces.

    ``strip_accents``: None as ``lowercase``. Tokens in ``added`` are cut out of a text.
    """
    ids = {piece: id_ for id_, piece in enumerate(vocab)}
    special_ids(ids.get, where)
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNK, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(
        lowercase=lowercase, strip_accents=strip_accents, handle_chinese_chars=chinese_apart
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_tokens(list(added))
    return with_template(tokenizer, where)


def from_byte_pairs(
    vocab: Mapping[str, int],
    merges: Sequence[tuple[str, str]],
    where: str,
    *,
    prefix_space: bool = False,
    added: Iterable[AddedToken] = (),
) -> Tokenizer:
    """RoBERTa's way: pieces of bytes, which are merged in the order of ``merges``; special tokens have our names."""
    special_ids(vocab.get, where)
    tokenizer = Tokenizer(models.BPE(dict(vocab), list(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens(list(added))
    return with_template(tokenizer, where)


def with_template(tokenizer: Tokenizer, where: str) -> Tokenizer:
    """Make the special tokens special, with new ids where they have none; frame texts with [CLS] and [SEP]."""
    # One that is special already may take the spaces beside it, as RoBERTa's [MASK] does: it stays so.
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token in SPECIAL_TOKENS
            if token not in special
        ]
    )
    ids = special_ids(tokenizer.token_to_id, where)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{CLS}:0 $A:0 {SEP}:0",
        pair=f"{CLS}:0 $A:0 {SEP}:0 $B:0 {SEP}:0",
        special_tokens=[(CLS, ids.cls), (SEP, ids.sep)],
    )
    return tokenizer
