"""RoFormer's vocabulary of words: jieba cuts first, then BERT's WordPiece what the vocabulary does not have as a word.

It is what transformers' RoFormerTokenizerFast does, with rjieba's own dictionary and without its model for unknown
words: of the words in a normalized text those in the vocabulary stay whole; the others are split as BERT splits, each
Chinese character apart, but for punctuation, which jieba has cut already.
"""

from collections.abc import Callable, Container

from tokenizers import NormalizedString, PreTokenizedString, models, normalizers
from tokenizers import Tokenizer as FastTokenizer
from tokenizers.pre_tokenizers import PreTokenizer

from gaupt.tokenizer.fast import parts_of

ROFORMER = "roformer"
"""The type of such a tokenizer in its ``tokenizer_config.json``."""
CLASS = "RoFormerTokenizer"
"""What transformers calls it."""
_AT_ONCE = 8
Span = tuple[int, int]
"""First character, and the one behind the last."""


class WordSplit:
    """The pre-tokenizer: a normalized text to the words, and parts of words, that WordPiece looks up."""

    def __init__(self, vocab: Container[str]) -> None:
        import rjieba

        self._vocab = vocab
        self._jieba: Callable[[str, bool], list[str]] = rjieba.cut
        self._characters = normalizers.BertNormalizer(
            clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False
        )

    def cut(self, text: str) -> list[str]:
        """The words of a normalized text; joined, they are the text again."""
        return self._jieba(text, False)

    def parts(self, word: str) -> list[Span]:
        """What WordPiece looks up of a word that `cut` gave."""
        if word in self._vocab:
            return [(0, len(word))]
        spans, start = list[Span](), 0
        for part in self._characters.normalize_str(word).split():
            spans.append((start, start + len(part)))
            start += len(part)
        return spans

    def pre_tokenize(self, text: PreTokenizedString) -> None:
        """What the tokenizers library calls."""
        text.split(self._split)

    def _split(self, index: int, text: NormalizedString) -> list[NormalizedString]:
        spans, start = list[Span](), 0
        for word in self.cut(text.normalized):
            spans += [(start + first, start + stop) for first, stop in self.parts(word)]
            start += len(word)
        return _slices(text, spans, 0)


def _slices(text: NormalizedString | None, spans: list[Span], begin: int) -> list[NormalizedString]:
    """``text``, which begins at ``begin``, in slices. Each costs as much as the text is long: so by halves."""
    if text is None:
        return []
    if len(spans) <= _AT_ONCE:
        slices = (text[first - begin : stop - begin] for first, stop in spans)
        return [each for each in slices if each is not None]
    half = len(spans) // 2
    middle = spans[half][0]
    return [
        *_slices(text[: middle - begin], spans[:half], begin),
        *_slices(text[middle - begin :], spans[half:], middle),
    ]


def split_by_words(fast: FastTokenizer) -> FastTokenizer:
    """Give ``fast`` a `WordSplit` by its own vocabulary; returns it.

    Raises:
        ValueError: it is no WordPiece with BERT's normalization.
    """
    normalizer = fast.normalizer
    if not isinstance(fast.model, models.WordPiece) or not isinstance(normalizer, normalizers.BertNormalizer):
        raise ValueError("a RoFormer's tokenizer is a WordPiece with BERT's normalization")
    normalizer.handle_chinese_chars = False  # jieba is to see whole words
    fast.pre_tokenizer = PreTokenizer.custom(WordSplit(parts_of(fast)["model"]["vocab"]))
    return fast
