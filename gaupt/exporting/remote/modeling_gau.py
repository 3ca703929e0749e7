"""The GAU family for transformers: the encoder, and the heads that fine-tuning puts on it."""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel
from transformers.modeling_outputs import (
    BaseModelOutput,
    MaskedLMOutput,
    MultipleChoiceModelOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from transformers.utils.generic import ModelOutput

from gaupt.exporting.remote.configuration_gau import GauptConfig
from gaupt.model.encoder import Trace
from gaupt.model.family import build_encoder, build_head
from gaupt.model.heads import Classifier, pool, span_loss
from gaupt.model.initialize import initialize


class GauptPreTrainedModel(PreTrainedModel):
    """What the models share: where the encoder stands, how new weights are drawn, what `forward` takes.

    Every ``forward`` takes these, and ``labels`` beside them; the names are those of transformers' own encoders.

    Args:
        input_ids: [b, n].
        attention_mask: [b, n], 0 for padding, on either side; in packed rows, equal positive numbers attend to one
            another.
        token_type_ids: [b, n]; all 0 in pretraining.
        position_ids: [b, n], of which attention takes the differences; None: 0, 1, 2, …
        inputs_embeds: [b, n, d], in place of ``input_ids``.
        output_attentions: whether to give the attention weights of each layer, [b, heads, n, n].
        output_hidden_states: whether to give the states before the first layer and after each, [b, n, d].
        return_dict: False: a tuple.
        loss_kwargs: ``num_items_in_batch``, by which Trainer divides summed losses (transformers 4.46 sends it to an
            argument of this name alone); else nothing but None and False.

    Raises:
        ValueError: neither or both of ``input_ids`` and ``inputs_embeds``, or weights that the model does not have.
        TypeError: an argument that no model of the family takes.
    """

    config_class = GauptConfig
    base_model_prefix = "model"
    supports_gradient_checkpointing = True
    # "eager" and "sdpa" are both taken, and compute the same: weights where they are asked for, else the fastest way.
    _supports_sdpa = True
    _no_split_modules = ["GAULayer", "RoFormerLayer"]  # noqa: RUF012 (as transformers declares it)

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        # accelerate looks for every class that is named, and each member has but one of them.
        self._no_split_modules = ["GAULayer" if config.architecture == "gau" else "RoFormerLayer"]

    def _init_weights(self, module: nn.Module) -> None:
        # Called for each module by itself, children first; transformers 5 draws only what a checkpoint lacks.
        if isinstance(module, Classifier):
            module.reset_parameters()
        elif isinstance(module, Decoder):  # its weight is the embedding's
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        else:
            initialize(module, self.config.encoder_config())

    def _finish(self, output: ModelOutput, return_dict: bool | None) -> Any:
        if return_dict is None:
            # A model that was loaded to be traced gives tuples; transformers 5 has no such thing.
            return_dict = self.config.return_dict and not getattr(self.config, "torchscript", False)
        return output if return_dict else output.to_tuple()


class GauptModel(GauptPreTrainedModel):
    """The encoder: tokens to hidden states. There is no pooler; take the [CLS] state or a mean."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.encoder = build_encoder(config.encoder_config())
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        """The token embedding."""
        return self.encoder.token_embedding

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the token embedding."""
        self.encoder.token_embedding = cast(nn.Embedding, value)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        **loss_kwargs: Any,
    ) -> Any:
        """Hidden states [b, n, d]."""
        _items(loss_kwargs)
        inputs = _only(input_ids, inputs_embeds)
        with_weights = self.config.output_attentions if output_attentions is None else output_attentions
        if with_weights and getattr(self.config, "attention", "full") == "mixed_chunk":
            raise ValueError(
                "output_attentions: mixed chunk attention has no weights of every token for every other"
            )
        with_states = (
            self.config.output_hidden_states if output_hidden_states is None else output_hidden_states
        )
        trace = Trace(with_weights=with_weights) if with_weights or with_states else None
        segments = None if attention_mask is None else attention_mask.long()
        hidden = self.encoder(inputs, segments, token_type_ids, positions=position_ids, trace=trace)
        output = BaseModelOutput(
            last_hidden_state=hidden,
            hidden_states=tuple(trace.states) if trace is not None and with_states else None,
            attentions=tuple(trace.weights) if trace is not None and with_weights else None,
        )
        return self._finish(output, return_dict)


class Decoder(nn.Linear):
    """Scores over the vocabulary; its weight is the token embedding's."""


