"""Documents to a vocabulary."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gaupt.config import TokenizerConfig
from gaupt.corpus.documents import REPORT, document_files
from gaupt.errors import GauptError
from gaupt.progress import Advance, Progress
from gaupt.tokenizer.sample import count_characters, sample_lines
from gaupt.tokenizer.special import CLS, MASK, PAD, SEP, UNK
from gaupt.tokenizer.words import WordBounds, load_words, split_words

DELIMITER = "\x1f"
"""Stands between the words of a training line; sentencepiece lets no piece cross it."""
_LATIN_SPACE = re.compile(rf"{DELIMITER} {DELIMITER}(?=[A-Za-z])")
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
    sampled_characters: int
    corpus_characters: int
    character_coverage: float | None
    """Share of the sample's characters in the vocabulary; None where sentencepiece does not say."""


def train(
    documents: Path, config: TokenizerConfig, seed: int, workers: int, progress: Progress
) -> Vocabulary:
    """Learn a vocabulary from a folder of documents, which ``workers`` processes read to count its characters.

    Raises:
        GauptError: no documents; fewer pieces asked for than the text needs.
    """
    size = sum(file.stat().st_size for file in document_files(documents))
    with progress.task("counting characters", size) as advance:
        characters = count_characters(documents, workers, advance)
    if not characters:
        raise GauptError(f"{documents} holds no text to learn a vocabulary from; see {documents / REPORT}")
    taken = _Tally(min(config.sample_chars, characters))
    with progress.task("reading the sample", taken.wanted, "chars") as advance:
        lines = taken.count(
            sample_lines(documents, characters, config.sample_chars, seed), advance, progress.message
        )
        if config.type == "char":
            vocab, coverage = _train_char(lines, config)
            data = "".join(piece + "\n" for piece in vocab).encode()
            return Vocabulary("char", "vocab.txt", data, taken.seen, characters, coverage)
        words = load_words(config.words, Path(config.user_dictionary) if config.user_dictionary else None)
        data = train_sentencepiece(lines, words, config)
    return Vocabulary(config.type, "tokenizer.model", data, taken.seen, characters, None)


def train_sentencepiece(lines: Iterable[str], words: WordBounds, config: TokenizerConfig) -> bytes:
    """Train a unigram or BPE model on ``lines`` whose words ``words`` finds; return the model file's bytes.

    The model changes nothing of a text: identity normalization, spaces kept, unknown characters as bytes.
    """
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(delimited(line, words) for line in lines),
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


def delimited(line: str, words: WordBounds) -> str:
    """The words of ``line`` with delimiters between; a space joins the Latin word after it."""
    line = line.replace(DELIMITER, "")
    return _LATIN_SPACE.sub(f"{DELIMITER} ", DELIMITER.join(split_words(line, words)))


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


def _train_char(lines: Iterable[str], config: TokenizerConfig) -> tuple[list[str], float]:
    from gaupt.tokenizer.char import build_vocab, count_words

    return build_vocab(count_words(lines, config.lowercase), config.vocab_size, config.character_coverage)


class _Tally:
    """Counts the characters that go by, for progress and for the report."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.seen = 0

    def count(self, lines: Iterable[str], advance: Advance, tell: Callable[[str], None]) -> Iterator[str]:
        for line in lines:
            self.seen += len(line)
            advance(len(line))
            yield line
        if self.seen > _LONG:
            tell(f"learning the vocabulary from {self.seen:,} characters, which takes a minute or so")


def _explain(message: str, vocab_size: int) -> GauptError:
    """What sentencepiece says of an impossible size, in our terms."""
    if smallest := re.search(r"required_chars\. \d+ vs (\d+)", message):
        return GauptError(
            f"tokenizer.vocab_size = {vocab_size} is too small for the characters of the text; "
            f"the smallest possible is {smallest[1]} (or lower tokenizer.character_coverage)"
        )
    return GauptError(f"sentencepiece cannot learn a vocabulary of {vocab_size} from this text: {message}")
