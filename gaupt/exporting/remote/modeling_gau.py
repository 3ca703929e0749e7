"""The GAU family for transformers: the encoder, and the heads that fine-tuning puts on it."""

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
from gaupt.model.family import build_encoder, build_head
from gaupt.model.heads import Classifier, pool, span_loss
from gaupt.model.initialize import initialize


class GauptPreTrainedModel(PreTrainedModel):
    """What the models share: where the encoder stands, how new weights are drawn."""

    config_class = GauptConfig
    base_model_prefix = "model"
    supports_gradient_checkpointing = True

    def _init_weights(self, module: nn.Module) -> None:
        # Called for each module by itself, children first; transformers 5 draws only what a checkpoint lacks.
        if isinstance(module, Classifier):
            module.reset_parameters()
        else:
            initialize(module, self.config.encoder_config())

    def _finish(self, output: ModelOutput, return_dict: bool | None) -> Any:
        as_dict = getattr(self.config, "return_dict", True) if return_dict is None else return_dict
        return output if as_dict else output.to_tuple()


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
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Hidden states [b, n, d] of ``input_ids`` [b, n].

        ``attention_mask`` [b, n] is 0 for padding; in packed rows, equal positive numbers attend to one another.
        """
        hidden = self.encoder(input_ids, attention_mask, token_type_ids)
        return self._finish(BaseModelOutput(last_hidden_state=hidden), return_dict)


class GauptForMaskedLM(GauptPreTrainedModel):
    """The encoder with the masked-LM head of its pretraining."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.model = GauptModel(config)
        self.head = build_head(config.encoder_config())
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Logits [b, n, vocab]; with ``labels`` [b, n] (-100: not masked) also the mean cross entropy in nats."""
        hidden = self.model.encoder(input_ids, attention_mask, token_type_ids)
        logits = self.head(hidden, self.get_input_embeddings().weight)
        loss = None if labels is None else functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return self._finish(MaskedLMOutput(loss=loss, logits=logits), return_dict)


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
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Logits [b, labels]; the loss follows ``config.problem_type``, guessed from ``labels`` when unset."""
        hidden = self.model.encoder(input_ids, attention_mask, token_type_ids)
        logits = self.classifier(pool(hidden, attention_mask, self.config.classifier_pooling))
        loss = None if labels is None else self._loss(logits, labels)
        return self._finish(SequenceClassifierOutput(loss=loss, logits=logits), return_dict)

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        kind = str(self.config.problem_type or self._guessed_problem(labels))
        if kind == "regression":
            values = logits.squeeze(-1)
            return functional.mse_loss(values, labels.to(values.dtype).view_as(values))
        if kind == "single_label_classification":
            return functional.cross_entropy(logits, labels.flatten())
        return functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))

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
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Logits [b, n, labels]; ``labels`` [b, n], -100 where a token does not count."""
        hidden = self.model.encoder(input_ids, attention_mask, token_type_ids)
        logits = self.classifier(hidden)
        loss = None if labels is None else functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return self._finish(TokenClassifierOutput(loss=loss, logits=logits), return_dict)


class GauptForQuestionAnswering(GauptPreTrainedModel):
    """The span of a text that answers a question."""

    def __init__(self, config: GauptConfig) -> None:
        super().__init__(config)
        self.model = GauptModel(config)
        self.classifier = Classifier(config.hidden_size, 2, config.classifier_dropout)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        start_positions: Tensor | None = None,
        end_positions: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Scores [b, n] of each token as the span's first and last; positions [b] outside the row do not count."""
        hidden = self.model.encoder(input_ids, attention_mask, token_type_ids)
        start, end = self.classifier(hidden).unbind(-1)  # [b, n] each
        loss = None
        if start_positions is not None and end_positions is not None:
            loss = span_loss(start, end, start_positions, end_positions)
        output = QuestionAnsweringModelOutput(loss=loss, start_logits=start, end_logits=end)
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
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Logits [b, choices] of ``input_ids`` [b, choices, n]; ``labels`` [b] name the right choice."""
        choices = input_ids.shape[1]
        rows = [None if x is None else x.flatten(0, 1) for x in (input_ids, attention_mask, token_type_ids)]
        hidden = self.model.encoder(*rows)  # [b * choices, n, d]
        logits = self.classifier(pool(hidden, rows[1], self.config.classifier_pooling)).view(-1, choices)
        loss = None if labels is None else functional.cross_entropy(logits, labels)
        return self._finish(MultipleChoiceModelOutput(loss=loss, logits=logits), return_dict)


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
