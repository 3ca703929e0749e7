"""Exported folders: what they hold, and that transformers loads them where gaupt is not."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaupt import __version__
from gaupt.checkpoint.format import save_checkpoint
from gaupt.checkpoint.load import load_model
from gaupt.config import Config, ExportConfig
from gaupt.errors import GauptError
from gaupt.exporting.hf import export, plan, write_finetuned
from gaupt.files import as_json, sha256
from gaupt.importing.importer import import_checkpoint
from gaupt.model.config import GAUConfig
from gaupt.model.family import masked_lm
from gaupt.seal import close, listed
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from tests.conftest import SHARED
from tests.exporting.evaluations import head_of, results, write_evaluation
from tests.exporting.folders import QUIET, needs_onnx, public_folder, write_checkpoint
from tests.model.small import FAMILY, tokens

REFERENCES = {
    "gau_alpha_0_softmax_plus_pad": "gau_alpha",
    "gau_seed_1_squared_relu_ns": "gau",
    "roformer_v1_0_pad": "roformer",
}
"""A case of each architecture, and what its reference calls it."""
PARITY = SHARED / "parity"
OWN = {
    "input_ids": tokens(2, 9),
    "attention_mask": torch.ones(2, 9, dtype=torch.long),
    "token_type_ids": torch.zeros(2, 9, dtype=torch.long),
    "labels": tokens(2, 9, seed=1),
}
"""Inputs of a model of ours."""


@dataclass(frozen=True)
class Loaded:
    """What transformers makes of exported folders in a process of its own, by their names."""

    seen: dict[str, dict[str, object]]
    """What `isolated_load.py` prints."""
    outputs: dict[str, dict[str, torch.Tensor]]
    """What it saves."""


def load_isolated(exports: Path, inputs: Path, scratch: Path, *names: str) -> Loaded:
    """Load each of ``exports``; those with these ``names`` are tried in every way."""
    saved = scratch / "saved"
    saved.mkdir()
    result = subprocess.run(
        [sys.executable, "-I", Path(__file__).with_name("isolated_load.py"), exports, inputs, saved, *names],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HOME": str(scratch / "hub"), "HF_HUB_OFFLINE": "1"},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    outputs = {path.stem: load_file(path) for path in saved.glob("*.safetensors")}
    return Loaded(json.loads(result.stdout.splitlines()[-1]), outputs)


def parity_cases() -> set[str]:
    """Names of all of GAU, and of a RoFormer; none where there is no development data."""
    return {path.name for path in PARITY.glob("gau_*")} | REFERENCES.keys() if PARITY.is_dir() else set()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


@pytest.fixture(scope="module")
def loaded(scratch: Path) -> Loaded:
    """A model of ours, and references imported, all exported and loaded by one process."""
    inputs = scratch / "inputs"
    (inputs / "own").mkdir(parents=True)
    save_file(OWN, inputs / "own" / "io.safetensors")
    write_checkpoint(scratch / "checkpoints" / "own", FAMILY["softmax_plus"], scratch)
    for name in parity_cases():
        model_type = REFERENCES.get(name) or ("gau_alpha" if name.startswith("gau_alpha") else "gau")
        (inputs / name).symlink_to(PARITY / name)
        source = public_folder(PARITY / name, model_type, scratch / "public" / name)
        import_checkpoint(source, scratch / "checkpoints" / name, progress=QUIET)
    for checkpoint in (scratch / "checkpoints").iterdir():
        export(checkpoint, scratch / "exports" / checkpoint.name, progress=QUIET)
    return load_isolated(scratch / "exports", inputs, scratch, "own", *REFERENCES)


@pytest.mark.slow
def test_an_exported_checkpoint_loads_without_gaupt(loaded: Loaded, scratch: Path) -> None:
    assert loaded.seen["own"]["problems"] == []
    expected = load_model(scratch / "checkpoints" / "own").model(OWN["input_ids"], OWN["attention_mask"])
    torch.testing.assert_close(loaded.outputs["own"]["logits"], expected)


@pytest.mark.slow
@pytest.mark.parametrize("case", REFERENCES)
def test_reference_to_import_to_export_to_transformers(case: str, loaded: Loaded, shared: Path) -> None:
    assert loaded.seen[case] == {
        "problems": [],
        "ids": [2, 5, 6, 4, 8, 3],
        "inputs": ["attention_mask", "input_ids"],
    }
    outputs, expected = loaded.outputs[case], load_file(shared / "parity" / case / "io.safetensors")
    real = expected["attention_mask"].bool()
    assert (outputs["last_hidden_state"] - expected["last_hidden_state"])[real].abs().max() < 1e-5
    assert outputs["loss"].item() == pytest.approx(expected["loss"].item(), rel=1e-5)


@pytest.mark.slow
def test_every_case_agrees_through_import_export_and_transformers(loaded: Loaded, shared: Path) -> None:
    assert loaded.outputs.keys() == parity_cases() | {"own"}
    for name in parity_cases():
        outputs = loaded.outputs[name]
        expected = load_file(shared / "parity" / name / "io.safetensors")
        real = expected["attention_mask"].bool()
        scale = expected["logits"][real].abs().max()
        assert (outputs["logits"] - expected["logits"])[real].abs().max() < 1e-5 * scale, name


@pytest.mark.slow
def test_the_exported_tokenizer_gives_the_reference_ids(shared: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    source = shared / "parity" / "tokenizer"
    build_tokenizer(None, tmp_path / "tokenizer", Config(), source=source / "vocab.txt")
    ours = load_tokenizer(tmp_path / "tokenizer")
    config = GAUConfig(vocab_size=ours.vocab_size, num_layers=1, hidden_size=8, expanded_size=16, key_size=4)
    save_checkpoint(
        tmp_path / "step-0000001",
        masked_lm(config).state_dict(),
        Config(model=config),
        tmp_path / "tokenizer",
    )
    export(tmp_path / "step-0000001", tmp_path / "export", progress=QUIET)
    theirs = AutoTokenizer.from_pretrained(tmp_path / "export", trust_remote_code=True)
    lines = (source / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    for case in map(json.loads, lines):
        assert theirs(case["text"])["input_ids"] == case["ids"], case["text"]
        assert [ours.special.cls, *ours.encode(case["text"]), ours.special.sep] == case["ids"], case["text"]


@pytest.mark.slow
def test_an_export_of_an_export_is_the_same_model(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["roformer_v1"], tmp_path)
    export(checkpoint.folder, tmp_path / "first", progress=QUIET)
    export(tmp_path / "first", tmp_path / "second", progress=QUIET)
    for name in ("model.safetensors", "tokenizer.json", "modeling_gau.py"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


@pytest.mark.slow
def test_a_second_export_does_nothing_and_another_model_is_refused(tmp_path: Path) -> None:
    first = write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path / "x")
    other = write_checkpoint(tmp_path / "b", FAMILY["softmax"], tmp_path / "y")
    output = tmp_path / "export"
    export(first.folder, output, progress=QUIET)
    before = (output / "model.safetensors").stat().st_mtime_ns
    export(first.folder, output, progress=QUIET)
    assert (output / "model.safetensors").stat().st_mtime_ns == before
    with torch.no_grad():
        weights = {name: tensor + 1 for name, tensor in other.weights().items()}
    save_file(weights, other.folder / "model.safetensors")
    with pytest.raises(GauptError, match="damaged"):
        export(other.folder, output, progress=QUIET)
    third = write_checkpoint(tmp_path / "c", FAMILY["roformer_v2"], tmp_path / "z")
    with pytest.raises(GauptError, match="--overwrite"):
        export(third.folder, output, progress=QUIET)
    export(third.folder, output, progress=QUIET, overwrite=True)
    assert load_model(output).model.config == FAMILY["roformer_v2"]


@pytest.mark.slow
@pytest.mark.parametrize("damaged", ["model.safetensors", "modeling_gau.py", "vocab.txt"])
def test_a_damaged_export_is_written_anew_and_what_others_put_there_stays(
    damaged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint, output = (
        write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path / "x"),
        tmp_path / "e",
    )
    export(checkpoint.folder, output, progress=QUIET)
    whole = {path.name: path.read_bytes() for path in output.iterdir()}
    (output / "README.md").write_text("a better card")
    (output / "notes.txt").write_text("mine")
    data = bytearray(whole[damaged])
    data[len(data) // 2] ^= 64
    (output / damaged).write_bytes(data)
    assert plan(checkpoint.folder, output).facts["output"].endswith("(damaged)")
    export(checkpoint.folder, output, progress=QUIET)
    told = f"{output / damaged} was damaged and is written anew; what was there is {damaged}.damaged"
    assert told in capsys.readouterr().err
    assert (output / f"{damaged}.damaged").read_bytes() == data
    (output / f"{damaged}.damaged").unlink()
    found = {path.name: path.read_bytes() for path in output.iterdir()}
    assert found.pop("notes.txt") == b"mine" and found.pop("README.md") == b"a better card"
    assert found.keys() == whole.keys() - {"README.md"}
    assert all(found[name] == whole[name] for name in found.keys() - {"files.json"})
    assert "notes.txt" not in listed(output)
    assert plan(checkpoint.folder, output).facts["output"].endswith("(complete)")


def test_an_export_without_its_list_is_replaced_when_told_to_alone(tmp_path: Path) -> None:
    checkpoint, output = (
        write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path / "x"),
        tmp_path / "e",
    )
    export(checkpoint.folder, output, progress=QUIET)
    (output / "files.json").unlink()  # as whoever trained on would
    (output / "model.safetensors").write_bytes(b"trained for days")
    for call in (export, plan):
        with pytest.raises(
            GauptError, match=r"files\.json is missing, so what others changed there is not known"
        ):
            call(checkpoint.folder, output)
    assert (output / "model.safetensors").read_bytes() == b"trained for days"
    export(checkpoint.folder, output, progress=QUIET, overwrite=True)
    load_model(output)


def test_a_damaged_export_is_not_read(tmp_path: Path) -> None:
    checkpoint, output = (
        write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path / "x"),
        tmp_path / "e",
    )
    export(checkpoint.folder, output, progress=QUIET)
    (output / "README.md").write_text("a better card")
    load_model(output)
    weights = output / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-5] ^= 1
    weights.write_bytes(data)
    with pytest.raises(
        GauptError, match=r"model\.safetensors is damaged.*export again, or remove files\.json"
    ):
        load_model(output)
    (output / "files.json").unlink()  # as whoever trained these weights would
    load_model(output)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "a", FAMILY["softmax_plus"], tmp_path / "x")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    with pytest.raises(GauptError, match="did not write"):
        export(checkpoint.folder, tmp_path / "home", progress=QUIET, overwrite=True)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.txt"]


@needs_onnx
@pytest.mark.slow
def test_onnx_is_added_to_an_export_and_an_export_with_it_is_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxscript")

    def write(model: object, head: object, path: Path, task: str) -> None:
        path.parent.mkdir()
        path.touch()

    monkeypatch.setattr("gaupt.exporting.hf.write_onnx", write)
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    both = Config(export=ExportConfig(formats=("hf", "onnx")))
    export(checkpoint, tmp_path / "e", progress=QUIET)
    (tmp_path / "e" / "mine.txt").touch()
    assert plan(checkpoint, tmp_path / "e", both).facts["output"].endswith("(without parts)")
    files = export(checkpoint, tmp_path / "e", both, progress=QUIET)["files"]
    assert {"onnx/model.onnx", "mine.txt"} < set(files) and not [name for name in files if "tmp" in name]
    for config in (both, Config()):
        assert plan(checkpoint, tmp_path / "e", config).facts["output"].endswith("(complete)")


@pytest.mark.slow
def test_an_export_of_another_gaupt_is_told_from_one_of_another_model(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    export(checkpoint, tmp_path / "e", progress=QUIET)
    config = tmp_path / "e" / "config.json"
    config.write_text(config.read_text().replace(f'"gaupt": "{__version__}"', '"gaupt": "0.0.1"'))
    with pytest.raises(GauptError, match=r"e holds this model as gaupt 0\.0\.1 exported it; use --overwrite"):
        export(checkpoint, tmp_path / "e", progress=QUIET)
    export(checkpoint, tmp_path / "e", progress=QUIET, overwrite=True)


def record(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "config.json").read_text())["exported"]
    return found


@pytest.mark.option("export.license")
def test_a_licence_and_scores_are_added_to_a_card_that_is_as_it_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "run" / "checkpoints" / "step-0000007"
    loaded = load_model(write_checkpoint(model, FAMILY["softmax_plus"], tmp_path).folder)
    scores = write_evaluation(
        tmp_path / "evaluation", results(loaded), {"run manifest.json": sha256(model / "manifest.json")}
    )
    output, licensed = tmp_path / "e", Config(export=ExportConfig(license="apache-2.0"))
    export(model, output, progress=QUIET)
    first = (output / "README.md").read_text()
    assert "license:" not in first and "model-index" not in first
    export(model, output, licensed, progress=QUIET)
    assert "license: apache-2.0" in (output / "README.md").read_text().replace('"', "")
    assert plan(model, output, scores=scores).facts["output"].endswith("(without parts)")
    export(model, output, scores=scores, progress=QUIET)
    card = (output / "README.md").read_text()
    assert "model-index" in card and "apache-2.0" in card  # what was said before stays
    assert plan(model, output, scores=scores).facts["output"].endswith("(complete)")
    export(model, output, Config(export=ExportConfig(license="mit")), progress=QUIET)
    assert "is written anew without scores; give --scores to show them again" in capsys.readouterr().err
    assert "license: mit" in (output / "README.md").read_text() and record(output).keys() >= {"license"}
    assert "scores" not in record(output)
    assert plan(model, output, scores=scores).facts["output"].endswith("(without parts)")


@pytest.mark.option("export.language")
def test_a_card_is_in_the_language_that_is_asked_for_or_stays_in_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, output = (
        write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder,
        tmp_path / "e",
    )

    def heading(language: Literal["auto", "en", "zh"], locale: str) -> str:
        monkeypatch.setenv("LC_ALL", locale)
        export(model, output, Config(export=ExportConfig(language=language)), progress=QUIET)
        card = (output / "README.md").read_text(encoding="utf-8")
        return re.findall("^## (.*)", card, re.M)[0]

    assert heading("auto", "zh_CN.UTF-8") == "结构"
    assert heading("auto", "en_US.UTF-8") == "结构"  # the locale of another call changes nothing
    assert plan(model, output).facts["output"].endswith("(complete)")
    assert heading("en", "zh_CN.UTF-8") == "Architecture"
    assert heading("auto", "zh_CN.UTF-8") == "Architecture"
    assert heading("zh", "en_US.UTF-8") == "结构"


def test_a_folder_that_says_nothing_of_its_language_is_complete_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, output = (
        write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder,
        tmp_path / "e",
    )
    export(model, output, progress=QUIET)
    values = json.loads((output / "config.json").read_text())
    del values["exported"]["language"]
    close(output, "config.json", as_json(values), [*listed(output)])
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert plan(model, output).facts["output"].endswith("(complete)")
    chinese = Config(export=ExportConfig(language="zh"))
    assert plan(model, output, chinese).facts["output"].endswith("(without parts)")


@pytest.mark.slow
def test_a_card_that_others_have_changed_is_never_written_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    output = tmp_path / "e"
    export(model, output, progress=QUIET)
    (output / "README.md").write_text("a better card")
    for licence in ("mit", "apache-2.0"):
        export(model, output, Config(export=ExportConfig(license=licence)), progress=QUIET)
        assert "is not as it was written, so it stays as it is" in capsys.readouterr().err
        assert "license" not in record(output)  # it is not there to be read
        (output / "gau.py").write_text("")  # and through a repair
        export(model, output, progress=QUIET)
        assert (output / "README.md").read_text() == "a better card"
    (output / "README.md").unlink()
    assert plan(model, output).facts["output"].endswith("(damaged)")
    export(model, output, Config(export=ExportConfig(license="mit")), progress=QUIET)
    assert "license: mit" in (output / "README.md").read_text()


def test_what_is_damaged_twice_is_kept_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    output = tmp_path / "e"
    for text in ("", "one", "two"):
        export(model, output, progress=QUIET)
        (output / "gau.py").write_text(text)
    (output / "size.py").unlink()
    export(model, output, progress=QUIET)
    assert [(output / f"gau.py.damaged{more}").read_text() for more in ("", "-2", "-3")] == ["", "one", "two"]
    assert f"{output / 'size.py'} was missing and is written anew" in capsys.readouterr().err


@pytest.mark.parametrize("change", [{"id2label": {"0": "b", "1": "a"}}, {"classifier_pooling": "mean"}])
def test_the_same_weights_with_another_config_are_another_model(
    change: dict[str, object], tmp_path: Path
) -> None:
    model = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    head = head_of("GauptForSequenceClassification", ("a", "b"), 32)
    (tmp_path / "tuned").mkdir()
    write_finetuned(tmp_path / "tuned", replace(load_model(model), finetuned=head), "base", "a task")
    export(tmp_path / "tuned", tmp_path / "e", progress=QUIET)
    (tmp_path / "tuned" / "files.json").unlink()
    config = tmp_path / "tuned" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    with pytest.raises(
        GauptError, match="e holds these weights with another config or tokenizer; use --overwrite"
    ):
        export(tmp_path / "tuned", tmp_path / "e", progress=QUIET)


@pytest.mark.slow
@needs_onnx
def test_a_repair_asks_first_for_the_packages_that_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxscript")

    def write(model: object, head: object, path: Path, task: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.touch()

    monkeypatch.setattr("gaupt.exporting.hf.write_onnx", write)
    model = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    export(model, tmp_path / "e", Config(export=ExportConfig(formats=("onnx",))), progress=QUIET)
    (tmp_path / "e" / "gau.py").write_text("mine")
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(GauptError, match="needs onnxscript: pip install"):
        export(model, tmp_path / "e", progress=QUIET)
    assert (tmp_path / "e" / "gau.py").read_text() == "mine"


@needs_onnx
@pytest.mark.option("export.onnx_task")
def test_another_task_of_the_onnx_file_replaces_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    written: list[str] = []

    def write(model: object, head: object, path: Path, task: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(task)
        written.append(task)

    monkeypatch.setattr("gaupt.exporting.hf.write_onnx", write)
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    for task in ("auto", "features", "features"):
        config = Config(export=ExportConfig(formats=("onnx",), onnx_task=task))  # type: ignore[arg-type]
        export(checkpoint, tmp_path / "e", config, progress=QUIET)
    assert written == ["auto", "features"] and record(tmp_path / "e")["onnx"] == "features"


def test_a_layout_is_a_folder_of_its_own(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    public = Config(export=ExportConfig(formats=("gau-alpha",)))
    export(checkpoint, tmp_path / "e", public, progress=QUIET)
    assert plan(checkpoint, tmp_path / "e", public).facts["output"].endswith("(complete)")
    assert "from gau_alpha import GAUAlphaForMaskedLM" in (tmp_path / "e" / "README.md").read_text()
    with pytest.raises(GauptError, match="--overwrite"):
        export(checkpoint, tmp_path / "e", progress=QUIET)
    export(checkpoint, tmp_path / "e", progress=QUIET, overwrite=True)
    assert record(tmp_path / "e")["layout"] == "hf"
    for formats in (("gau-alpha", "onnx"), ("hf", "roformer")):
        config = Config(export=ExportConfig(formats=formats))  # type: ignore[arg-type]
        with pytest.raises(GauptError, match=r"is a folder of its own; export .* one by one"):
            export(checkpoint, tmp_path / "other", config, progress=QUIET)


def test_a_quantized_file_is_made_from_an_onnx_file(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["softmax_plus"], tmp_path).folder
    with pytest.raises(GauptError, match="quantize = int8 is for the ONNX file; add --format onnx"):
        export(checkpoint, tmp_path / "e", Config(export=ExportConfig(quantize="int8")), progress=QUIET)
