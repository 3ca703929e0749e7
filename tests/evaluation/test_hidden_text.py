"""Bits a hidden character."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.hidden_text import hide, read_texts, score_text
from gaupt.files import write_jsonl_zst
from tests.evaluation.small import CPU, VOCABULARY
from tests.evaluation.tasks.made import write_lines

TEXTS = ["天地人山水风雨花鸟，鱼虫木石云月日星。", "河湖海好坏大小多少东西南北中上下左右前后。" * 3]


class _Uniform(nn.Module):
    def forward(
        self, ids: torch.Tensor, segments: object, types: object, positions: torch.Tensor
    ) -> torch.Tensor:
        return torch.zeros(len(positions), len(VOCABULARY))


def test_texts_are_read_from_lines_and_from_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("天地\n\n人\n", encoding="utf-8")
    assert read_texts(tmp_path / "a.txt") == ["天地", "人"]
    assert read_texts(write_lines(tmp_path / "a.jsonl", [{"text": "天地"}, {"text": " "}])) == ["天地"]
    with write_jsonl_zst(tmp_path / "a.jsonl.zst") as out:
        out.write('{"text": "天地"}\n'.encode())
    assert read_texts(tmp_path / "a.jsonl.zst") == ["天地"]


@pytest.mark.slow
def test_a_file_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is no file"):
        read_texts(tmp_path)
    with pytest.raises(GauptError, match="holds no text"):
        read_texts(write_lines(tmp_path / "a.jsonl", [{"text": ""}]))
    for row in ({"content": "天地"}, {"text": None}, {"text": 1}):
        with pytest.raises(GauptError, match=r"a\.jsonl: expected JSON lines with a text in the field text"):
            read_texts(write_lines(tmp_path / "a.jsonl", [row]))
        with write_jsonl_zst(tmp_path / "a.jsonl.zst") as out:
            out.write(json.dumps(row).encode() + b"\n")
        with pytest.raises(GauptError, match=r"a\.jsonl\.zst: expected JSON lines"):
            read_texts(tmp_path / "a.jsonl.zst")
    for damage in (b"", b"no zstd"):
        (tmp_path / "a.jsonl.zst").write_bytes(damage)
        with pytest.raises(GauptError, match=r"a\.jsonl\.zst"):
            read_texts(tmp_path / "a.jsonl.zst")
    (tmp_path / "a.txt").write_bytes("天地".encode("gbk"))
    with pytest.raises(GauptError, match=r"a\.txt is not UTF-8"):
        read_texts(tmp_path / "a.txt")
    with pytest.raises(GauptError, match="too short"):
        hide(["。"], 0)


@pytest.mark.slow
def test_whole_words_are_hidden_about_15_percent_the_same_every_time() -> None:
    text = "他们在北京的图书馆里看书，天气很好。" * 200
    first, again, other = hide([text], 0), hide([text], 0), hide([text], 1)
    share = first.characters / sum(map(len, first.texts))
    assert 0.1 < share < 0.18  # punctuation is never hidden
    assert all((a == b).all() for a, b in zip(first.hidden, again.hidden, strict=True))
    assert first.characters != other.characters
    for piece, hidden in zip(first.texts, first.hidden, strict=True):
        for word in ("图书馆", "北京"):
            start = piece.find(word)
            while start >= 0:
                assert len(set(hidden[start : start + len(word)].tolist())) == 1
                start = piece.find(word, start + 1)
        assert not any(hidden[place] for place, character in enumerate(piece) if character in "，。")


def test_a_model_that_knows_nothing_needs_log2_of_its_vocabulary(encoder: Encoder) -> None:
    text = hide(TEXTS, 0)
    figures = score_text(replace(encoder, masked_lm=_Uniform), text, CPU, 1000).figures(text)
    assert figures["bits_per_character"] == pytest.approx(np.log2(len(VOCABULARY)), rel=1e-5)
    assert figures["loss_per_token"] == pytest.approx(np.log(len(VOCABULARY)), rel=1e-5)
    assert figures["hidden_characters"] == figures["hidden_tokens"]


def test_the_score_is_the_same_to_the_last_digit(encoder: Encoder) -> None:
    text = hide(TEXTS, 0)
    first, again = (score_text(encoder, text, CPU, 1000) for _ in range(2))
    assert first.bits.tolist() == again.bits.tolist()


def test_long_documents_are_cut_before_any_vocabulary_is_asked() -> None:
    assert [len(piece) for piece in hide(["天地人" * 200], 0).texts] == [256, 256, 88]


def test_a_model_that_cannot_read_a_piece_at_once_is_refused(encoder: Encoder) -> None:
    text = hide(["天地人山水" * 20], seed=0)
    score_text(replace(encoder, longest=102), text, CPU, 512)
    with pytest.raises(GauptError, match="small reads 101 tokens at once"):
        score_text(replace(encoder, longest=101), text, CPU, 512)


def test_a_vocabulary_that_knows_no_character_wins_nothing_by_it(encoder: Encoder) -> None:
    text = hide(["龘靐齉" * 30], seed=0)  # none of them is in the vocabulary
    score = score_text(encoder, text, CPU, 512)
    assert score.unknown == score.tokens > 0
    plain = score.nats / np.log(2)
    assert score.bits.sum() == pytest.approx(plain + text.characters * np.log2(20_992))
    known = score_text(encoder, hide(TEXTS, seed=0), CPU, 512)
    assert known.unknown == 0
    assert known.bits.sum() == pytest.approx(known.nats / np.log(2))
