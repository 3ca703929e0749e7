"""Export a model as one ONNX file: a masked LM, what fine-tuning made of it, or hidden states alone.

Inputs are ``input_ids`` and ``attention_mask`` (1, and 0 for padding, on either side), int64 [b, n], of multiple choice
[b, choices, n]. Outputs have the names that others look for:

====================================  =============================================================
masked LM                             ``logits`` [b, n, vocab] and ``last_hidden_state`` [b, n, d]
hidden states alone                   ``last_hidden_state``
sequence and token classification     ``logits`` [b, labels] and [b, n, labels]
question answering                    ``start_logits`` and ``end_logits`` [b, n]
multiple choice                       ``logits`` [b, choices]
====================================  =============================================================

These are what optimum's ORTModelFor… classes return (all six run, in optimum 1.23.3 and optimum-onnx 0.1.0), what
AutoModel and the feature-extraction of transformers.js give (run, 4.3.2; its other classes refuse all unknown models),
and what the ORT backend of text-embeddings-inference takes, by its code: ``last_hidden_state`` to embed, ``logits`` to
classify.
"""

import logging
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaupt.checkpoint.finetuned import CHOICE, READING, FineTuned
from gaupt.errors import GauptError
from gaupt.files import make_folder, write_bytes
from gaupt.model.gau import GAU, Context, score_scale
from gaupt.model.heads import Classifier, pool
from gaupt.model.masked_lm import MaskedLM
from gaupt.model.mixed_chunk import Chunks
from gaupt.model.norm import rms_norm
from gaupt.model.rotary import angles_at
from gaupt.model.segments import additive_mask, reordered

ONNX = Path("onnx") / "model.onnx"
"""Where the file goes in an exported folder, as on the Hub."""
OLDEST_TORCH = "2.7.1"
SMALLEST = 1e-8
"""What the optimizer takes for 0."""
INPUTS = ["input_ids", "attention_mask"]


class _Outputs(nn.Module):
    """What the module's table says, from tokens and an attention mask."""

    def __init__(self, model: MaskedLM, head: FineTuned | None, features: bool) -> None:
        super().__init__()
        self.model = model
        self.head = head
        self.features = features
        if head is not None:
            labels, width = head.weights["weight"].shape
            self.classifier = Classifier(width, labels, dropout=0.0)
            self.classifier.load_state_dict(head.weights)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        of_choices = self.head is not None and self.head.architecture == CHOICE
        choices = input_ids.shape[1]
        if of_choices:
            input_ids, attention_mask = input_ids.flatten(0, 1), attention_mask.flatten(0, 1)
        hidden = states(self.model, input_ids, attention_mask)
        if self.features:
            return (hidden,)
        if self.head is None:
            return self.model.logits(hidden), hidden
        if not self.head.per_token:
            scores = self.classifier(pool(hidden, attention_mask, self.head.pooling))  # [b, labels]
            return (scores.view(-1, choices) if of_choices else scores,)
        scores = self.classifier(hidden)  # [b, n, labels]
        return scores.unbind(-1) if self.head.architecture == READING else (scores,)


def output_names(head: FineTuned | None, task: str) -> list[str]:
    """Names of the outputs, in order."""
    if task == "features":
        return ["last_hidden_state"]
    if head is None:
        return ["logits", "last_hidden_state"]
    if head.architecture == READING:
        return ["start_logits", "end_logits"]
    return ["logits"]


