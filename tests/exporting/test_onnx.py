"""One ONNX file: what it computes, under which names, and what cannot be one."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.torch_version import TorchVersion

from gaupt.checkpoint.finetuned import FineTuned
from gaupt.checkpoint.load import load_model
from gaupt.config import Config, ExportConfig
from gaupt.errors import GauptError
from gaupt.exporting.hf import export
from gaupt.exporting.onnx import check_onnx, output_names, states, write_onnx
from gaupt.model.family import masked_lm
from gaupt.model.heads import pool
from tests.exporting.folders import QUIET, needs_onnx, write_checkpoint
from tests.model.small import FAMILY, build, tokens

ONNX = Config(export=ExportConfig(formats=("hf", "onnx")))
CLOSE = {"atol": 1e-4, "rtol": 1e-4}
SIZES = [(1, 1), (2, 5), (3, 6), (2, 7), (4, 13), (1, 40)]
"""Rows and tokens, around the 6 of a chunk."""


def opened(path: Path) -> Callable[[Tensor, Tensor], dict[str, Tensor]]:
    """What gives, of tokens and a mask, what the file makes of them, by the names of its outputs."""
    session = pytest.importorskip("onnxruntime").InferenceSession(path)
    names = [output.name for output in session.get_outputs()]

    def run(ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        found = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        return dict(zip(names, map(torch.from_numpy, found), strict=True))

    return run


def padded(rows: int, length: int) -> list[Tensor]:
    """Masks [rows, length] without padding, with it behind, before, on both sides, as a whole row, and between."""
    real = (torch.arange(length) < torch.arange(length, 0, -2).repeat(rows)[:rows, None]).long()
    shifted = torch.stack([row.roll(place) for place, row in enumerate(real)])
    empty = real.clone()
    empty[-1] = 0
    between = torch.ones_like(real)
    between[:, 1::3] = 0
    return [torch.ones_like(real), real, real.flip(1), shifted, empty, between]


def head(architecture: str, labels: int, pooling: str = "cls") -> FineTuned:
    generator = torch.Generator().manual_seed(1)
    weights = {"weight": torch.randn(labels, 32, generator=generator), "bias": torch.arange(float(labels))}
    return FineTuned(architecture, tuple("abcd"[:labels]), weights, pooling)


SEQUENCE, TOKENS = head("GauptForSequenceClassification", 4, "mean"), head("GauptForTokenClassification", 3)
READING, CHOICE = head("GauptForQuestionAnswering", 2), head("GauptForMultipleChoice", 1)


@needs_onnx
@pytest.mark.untraced
@pytest.mark.slow
def test_onnx_gives_the_same_logits_at_any_size(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    config = replace(FAMILY["softmax_plus"], num_layers=1)
    checkpoint = write_checkpoint(tmp_path / "checkpoint", config, tmp_path)
    export(checkpoint.folder, tmp_path / "export", ONNX, progress=QUIET)
    assert [path.name for path in (tmp_path / "export" / "onnx").iterdir()] == ["model.onnx"]
    model, run = load_model(checkpoint.folder).model, opened(tmp_path / "export" / "onnx" / "model.onnx")
    for rows, length in SIZES:
        ids = tokens(rows, length)
        for mask in padded(rows, length):
            found = run(ids, mask)
            with torch.no_grad():
                expected = model.encode(ids, mask)
                scores = model.logits(expected)
            assert list(found) == ["logits", "last_hidden_state"]
            torch.testing.assert_close(found["last_hidden_state"], expected, **CLOSE)
            torch.testing.assert_close(found["logits"], scores, **CLOSE)


@needs_onnx
@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize("kind", [SEQUENCE, READING, CHOICE], ids=lambda kind: kind.architecture[8:])
def test_onnx_of_a_fine_tuned_model_has_the_scores_of_its_task(tmp_path: Path, kind: FineTuned) -> None:
    pytest.importorskip("onnxscript")
    model, choices = build("softmax_plus", layers=1), 3 if kind is CHOICE else 1
    with torch.no_grad():  # a state of zeros stays a number: the exporter takes the ε of norms for 0
        model.encoder.token_embedding.weight[0] = -model.encoder.type_embedding.weight[0]
    write_onnx(model, kind, tmp_path / "model.onnx")
    run = opened(tmp_path / "model.onnx")
    for mask in padded(2 * choices, 9)[:4]:
        ids = tokens(2 * choices, 9)
        ids[:, 4] = 0
        shape = (2, choices, 9) if kind is CHOICE else (2, 9)
        found = run(ids.view(shape), mask.reshape(shape))
        assert list(found) == output_names(kind, "auto")
        with torch.no_grad():
            hidden = model.encode(ids, mask)
        read = hidden if kind.per_token else pool(hidden, mask, kind.pooling)
        expected = read @ kind.weights["weight"].T + kind.weights["bias"]
        if kind is READING:
            torch.testing.assert_close(found["start_logits"], expected[..., 0], **CLOSE)
            torch.testing.assert_close(found["end_logits"], expected[..., 1], **CLOSE)
        else:
            wanted = expected.view(2, choices) if kind is CHOICE else expected
            torch.testing.assert_close(found["logits"], wanted, **CLOSE)


@needs_onnx
@pytest.mark.untraced
@pytest.mark.slow
def test_onnx_of_mixed_chunks_for_embeddings_is_the_models_at_any_size(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    model = masked_lm(replace(FAMILY["mixed_chunk"], num_layers=1)).eval()
    write_onnx(model, SEQUENCE, tmp_path / "model.onnx", "features")
    run = opened(tmp_path / "model.onnx")
    for rows, length in SIZES:
        ids = tokens(rows, length)
        for mask in padded(rows, length):
            found = run(ids, mask)
            with torch.no_grad():
                expected = model.encode(ids, mask)
            assert list(found) == ["last_hidden_state"]
            assert found["last_hidden_state"].isfinite().all()
            real = mask.bool()
            torch.testing.assert_close(found["last_hidden_state"][real], expected[real], **CLOSE)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAMILY))
def test_states_are_those_of_the_model(name: str) -> None:
    model = build(name)
    for rows, length in SIZES:
        ids = tokens(rows, length)
        for mask in padded(rows, length):
            with torch.no_grad():
                found, expected = states(model, ids, mask), model.encode(ids, mask)
            assert found.isfinite().all()
            torch.testing.assert_close(found[mask.bool()], expected[mask.bool()], **CLOSE)


@pytest.mark.parametrize(
    ("kind", "task", "names"),
    [
        (None, "auto", ["logits", "last_hidden_state"]),
        (None, "features", ["last_hidden_state"]),
        (SEQUENCE, "auto", ["logits"]),
        (SEQUENCE, "features", ["last_hidden_state"]),
        (TOKENS, "auto", ["logits"]),
        (READING, "auto", ["start_logits", "end_logits"]),
        (CHOICE, "auto", ["logits"]),
    ],
)
def test_outputs_have_the_names_that_others_look_for(
    kind: FineTuned | None, task: str, names: list[str]
) -> None:
    assert output_names(kind, task) == names


def test_onnx_by_a_torch_that_fixes_sizes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path)
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.6.0"))
    with pytest.raises(GauptError, match=r"--format onnx needs torch 2\.7\.1 or later; this is 2\.6\.0"):
        export(checkpoint.folder, tmp_path / "export", ONNX, progress=QUIET)
    assert not (tmp_path / "export").exists()


@pytest.mark.slow
@pytest.mark.parametrize("version", ["2.7.1+cpu", "2.10.0"])
def test_a_later_torch_is_accepted(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(torch, "__version__", TorchVersion(version))
    for member in ("squared_relu", "mixed_chunk", "roformer_v1"):
        check_onnx(build(member))


@pytest.mark.slow
@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_a_package_that_is_missing_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.7.1"))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(GauptError, match=f"needs {package}: pip install onnx onnxscript"):
        check_onnx(build("softmax"))
