"""Words added to a vocabulary: they are tokens, ids of old pieces stay, and every engine agrees."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models, pre_tokenizers

from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.extend import read_words
from gaupt.tokenizer.load import Tokenizer, load_tokenizer, verify
from tests.made_documents import small_config, text
from tests.tokenizer.test_agreement import corpus_lines, from_transformers
from tests.tokenizer.texts import TEXTS
from tests.tokenizer.vocabularies import has_special_name, learn, load_once, sentencepiece_of

WORDS = (
    *("语言模型", "模型训练", "大语言模型", "中国人民", "龘䶮", "鱼龘", "blockchain", "GAU", "GPT-4", "C++"),
    *("machine learning", "x光", "中国人民大学"),
)
"""They overlap, begin alike, hold characters that no vocabulary knows, Latin letters, signs and a space."""
AROUND = ("", "的", "大", "a", " ", "。", "4", "x")


def extend(source: Path, output: Path, *words: str) -> Tokenizer:
    """The vocabulary in ``source`` with ``words``, in ``output``."""
    file = output.parent / f"{output.name}.txt"
    file.write_text("\n".join(words) + "\n", encoding="utf-8")
    build_tokenizer(None, output, small_config(), source=source, words=file)
    return load_tokenizer(output)


def pieces(tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.token(id_) for id_ in range(tokenizer.vocab_size)]


@pytest.fixture(scope="module")
def longer(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each small tokenizer with the words. Read only."""
    output = tmp_path_factory.mktemp("longer") / folder.name
    extend(folder, output, *WORDS)
    return output


