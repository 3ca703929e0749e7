"""Vocabularies for tests: learnt as others would, adopted, loaded once."""

import io
import json
from pathlib import Path

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import Tokenizer, load_tokenizer
from gaupt.tokenizer.special import SPECIAL_TOKENS
from tests.made_documents import WORDS, small_config


def adopt(source: Path, output: Path) -> Tokenizer:
    """The vocabulary in ``source``, taken over into ``output``."""
    build_tokenizer(None, output, small_config(), source=source)
    return load_tokenizer(output)


def learn(lines: list[str], path: Path, **options: object) -> SentencePieceProcessor:
    """A model as somebody else would have learnt it: normalized, words with a space before them."""
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, minloglevel=3, **{"vocab_size": 400, **options}
    )
    path.write_bytes(model.getvalue())
    return SentencePieceProcessor(model_proto=model.getvalue())


def write_vocab(folder: Path, pieces: list[str], model_type: str = "bert", **options: object) -> Path:
    """A folder of the Hub with a vocab.txt, and ``options`` in its tokenizer_config.json; returns it."""
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    if options:
        (folder / "tokenizer_config.json").write_text(json.dumps(options))
    return folder


def write_words(folder: Path, **options: object) -> Path:
    """A RoFormer's folder: a vocabulary of words, as junnyu/roformer_chinese_base has one."""
    return write_vocab(folder, ROFORMER_PIECES, "roformer", **options)


LATIN_PIECES = ["model", "##s", "c", "##c", "3", "14", "##4", "cafe", "café", "Model", "e", "##e", "é"]
ROFORMER_PIECES = list(
    dict.fromkeys(
        [
            *SPECIAL_TOKENS,
            "[unused1]",
            *sorted(set("".join(WORDS)))[:70],
            *WORDS[::2],
            *[
                "今天天气",
                "的",
                "了",
                "龘",
                "，",
                "。",
                "%",
                "-",
                "+",
                "#",
                "[",
                "]",
                ".",
                "カ",
                "##カ",
                "각",
                "😀",
            ],
            *LATIN_PIECES,
        ]
    )
)


def has_special_name(sample: str) -> bool:
    return any(token in sample for token in SPECIAL_TOKENS)


_loaded: dict[Path, Tokenizer] = {}


def load_once(folder: Path) -> Tokenizer:
    """A tokenizer that many examples of a property share."""
    if folder not in _loaded:
        _loaded[folder] = load_tokenizer(folder)
    return _loaded[folder]


def sentencepiece_of(folder: Path) -> SentencePieceProcessor:
    return SentencePieceProcessor(model_proto=(folder / "tokenizer.model").read_bytes())
