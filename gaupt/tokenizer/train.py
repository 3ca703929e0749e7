"""Documents to a vocabulary."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gaupt.config import TokenizerConfig
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.tokenizer.char import build_vocab
from gaupt.tokenizer.sample import Sample
from gaupt.tokenizer.special import CLS, MASK, PAD, SEP, UNK
from gaupt.tokenizer.words import DELIMITER

_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_SCORE_STEPS = 256
_LONGEST_LINE = 1 << 24  # bytes; sentencepiece drops longer lines
_LONG = 2_000_000
"""Characters that are learnt from in silence; more take so long that it is said."""
THREADS = 8
"""sentencepiece adds up the shares of its threads: another number rounds otherwise and learns other pieces."""


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary just learnt: the bytes of its native file and what to tell about it."""

    type: str
    file: str
    """tokenizer.model, or vocab.txt for characters."""
    data: bytes
    character_coverage: float | None
    """Share of the sample's characters in the vocabulary; None where sentencepiece does not say."""


def train(sample: Sample, config: TokenizerConfig, progress: Progress) -> Vocabulary:
    """Learn a vocabulary from the ``sample`` of a corpus.

    Raises:
        GauptError: fewer pieces asked for than the text needs.
    """
    if sample.characters > _LONG:
        progress.message(
            f"learning the vocabulary from {sample.characters:,} characters, which takes a minute or so"
        )
    if config.type == "char":
        vocab, coverage = build_vocab(sample.words, config.vocab_size, config.character_coverage)
        data = "".join(piece + "\n" for piece in vocab).encode()
        return Vocabulary("char", "vocab.txt", data, coverage)
    return Vocabulary(config.type, "tokenizer.model", train_sentencepiece(sample.lines(), config), None)


def train_sentencepiece(lines: Iterator[str], config: TokenizerConfig) -> bytes:
    """Train a unigram or BPE model on ``lines`` with delimiters between words; return the model file's bytes.

    The model changes nothing of a text: identity normalization, spaces kept, unknown characters as bytes.
    """
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines,
            model_writer=model,
            model_type=config.type,
            vocab_size=config.vocab_size,
            # As many as the text supports where it supports fewer.
            hard_vocab_limit=False,
            character_coverage=config.character_coverage,
            # All of ASCII, so that nothing common is spelled in bytes.
            required_chars=_PRINTABLE_ASCII,
            pretokenization_delimiter=DELIMITER,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            byte_fallback=True,
            pad_id=0,
            pad_piece=PAD,
            unk_id=1,
            unk_piece=UNK,
            bos_id=2,
            bos_piece=CLS,
            eos_id=3,
            eos_piece=SEP,
            control_symbols=[MASK],
            max_sentence_length=_LONGEST_LINE,
            num_threads=THREADS,
            minloglevel=3,
        )
    except RuntimeError as error:
        raise _explain(str(error), config.vocab_size) from None
    return _round_scores(model.getvalue()) if config.type == "unigram" else model.getvalue()


def _round_scores(model: bytes) -> bytes:
    """Round the pieces' log probabilities to 1/256, which changes no segmentation that matters.

    sentencepiece adds scores in float32 and the tokenizers library in float64; of two segmentations that are
    equally good each would choose by its own rounding errors. Sums of these are exact in both, up to 65,536.
    """
    from gaupt.tokenizer.sentencepiece_model import read_model

    proto = read_model(model)
    for piece in proto.pieces:
        piece.score = round(piece.score * _SCORE_STEPS) / _SCORE_STEPS
    serialized: bytes = proto.SerializeToString(deterministic=True)
    return serialized


def _explain(message: str, vocab_size: int) -> GauptError:
    """What sentencepiece says of an impossible size, in our terms."""
    if smallest := re.search(r"required_chars\. \d+ vs (\d+)", message):
        return GauptError(
            f"tokenizer.vocab_size = {vocab_size} is too small for the characters of the text; "
            f"the smallest possible is {smallest[1]} (or lower tokenizer.character_coverage)"
        )
    return GauptError(f"sentencepiece cannot learn a vocabulary of {vocab_size} from this text: {message}")
