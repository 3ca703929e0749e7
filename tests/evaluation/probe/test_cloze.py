"""Idioms by the masked LM alone."""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.probe.cloze import fill_blanks
from gaupt.evaluation.tasks.rows import Choice
from tests.evaluation.small import CPU, VOCABULARY

ROW = Choice("1", "1", "天地" * 40, "人山" * 40, ("大小多少", "好好好好", "东西南"), 0, blank=True)


class _Loves(nn.Module):
    """A masked LM that finds one token likely everywhere."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.id = VOCABULARY.index(token)
        self.seen: list[torch.Tensor] = []

    def forward(
        self, ids: torch.Tensor, segments: object, types: object, positions: torch.Tensor
    ) -> torch.Tensor:
        self.seen.append(ids.flatten()[positions])
        logits = torch.zeros(len(positions), len(VOCABULARY))
        logits[:, self.id] = 3.0
        return logits


def test_the_likeliest_choice_wins_and_all_its_tokens_are_asked(encoder: Encoder) -> None:
    model = _Loves("好")
    chosen, scores = fill_blanks(replace(encoder, masked_lm=lambda: model), [ROW], CPU, 1000)
    assert chosen == [1]
    normal = np.log(np.exp(3) + len(VOCABULARY) - 1)
    np.testing.assert_allclose(scores[0], [-4 * normal, 4 * (3 - normal), -3 * normal], rtol=1e-5)
    # Choices of one length share a blank; every asked place is a mask.
    asked = torch.cat(model.seen)
    assert len(asked) == 4 + 3
    assert (asked == encoder.mask).all()


def test_idioms_of_a_line_are_used_once(encoder: Encoder) -> None:
    model = _Loves("好")
    chosen, _ = fill_blanks(replace(encoder, masked_lm=lambda: model), [ROW, ROW], CPU, 1000)
    assert sorted(chosen) == [1, 2]
