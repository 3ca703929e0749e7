"""An ONNX file with 8 bits."""

import logging
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gaupt.errors import GauptError
from gaupt.exporting.onnx import write_onnx
from gaupt.exporting.quantize import QUANTIZED, quantize_int8
from gaupt.model.family import masked_lm
from tests.exporting.folders import needs_onnx
from tests.exporting.test_onnx import opened
from tests.model.small import FAMILY, tokens


@needs_onnx
@pytest.mark.untraced
@pytest.mark.slow
def test_int8_is_smaller_and_computes_about_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    # So many tokens that the exporter leaves the transposed table to be computed.
    model = masked_lm(replace(FAMILY["softmax_plus"], num_layers=1, vocab_size=9000))
    with torch.no_grad():
        # One token of large numbers, whose scale must not be that of all.
        model.encoder.token_embedding.weight[7] *= 50
    write_onnx(model, None, tmp_path / "model.onnx")
    quantize_int8(tmp_path / "model.onnx", tmp_path / QUANTIZED)
    assert [path.name for path in (tmp_path / "onnx").iterdir()] == [QUANTIZED.name]
    assert logging.root.manager.disable == logging.NOTSET
    assert capfd.readouterr() == ("", "")
    stored = pytest.importorskip("onnx").load(tmp_path / QUANTIZED).graph.initializer
    assert not [x.name for x in stored if x.data_type == 1 and len(x.dims) == 2 and min(x.dims) > 1]
    ids = tokens(2, 21)
    mask = torch.ones_like(ids)
    exact, found = (opened(tmp_path / name)(ids, mask) for name in ("model.onnx", QUANTIZED))
    assert list(found) == list(exact)
    for name, values in exact.items():
        assert (found[name] - values).std() < 0.05 * values.std()


def test_without_onnxruntime_int8_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(GauptError, match="int8 needs onnxruntime: pip install onnxruntime"):
        quantize_int8(tmp_path / "model.onnx", tmp_path / QUANTIZED)
    assert not (tmp_path / "onnx").exists()


@pytest.mark.slow
def test_what_cannot_be_quantized_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(Exception):  # noqa: B017 (the library's own)
        quantize_int8(tmp_path / "model.onnx", tmp_path / QUANTIZED)
    assert not list(tmp_path.rglob("*quantized*"))
    assert logging.root.manager.disable == logging.NOTSET
