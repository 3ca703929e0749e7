import json
from pathlib import Path

import numpy as np
import pytest

from gaupt.config import CleanConfig, config_from
from gaupt.corpus.change.traditional import simplify
from gaupt.corpus.clean import clean
from gaupt.errors import GauptError
from gaupt.shards.build import build_shards
from gaupt.shards.decontaminate import load_excluded, read_excluded
from gaupt.text.characters import count, letters_of_one_writing
from tests.made_documents import documents_of, text

QUESTION = "下列关于长江流域梅雨季节降水特征的说法中，哪一项是不正确的？"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    path = tmp_path / "task.jsonl"
    path.write_text(
        json.dumps({"id": 1, "question": QUESTION, "choices": ["甲", "乙"]}, ensure_ascii=False) + "\n"
    )
    return path


@pytest.mark.slow
def test_a_document_with_an_excluded_text_is_found_whatever_its_punctuation(task: Path) -> None:
    excluded = read_excluded((task,), 13, 0.5, CleanConfig())
    assert len(excluded) == 1  # the choices are too short to tell
    assert excluded.holds_one(f"{text(1)}{QUESTION}{text(2)}")
    assert excluded.holds_one("下列关于长江流域，梅雨季节降水特征的 说法中：哪一项是不正确的")
    assert not excluded.holds_one(text(3))
    assert not excluded.holds_one("长江流域梅雨季节降水特征是重要的研究课题。")
    assert not excluded.holds_one("")


FULL_WIDTH = "２０２３年６月ＡＢＣ公司发布了第１２代产品，售价１９９９元，首批１００００台当天售罄。"
TRADITIONAL = "國務院辦公廳關於加強長江流域環境保護與生態補償工作的若干意見已經發布，請遵照執行。"
PERSONAL = "报名请在工作日联系赵老师，电话13912345678，也可以发邮件到zhao.laoshi@example.com询问详情。"


@pytest.mark.slow
@pytest.mark.parametrize("raw", [FULL_WIDTH, TRADITIONAL, PERSONAL])
@pytest.mark.parametrize("traditional", ["simplify", "keep"])
def test_an_excluded_text_is_found_after_the_corpus_was_cleaned(
    raw: str, traditional: str, tmp_path: Path, tokenizer_folder: Path
) -> None:
    texts = [text(i) + (f"\n{raw}" if i % 10 == 0 else "") for i in range(40)]
    lines = [json.dumps({"text": each}, ensure_ascii=False) + "\n" for each in texts]
    (tmp_path / "corpus.jsonl").write_text("".join(lines))
    (tmp_path / "task.txt").write_text(raw + "\n")
    settings = {"clean": {"traditional": traditional, "near_duplicates": False}}
    clean([tmp_path / "corpus.jsonl"], tmp_path / "clean", config_from(settings, "a test"), workers=1)
    # Which steps the corpus went through is written beside it, and not asked of whoever cuts the shards.
    config = config_from({"shards": {"exclude": [str(tmp_path / "task.txt")]}}, "a test")
    manifest = build_shards(tmp_path / "clean", tokenizer_folder, tmp_path / "s", config, workers=1)
    assert manifest["excluded_documents"] == 4


def test_writing_does_not_matter() -> None:
    """A corpus may be in traditional writing and a task in simplified, or the other way round."""
    for first, second in ((TRADITIONAL, _simplified(TRADITIONAL)), (_simplified(TRADITIONAL), TRADITIONAL)):
        assert letters_of_one_writing(first).tolist() == letters_of_one_writing(second).tolist()


def _simplified(traditional: str) -> str:
    return simplify(traditional, count(traditional))


@pytest.mark.slow
def test_part_of_a_long_text_is_not_the_text(task: Path) -> None:
    beginning = QUESTION[:16]
    assert not read_excluded((task,), 13, 0.5, CleanConfig()).holds_one(beginning)
    assert read_excluded((task,), 13, 0.1, CleanConfig()).holds_one(beginning)


LETTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("letters", "overlap", "needed"),
    [
        (17, 0.5, 3),  # 5 different n-grams of 13: half of them is 2.5
        (16, 0.5, 2),
        (18, 0.3, 2),  # 6 n-grams: 1.8
        (18, 1.0, 6),
        (13, 0.5, 1),  # 1 n-gram: 0.5
        (17, 1e-9, 1),
    ],
)
def test_a_share_of_n_grams_that_is_no_whole_number_is_rounded_up(
    letters: int, overlap: float, needed: int, tmp_path: Path
) -> None:
    (tmp_path / "task.txt").write_text(LETTERS[:letters], encoding="utf-8")
    excluded = read_excluded((tmp_path / "task.txt",), 13, overlap, CleanConfig())
    assert len(excluded) == 1
    # As many n-grams as letters beyond the first twelve.
    assert excluded.holds_one(LETTERS[: 12 + needed])
    assert not excluded.holds_one(LETTERS[: 12 + needed - 1])


@pytest.mark.slow
def test_a_text_shorter_than_an_n_gram_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "task.txt").write_text(f"{LETTERS[:12]}\t{LETTERS[:13]}\n", encoding="utf-8")
    assert len(read_excluded((tmp_path / "task.txt",), 13, 0.5, CleanConfig())) == 1


@pytest.mark.slow
def test_n_grams_that_repeat_count_once(tmp_path: Path) -> None:
    (tmp_path / "task.txt").write_text(LETTERS[:17], encoding="utf-8")
    excluded = read_excluded((tmp_path / "task.txt",), 13, 0.5, CleanConfig())
    assert not excluded.holds_one("。".join([LETTERS[:14], "空", LETTERS[:14], "白", LETTERS[:14]]))


@pytest.mark.slow
@pytest.mark.option("shards.exclude", "shards.exclude_ngram", "shards.exclude_overlap")
@pytest.mark.parametrize(
    ("options", "excluded"),
    [
        ({}, 4),  # the whole question
        ({"exclude_ngram": 28}, 4),
        ({"exclude_ngram": 29}, 0),  # it has 28 letters
        ({"exclude_overlap": 0.25}, 8),  # its first 16 letters, 4 of its 16 n-grams, too
        ({"exclude_overlap": 0.26}, 4),
    ],
)
def test_shards_leave_excluded_documents_out_and_count_them(
    options: dict[str, float], excluded: int, task: Path, tmp_path: Path, tokenizer_folder: Path
) -> None:
    held = {0: QUESTION, 1: QUESTION[:16]}
    documents_of(tmp_path / "clean", *(text(i) + held.get(i % 10, "") for i in range(40)))
    config = config_from({"shards": {"exclude": [str(task)], **options}}, "a test")
    manifest = build_shards(tmp_path / "clean", tokenizer_folder, tmp_path / "s", config, workers=1)
    assert manifest["excluded_documents"] == excluded
    assert sum(split["documents"] for split in manifest["splits"].values()) == 40 - excluded


@pytest.mark.parametrize("name", ["missing.jsonl", "broken.jsonl"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"a": ')
    with pytest.raises(GauptError, match=name):
        read_excluded((tmp_path / name,), 13, 0.5, CleanConfig())


def test_an_index_is_loaded_as_it_was_saved(task: Path, tmp_path: Path) -> None:
    excluded = read_excluded((task,), 13, 0.5, CleanConfig())
    excluded.save(tmp_path / "index.npz")
    loaded = load_excluded(tmp_path / "index.npz")
    assert len(loaded) == len(excluded) == 1
    assert loaded.holds_one(f"{text(1)}{QUESTION}{text(2)}")
    assert not loaded.holds_one(text(1))


def test_what_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "index.npz", n=np.array([[]], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_excluded(tmp_path / "index.npz")
