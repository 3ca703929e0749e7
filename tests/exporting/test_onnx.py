"""One ONNX file, and what cannot be one."""

import sys
from pathlib import Path

import pytest
import torch
from torch.torch_version import TorchVersion

from gaupt.checkpoint.finetuned import FineTuned
from gaupt.checkpoint.load import load_model
from gaupt.config import Config, ExportConfig
from gaupt.errors import GauptError
from gaupt.exporting.hf import export
from gaupt.exporting.onnx import check_onnx, write_onnx
from tests.exporting.folders import QUIET, needs_onnx, write_checkpoint
from tests.model.small import FAMILY, build, tokens

ONNX = Config(export=ExportConfig(formats=("hf", "onnx")))


@pytest.mark.untraced
@needs_onnx
@pytest.mark.slow
def test_onnx_gives_the_same_logits_at_any_size(tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    checkpoint = write_checkpoint(tmp_path / "checkpoint", FAMILY["softmax_plus"], tmp_path)
    export(checkpoint.folder, tmp_path / "export", ONNX, progress=QUIET)
    assert [path.name for path in (tmp_path / "export" / "onnx").iterdir()] == ["model.onnx"]
    session = runtime.InferenceSession(tmp_path / "export" / "onnx" / "model.onnx")
    ids = tokens(3, 21)
    mask = (torch.arange(21) < torch.tensor([[21], [13], [1]])).long()
    logits, hidden = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    model = load_model(checkpoint.folder).model
    with torch.no_grad():
        expected = model.encode(ids, mask)
    real = mask.bool()
    torch.testing.assert_close(torch.from_numpy(hidden)[real], expected[real], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(
        torch.from_numpy(logits)[real], model.logits(expected)[real], atol=1e-4, rtol=1e-4
    )


@needs_onnx
@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize(
    ("architecture", "pooling"),
    [
        ("GauptForSequenceClassification", "cls"),
        ("GauptForSequenceClassification", "mean"),
        ("GauptForTokenClassification", "cls"),
    ],
)
def test_onnx_of_a_fine_tuned_model_has_its_labels(tmp_path: Path, architecture: str, pooling: str) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model, weight = build("softmax_plus", layers=1), torch.randn(4, 32)
    head = FineTuned(architecture, tuple("abcd"), {"weight": weight, "bias": torch.arange(4.0)}, pooling)
    write_onnx(model, head, tmp_path / "model.onnx")
    ids, mask = tokens(2, 9), torch.tensor([[1] * 9, [1] * 5 + [0] * 4])
    found, _ = runtime.InferenceSession(tmp_path / "model.onnx").run(
        None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
    )
    with torch.no_grad():
        hidden = model.encode(ids, mask)
    if architecture == "GauptForTokenClassification":
        found, read = found[mask.bool().numpy()], hidden[mask.bool()]
    else:
        read = hidden[:, 0] if pooling == "cls" else torch.stack([hidden[0].mean(0), hidden[1, :5].mean(0)])
    torch.testing.assert_close(
        torch.from_numpy(found), read @ weight.T + torch.arange(4.0), atol=1e-4, rtol=1e-4
    )


def test_onnx_by_a_torch_that_fixes_sizes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path)
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.6.0"))
    with pytest.raises(GauptError, match=r"--format onnx needs torch 2\.7\.1 or later; this is 2\.6\.0"):
        export(checkpoint.folder, tmp_path / "export", ONNX, progress=QUIET)
    assert not (tmp_path / "export").exists()


def test_onnx_of_mixed_chunks_is_refused(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", FAMILY["mixed_chunk"], tmp_path)
    with pytest.raises(GauptError, match="mixed_chunk has no ONNX form"):
        export(checkpoint.folder, tmp_path / "export", ONNX, progress=QUIET)
    assert not (tmp_path / "export").exists()


@pytest.mark.slow
@pytest.mark.parametrize("version", ["2.7.1+cpu", "2.10.0"])
def test_a_later_torch_and_full_attention_are_accepted(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(torch, "__version__", TorchVersion(version))
    for member in ("squared_relu", "roformer_v1"):
        check_onnx(build(member))


@pytest.mark.slow
@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_a_package_that_is_missing_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.7.1"))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(GauptError, match=f"needs {package}: pip install onnx onnxscript"):
        check_onnx(build("softmax"))
