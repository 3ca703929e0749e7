"""The sum over the segments of packed rows."""

import pytest
import torch

from gaupt.model.across_chunks import attend_across

SHARE = torch.tensor([0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 1.0, 0.0, 0.0, 0.0])[:, None]
"""Two rows of six tokens: segments of 2, 4, 2 and 1 tokens, then padding."""
SIZES = [2, 4, 2, 1, 3]
SCATTERED = torch.tensor([5, 0, 1, 3, 2, 4, 7, 10, 6, 8, 9, 11])


@pytest.mark.parametrize("order", [None, SCATTERED], ids=["packed", "scattered"])
def test_a_token_gets_the_mean_of_its_segments_products_and_padding_nothing(
    order: torch.Tensor | None,
) -> None:
    torch.manual_seed(0)
    q, k = torch.randn(2, 6, 3), torch.randn(2, 6, 3)
    v = torch.randn(2, 6, 5)
    out = attend_across(q, k, v, SIZES, order, SHARE).view(12, 5)

    places = torch.arange(12) if order is None else order
    for segment in places.split(SIZES)[:-1]:
        for i in segment:
            products = [(q.view(12, 3)[i] @ k.view(12, 3)[j]) * v.view(12, 5)[j] for j in segment]
            torch.testing.assert_close(out[i], torch.stack(products).mean(0))
    assert not out[places.split(SIZES)[-1]].any()
