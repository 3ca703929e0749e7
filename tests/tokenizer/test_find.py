from pathlib import Path

import pytest

from gaupt.tokenizer.find import tokenizer_folder

CHECKPOINT = ("manifest.json", "model.safetensors", "tokenizer/tokenizer.json")


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (("tokenizer.json", "tokenizer_config.json"), "."),
        (CHECKPOINT, "tokenizer"),
        (("manifest.json", "tokenizer/tokenizer.json"), "tokenizer"),
        (("clean/report.json", "tokenizer/tokenizer.json", "shards/manifest.json"), "tokenizer"),
        (("config.json", "modeling_gau.py", "masked_lm.py", "tokenizer.json"), "."),
        (("config.json", "vocab.txt"), "."),
        (("notes.txt",), "."),
    ],
)
def test_what_is_or_holds_a_tokenizer_has_one_place_for_it(
    files: tuple[str, ...], place: str, tmp_path: Path
) -> None:
    make(tmp_path, *files)
    assert tokenizer_folder(tmp_path) == tmp_path / place


def test_of_a_run_it_is_that_of_the_newest_checkpoint(tmp_path: Path) -> None:
    make(tmp_path, "metrics.jsonl")
    (tmp_path / "checkpoints").mkdir()
    assert tokenizer_folder(tmp_path) == tmp_path
    for step in (10, 9):
        make(tmp_path / f"checkpoints/step-{step:07}", *CHECKPOINT)
    assert tokenizer_folder(tmp_path) == tmp_path / "checkpoints/step-0000010/tokenizer"


def test_a_file_and_what_is_not_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").touch()
    for name in ("vocab.txt", "nowhere"):
        assert tokenizer_folder(tmp_path / name) == tmp_path / name