def test_each_word_is_one_token_between_whatever_stands_around_it(longer: Path, folder: Path) -> None:
    tokenizer, old = load_tokenizer(longer), load_tokenizer(folder)
    for word in WORDS:
        for around in AROUND[:2]:
            ids = tokenizer.encode(around + word + around)
            assert tokenizer.decode([ids[len(ids) // 2]]).lower() == word.lower(), word
        assert len(old.encode(word)) > 1 or old.encode(word) == [old.special.unk]


def test_old_pieces_keep_their_ids_and_new_ones_stand_behind(longer: Path, folder: Path) -> None:
    old, new = load_tokenizer(folder), load_tokenizer(longer)
    assert pieces(new)[: old.vocab_size] == pieces(old)
    assert (new.special, len(set(pieces(new)))) == (old.special, new.vocab_size)
    report = json.loads((longer / "report.json").read_text())
    assert report["vocab_size"] == new.vocab_size == old.vocab_size + len(WORDS) + len(report["steps"])
    assert (report["words"], report["known_words"]) == (len(WORDS), [])
    assert bool(report["steps"]) == (folder.name == "bpe")
    assert not any(verify(longer))


def test_text_without_the_words_is_cut_as_before(longer: Path, folder: Path) -> None:
    old, new = load_tokenizer(folder), load_tokenizer(longer)
    for sample in (text(i) for i in range(300, 320)):
        if not any(word.replace(" ", "") in sample for word in WORDS):
            assert new.encode(sample) == old.encode(sample)


@pytest.mark.slow
def test_all_engines_give_the_same_ids(longer: Path) -> None:
    tokenizer, other = load_tokenizer(longer), from_transformers(longer)
    samples = [left + word + right for word in WORDS for left in AROUND for right in AROUND]
    samples += [left + right for left in WORDS for right in WORDS] + [text(i) for i in range(500, 520)]
    ours = [tokenizer.encode_places([sample]).ids.tolist() for sample in samples]
    assert [tokenizer.encode(sample) for sample in samples] == ours
    assert other(samples, add_special_tokens=False)["input_ids"] == ours
    if (longer / "tokenizer.model").exists():
        assert sentencepiece_of(longer).encode(samples) == ours


@pytest.mark.slow
@settings(max_examples=300)
@given(sample=st.lists(st.one_of(TEXTS, st.sampled_from(WORDS)), max_size=6).map("".join))
def test_random_text_with_the_words_is_encoded_alike(longer: Path, sample: str) -> None:
    tokenizer = load_once(longer)
    assert tokenizer.encode(sample) == tokenizer.fast.encode(sample, add_special_tokens=False).ids
    if (longer / "tokenizer.model").exists() and not has_special_name(sample):
        assert sentencepiece_of(longer).encode(sample) == tokenizer.encode(sample)


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_five_thousand_lines_of_a_corpus_are_encoded_alike(kind: str, shared: Path, tmp_path: Path) -> None:
    from tests.tokenizer.test_agreement import train_on

    lines = list(corpus_lines(shared, 5_000))[:5_000]
    train_on(lines[::4], tmp_path / "t", kind)
    words = (
        "人民法院",
        "法院",
        "数据库",
        "操作系统",
        "开源",
        "Linux",
        "JavaScript",
        "API",
        "v1.0",
        "神经网络",
    )
    tokenizer = extend(tmp_path / "t", tmp_path / "longer", *words)
    theirs = [encoding.ids for encoding in tokenizer.fast.encode_batch(lines, add_special_tokens=False)]
    encoded = tokenizer.encode_places(lines)
    assert [tokenizer.encode(line) for line in lines] == theirs
    assert encoded.ids.tolist() == [id_ for ids in theirs for id_ in ids]
    new = tokenizer.vocab_size - load_tokenizer(tmp_path / "t").vocab_size
    assert sum(id_ >= tokenizer.vocab_size - new for id_ in encoded.ids.tolist()) > 20
    if kind != "char":
        plain = [line for line in lines if not has_special_name(line)]
        assert sentencepiece_of(tmp_path / "longer").encode(plain) == [
            tokenizer.encode(line) for line in plain
        ]


def test_words_of_the_corpus_start_with_an_added_one(longer: Path) -> None:
    from gaupt.tokenizer.words import load_words

    tokenizer = load_tokenizer(longer)
    encoded = tokenizer.encode_words(["我们研究大语言模型。"], load_words())
    tokens = [tokenizer.token(id_) for id_ in encoded.ids.tolist()]
    place = tokens.index("大语言模型")
    assert encoded.starts[place] and encoded.starts[place + 1]


def test_what_was_there_is_no_new_piece_and_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = next(
        piece
        for piece in pieces(load_tokenizer(folder))[300 if folder.name != "char" else 5 :]
        if piece.isalpha()
    )
    (tmp_path / "words.txt").write_text(f"{known}\n语言模型\n")
    report = build_tokenizer(
        None, tmp_path / "t", small_config(), source=folder, words=tmp_path / "words.txt", progress=Progress()
    )
    assert (report["words"], report["known_words"]) == (1, [known])
    assert "1 words added to " in (told := capsys.readouterr().err) and "; 1 were pieces already" in told


@pytest.mark.slow
def test_a_vocabulary_is_extended_again(longer: Path, tmp_path: Path) -> None:
    again = extend(longer, tmp_path / "t", "语言模型", "语言模型训练", "Kubernetes")
    once = load_tokenizer(longer)
    assert pieces(again)[: once.vocab_size] == pieces(once)
    for word in (*WORDS, "语言模型训练", "Kubernetes"):
        assert len(again.encode(word)) == 1
        assert from_transformers(tmp_path / "t")(word, add_special_tokens=False)["input_ids"] == again.encode(
            word
        )


def test_added_words_may_be_random_replacements_and_are_shown(longer: Path) -> None:
    tokenizer = load_tokenizer(longer)
    id_ = tokenizer.encode("语言模型")[0]
    assert id_ not in tokenizer.never_random and tokenizer.readable[id_] == "语言模型"


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["unigram", "bpe"])
def test_models_of_others_are_extended_with_their_own_normalization(
    type_: str, lines: list[str], tmp_path: Path
) -> None:
    learn(
        lines,
        tmp_path / "spiece.model",
        model_type=type_,
        pad_id=3,
        control_symbols=["[CLS]", "[SEP]", "[MASK]"],
    )
    tokenizer = extend(tmp_path / "spiece.model", tmp_path / "t", "ＡＢＣ模型", "大语言模型", "blockchain")
    for word in ("ABC模型", "大语言模型", "blockchain"):
        assert [tokenizer.token(id_).lstrip("▁") for id_ in tokenizer.encode(f"的{word}")][-1] == word
    samples = ["用ABC模型", "大语言模型，blockchain", *(text(i) for i in range(700, 720))]
    for sample in samples:
        assert (
            tokenizer.encode(sample)
            == from_transformers(tmp_path / "t")(sample, add_special_tokens=False)["input_ids"]
        )


def test_other_vocabularies_get_words_that_are_cut_out_of_the_text(tmp_path: Path) -> None:
    unigram = [("<unk>", 0.0), ("▁", -2.0), ("大", -3.0), ("语", -3.5), ("言", -4.0), ("a", -4.5)]
    byte_pairs = models.BPE({"大": 0, "语": 1, "言": 2, "a": 3, "[UNK]": 4}, [], unk_token="[UNK]")
    for name, model in {"unigram": models.Unigram(unigram, 0), "bpe": byte_pairs}.items():
        fast = FastTokenizer(model)
        if name == "unigram":
            fast.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
        (tmp_path / name).mkdir()
        fast.save(str(tmp_path / name / "tokenizer.json"))
        build_tokenizer(None, tmp_path / name / "t", small_config(), source=tmp_path / name)
        plain = load_tokenizer(tmp_path / name / "t")
        tokenizer = extend(tmp_path / name, tmp_path / name / "longer", "语言", "大语", "语言a")
        assert pieces(tokenizer) == [*pieces(plain), "语言", "大语", "语言a"]
        assert [tokenizer.token(id_) for id_ in tokenizer.encode("大语言a语言")] == [
            "大语",
            "言",
            "a",
            "语言",
        ]
        again = from_transformers(tmp_path / name / "longer")
        assert again("大语言a语言", add_special_tokens=False)["input_ids"] == tokenizer.encode("大语言a语言")
        assert tokenizer.special == plain.special


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no word; write one a line"),
        (" \n\n", "holds no word"),
        ("语言\n[MASK]\n", r"words\.txt:2: \[MASK\] is a special token"),
        ("语言\n\n深度学习 100 n\n", r"words\.txt:3: expected a word and nothing else, got '深度学习 100 n'"),
        ("深度学习 100\n", "drop its frequency"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    content: str | bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(GauptError, match=message):
        read_words(tmp_path / "words.txt")


def test_words_are_read_once_each_without_the_space_around_them(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes("\ufeff语言 \r\n\n machine learning\nWindows 11\n语言\n".encode())
    assert read_words(tmp_path / "words.txt") == ["语言", "machine learning", "Windows 11"]


def test_the_mark_of_the_inside_of_a_word_cannot_begin_one(folder: Path, tmp_path: Path) -> None:
    if folder.name == "char":
        with pytest.raises(
            GauptError, match="##ing cannot be added to char: ## stands for the inside of a word"
        ):
            extend(folder, tmp_path / "t", "##ing")
        assert not (tmp_path / "t").exists()


def test_words_without_a_vocabulary_and_other_words_are_refused(folder: Path, tmp_path: Path) -> None:
    extend(folder, tmp_path / "t", "语言模型")
    extend(folder, tmp_path / "t", "语言模型")
    with pytest.raises(GauptError, match="input --extend changed"):
        extend(folder, tmp_path / "t", "语言")
    with pytest.raises(GauptError, match=r"t\.txt adds words to a vocabulary that is there: name it"):
        build_tokenizer(tmp_path, tmp_path / "u", small_config(), words=tmp_path / "t.txt")
