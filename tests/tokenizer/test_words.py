import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.errors import GauptError
from gaupt.files import read_jsonl_zst
from gaupt.tokenizer.words import delimited, load_words, split_words

SAMPLE = Path(__file__).parents[2] / "data" / "documents"


def words(text: str, **options: object) -> list[str]:
    return split_words(text, load_words(**options))  # type: ignore[arg-type]


def test_words_are_jiebas() -> None:
    assert words("我来到北京清华大学") == ["我", "来到", "北京", "清华大学"]


def test_texts_are_segmented_one_by_one() -> None:
    texts = ["我来到北京", "", "清华大学", "TiO2-xNy", "x_y"]
    found = load_words()(texts)
    assert np.flatnonzero(found).tolist() == [0, 1, 3, 5, 9, 13, 14, 17, 18, 19]
    assert load_words()([]).tolist() == []


def test_runs_of_ascii_are_split_as_jieba_does() -> None:
    assert words("TiO2-xNy薄膜") == ["TiO2", "-", "xNy", "薄膜"]
    assert words("版本v1.2.3-rc1") == ["版本", "v1.2", ".", "3", "-", "rc1"]


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


@pytest.mark.slow
@given(st.text(st.sampled_from("我们中国大学的语言模型abcXY019+#&._%- \n，。"), max_size=40))
def test_both_engines_agree_on_mixed_text(text: str) -> None:
    assert words(text) == words(text, engine="jieba")


@pytest.mark.slow
@given(st.text(max_size=60))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_a_user_dictionary_adds_words(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("门控注意力单元 1000 n\n台中\n", encoding="utf-8")
    assert "门控注意力单元" in words("用门控注意力单元训练", engine=engine, user_dictionary=path)


@pytest.mark.slow
def test_words_added_are_of_one_segmenter_alone(tmp_path: Path) -> None:
    found = []
    for word in ("清晨的雾", "茶农上山"):
        path = tmp_path / word
        path.write_text(word, encoding="utf-8")
        found.append(words("清晨的雾，茶农上山", user_dictionary=path))
    assert found == [["清晨的雾", "，", "茶农", "上山"], ["清晨", "的", "雾", "，", "茶农上山"]]
    assert words("清晨的雾，茶农上山") == ["清晨", "的", "雾", "，", "茶农", "上山"]


@pytest.mark.slow
def test_lines_of_a_user_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    # With a byte order mark; a blank line; a tag alone; a frequency so low that the word stays two.
    path.write_text("山上的雾\n\n茶农们说 n\n来到北京 1\n来到上海 100000 v\n", encoding="utf-8-sig")
    found = words("山上的雾，茶农们说，来到北京，来到上海", user_dictionary=path)
    assert found == ["山上的雾", "，", "茶农们说", "，", "来到", "北京", "，", "来到上海"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("好 3\n\n词 一 二 三\n".encode(), r"words\.txt:3: expected .*, got '词 一 二 三'"),
        ("好 3\n词 一 二\n".encode(), r"words\.txt:2: expected"),
        ("词".encode("gbk"), r"words\.txt is not UTF-8; convert it"),
        (None, r"cannot read the user dictionary .*words\.txt: No such file"),
    ],
)
def test_what_is_wrong_with_a_user_dictionary_is_named(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GauptError, match=message):
        load_words("rjieba", path)


def test_jieba_is_loaded_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    load_words.cache_clear()
    assert words("清晨的雾") == ["清晨", "的", "雾"]
    with pytest.raises(ImportError):
        load_words("jieba")


@pytest.mark.slow
def test_jieba_leaves_no_cache_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    load_words.cache_clear()
    words("缓存", engine="jieba")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.untraced
def test_the_fast_engine_finds_jiebas_words_in_the_sample() -> None:
    texts = (SAMPLE / "encyclopedia.jsonl").read_text(encoding="utf-8").split("\n")
    ours, theirs = load_words()(texts), load_words("jieba")(texts)
    assert theirs.sum() > 5_000
    assert np.flatnonzero(ours != theirs).tolist() == []


@pytest.mark.slow
@pytest.mark.untraced
def test_the_fast_engine_finds_jiebas_words_in_a_corpus(shared: Path) -> None:
    """At least 99.99% of the word bounds in 2.5 MB, taken from every source alike."""
    fast, plain = load_words(), load_words("jieba")
    bounds = different = 0
    for file in sorted((shared / "corpus").glob("*.jsonl.zst")):
        left = 150_000
        for record in read_jsonl_zst(file):
            ours, theirs = fast([record["text"]]), plain([record["text"]])
            bounds += int(theirs.sum())
            different += int((ours != theirs).sum())
            left -= len(record["text"].encode())
            if left < 0:
                break
    assert bounds > 500_000
    assert different / bounds < 1e-4


@pytest.mark.slow
@given(st.text(st.sampled_from("中国人民大学abcXY \x1f，。"), max_size=30))
def test_delimiters_stand_between_words_and_change_nothing_else(line: str) -> None:
    words = delimited(line, load_words()).split("\x1f")
    assert "".join(words) == line.replace("\x1f", "")
    assert all(words) or words == [""]


def test_a_space_joins_the_latin_word_after_it_and_no_other() -> None:
    words = load_words()
    assert delimited("学习 Python 语言", words) == "学习\x1f Python\x1f \x1f语言"
    assert delimited("一 1", words) == "一\x1f \x1f1"
