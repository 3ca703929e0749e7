"""Held-out text: how many bits a masked LM needs for a hidden character, whatever its vocabulary.

Characters are hidden before tokenizing, whole jieba words at 15%, the same for every model; then every token that
touches one is masked. So models of different vocabularies are asked for the same text. Whoever says [UNK] has not
said which characters: it pays for each of them as if all of the writing's were equally likely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from gaupt.batches.random import key, mix, uniform
from gaupt.device import Machine
from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder, mask_id
from gaupt.evaluation.items import Item, Tokens, pieces
from gaupt.evaluation.length_batches import collate, micro_batches
from gaupt.evaluation.tasks.read import read_records, read_text
from gaupt.files import read_jsonl_zst
from gaupt.text.characters import letters
from gaupt.tokenizer.words import load_words

HIDDEN_SHARE = 0.15
"""Of the words with a letter or a Chinese character in them."""
PIECE_LENGTH = 256
"""Characters of a piece that is read at once; documents are cut before any vocabulary is asked."""


UNKNOWN_BITS = float(np.log2(20_992))
"""For each character behind an [UNK]: one of Unicode's CJK Unified Ideographs."""


@dataclass(frozen=True)
class HiddenText:
    """Pieces of text and what is hidden in them."""

    texts: tuple[str, ...]
    hidden: tuple[NDArray[np.bool_], ...]
    """Whether each character of each piece is hidden."""

    @property
    def characters(self) -> int:
        """Hidden characters in all."""
        return sum(int(each.sum()) for each in self.hidden)


@dataclass(frozen=True)
class TextScore:
    """How well a masked LM guesses what is hidden."""

    bits: NDArray[np.float64]
    """−log₂ p of what is hidden in each piece, summed."""
    nats: float
    """−ln p of all hidden tokens, [UNK] taken for one like any other."""
    tokens: int
    """Hidden tokens."""
    right: int
    """Hidden tokens that are the likeliest."""
    unknown: int
    """Hidden tokens that are [UNK]."""

    def figures(self, text: HiddenText) -> dict[str, float]:
        """Bits a hidden character, which compares any models; nats and accuracy a token, for equal vocabularies."""
        return {
            "bits_per_character": float(self.bits.sum()) / text.characters,
            "loss_per_token": self.nats / self.tokens,
            "accuracy": 100 * self.right / self.tokens,
            "hidden_characters": text.characters,
            "hidden_tokens": self.tokens,
            "unknown_tokens": self.unknown,
        }


def read_texts(path: Path) -> list[str]:
    """Documents of a file: ``text`` of JSON lines (``.jsonl``, ``.json``, ``.jsonl.zst``), else a line each.

    Raises:
        GauptError: the file is missing or holds no text.
    """
    if not path.is_file():
        raise GauptError(f"{path} is no file; --task mlm takes --data FILE with held-out text")
    try:
        if path.name.endswith(".jsonl.zst"):
            texts = [read_text(record["text"]) for record in read_jsonl_zst(path)]
        elif path.suffix in (".jsonl", ".json"):
            texts = [read_text(record["text"]) for record in read_records(path)]
        else:
            texts = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        raise GauptError(f"{path} is not UTF-8; gaupt clean reads other encodings") from None
    except (KeyError, TypeError, ValueError, EOFError) as error:
        raise GauptError(f"{path}: expected JSON lines with a text in the field text ({error})") from None
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise GauptError(f"{path} holds no text: expected a document a line, or JSON lines with a field text")
    return texts


def hide(texts: Sequence[str], seed: int) -> HiddenText:
    """Cut ``texts`` into pieces and hide words in them; a piece without a hidden word is left out.

    Raises:
        GauptError: nothing is hidden: the texts are too short.
    """
    words = load_words()
    kept, hidden = [], []
    for number, piece in enumerate(_cut(texts)):
        starts = words([piece])
        word_of = np.cumsum(starts) - 1
        firsts = np.flatnonzero(starts)
        stops = np.append(firsts[1:], len(piece))
        drawn = uniform(mix(key(seed, number), np.arange(len(firsts)))) < HIDDEN_SHARE
        spoken = np.array(
            [len(letters(piece[a:b])) > 0 for a, b in zip(firsts, stops, strict=True)], np.bool_
        )
        if (chosen := drawn & spoken).any():
            kept.append(piece)
            hidden.append(chosen[word_of])
    if not kept:
        raise GauptError("the held-out text is too short: not one word of it was drawn to be hidden")
    return HiddenText(tuple(kept), tuple(hidden))


@torch.inference_mode()
def score_text(encoder: Encoder, text: HiddenText, machine: Machine, tokens: int) -> TextScore:
    """Ask the masked LM for everything that is hidden, all at once in each piece.

    Raises:
        GauptError: the model has no [MASK], or cannot read a piece at once.
    """
    assert encoder.masked_lm is not None
    mask = mask_id(encoder)
    model = encoder.masked_lm().to(machine.device).eval()
    items = []
    bits = np.zeros(len(text.texts))
    nats, count, right, unknown = 0.0, 0, 0, 0
    for row, (piece, hidden) in enumerate(zip(pieces(encoder, text.texts), text.hidden, strict=True)):
        touched = [place for place, (a, b) in enumerate(piece.places) if hidden[a:b].any()]
        shown = list(piece.ids)
        for place in touched:
            shown[place] = mask
        ids = [encoder.cls, *shown, encoder.sep]
        if encoder.longest is not None and len(ids) > encoder.longest:
            raise GauptError(
                f"{encoder.name} reads {encoder.longest} tokens at once, and {PIECE_LENGTH} characters of this text "
                f"are {len(ids)}; leave it out"
            )
        items.append(Item(row, (Tokens(ids, len(ids)),), [(place, piece.ids[place]) for place in touched]))
        for a, b in (piece.places[place] for place in touched if piece.ids[place] == encoder.unk):
            unknown += 1
            bits[row] += UNKNOWN_BITS * hidden[a:b].sum()
    for part in micro_batches(items, tokens):
        batch = collate(part, encoder, machine.device)
        width = batch.ids.shape[1]
        asked = [(row, 1 + place, id_) for row, item in enumerate(part) for place, id_ in item.target]
        if not asked:
            continue
        positions = torch.tensor([row * width + place for row, place, _ in asked], device=machine.device)
        wanted = torch.tensor([id_ for _, _, id_ in asked], device=machine.device)
        logits = model(batch.ids, batch.segments, batch.types, positions).float()
        likely = logits.log_softmax(-1).gather(1, wanted[:, None])[:, 0].double().cpu().numpy()
        right += int((logits.argmax(-1) == wanted).sum())
        count += len(asked)
        for (row, _, _), value in zip(asked, likely, strict=True):
            bits[part[row].row] -= value / np.log(2)
            nats -= float(value)
    return TextScore(bits, nats, count, right, unknown)


def _cut(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        for start in range(0, len(text), PIECE_LENGTH):
            if (piece := text[start : start + PIECE_LENGTH]).strip():
                yield piece
