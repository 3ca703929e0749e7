"""The whole chain on the bundled sample, from the outside: each command reads what the one before wrote."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gaupt.demo import sample_documents
from tests.conftest import TINY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def gaupt(*arguments, status=0):
    result = subprocess.run(
        [sys.executable, "-m", "gaupt", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT
    )
    assert result.returncode == status, result.stderr
    return result


OPTIONS = [part for option in TINY for part in ("--set", option)]


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Folders written by prepare, pretrain and export on the sample. Read only."""
    folder = tmp_path_factory.mktemp("chain")
    gaupt("prepare", sample_documents(), "-o", folder / "prepared", "--workers", 2, *OPTIONS)
    gaupt("pretrain", folder / "prepared", "-o", folder / "run", *OPTIONS)
    gaupt("export", folder / "run", "-o", folder / "export")
    return folder


def test_the_planted_faults_are_handled_and_the_counts_add_up(chain):
    report = json.loads((chain / "prepared/report.json").read_text())["clean"]
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    assert report["kept"] == 225
    assert report["dropped"] == {"exact_duplicate": 4, "not_chinese": 1, "too_short": 1}
    assert report["changed"]["simplified"] == 3
    assert report["changed"]["boilerplate_removed"] >= 7
    assert sum(sum(reasons.values()) for reasons in report["unreadable"].values()) == 1


def test_documents_tokenizer_shards_and_run_are_intact(chain):
    for part in ("prepared", "run"):
        assert "verified" in gaupt("inspect", chain / part, "--verify").stdout


def test_the_model_fills_masks_alike_from_the_run_and_from_the_export(chain):
    text = "他在这[MASK]住了三十年。"
    answers = [json.loads(gaupt("fill", chain / part, text, "--json").stdout) for part in ("run", "export")]
    tokens = [[guess["token"] for guess in answer[0]["masks"][0]] for answer in answers]
    assert tokens[0] == tokens[1]


def test_the_export_loads_where_gaupt_is_not_installed(chain, tmp_path):
    shutil.copytree(chain / "export", tmp_path / "model")
    code = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "gaupt":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
import torch, transformers
from transformers import AutoModelForMaskedLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("model", trust_remote_code=True)
model = AutoModelForMaskedLM.from_pretrained("model", trust_remote_code=True).eval()
batch = tokenizer(["他在这[MASK]住了三十年。", "好。"], padding=True, return_tensors="pt")
with torch.no_grad():
    logits = model(**batch).logits
place = (batch["input_ids"][0] == tokenizer.mask_token_id).nonzero().item()
print(tokenizer.convert_ids_to_tokens(logits[0, place].topk(5).indices.tolist()))
"""
    environment = os.environ | {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert result.returncode == 0, result.stderr
    ours = json.loads(gaupt("fill", chain / "run", "他在这[MASK]住了三十年。", "--json").stdout)
    assert result.stdout.strip().splitlines()[-1] == str([guess["token"] for guess in ours[0]["masks"][0]])


def test_a_second_call_of_each_stage_does_nothing(chain):
    calls = (
        ("prepare", sample_documents(), "-o", chain / "prepared", "--workers", 1, *OPTIONS),
        ("pretrain", chain / "prepared", "-o", chain / "run", *OPTIONS),
        ("export", chain / "run", "-o", chain / "export"),
    )

    def written():
        return {path: path.stat().st_mtime_ns for path in chain.rglob("*-0*") if path.is_file()}

    before = written()
    for call in calls:
        assert "is complete; nothing to do" in gaupt(*call).stderr
    assert written() == before


def test_changed_options_are_refused_by_name(chain):
    result = gaupt(
        "prepare",
        sample_documents(),
        "-o",
        chain / "prepared",
        *OPTIONS,
        "--set",
        "clean.traditional=keep",
        status=2,
    )
    assert "traditional simplify -> keep" in result.stderr


def test_the_report_shows_corpus_and_training_and_needs_no_network(chain, tmp_path):
    gaupt("report", chain / "prepared", chain / "run", "-o", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    for expected in (
        "exact_duplicate",
        "Masked-LM loss",
        "Token shards",
        "vocab size",
        "unigram entropy",
        "<svg",
    ):
        assert expected in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page


def test_a_checkpoint_of_another_model_is_refused_by_name(chain, tmp_path):
    config = chain / "export" / "config.json"
    shutil.copytree(chain / "export", tmp_path / "other")
    values = json.loads(config.read_text()) | {"num_hidden_layers": 3}
    (tmp_path / "other" / "config.json").write_text(json.dumps(values))
    result = gaupt("fill", tmp_path / "other", "天[MASK]", status=2)
    assert "holds another model's weights" in result.stderr


def test_a_corrupted_shard_a_foreign_checkpoint_and_another_config_are_named_and_nothing_is_lost(
    chain, tmp_path
):
    shutil.copytree(chain / "prepared", tmp_path / "prepared")
    shutil.copytree(chain / "run", tmp_path / "run")
    shard = next((tmp_path / "prepared/shards").glob("train-*.tokens.bin"))
    damaged = bytearray(shard.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    shard.write_bytes(damaged)
    result = gaupt("pretrain", tmp_path / "prepared", "-o", tmp_path / "new", *OPTIONS, status=2)
    assert shard.name in result.stderr and result.stderr.count("\n") == 1

    def files():
        return sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "run").rglob("*-0*"))

    before = files()
    other = gaupt("pretrain", chain / "prepared", "-o", tmp_path / "run", *OPTIONS, "--seed", 5, status=2)
    assert "seed 0 -> 5" in other.stderr and other.stderr.count("\n") == 1
    plan = ("pretrain", chain / "prepared", "-o", tmp_path / "run", *OPTIONS, "--seed", 5, "--dry-run")
    assert "seed 0 -> 5" in gaupt(*plan, status=2).stderr
    assert "seed = 5" in gaupt(*plan, "--overwrite").stdout

    gaupt("pretrain", chain / "prepared", "-o", tmp_path / "wide", *OPTIONS, "--set", "model.hidden_size=48")
    shutil.rmtree(tmp_path / "wide/checkpoints")
    (tmp_path / "wide/summary.json").unlink()
    shutil.copytree(tmp_path / "run/checkpoints", tmp_path / "wide/checkpoints")
    foreign = gaupt(
        "pretrain", chain / "prepared", "-o", tmp_path / "wide", *OPTIONS, "--set", "model.hidden_size=48",
        status=2,
    )  # fmt: skip
    assert "another model's weights" in foreign.stderr and foreign.stderr.count("\n") == 1
    assert files() == before
