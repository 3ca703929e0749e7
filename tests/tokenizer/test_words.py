from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.errors import GauptError
from gaupt.files import read_jsonl_zst
from gaupt.tokenizer.words import load_words, split_words


def words(text: str, **options: object) -> list[str]:
    return split_words(text, load_words(**options))  # type: ignore[arg-type]


def test_words_are_jiebas() -> None:
    assert words("我来到北京清华大学") == ["我", "来到", "北京", "清华大学"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "TiO2-xNy薄膜",
        "变量a_b-c的值",
        "版本v1.2.3-rc1发布",
        "涨了3.14%。",
        "C++和c#",
        "a--b__c",
        "x\x1fa_b-c",
        "卡拉OK_x",
    ],
)
def test_both_engines_agree_on_runs_of_ascii(text: str) -> None:
    assert words(text) == words(text, engine="jieba")


@given(st.text(st.sampled_from("我们中国大学的语言模型abcXY019+#&._%- \n，。"), max_size=40))
def test_both_engines_agree_on_mixed_text(text: str) -> None:
    assert words(text) == words(text, engine="jieba")


@given(st.text(max_size=60))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_a_user_dictionary_adds_words(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("门控注意力单元 1000 n\n台中\n", encoding="utf-8")
    assert "门控注意力单元" in words("用门控注意力单元训练", engine=engine, user_dictionary=path)


def test_a_bad_line_of_a_user_dictionary_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("好 3\n词 一 二 三\n", encoding="utf-8")
    with pytest.raises(GauptError, match=r"words\.txt:2"):
        load_words("rjieba", path)


@pytest.mark.slow
def test_jieba_leaves_no_cache_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    load_words.cache_clear()
    words("缓存", engine="jieba")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_fast_engine_finds_jiebas_words_in_a_corpus(shared: Path) -> None:
    """At least 99.99% of the word bounds in 5 MB, taken from every source alike."""
    fast, plain = load_words(), load_words("jieba")
    bounds = different = 0
    for file in sorted((shared / "corpus").glob("*.jsonl.zst")):
        left = 300_000
        for record in read_jsonl_zst(file):
            ours, theirs = fast([record["text"]]), plain([record["text"]])
            bounds += int(theirs.sum())
            different += int((ours != theirs).sum())
            left -= len(record["text"].encode())
            if left < 0:
                break
    assert bounds > 1_000_000
    assert different / bounds < 1e-4
