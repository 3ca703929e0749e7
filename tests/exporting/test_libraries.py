"""Exports in the hands of peft, accelerate, sentence-transformers and optimum: `make test-transformers` has them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from gaupt.checkpoint.load import load_model
from gaupt.config import Config, ExportConfig
from gaupt.exporting.hf import export
from tests.exporting.folders import QUIET, needs_onnx, write_checkpoint
from tests.model.small import FAMILY, tokens

peft = pytest.importorskip("peft", reason="make test-transformers has peft and the other libraries")

MEMBERS = ("softmax_plus", "mixed_chunk", "roformer_v1", "roformer_v2")
IDS = tokens(2, 9) % 50 + 5
MASK = torch.tensor([[1] * 9, [1] * 6 + [0] * 3])
SENTENCES = ["一丁七", "万丈三上下", "不与丐"]
LABELS = {
    "SEQ_CLS": {"labels": torch.tensor([0, 1])},
    "TOKEN_CLS": {"labels": IDS % 2},
    "QUESTION_ANS": {"start_positions": torch.tensor([1, 1]), "end_positions": torch.tensor([2, 1])},
    "FEATURE_EXTRACTION": {},
}
"""What trains each of peft's tasks."""
CLASSES = {
    "SEQ_CLS": "AutoModelForSequenceClassification",
    "TOKEN_CLS": "AutoModelForTokenClassification",
    "QUESTION_ANS": "AutoModelForQuestionAnswering",
    "FEATURE_EXTRACTION": "AutoModel",
}

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", params=MEMBERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of each member."""
    scratch = tmp_path_factory.mktemp(request.param)
    config = replace(FAMILY[request.param], num_layers=6)
    checkpoint = write_checkpoint(scratch / "step-0000007", config, scratch)
    export(checkpoint.folder, scratch / "export", progress=QUIET)
    return scratch / "export"


def read(folder: Path, kind: str) -> Any:
    """The model of one of transformers' classes, its head drawn alike each time."""
    import transformers

    torch.manual_seed(0)
    return getattr(transformers, kind).from_pretrained(folder, trust_remote_code=True).eval()


def scores(model: Any) -> Tensor:
    """Its first output for `IDS`."""
    with torch.no_grad():
        first: Tensor = model(IDS, attention_mask=MASK)[0]
    return first


def linear_layers(model: Any) -> list[str]:
    """The linear maps in the layers, for an adapter to go beside."""
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and ".layers." in name
    ]


