"""A fine-tuned model as a folder of its own."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.finetune import build_network
from gaupt.evaluation.kinds.table import KINDS
from gaupt.evaluation.length_batches import collate
from gaupt.evaluation.save import CLASSES, check_saveable, save_network
from gaupt.exporting.hf import export
from gaupt.progress import Progress
from tests.evaluation.small import CPU, read, settings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "auto_class"),
    [
        ("eprstmt", "AutoModelForSequenceClassification"),
        ("cluener", "AutoModelForTokenClassification"),
        ("cmrc2018", "AutoModelForQuestionAnswering"),
        ("c3", "AutoModelForMultipleChoice"),
    ],
)
@pytest.mark.untraced
def test_transformers_computes_the_same_scores(
    encoder: Encoder, tasks: Path, tmp_path: Path, task: str, auto_class: str
) -> None:
    import transformers

    data, config = read(task, tasks), settings()
    pooling = "mean" if task in ("eprstmt", "c3") else "cls"
    network = build_network(encoder, data, 0.0, 3, pooling).eval()
    save_network(tmp_path / "saved", network, encoder, data)
    # What gaupt export makes of it keeps the head.
    export(tmp_path / "saved", tmp_path / "exported", progress=Progress(quiet=True))
    items = KINDS[data.task.kind].encode(data.dev[:4], data.labels, encoder, config, config, False)
    # The shortest and the longest: one of them is padded. A question's choices are rows of one length each.
    items = items[:1] if task == "c3" else sorted(items, key=lambda item: item.length)[:: len(items) - 1]
    batch = collate(items, encoder, CPU.device)
    with torch.inference_mode():
        mine = network(batch)
        for folder in ("saved", "exported"):
            model = (
                getattr(transformers, auto_class)
                .from_pretrained(tmp_path / folder, trust_remote_code=True)
                .eval()
            )
            ids = batch.ids[None] if task == "c3" else batch.ids
            mask = None if batch.segments is None else batch.segments.view(ids.shape)
            theirs = model(ids, mask)
            found = (
                torch.stack([theirs.start_logits, theirs.end_logits], -1)
                if task == "cmrc2018"
                else theirs.logits
            )
            torch.testing.assert_close(found.reshape(mine.shape), mine, atol=1e-5, rtol=1e-5)
            if task in ("eprstmt", "cluener"):
                named = KINDS[data.task.kind].outputs(data.labels)
                assert [model.config.id2label[place] for place in range(len(named))] == list(named)


def test_a_fine_tuned_folder_is_a_model_of_ours(encoder: Encoder, tasks: Path, tmp_path: Path) -> None:
    data = read("eprstmt", tasks)
    save_network(tmp_path / "saved", build_network(encoder, data, 0.0, 3), encoder, data)
    loaded = load_model(tmp_path / "saved")
    assert loaded.finetuned is not None
    assert (loaded.finetuned.architecture, loaded.finetuned.labels) == (
        CLASSES["classification"],
        data.labels,
    )
    assert "text-classification" in (tmp_path / "saved" / "README.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "saved" / "config.json").read_text())["exported"]["task"] == "eprstmt"


def test_a_model_of_transformers_is_not_saved_as_ours(encoder: Encoder) -> None:
    check_saveable(encoder)
    with pytest.raises(GauptError, match="--save keeps models of gaupt's; small is one of transformers"):
        check_saveable(replace(encoder, ours=None))
