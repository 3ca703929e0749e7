import numpy as np
import torch

from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.items import join, pieces
from gaupt.evaluation.probe.states import freeze, mean_states
from tests.evaluation.small import CPU


def test_means_leave_out_cls_and_sep_and_padding(encoder: Encoder) -> None:
    frozen = freeze(encoder, CPU, 1000)
    found = mean_states(frozen, ["天地人", "山", "天地人"], 64)
    ids = join(encoder, pieces(encoder, ["天地人"])[0].ids, None, 64).ids
    with torch.inference_mode():
        hidden = frozen.network(torch.tensor([ids]), None, None)[0]
    assert set(found) == {"天地人", "山"}
    np.testing.assert_allclose(found["天地人"], hidden[1:-1].mean(0).numpy(), atol=1e-5)


def test_a_text_without_tokens_is_a_zero(encoder: Encoder) -> None:
    assert not mean_states(freeze(encoder, CPU, 1000), [" "], 64)[" "].any()


def test_texts_are_looked_at_up_to_the_limit(encoder: Encoder) -> None:
    frozen = freeze(encoder, CPU, 1000)
    found = mean_states(frozen, ["天" * 8 + "地" * 30, "天" * 8 + "人" * 30], 10)
    one, other = found.values()
    np.testing.assert_allclose(one, other, atol=1e-6)
