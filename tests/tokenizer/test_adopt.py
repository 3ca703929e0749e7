import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models, pre_tokenizers

from gaupt.errors import GauptError
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer, verify
from gaupt.tokenizer.words import load_words
from tests.made_documents import small_config, text
from tests.tokenizer.vocabularies import adopt, learn

SAMPLES = [text(i) for i in range(900, 920)]


def test_a_folder_of_ours_is_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    original, adopted = load_tokenizer(folder), adopt(folder, tmp_path / "t")
    assert [adopted.encode(sample) for sample in SAMPLES] == [original.encode(sample) for sample in SAMPLES]
    assert adopted.special == original.special
    # Shards made with the one are shards made with the other, and as fast to make.
    assert (tmp_path / "t/tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    assert type(adopted.encode_places) is type(original.encode_places)
    assert not any(verify(tmp_path / "t"))


def test_a_damaged_folder_of_ours_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy/tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes() + b" ")
    with pytest.raises(GauptError, match=r"copy/tokenizer\.json is damaged"):
        adopt(tmp_path / "copy", tmp_path / "t")


def test_each_native_file_gives_the_same_vocabulary(folder: Path, tmp_path: Path) -> None:
    original = load_tokenizer(folder)
    native = next(path for name in ("tokenizer.model", "vocab.txt") if (path := folder / name).exists())
    adopted = adopt(native, tmp_path / "t")
    assert (tmp_path / "t" / native.name).read_bytes() == native.read_bytes()
    for sample in SAMPLES:
        assert adopted.encode(sample) == original.encode(sample)
        ours, theirs = (t.encode_words([sample], load_words()) for t in (adopted, original))
        assert ours.ids.tolist() == theirs.ids.tolist()
        assert ours.starts.tolist() == theirs.starts.tolist()


def test_case_is_kept_where_the_vocabulary_says_so(tmp_path: Path) -> None:
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "abc", "ABC", "中"]
    (tmp_path / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    assert adopt(tmp_path, tmp_path / "lower").encode("ABC中") == [5, 7]
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert adopt(tmp_path / "vocab.txt", tmp_path / "cased").encode("ABC中") == [6, 7]


@pytest.mark.slow
def test_a_vocab_txt_of_ours_keeps_its_case(documents: Path, tmp_path: Path) -> None:
    config = small_config(type="char", vocab_size=250, lowercase=False)
    build_tokenizer(documents, tmp_path / "t", config)
    assert adopt(tmp_path / "t/vocab.txt", tmp_path / "again").encode("Python") == load_tokenizer(
        tmp_path / "t"
    ).encode("Python")


def test_special_tokens_under_other_names_get_ours_and_keep_their_ids(tmp_path: Path) -> None:
    vocab = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "中": 5, "国": 6}
    fast = FastTokenizer(models.WordLevel(vocab, "<unk>"))
    fast.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    fast.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    fast.save(str(tmp_path / "tokenizer.json"))
    adopted = adopt(tmp_path / "tokenizer.json", tmp_path / "t")
    special = adopted.special
    assert (special.cls, special.pad, special.sep, special.unk, special.mask) == (0, 1, 2, 3, 4)
    assert adopted.encode("中[MASK]国") == [5, 4, 6]
    assert adopted.fast.encode("中").ids == [0, 5, 2]


@pytest.mark.slow
def test_special_tokens_that_are_missing_are_added_behind_the_last_id(
    lines: list[str], tmp_path: Path
) -> None:
    learn(lines, tmp_path / "spiece.model")
    report = build_tokenizer(None, tmp_path / "t", small_config(), source=tmp_path / "spiece.model")
    special = load_tokenizer(tmp_path / "t").special
    assert (special.unk, special.cls, special.sep, special.pad, special.mask) == (0, 1, 2, 400, 401)
    assert (report["vocab_size"], report["added"]) == (402, ["[PAD]", "[MASK]"])

    fast = FastTokenizer(models.BPE({"Ġ": 0, "a": 1, "<|endoftext|>": 2}, []))
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast.save(str(tmp_path / "tokenizer.json"))
    adopted = adopt(tmp_path / "tokenizer.json", tmp_path / "json")
    assert (adopted.special.sep, adopted.vocab_size) == (2, 7)
    assert adopted.fast.encode("a[MASK]").ids == [adopted.special.cls, 1, adopted.special.mask, 2]


def test_a_config_that_does_not_say_whether_case_counts_decides_nothing(tmp_path: Path) -> None:
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "abc", "ABC"]
    (tmp_path / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": null}')
    assert adopt(tmp_path, tmp_path / "t").encode("ABC") == [5]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("vocab.txt", "[PAD]\n[UNK]\n中\n", r"has no \[CLS\], \[SEP\], \[MASK\]"),
        ("vocab.txt", "[PAD]\n中\n中\n", "the piece '中' is there twice"),
        ("tokenizer.json", "{", "is not a tokenizer.json"),
        ("tokenizer.model", "no model", "is not a sentencepiece model"),
        ("words.bin", "", "is no vocabulary"),
    ],
)
def test_what_is_no_vocabulary_is_refused(name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(GauptError, match=message):
        adopt(tmp_path / name, tmp_path / "t")


def test_a_folder_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"is empty, not .* with one of tokenizer\.json"):
        adopt(tmp_path, tmp_path / "t")
    with pytest.raises(GauptError, match="does not exist"):
        adopt(tmp_path / "nowhere", tmp_path / "t")
