"""What a folder of ours is, what it holds, and whether it is intact: each format's own answer, under one roof."""

import json
import shutil
from pathlib import Path

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.exporting import hf
from gaupt.inspection import describe, fit, kind_of, parts_of, verify_folder
from gaupt.training.pretrain import pretrain


@pytest.fixture(scope="module")
def folders(prepared: Path, tiny_config: Config, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each kind. Read only."""
    demo = tmp_path_factory.mktemp("inspection")
    run = demo / "run"
    pretrain(prepared, run, tiny_config, workers=0)
    hf.export(run, demo / "export")
    shutil.copytree(prepared, demo / "prepared")
    parts = {"documents": "clean", "tokenizer": "tokenizer", "shards": "shards"}
    return {
        **{kind: prepared / name for kind, name in parts.items()},
        "prepared": prepared,
        "run": run,
        "demo": demo,
        "export": demo / "export",
        "checkpoint": run / "checkpoints" / "step-0000006",
    }


KINDS = ["documents", "tokenizer", "shards", "prepared", "run", "checkpoint", "demo", "export"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_by_its_files_and_tells_its_facts(kind: str, folders: dict[str, Path]) -> None:
    assert kind_of(folders[kind]) == kind
    assert describe(folders[kind])["kind"] == kind
    assert verify_folder(folders[kind]) > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_in_any_kind_is_found_and_its_file_named(
    kind: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folders[kind], copy)
    pattern = {"documents": "documents-*.zst", "tokenizer": "vocab.txt", "shards": "train-*.tokens.bin"}
    file = next(copy.rglob(pattern.get(kind, "*.safetensors" if kind != "prepared" else "vocab.txt")))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(GauptError, match=file.name):
        verify_folder(copy)


def test_a_damaged_record_of_a_stage_is_found(folders: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(folders["tokenizer"], tmp_path / "copy")
    record = tmp_path / "copy" / "stage.json"
    record.write_text(record.read_text().replace("tokenizer", "tokeniser", 1))
    with pytest.raises(GauptError, match=r"stage\.json is damaged"):
        verify_folder(tmp_path / "copy")


def test_many_faults_are_five_and_a_number(folders: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folders["shards"], copy)
    gone = sorted(path for path in copy.glob("*.bin"))
    for path in gone:
        path.unlink()
    with pytest.raises(GauptError) as error:
        verify_folder(copy)
    assert str(error.value).count("is missing") == 5
    assert f"and {len(gone) - 5} more; copy the folder again" in str(error.value)


@pytest.mark.slow
def test_facts_are_those_of_the_folder(folders: dict[str, Path]) -> None:
    assert describe(folders["documents"])["documents"] == 225
    assert describe(folders["run"])["last checkpoint"] == "step-0000006"
    assert describe(folders["tokenizer"])["vocab_size"] == 1500
    assert describe(folders["prepared"])["clean documents"] == 225


@pytest.mark.slow
def test_a_run_tells_its_loss_its_steps_and_its_size(folders: dict[str, Path], tmp_path: Path) -> None:
    facts = describe(folders["run"])
    summary = json.loads((folders["run"] / "summary.json").read_text(encoding="utf-8"))
    assert (facts["state"], facts["steps"], facts["model"]) == ("complete", 6, "gau, 2 layers of 32")
    assert (facts["validation loss"], facts["validation accuracy"]) == (
        summary["eval_loss"],
        summary["eval_accuracy"],
    )
    assert (facts["unigram entropy"], facts["tokens"]) == (summary["unigram_entropy"], summary["tokens"])
    assert facts["bytes"] == sum(file.stat().st_size for file in folders["run"].rglob("*") if file.is_file())
    # Of a run that is not complete, what its lines and its newest checkpoint tell.
    shutil.copytree(folders["run"], tmp_path / "run")
    (tmp_path / "run" / "summary.json").unlink()
    unfinished = describe(tmp_path / "run")
    assert unfinished["state"] == "not complete"
    assert (unfinished["parameters"], unfinished["steps"]) == (facts["parameters"], 6)
    assert unfinished["training loss"] == facts["training loss"]
    assert not {"time", "unigram entropy"} & unfinished.keys()


def test_a_run_of_which_hardly_anything_is_left_is_told_as_far(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "metrics.jsonl").touch()
    facts = describe(tmp_path)
    assert facts == {
        "kind": "run", "state": "not complete", "steps": 0, "checkpoints": 0, "last checkpoint": "none", "bytes": 0,
    }  # fmt: skip


@pytest.mark.slow
def test_a_tokenizer_is_fitted_to_a_look_at_its_corpus(folders: dict[str, Path]) -> None:
    found = fit(folders["tokenizer"])
    assert found is not None
    quality, lines = found
    whole = describe(folders["tokenizer"])
    assert (quality.coverage, quality.characters) == (
        whole["coverage"],
        whole["characters"],
    )  # of so small a corpus
    assert len(lines) == 5 and all(16 <= len("".join(piece.text for piece in line)) < 60 for line in lines)


def test_what_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="does not exist"):
        kind_of(tmp_path / "nowhere")
    with pytest.raises(GauptError, match="is empty, not a folder that gaupt wrote"):
        kind_of(tmp_path)


@pytest.mark.slow
def test_a_whole_demo_tells_the_facts_of_its_parts(folders: dict[str, Path]) -> None:
    assert [part.name for part in parts_of(folders["demo"])] == ["prepared", "run", "export"]
    facts = describe(folders["demo"])
    assert facts["prepared clean documents"] == 225
    assert facts["run last checkpoint"] == "step-0000006"
    assert parts_of(folders["run"]) == []


def test_an_export_is_told_from_the_tokenizer_that_it_holds(folders: dict[str, Path], tmp_path: Path) -> None:
    facts = describe(folders["export"])
    assert (facts["kind"], facts["architectures"]) == ("export", "GauptForMaskedLM")
    assert verify_folder(folders["export"]) > 1
    shutil.copytree(folders["export"], tmp_path / "copy")
    weights = tmp_path / "copy" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(GauptError, match=r"model\.safetensors is damaged: it has"):
        verify_folder(tmp_path / "copy")
