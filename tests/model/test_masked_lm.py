"""The masked-LM head, and the model made of an encoder and it."""

import torch
from torch import nn

from gaupt.model.masked_lm import MaskedLM, VocabularyHead
from tests.model.small import VOCAB, tokens


def test_logits_at_positions_are_the_rows_of_all_logits(model: MaskedLM) -> None:
    ids = tokens(3, 10)
    positions = torch.tensor([0, 13, 29])
    everywhere = model(ids)
    assert everywhere.shape == (3, 10, VOCAB)
    torch.testing.assert_close(model(ids, positions=positions), everywhere.flatten(0, 1)[positions])


def test_scores_are_products_with_the_token_embedding() -> None:
    hidden, embedding = torch.randn(2, 3, 8), torch.randn(11, 8)
    torch.testing.assert_close(VocabularyHead()(hidden, embedding), hidden @ embedding.T)


def test_a_transform_comes_before_the_product_and_a_bias_after_it() -> None:
    transform, bias = nn.Linear(8, 8), nn.Parameter(torch.randn(11))
    hidden, embedding = torch.randn(4, 8), torch.randn(11, 8)
    head = VocabularyHead(transform, bias)
    torch.testing.assert_close(head(hidden, embedding), transform(hidden) @ embedding.T + bias)
    assert len(list(head.parameters())) == 3


def test_the_head_is_tied_to_the_token_embedding(model: MaskedLM) -> None:
    ids = tokens(2, 5)
    hidden = model.encode(ids)
    embedding = model.encoder.token_embedding.weight
    torch.testing.assert_close(model(ids), model.head(hidden, embedding))
    assert not any(parameter.shape == embedding.shape for parameter in model.head.parameters())


def test_the_config_is_the_encoders(model: MaskedLM) -> None:
    assert model.config is model.encoder.config


def test_no_positions_are_no_logits(model: MaskedLM) -> None:
    assert model(tokens(2, 5), positions=torch.zeros(0, dtype=torch.long)).shape == (0, VOCAB)