class MaskedLMHead(nn.Module):
    """The head of pretraining: a transform, which RoFormerV1 alone has, and the decoder."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__()
        ours = build_head(config.encoder_config())
        self.transform = ours.transform
        self.decoder = Decoder(config.hidden_size, config.vocab_size, bias=ours.bias is not None)

    def forward(self, hidden: Tensor) -> Tensor:
        """Logits [b, n, vocab] of ``hidden`` [b, n, d]."""
        scores: Tensor = self.decoder(hidden if self.transform is None else self.transform(hidden))
        return scores


class GauptForMaskedLM(GauptPreTrainedModel):
    """The encoder with the masked-LM head of its pretraining."""

    _tied_weights_keys = {"head.decoder.weight": "model.encoder.token_embedding.weight"}  # noqa: RUF012

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.model = GauptModel(config)
        self.head = MaskedLMHead(config)
        self.post_init()

    def get_output_embeddings(self) -> nn.Module:
        """The decoder, a linear layer whose weight is the token embedding's."""
        return self.head.decoder

    def set_output_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace the decoder."""
        self.head.decoder = cast(Decoder, new_embeddings)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        **loss_kwargs: Any,
    ) -> Any:
        """Logits [b, n, vocab]; with ``labels`` [b, n] (-100: not masked) also the mean cross entropy in nats."""
        found = self.model(
            input_ids,
            attention_mask,
            token_type_ids,
            position_ids,
            inputs_embeds,
            output_attentions,
            output_hidden_states,
            return_dict=True,
            **loss_kwargs,
        )
        logits = self.head(found.last_hidden_state)
        loss = _token_loss(logits, labels, _items(loss_kwargs))
        return self._finish(MaskedLMOutput(loss, logits, found.hidden_states, found.attentions), return_dict)


class GauptForSequenceClassification(GauptPreTrainedModel):
    """A label for a text or a pair of texts, from the state of [CLS] or the mean (``config.classifier_pooling``)."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.num_labels = int(config.num_labels or 0)
        self.model = GauptModel(config)
        self.classifier = Classifier(config.hidden_size, self.num_labels, config.classifier_dropout)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        **loss_kwargs: Any,
    ) -> Any:
        """Logits [b, labels]; the loss follows ``config.problem_type``, guessed from ``labels`` when unset."""
        found = self.model(
            input_ids,
            attention_mask,
            token_type_ids,
            position_ids,
            inputs_embeds,
            output_attentions,
            output_hidden_states,
            return_dict=True,
            **loss_kwargs,
        )
        logits = self.classifier(
            pool(found.last_hidden_state, attention_mask, self.config.classifier_pooling)
        )
        loss = None if labels is None else self._loss(logits, labels, _items(loss_kwargs))
        output = SequenceClassifierOutput(loss, logits, found.hidden_states, found.attentions)
        return self._finish(output, return_dict)

    def _loss(self, logits: Tensor, labels: Tensor, items: Any) -> Tensor:
        kind = str(self.config.problem_type or self._guessed_problem(labels))
        if kind == "regression":
            values = logits.squeeze(-1)
            return _averaged(functional.mse_loss, values, labels.to(values.dtype).view_as(values), items)
        if kind == "single_label_classification":
            return _averaged(functional.cross_entropy, logits, labels.flatten(), items)
        return _averaged(functional.binary_cross_entropy_with_logits, logits, labels.to(logits.dtype), items)

    def _guessed_problem(self, labels: Tensor) -> str:
        if self.num_labels == 1:
            return "regression"
        integers = labels.dtype in (torch.long, torch.int)
        return "single_label_classification" if integers else "multi_label_classification"


