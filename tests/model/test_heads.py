import pytest
import torch
from torch.nn import functional

from gaupt.model.heads import Classifier, choice_loss, pool, span_loss


def test_a_classifier_is_drawn_small_and_without_bias() -> None:
    torch.manual_seed(0)
    head = Classifier(256, 64, 0.1)
    assert head.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert not head.bias.any()


def test_dropout_is_for_training_alone() -> None:
    head = Classifier(8, 3, 0.5)
    x = torch.ones(4, 8)
    assert not torch.equal(head.train()(x), head.train()(x))
    assert torch.equal(head.eval()(x), functional.linear(x, head.weight, head.bias))


def test_a_text_is_its_first_state_or_the_mean_of_those_that_are_no_padding() -> None:
    hidden = torch.arange(12.0).view(2, 3, 2)
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    assert torch.equal(pool(hidden, mask, "cls"), hidden[:, 0])
    assert torch.equal(pool(hidden, mask, "mean"), torch.stack([hidden[0, :2].mean(0), hidden[1].mean(0)]))
    assert torch.equal(pool(hidden, None, "mean"), hidden.mean(1))


def test_a_span_outside_the_row_does_not_count() -> None:
    start, end = torch.randn(2, 5), torch.randn(2, 5)
    both = span_loss(start, end, torch.tensor([1, 9]), torch.tensor([2, -1]))
    alone = span_loss(start[:1], end[:1], torch.tensor([1]), torch.tensor([2]))
    torch.testing.assert_close(both, alone)
    summed = span_loss(start, end, torch.tensor([1, 0]), torch.tensor([2, 3]), reduction="sum")
    torch.testing.assert_close(summed, 2 * span_loss(start, end, torch.tensor([1, 0]), torch.tensor([2, 3])))


def test_choices_compete_within_their_group_only() -> None:
    scores = torch.tensor([1.0, 2.0, 0.0, 5.0, 1.0])
    loss = choice_loss(scores, torch.tensor([2, 3]), torch.tensor([1, 0]))
    expected = functional.cross_entropy(scores[None, :2], torch.tensor([1])) + functional.cross_entropy(
        scores[None, 2:], torch.tensor([0])
    )
    torch.testing.assert_close(loss, expected)


def test_the_first_token_stands_behind_the_padding() -> None:
    hidden = torch.arange(24.0).view(2, 4, 3)
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 0, 0]])
    assert torch.equal(pool(hidden, mask, "cls"), torch.stack([hidden[0, 2], hidden[1, 0]]))
    assert torch.equal(pool(hidden[:, :1], mask, "cls"), hidden[:, 0])  # there is but one
    assert torch.equal(pool(hidden, torch.zeros(2, 4), "cls"), hidden[:, 0])