@pytest.mark.parametrize("task", LABELS)
def test_an_adapter_trains_is_read_again_and_merged(task: str, folder: Path, tmp_path: Path) -> None:
    model = read(folder, CLASSES[task])
    tuned = peft.get_peft_model(
        model, peft.LoraConfig(task_type=task, r=2, target_modules=linear_layers(model))
    )
    before = scores(tuned)
    optimizer = torch.optim.SGD([each for each in tuned.parameters() if each.requires_grad], lr=1.0)
    out = tuned(IDS, attention_mask=MASK, **LABELS[task])
    (out.loss if LABELS[task] else out[0][..., 0].sum()).backward()
    optimizer.step()
    after = scores(tuned)
    assert not torch.allclose(before, after, atol=1e-3)
    tuned.save_pretrained(tmp_path / "adapter")
    again = peft.PeftModel.from_pretrained(read(folder, CLASSES[task]), tmp_path / "adapter").eval()
    torch.testing.assert_close(scores(again), after, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(scores(tuned.merge_and_unload()), after, atol=1e-4, rtol=1e-4)


def test_a_merged_model_is_a_model_of_ours(folder: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    model = read(folder, "AutoModelForMaskedLM")
    original = scores(model)
    config = peft.LoraConfig(r=2, target_modules=linear_layers(model), init_lora_weights=False)
    merged = peft.get_peft_model(model, config).merge_and_unload().eval()
    merged.save_pretrained(tmp_path / "merged")
    AutoTokenizer.from_pretrained(folder, trust_remote_code=True).save_pretrained(tmp_path / "merged")
    with torch.no_grad():
        found = load_model(tmp_path / "merged").model(IDS, MASK)
    assert not torch.allclose(found, original, atol=1e-3)
    torch.testing.assert_close(found, scores(merged), atol=1e-5, rtol=1e-5)


def test_prompts_are_tuned(folder: Path) -> None:
    config = peft.PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=3)
    tuned = peft.get_peft_model(read(folder, CLASSES["SEQ_CLS"]), config)
    tuned(IDS, attention_mask=MASK, **LABELS["SEQ_CLS"]).loss.backward()
    prompt = next(each for name, each in tuned.named_parameters() if "prompt" in name)
    assert prompt.grad is not None and bool(prompt.grad.abs().sum() > 0)


@pytest.mark.parametrize("kind", ["AutoModel", "AutoModelForMaskedLM"])
def test_weights_that_are_kept_elsewhere_compute_the_same(kind: str, folder: Path, tmp_path: Path) -> None:
    accelerate = pytest.importorskip("accelerate")
    expected, cpu = scores(read(folder, kind)), torch.device("cpu")
    assert torch.equal(scores(accelerate.cpu_offload(read(folder, kind), execution_device=cpu)), expected)
    kept = accelerate.disk_offload(read(folder, kind), tmp_path / "weights", execution_device=cpu)
    assert torch.equal(scores(kept), expected)


def test_a_device_map_cuts_between_layers(folder: Path, tmp_path: Path) -> None:
    accelerate = pytest.importorskip("accelerate")
    model = read(folder, "AutoModelForMaskedLM")
    expected = scores(model)
    size = sum(each.numel() * each.element_size() for each in model.parameters())
    devices = accelerate.infer_auto_device_map(
        model, max_memory={"cpu": 4 * size // 5}, no_split_module_classes=model._no_split_modules
    )
    assert set(devices.values()) == {"cpu", "disk"}
    parts = {name.rpartition("layers.")[2] for name in devices if "layers." in name}
    assert parts and all(part.isdigit() for part in parts)
    kept = accelerate.dispatch_model(model, devices, main_device="cpu", offload_dir=tmp_path / "weights")
    assert torch.equal(scores(kept), expected)


def test_sentences_are_the_mean_of_their_states_before_and_after_training(
    folder: Path, tmp_path: Path
) -> None:
    library = pytest.importorskip("sentence_transformers")
    model = library.SentenceTransformer(str(folder), trust_remote_code=True, device="cpu")
    encoder, vocabulary = read(folder, "AutoModel"), load_model(folder).vocabulary()
    for text, found in zip(SENTENCES, model.encode(SENTENCES, convert_to_tensor=True), strict=True):
        ids = torch.tensor([[vocabulary.special.cls, *vocabulary.encode(text), vocabulary.special.sep]])
        torch.testing.assert_close(found, encoder(ids)[0].mean(1)[0].detach(), atol=1e-5, rtol=1e-5)

    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    features = model.tokenize(SENTENCES)
    model(features)["sentence_embedding"].square().sum().backward()
    optimizer.step()
    model.eval()
    model.save(str(tmp_path / "saved"))
    after = model.encode(SENTENCES, convert_to_tensor=True)
    again = library.SentenceTransformer(str(tmp_path / "saved"), trust_remote_code=True, device="cpu")
    torch.testing.assert_close(again.encode(SENTENCES, convert_to_tensor=True), after, atol=1e-6, rtol=0)
    ours = load_model(tmp_path / "saved").model.encoder(features["input_ids"], features["attention_mask"])
    mask = features["attention_mask"][..., None]
    torch.testing.assert_close((ours * mask).sum(1) / mask.sum(1), after, atol=1e-5, rtol=1e-5)


def test_no_key_makes_it_a_folder_of_another_library(folder: Path) -> None:
    tasks = pytest.importorskip("optimum.exporters.tasks")
    assert tasks.TasksManager.infer_library_from_model(str(folder)) == "transformers"


@needs_onnx
def test_an_onnx_file_runs_in_optimum(tmp_path: Path) -> None:
    pytest.importorskip("optimum.onnxruntime")
    from optimum.onnxruntime import ORTModelForFeatureExtraction, ORTModelForMaskedLM

    checkpoint = write_checkpoint(tmp_path / "step-0000007", FAMILY["mixed_chunk"], tmp_path)
    export(
        checkpoint.folder, tmp_path / "e", Config(export=ExportConfig(formats=("hf", "onnx"))), progress=QUIET
    )
    for kind, ours in (
        (ORTModelForMaskedLM, "AutoModelForMaskedLM"),
        (ORTModelForFeatureExtraction, "AutoModel"),
    ):
        model = kind.from_pretrained(tmp_path / "e", subfolder="onnx", trust_remote_code=True)
        found = model(input_ids=IDS, attention_mask=MASK)[0]
        torch.testing.assert_close(
            found[MASK > 0], scores(read(tmp_path / "e", ours))[MASK > 0], atol=1e-4, rtol=1e-4
        )
