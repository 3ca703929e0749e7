"""torch.compile changes no number: forward and gradients, for every member of the family."""

import shutil

import pytest
import torch

from gaupt.model.masked_lm import MaskedLM
from tests.model.small import FAMILY, build, tokens

pytestmark = [pytest.mark.slow, pytest.mark.untraced]

IDS = tokens(2, 18)
SEGMENTS = torch.tensor([[1] * 7 + [2] * 11, [1] * 12 + [0] * 6])
POSITIONS = torch.tensor([1, 5, 9, 20, 27])


def outputs(model: MaskedLM, call: object, segments: torch.Tensor | None = SEGMENTS) -> list[torch.Tensor]:
    """Logits and the gradients of all parameters."""
    logits = call(IDS, segments, positions=POSITIONS)  # type: ignore[operator]
    gradients = torch.autograd.grad(logits.square().mean(), list(model.parameters()), allow_unused=True)
    return [logits.detach(), *(gradient for gradient in gradients if gradient is not None)]


# Mixed chunks count a row's segments, which splits the graph; torch warns while it looks at what crosses the split.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
# torch 2.6 loads every backend to find one, and an onnxscript of its age warns of itself.
@pytest.mark.filterwarnings("ignore:.*onnxscript:FutureWarning")
@pytest.mark.parametrize("name", FAMILY)
def test_the_traced_graph_gives_the_same_numbers(name: str) -> None:
    torch.compiler.reset()
    # What goes from layer to layer, the states and what is computed once for all, is the same in all of a kind.
    model = build(name, layers=2 if name in ("softmax_plus", "roformer_v2") else 1)
    expected = outputs(model, model)
    traced = outputs(model, torch.compile(model, backend="aot_eager"))
    assert len(traced) == len(expected)
    for mine, other in zip(traced, expected, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-4, rtol=1e-4)


@pytest.mark.skipif(shutil.which("g++") is None, reason="compiling for a CPU needs g++")
@pytest.mark.skipif(
    torch.__version__ < "2.7.1", reason="torch before 2.7.1 compiles wrong gradients on a CPU"
)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", ["softmax_plus", "squared_relu", "mixed_chunk", "roformer_v1", "roformer_v2"]
)
def test_compiled_kernels_give_the_same_numbers(name: str) -> None:
    torch.compiler.reset()
    model = build(name, layers=1)  # compiling takes as long as the layers are many
    # Mixed chunks of packed rows are a graph more, whose kernels are those of the others.
    segments = None if name == "mixed_chunk" else SEGMENTS
    compiled = outputs(model, torch.compile(model), segments)
    for mine, other in zip(compiled, outputs(model, model, segments), strict=True):
        torch.testing.assert_close(mine, other, atol=1e-4, rtol=1e-4)
