import json
from pathlib import Path

import pytest

from gaupt.config import config_from
from gaupt.corpus.documents import Document, write_documents
from gaupt.errors import GauptError
from gaupt.files import write_json
from gaupt.shards.build import build_shards
from gaupt.shards.decontaminate import Excluded
from tests.made_documents import text

QUESTION = "下列关于长江流域梅雨季节降水特征的说法中，哪一项是不正确的？"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    path = tmp_path / "task.jsonl"
    path.write_text(
        json.dumps({"id": 1, "question": QUESTION, "choices": ["甲", "乙"]}, ensure_ascii=False) + "\n"
    )
    return path


def test_a_document_with_an_excluded_text_is_found_whatever_its_punctuation(task: Path) -> None:
    excluded = Excluded((task,), 13, 0.5)
    assert len(excluded) == 1  # the choices are too short to tell
    assert excluded.holds_one(f"{text(1)}{QUESTION}{text(2)}")
    assert excluded.holds_one("下列关于长江流域，梅雨季节降水特征的 说法中：哪一项是不正确的")
    assert not excluded.holds_one(text(3))
    assert not excluded.holds_one("长江流域梅雨季节降水特征是重要的研究课题。")
    assert not excluded.holds_one("")


def test_part_of_a_long_text_is_not_the_text(task: Path) -> None:
    beginning = QUESTION[:16]
    assert not Excluded((task,), 13, 0.5).holds_one(beginning)
    assert Excluded((task,), 13, 0.1).holds_one(beginning)


def test_shards_leave_excluded_documents_out_and_count_them(
    task: Path, tmp_path: Path, tokenizer_folder: Path
) -> None:
    documents = [Document(str(i), text(i) + (QUESTION if i % 10 == 0 else ""), "s") for i in range(40)]
    write_documents(tmp_path / "clean/documents-00000.jsonl.zst", documents)
    write_json(tmp_path / "clean/report.json", {})
    config = config_from({"shards": {"exclude": [str(task)]}}, "a test")
    manifest = build_shards(tmp_path / "clean", tokenizer_folder, tmp_path / "s", config, workers=1)
    assert manifest["excluded_documents"] == 4
    assert sum(split["documents"] for split in manifest["splits"].values()) == 36


@pytest.mark.parametrize("name", ["missing.jsonl", "broken.jsonl"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"a": ')
    with pytest.raises(GauptError, match=name):
        Excluded((tmp_path / name,), 13, 0.5)
