"""Export a model as one ONNX file: a masked LM, or what fine-tuning made of it."""

import logging
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from gaupt.checkpoint.finetuned import FineTuned
from gaupt.errors import GauptError
from gaupt.files import make_folder, write_bytes
from gaupt.model.heads import Classifier, pool
from gaupt.model.masked_lm import MaskedLM

ONNX = Path("onnx") / "model.onnx"
"""Where the file goes in an exported folder, as on the Hub."""
OLDEST_TORCH = "2.7.1"
INPUTS = ["input_ids", "attention_mask"]
OUTPUTS = ["logits", "last_hidden_state"]


class _Outputs(nn.Module):
    """Logits and hidden states, from tokens and an attention mask [b, n].

    The logits are those of ``head`` where there is one ([b, labels], or [b, n, labels] of heads that read every
    token), else the masked LM's [b, n, vocab].
    """

    def __init__(self, model: MaskedLM, head: FineTuned | None) -> None:
        super().__init__()
        self.model = model
        self.head = head
        if head is not None:
            labels, width = head.weights["weight"].shape
            self.classifier = Classifier(width, labels, dropout=0.0)
            self.classifier.load_state_dict(head.weights)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.model.encode(input_ids, attention_mask)
        if self.head is None:
            return self.model.logits(hidden), hidden
        read = hidden if self.head.per_token else pool(hidden, attention_mask, self.head.pooling)
        return self.classifier(read), hidden


def check_onnx(model: MaskedLM) -> None:
    """Refuse what cannot be exported.

    Raises:
        GauptError: a package is missing or too old, or the model counts segments as it runs.
    """
    if getattr(model.config, "attention", "full") == "mixed_chunk":
        raise GauptError(
            "--format onnx: a model with attention = mixed_chunk has no ONNX form; export it as hf"
        )
    # Older ones fix the size of the example (measured of 2.6.0); compared as a version, not as a string.
    if torch.__version__ < OLDEST_TORCH:
        raise GauptError(f"--format onnx needs torch {OLDEST_TORCH} or later; this is {torch.__version__}")
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise GauptError(f"--format onnx needs {error.name}: pip install onnx onnxscript") from None


def write_onnx(model: MaskedLM, head: FineTuned | None, path: Path) -> None:
    """Write ``model``, with the ``head`` of a fine-tuning, to ``path``.

    float32, any batch and any length from 2 on, weights inside.
    """
    # Two tensors: one passed twice would be traced as a single input.
    example = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long))
    rows, length = torch.export.Dim("batch"), torch.export.Dim("sequence", min=2)
    shape = {0: rows, 1: length}
    make_folder(path.parent)
    # The exporter reports its progress, and the optional packages that it did not find, as warnings.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Outputs(model, head).eval(),
            example,
            dynamo=True,
            verbose=False,
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_shapes=(shape, shape),
        )
    assert program is not None  # dynamo=True returns one
    write_bytes(path, program.model_proto.SerializeToString())
