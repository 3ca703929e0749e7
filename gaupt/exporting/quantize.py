"""An ONNX file whose matrices have 8 bits, for CPUs.

Weights are quantized once, one scale for each column of a matrix and each row of a table of embeddings; states as they
come, one scale a product (onnxruntime's dynamic quantization). Products of states with states, norms and softmax stay
float32. Weights have 7 bits of the 8: CPUs without VNNI add two products of 8 bits in 16, which overflow.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from gaupt.errors import GauptError
from gaupt.files import make_folder, write_bytes

QUANTIZED = Path("onnx") / "model_quantized.onnx"
"""Where the file goes in an exported folder: what optimum's quantizer and transformers.js (``dtype: "q8"``) call it."""


def check_int8() -> None:
    """Refuse what cannot be quantized.

    Raises:
        GauptError: a package is missing.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # type: ignore[import-untyped]  # noqa: F401
    except ImportError as error:
        raise GauptError(f"export.quantize = int8 needs {error.name}: pip install {error.name}") from None


def quantize_int8(source: Path, output: Path) -> None:
    """Write the model of the ONNX file ``source``, of `gaupt.exporting.onnx.write_onnx`, to ``output`` with 8 bits.

    Inputs and outputs stay as they are.

    Raises:
        GauptError: as `check_int8`.
    """
    check_int8()
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]

    make_folder(output.parent)
    model = onnx.load(source)
    _unshare_tables(model.graph)
    with tempfile.TemporaryDirectory() as scratch, _quiet():
        quantized = Path(scratch) / output.name
        quantize_dynamic(
            model,
            quantized,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
        data = quantized.read_bytes()
    write_bytes(output, data)


def _unshare_tables(graph: Any) -> None:
    """Give each table of embeddings in ``graph``, of onnx, 8 bits; and a product with it a matrix of its own.

    onnxruntime has one scale for all rows of a table, so that one row of large numbers costs all others their digits,
    and leaves a product with a transposed table as it is.
    """
    from onnx import TensorProto, helper, numpy_helper

    stored = {x.name: x for x in graph.initializer if x.data_type == TensorProto.FLOAT and len(x.dims) == 2}
    nodes = []
    for node in graph.node:
        name = node.input[0] if node.input else ""
        if name not in stored or node.op_type not in ("Gather", "Transpose"):
            nodes.append(node)
            continue
        table, out = numpy_helper.to_array(stored[name]), node.output[0]
        if node.op_type == "Transpose":
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(table.T), out))
            continue
        scale = np.abs(table).max(1, keepdims=True) / 127  # [rows, 1]
        scale[scale == 0] = 1
        for part, values in (("int8", np.rint(table / scale).astype(np.int8)), ("scale", scale)):
            graph.initializer.append(numpy_helper.from_array(values, f"{out}.table.{part}"))
            nodes.append(
                helper.make_node("Gather", [f"{out}.table.{part}", node.input[1]], [f"{out}.{part}"])
            )
        nodes.append(helper.make_node("Cast", [f"{out}.int8"], [f"{out}.float"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{out}.float", f"{out}.scale"], [out]))
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    for name in stored.keys() - used:
        graph.initializer.remove(stored[name])


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the library logs: advice that does not concern who exports."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
