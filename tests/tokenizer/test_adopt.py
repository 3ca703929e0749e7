import json
import shutil
from pathlib import Path

import pytest
from tokenizers import ByteLevelBPETokenizer, models, pre_tokenizers
from tokenizers import Tokenizer as FastTokenizer

from gaupt.errors import GauptError
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import Tokenizer, load_tokenizer, verify
from gaupt.tokenizer.special import SPECIAL_TOKENS, SpecialIds
from gaupt.tokenizer.words import load_words
from tests.made_documents import WORDS, small_config, text
from tests.tokenizer.test_agreement import from_transformers
from tests.tokenizer.test_roformer import random_texts
from tests.tokenizer.vocabularies import LATIN_PIECES, adopt, learn, write_vocab, write_words

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


BERT = [*SPECIAL_TOKENS, "[unused1]", *sorted(set("".join(WORDS))), *LATIN_PIECES, "，", "。"]


def same_as_transformers(source: Path, output: Path, samples: list[str], **names: str) -> Tokenizer:
    """Adopt ``source`` and compare with what transformers reads there, its special tokens under their ``names``."""
    adopted, theirs = adopt(source, output), from_transformers(source)
    for sample in samples:
        other = sample
        for token, name in names.items():
            other = other.replace(f"[{token}]", name)
        assert adopted.encode(sample) == theirs(other, add_special_tokens=False)["input_ids"], sample
    return adopted


MIXED = [*SAMPLES[:5], *random_texts(60), "音乐电影好[E1]看[MASK]", "[unused1]Model café 今天"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"do_lower_case": False},
        {"do_lower_case": False, "strip_accents": True},
        {"strip_accents": False, "tokenizer_class": "BertTokenizer"},
        {"tokenize_chinese_chars": False},
    ],
)
def test_a_vocab_txt_is_read_as_its_config_says(options: dict[str, object], tmp_path: Path) -> None:
    source = write_vocab(tmp_path / "hub", BERT, **options)
    first = same_as_transformers(source, tmp_path / "t", MIXED)
    # Its own config says so to the next.
    assert (adopt(tmp_path / "t/vocab.txt", tmp_path / "again").fingerprint) == first.fingerprint


@pytest.mark.slow
def test_tokens_that_others_have_added_are_found(tmp_path: Path) -> None:
    source = write_vocab(tmp_path / "hub", BERT)
    (source / "added_tokens.json").write_text(json.dumps({"[E1]": len(BERT), "音乐": len(BERT) + 1}))
    (source / "special_tokens_map.json").write_text(json.dumps({"additional_special_tokens": ["[E1]"]}))
    adopted = same_as_transformers(source, tmp_path / "t", MIXED)
    assert adopted.vocab_size == len(BERT) + 2
    # Its vocab.txt alone would not find them.
    assert not (tmp_path / "t/vocab.txt").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["BertTokenizer", "PreTrainedTokenizerFast"])
def test_the_class_sets_options_of_a_tokenizer_json_anew(name: str, tmp_path: Path) -> None:
    source = write_vocab(tmp_path / "hub", BERT, do_lower_case=False)
    shutil.copy(adopt(source, tmp_path / "cased").folder / "tokenizer.json", source)
    (source / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": name, "unk_token": "[UNK]", "mask_token": "[MASK]"})
    )
    adopted = same_as_transformers(source, tmp_path / "t", MIXED)
    assert (adopted.encode("Model") == adopted.encode("model")) == (name == "BertTokenizer")


ROBERTA = {"PAD": "<pad>", "UNK": "<unk>", "CLS": "<s>", "SEP": "</s>", "MASK": "<mask>"}


@pytest.mark.slow
@pytest.mark.parametrize("prefix_space", [False, True])
def test_pieces_of_bytes_are_robertas(prefix_space: bool, lines: list[str], tmp_path: Path) -> None:
    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(lines[:300], vocab_size=500, special_tokens=special)
    source = write_vocab(tmp_path / "hub", [], "roberta", add_prefix_space=prefix_space)
    (source / "vocab.txt").unlink()
    trained.save_model(str(source))
    # Without their description transformers 5 forgets that the mask takes the space before it.
    mask = {"content": "<mask>", "lstrip": True, "normalized": False, "special": True}
    (source / "special_tokens_map.json").write_text(json.dumps({"mask_token": mask}))
    adopted = same_as_transformers(source, tmp_path / "t", [*MIXED, "今天 [MASK] 很好"], **ROBERTA)
    assert adopted.special == SpecialIds(pad=1, unk=3, cls=0, sep=2, mask=4)
    assert adopted.decode(adopted.encode("今天 café")).strip() == "今天 café"
    assert adopted.encode("今天 [MASK]")[-1] == 4 and len(adopted.encode("今天 [MASK]")) == len(
        adopted.encode("今天[MASK]")
    )


def test_pieces_of_bytes_without_names_for_special_tokens_get_them(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_text(json.dumps({"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3}))
    with pytest.raises(GauptError, match=r"merges\.txt is missing; a vocab\.json is read with it"):
        adopt(tmp_path, tmp_path / "t")
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\n")
    adopted = adopt(tmp_path, tmp_path / "t")
    assert (adopted.encode("ab[MASK]"), adopted.special) == ([2, 7], SpecialIds(4, 5, 6, 3, 7))
    (tmp_path / "merges.txt").write_text("a b c\n")
    with pytest.raises(GauptError, match=r"merges\.txt:1: expected two pieces, got 'a b c'"):
        adopt(tmp_path, tmp_path / "other")


@pytest.mark.parametrize(
    ("model_type", "name", "pieces", "type_"),
    [
        ("roformer", "RoFormerTokenizerFast", BERT, "roformer"),
        ("roformer", None, [*BERT, "今天"], "roformer"),
        ("roformer", None, BERT, "char"),
        ("roformer", "BertTokenizer", [*BERT, "今天"], "char"),
        ("bert", None, [*BERT, "今天"], "char"),
    ],
)
def test_words_are_a_roformers_as_its_class_or_its_vocabulary_says(
    model_type: str, name: str | None, pieces: list[str], type_: str, tmp_path: Path
) -> None:
    source = write_vocab(tmp_path / "hub", pieces, model_type, tokenizer_class=name)
    adopted = adopt(source, tmp_path / "t")
    assert adopted.config["gaupt"]["type"] == type_
    expected = "RoFormerTokenizer" if type_ == "roformer" else "PreTrainedTokenizerFast"
    assert adopted.config["tokenizer_class"] == expected


@pytest.mark.slow
def test_a_roformers_tokenizer_json_is_its_vocab_txt(tmp_path: Path) -> None:
    source = write_words(tmp_path / "hub", tokenizer_class="RoFormerTokenizer", do_lower_case=False)
    first = adopt(source, tmp_path / "t")
    from_transformers(tmp_path / "t").save_pretrained(source)
    config = json.loads((source / "tokenizer_config.json").read_text())
    del config["gaupt"]
    (source / "tokenizer_config.json").write_text(json.dumps(config))
    again = adopt(source, tmp_path / "again")
    assert again.config["gaupt"]["type"] == "roformer"
    assert [again.encode(sample) for sample in MIXED] == [first.encode(sample) for sample in MIXED]