class GauptForTokenClassification(GauptPreTrainedModel):
    """A label for each token."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.num_labels = int(config.num_labels or 0)
        self.model = GauptModel(config)
        self.classifier = Classifier(config.hidden_size, self.num_labels, config.classifier_dropout)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        **loss_kwargs: Any,
    ) -> Any:
        """Logits [b, n, labels]; ``labels`` [b, n], -100 where a token does not count."""
        found = self.model(
            input_ids,
            attention_mask,
            token_type_ids,
            position_ids,
            inputs_embeds,
            output_attentions,
            output_hidden_states,
            return_dict=True,
            **loss_kwargs,
        )
        logits = self.classifier(found.last_hidden_state)
        loss = _token_loss(logits, labels, _items(loss_kwargs))
        output = TokenClassifierOutput(loss, logits, found.hidden_states, found.attentions)
        return self._finish(output, return_dict)


class GauptForQuestionAnswering(GauptPreTrainedModel):
    """The span of a text that answers a question."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.model = GauptModel(config)
        # The name by which peft finds the head of this task.
        self.qa_outputs = Classifier(config.hidden_size, 2, config.classifier_dropout)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        start_positions: Tensor | None = None,
        end_positions: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        **loss_kwargs: Any,
    ) -> Any:
        """Scores [b, n] of each token as the span's first and last; positions [b] outside the row do not count."""
        found = self.model(
            input_ids,
            attention_mask,
            token_type_ids,
            position_ids,
            inputs_embeds,
            output_attentions,
            output_hidden_states,
            return_dict=True,
            **loss_kwargs,
        )
        start, end = self.qa_outputs(found.last_hidden_state).unbind(-1)  # [b, n] each
        loss, items = None, _items(loss_kwargs)
        if start_positions is not None and end_positions is not None:
            reduction = "mean" if items is None else "sum"
            loss = span_loss(start, end, start_positions, end_positions, reduction) / (items or 1)
        output = QuestionAnsweringModelOutput(loss, start, end, found.hidden_states, found.attentions)
        return self._finish(output, return_dict)


class GauptForMultipleChoice(GauptPreTrainedModel):
    """The best of several continuations, each a row of its own."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.model = GauptModel(config)
        self.classifier = Classifier(config.hidden_size, 1, config.classifier_dropout)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        **loss_kwargs: Any,
    ) -> Any:
        """Logits [b, choices] of ``input_ids`` [b, choices, n]; ``labels`` [b] name the right choice."""
        choices = _only(input_ids, inputs_embeds).shape[1]
        rows = [
            None if x is None else x.flatten(0, 1)  # [b * choices, n, …]
            for x in (input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds)
        ]
        found = self.model(*rows, output_attentions, output_hidden_states, return_dict=True, **loss_kwargs)
        state = pool(found.last_hidden_state, rows[1], self.config.classifier_pooling)
        logits = self.classifier(state).view(-1, choices)
        loss = (
            None
            if labels is None
            else _averaged(functional.cross_entropy, logits, labels, _items(loss_kwargs))
        )
        output = MultipleChoiceModelOutput(loss, logits, found.hidden_states, found.attentions)
        return self._finish(output, return_dict)


def _only(input_ids: Tensor | None, inputs_embeds: Tensor | None) -> Tensor:
    """The one of the two that is given."""
    if input_ids is None and inputs_embeds is None:
        raise ValueError("give input_ids or inputs_embeds")
    if input_ids is not None and inputs_embeds is not None:
        raise ValueError("give either input_ids or inputs_embeds, not both")
    return cast(Tensor, inputs_embeds if input_ids is None else input_ids)


_FEATURES = ("token_embeddings", "sentence_embedding", "all_layer_embeddings", "cls_token_embeddings")
"""What sentence-transformers keeps of a first call, and passes along with a second one."""


def _items(loss_kwargs: dict[str, Any]) -> Any:
    """How many labels all batches of an update have, if Trainer tells; anything else is refused."""
    given = [name for name, value in loss_kwargs.items() if value is not None and value is not False]
    if unknown := [name for name in given if name not in ("num_items_in_batch", *_FEATURES)]:
        raise TypeError(f"{', '.join(unknown)}: no model of the GAU family takes such an argument")
    return loss_kwargs.get("num_items_in_batch")


def _token_loss(logits: Tensor, labels: Tensor | None, items: Any) -> Tensor | None:
    if labels is None:
        return None
    return _averaged(functional.cross_entropy, logits.flatten(0, 1), labels.flatten(), items)


def _averaged(loss: Callable[..., Tensor], scores: Tensor, targets: Tensor, items: Any) -> Tensor:
    """The mean of ``loss``, or its sum over ``items``: with gradient accumulation the mean over all batches."""
    return loss(scores, targets) if items is None else loss(scores, targets, reduction="sum") / items


# A fine-tuned model that is saved takes this code along.
GauptConfig.register_for_auto_class()
for _model, _auto_class in (
    (GauptModel, "AutoModel"),
    (GauptForMaskedLM, "AutoModelForMaskedLM"),
    (GauptForSequenceClassification, "AutoModelForSequenceClassification"),
    (GauptForTokenClassification, "AutoModelForTokenClassification"),
    (GauptForQuestionAnswering, "AutoModelForQuestionAnswering"),
    (GauptForMultipleChoice, "AutoModelForMultipleChoice"),
):
    _model.register_for_auto_class(_auto_class)
