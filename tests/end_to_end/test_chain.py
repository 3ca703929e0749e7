"""The whole chain on the bundled sample, from the outside: each command reads what the one before wrote."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gaupt.demo import sample_documents
from tests.cli.conftest import TINY_OPTIONS, Gaupt
from tests.processes import start_gaupt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders written by prepare, pretrain and export on the sample, a process each. Read only."""
    folder = tmp_path_factory.mktemp("chain")
    for command in (
        ("prepare", sample_documents(), "-o", folder / "prepared", "--workers", 2, *TINY_OPTIONS),
        ("pretrain", folder / "prepared", "-o", folder / "run", *TINY_OPTIONS),
        ("export", folder / "run", "-o", folder / "export"),
    ):
        status, _, told = start_gaupt(*command).finish()
        assert status == 0, told
    return folder


def test_the_planted_faults_are_handled_and_the_counts_add_up(chain: Path) -> None:
    report = json.loads((chain / "prepared/report.json").read_text())["clean"]
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    assert report["kept"] == 225
    assert report["dropped"] == {"exact_duplicate": 4, "not_chinese": 1, "too_short": 1}
    assert report["changed"]["simplified"] == 3
    assert report["changed"]["boilerplate_removed"] >= 7
    assert sum(sum(reasons.values()) for reasons in report["unreadable"].values()) == 1


def test_documents_tokenizer_shards_and_run_are_intact(chain: Path, gaupt: Gaupt) -> None:
    for part in ("prepared", "run"):
        assert "verified" in gaupt("inspect", chain / part, "--verify").done().out


def test_the_model_fills_masks_alike_from_the_run_and_from_the_export(chain: Path, gaupt: Gaupt) -> None:
    text = "他在这[MASK]住了三十年。"
    answers = [
        json.loads(gaupt("fill", chain / part, text, "--json").done().out) for part in ("run", "export")
    ]
    tokens = [[guess["token"] for guess in answer[0]["masks"][0]] for answer in answers]
    assert tokens[0] == tokens[1]


def test_the_export_loads_where_gaupt_is_not_installed(chain: Path, gaupt: Gaupt, tmp_path: Path) -> None:
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
logits[:, :, tokenizer.all_special_ids] = float("-inf")
print(tokenizer.convert_ids_to_tokens(logits[0, place].topk(5).indices.tolist()))
"""
    environment = os.environ | {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert result.returncode == 0, result.stderr
    ours = json.loads(gaupt("fill", chain / "run", "他在这[MASK]住了三十年。", "--json").done().out)
    assert result.stdout.strip().splitlines()[-1] == str([guess["token"] for guess in ours[0]["masks"][0]])


def test_a_second_call_of_each_stage_does_nothing(chain: Path, gaupt: Gaupt) -> None:
    calls = (
        ("prepare", sample_documents(), "-o", chain / "prepared", "--workers", 1, *TINY_OPTIONS),
        ("pretrain", chain / "prepared", "-o", chain / "run", *TINY_OPTIONS),
        ("export", chain / "run", "-o", chain / "export"),
    )

    def written() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in chain.rglob("*-0*") if path.is_file()}

    before = written()
    for call in calls:
        assert "is complete; nothing to do" in gaupt(*call).done().err
    assert written() == before


def test_changed_options_are_refused_by_name(chain: Path, gaupt: Gaupt) -> None:
    command = ("prepare", sample_documents(), "-o", chain / "prepared", *TINY_OPTIONS)
    assert "traditional simplify -> keep" in gaupt(*command, "--set", "clean.traditional=keep").error()


def test_the_report_shows_corpus_and_training_and_needs_no_network(
    chain: Path, gaupt: Gaupt, tmp_path: Path
) -> None:
    gaupt("report", chain / "prepared", chain / "run", "-o", tmp_path / "report.html").done()
    page = (tmp_path / "report.html").read_text()
    for expected in (
        "exact duplicate",
        "Masked-LM loss",
        "Token shards",
        "vocab size",
        "unigram entropy",
        "<svg",
    ):
        assert expected in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script src" not in page


def test_a_checkpoint_of_another_model_is_refused_by_name(chain: Path, gaupt: Gaupt, tmp_path: Path) -> None:
    config = chain / "export" / "config.json"
    shutil.copytree(chain / "export", tmp_path / "other")
    values = json.loads(config.read_text()) | {"num_hidden_layers": 3}
    (tmp_path / "other" / "config.json").write_text(json.dumps(values))
    (tmp_path / "other" / "files.json").unlink()
    message = gaupt("fill", tmp_path / "other", "天[MASK]").error()
    assert "holds another model's weights" in message


def test_a_corrupted_shard_a_foreign_checkpoint_and_another_config_are_named_and_nothing_is_lost(
    chain: Path, gaupt: Gaupt, tmp_path: Path
) -> None:
    shutil.copytree(chain / "prepared", tmp_path / "prepared")
    shutil.copytree(chain / "run", tmp_path / "run")
    shard = next((tmp_path / "prepared/shards").glob("train-*.tokens.bin"))
    damaged = bytearray(shard.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    shard.write_bytes(damaged)
    pretrain = ("pretrain", chain / "prepared", *TINY_OPTIONS, "-o")
    assert (
        shard.name in gaupt("pretrain", tmp_path / "prepared", "-o", tmp_path / "new", *TINY_OPTIONS).error()
    )

    def files() -> list[tuple[Path, int]]:
        return sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "run").rglob("*-0*"))

    before = files()
    other = (*pretrain, tmp_path / "run", "--seed", 5)
    assert "seed 0 -> 5" in gaupt(*other).error()
    assert "seed 0 -> 5" in gaupt(*other, "--dry-run").error()
    assert "seed = 5" in gaupt(*other, "--dry-run", "--overwrite", "--show-config").done().out

    wide = (*pretrain, tmp_path / "wide", "--set", "model.hidden_size=48")
    gaupt(*wide).done()
    shutil.rmtree(tmp_path / "wide/checkpoints")
    (tmp_path / "wide/summary.json").unlink()
    shutil.copytree(tmp_path / "run/checkpoints", tmp_path / "wide/checkpoints")
    assert "another model's weights" in gaupt(*wide).error()
    assert files() == before
