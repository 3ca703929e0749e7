"""Exports that are loaded by others' libraries, and told from those that compute something else."""

import io
import json
import subprocess
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaupt.checkpoint.finetuned import CHOICE, READING, FineTuned
from gaupt.checkpoint.load import LoadedModel, load_model
from gaupt.config import Config, ExportConfig
from gaupt.errors import GauptError
from gaupt.exporting import check, loading
from gaupt.exporting.check import TEXTS, Checked, check_folder
from gaupt.exporting.hf import export, write_finetuned
from tests.exporting.folders import QUIET, needs_onnx, write_checkpoint
from tests.model.small import FAMILY


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    scratch = tmp_path_factory.mktemp("check")
    config = replace(FAMILY["softmax_plus"], num_layers=1)
    return load_model(write_checkpoint(scratch / "step-0000007", config, scratch).folder)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side is this process, which has imported transformers once: a process of its own takes four seconds.

    That it does without gaupt is tested with all the parts of an export.
    """

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        _, _, script, folder, loader, scratch = command
        assert script == loading.__file__
        with redirect_stdout(io.StringIO()) as out:
            loading.main(Path(folder), loader, Path(scratch))
        return subprocess.CompletedProcess(command, 0, out.getvalue(), "")

    monkeypatch.setattr(check, "subprocess", SimpleNamespace(run=run, DEVNULL=subprocess.DEVNULL))


@pytest.mark.slow
@needs_onnx
@pytest.mark.option("export.quantize")
@pytest.mark.untraced
def test_an_export_with_all_its_parts_computes_what_we_compute(loaded: LoadedModel, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    config = Config(export=ExportConfig(formats=("hf", "onnx"), quantize="int8"))
    found = export(loaded.source, tmp_path / "e", config, check=True, progress=QUIET)
    check = found["check"]
    assert check["versions"].keys() == {"transformers", "onnxruntime"}
    exact = {name: value for name, value in check["differences"].items() if "quantized" not in name}
    assert exact.keys() == {"logits", "model.onnx/logits", "model.onnx/last_hidden_state"}
    assert all(value < 1e-5 for value in exact.values())
    assert 1e-5 < check["differences"]["model_quantized.onnx/logits"] < 0.2
    assert "onnx/model_quantized.onnx" in found["files"]


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.slow
def test_a_head_is_checked_with_its_model(loaded: LoadedModel, tmp_path: Path) -> None:
    torch.manual_seed(1)
    head = FineTuned(READING, (), {"weight": torch.randn(2, 32), "bias": torch.randn(2)})
    (tmp_path / "e").mkdir()
    write_finetuned(tmp_path / "e", replace(loaded, finetuned=head), "base", "a task")
    found = check_folder(tmp_path / "e", load_model(tmp_path / "e"), "hf")
    assert found.differences.keys() == {"start_logits", "end_logits"}
    assert max(found.differences.values()) < 1e-5


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.slow
@needs_onnx
@pytest.mark.untraced
def test_choices_are_checked_as_rows_of_several_and_their_states_row_by_row(
    loaded: LoadedModel, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    torch.manual_seed(1)
    head = FineTuned(CHOICE, (), {"weight": torch.randn(1, 32), "bias": torch.randn(1)})
    (tmp_path / "model").mkdir()
    write_finetuned(tmp_path / "model", replace(loaded, finetuned=head), "base", "a task")
    config = Config(export=ExportConfig(formats=("hf", "onnx"), onnx_task="features"))
    found = export(tmp_path / "model", tmp_path / "e", config, check=True, progress=QUIET)["check"]
    assert found["differences"].keys() == {"logits", "model.onnx/last_hidden_state"}
    assert max(found["differences"].values()) < 1e-5


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.slow
def test_other_weights_are_told_by_their_numbers(loaded: LoadedModel, tmp_path: Path) -> None:
    export(loaded.source, tmp_path / "e", progress=QUIET)
    weights = load_file(tmp_path / "e" / "model.safetensors")
    weights["model.encoder.layers.0.query_scale"] += 0.5
    save_file(weights, tmp_path / "e" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        GauptError, match=r"logits differs by .* of the largest number, and may by 1e-04; export it anew"
    ):
        check_folder(tmp_path / "e", loaded, "hf")


def interpreter(path: Path, lines: str) -> str:
    """A program in the place of Python: it is called with -I, a script, the folder, the class, the scratch folder."""
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return str(path)


def test_other_ids_are_told_by_their_text(loaded: LoadedModel, tmp_path: Path) -> None:
    told = json.dumps({"versions": {}, "ids": [[2, 3]] * len(TEXTS)})
    python = interpreter(
        tmp_path / "python", f"cp $5/inputs.safetensors $5/outputs.safetensors; echo '{told}'"
    )
    with pytest.raises(GauptError, match=f"here: '{TEXTS[0]}' has other ids there than here"):
        check_folder(Path("here"), loaded, "hf", python)


@pytest.mark.parametrize(("said", "message"), [
    ("RuntimeError: no such card", r"here cannot be loaded by .*python: RuntimeError: no such card"),
    ("ModuleNotFoundError: No module named 'gau_alpha'", r"gau_alpha, which .*python does not have: pip install"),
    ("", r"here cannot be loaded by .*python: it says nothing"),
])  # fmt: skip
def test_what_the_other_side_says_last_is_told(
    said: str, message: str, loaded: LoadedModel, tmp_path: Path
) -> None:
    python = interpreter(
        tmp_path / "python", f'echo "first line" >&2; echo "{said}" >&2; exit 1' if said else "exit 1"
    )
    with pytest.raises(GauptError, match=message):
        check_folder(Path("here"), loaded, "gau-alpha", python)


@pytest.mark.option("export.python")
def test_the_interpreter_is_that_of_the_config(loaded: LoadedModel, tmp_path: Path) -> None:
    config = Config(export=ExportConfig(python=str(tmp_path / "nowhere")))
    with pytest.raises(GauptError, match=r"export\.python = .*nowhere: No such file or directory"):
        export(loaded.source, tmp_path / "e", config, check=True, progress=QUIET)


def test_what_was_found_is_one_line() -> None:
    found = Checked({"transformers": "5.0"}, {"logits": 2e-7})
    assert found.told() == (
        "checked with transformers 5.0, without gaupt: 5 texts have our ids; numbers differ by logits 2.0e-07"
    )


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.slow
def test_zeros_that_are_zeros_differ_by_nothing(loaded: LoadedModel, tmp_path: Path) -> None:
    """A head of zeros, and other people's files beside ours."""
    head = FineTuned(
        "GauptForSequenceClassification", ("a", "b"), {"weight": torch.zeros(2, 32), "bias": torch.zeros(2)}
    )
    (tmp_path / "e").mkdir()
    write_finetuned(tmp_path / "e", replace(loaded, finetuned=head), "base", "a task")
    (tmp_path / "e" / "onnx").mkdir()
    (tmp_path / "e" / "onnx" / "model_fp16.onnx").write_text("mine")
    assert check_folder(tmp_path / "e", load_model(tmp_path / "e"), "hf").differences == {"logits": 0.0}