def states(model: MaskedLM, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """``model.encode``, by operations that ONNX has: hidden states [b, n, d] of tokens and a 0/1 mask [b, n]."""
    encoder = model.encoder
    if isinstance(encoder, GAU) and encoder.config.attention == "mixed_chunk":
        return _states_in_chunks(encoder, input_ids, attention_mask)
    return model.encode(input_ids, attention_mask)


def _states_in_chunks(encoder: GAU, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """Mixed chunk attention of rows of one segment, l tokens each, and padding.

    The model itself counts its segments as it runs, which no graph can. With one, the sum across chunks is
    q̂ (k̂ᵀ v) / l over its tokens. Padding is left out of it by states of 0, which every layer leaves 0: v and k̂ are then
    0 too.
    """
    config = encoder.config
    b, n = input_ids.shape
    size: int = torch.sym_min(n, config.chunk_size)  # type: ignore[no-untyped-call]
    whole = (n + size - 1) // size * size
    real = (attention_mask != 0).long()
    # Where each token goes: padding behind the others, as in the model.
    behind = real.sum(1, keepdim=True) + (1 - real).cumsum(1) - 1
    place = torch.where(real == 1, real.cumsum(1) - 1, behind)
    positions = torch.arange(n, device=input_ids.device).expand(b, -1)
    order = torch.zeros_like(place).scatter(1, place, positions)
    more = (0, whole - n)
    real, positions = (functional.pad(x.gather(1, order), more) for x in (real, positions))
    x = encoder.embed(input_ids.gather(1, order), None)
    x = rms_norm(functional.pad(x, (0, 0, *more)), config.norm_eps) * real[..., None]  # [b, whole, d]

    local = real.view(-1, size)
    lengths = torch.where(local == 1, local.sum(1, keepdim=True), size).view(b, whole)
    scale = score_scale(lengths, config)[..., None]
    # With no segments named, the sum across is over the whole row: √(whole/l) on q̂ and k̂ makes it 1/l. Inside chunks,
    # the query takes it back.
    share = (whole / real.sum(1).clamp(min=1)).sqrt()[:, None, None]
    cos, sin = angles_at(positions, config.key_size)
    query, key = ((cos * scale / share, sin * scale / share), (cos * share, sin * share))
    chunks = Chunks(size, additive_mask(local), lengths, None)
    x = encoder.run_layers(x, Context(query, key, None, chunks))
    return reordered(x[:, :n], place)


def check_onnx(model: MaskedLM) -> None:
    """Refuse what cannot be exported.

    Raises:
        GauptError: a package is missing or too old.
    """
    # Older ones fix the size of the example (measured of 2.6.0); compared as a version, not as a string.
    if torch.__version__ < OLDEST_TORCH:
        raise GauptError(f"--format onnx needs torch {OLDEST_TORCH} or later; this is {torch.__version__}")
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise GauptError(f"--format onnx needs {error.name}: pip install onnx onnxscript") from None


def write_onnx(model: MaskedLM, head: FineTuned | None, path: Path, task: str = "auto") -> None:
    """Write ``model``, with the ``head`` of a fine-tuning, to ``path``.

    float32, any batch, any length, weights inside. ``task`` "features" leaves the scores out.
    """
    head = None if task == "features" else head
    rows, length = torch.export.Dim("batch"), torch.export.Dim("sequence")
    sizes, shape = [2, 8], {0: rows, 1: length}
    if head is not None and head.architecture == CHOICE:
        sizes, shape = [2, 3, 8], {0: rows, 1: torch.export.Dim("choices"), 2: length}
    # Two tensors: one passed twice would be traced as a single input.
    example = (torch.ones(sizes, dtype=torch.long), torch.ones(sizes, dtype=torch.long))
    make_folder(path.parent)
    # The exporter reports its progress, and the optional packages that it did not find, as warnings.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Outputs(model, head, task == "features").eval(),
            example,
            dynamo=True,
            verbose=False,
            optimize=False,
            input_names=INPUTS,
            output_names=output_names(head, task),
            dynamic_shapes=(shape, shape),
        )
        assert program is not None  # dynamo=True returns one
        _keep_epsilons(program.model)
        program.optimize()
    write_bytes(path, program.model_proto.SerializeToString())


def _keep_epsilons(graph: Any) -> None:
    """Make x + ε of a norm max(x, ε) in a graph of onnx_ir.

    The optimizer takes what is below 1e-8 for 0 and leaves the sum out: a state of zeros would become no number, and
    with it every state that attends to it, masked or not. Both are the same but for x near ε.
    """
    from onnxscript.optimizer import fold_constants

    fold_constants(graph)
    for node in graph.graph:
        values = [x.const_value for x in node.inputs if x is not None and x.const_value is not None]
        if node.op_type == "Add" and any(x.size == 1 and 0 < x.numpy().item() <= SMALLEST for x in values):
            node.op_type = "Max"
