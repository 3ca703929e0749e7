"""A tokenizer folder: loaded, verified, copied; encoding and decoding with it."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import decoders, models, pre_tokenizers

from gaupt.errors import GauptError
from gaupt.inspection import verify_folder
from gaupt.shards.build import build_shards
from gaupt.tokenizer.encode import FastEncode, SentencePieceEncode
from gaupt.tokenizer.encode_char import CharEncode
from gaupt.tokenizer.encode_roformer import RoFormerEncode
from gaupt.tokenizer.load import copy_tokenizer, is_saved_again, load_tokenizer, sealed, unpadded, verify
from gaupt.tokenizer.quality import measure
from gaupt.tokenizer.words import load_words
from tests.made_documents import small_config, text
from tests.shards.corruptions import a_thousand_corruptions_are_found
from tests.tokenizer.test_agreement import from_transformers
from tests.tokenizer.texts import TEXTS
from tests.tokenizer.vocabularies import adopt, has_special_name, load_once, write_words


@pytest.mark.slow
def test_any_corruption_of_a_tokenizer_is_found_and_the_file_is_named(
    tokenizer_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tokenizer_folder, tmp_path / "tokenizer")
    assert verify_folder(folder) == 7
    files = [path for path in sorted(folder.iterdir()) if path.name != ".lock"]
    assert len(files) == 7
    a_thousand_corruptions_are_found(folder, files)


def test_a_copy_of_a_tokenizer_beside_shards_verifies(shards_folder: Path) -> None:
    assert verify_folder(shards_folder / "tokenizer") == 3


@pytest.mark.slow
def test_a_vocabulary_with_gaps_has_a_row_for_every_id(documents: Path, tmp_path: Path) -> None:
    vocab = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "中": 5, "国": 9}
    fast = FastTokenizer(models.WordLevel(vocab, "[UNK]"))
    fast.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    fast.save(str(tmp_path / "tokenizer.json"))
    adopted = adopt(tmp_path / "tokenizer.json", tmp_path / "t")
    assert adopted.vocab_size == 10
    assert adopted.never_random == [0, 1, 2, 3, 4, 6, 7, 8]
    assert measure(adopted, ["中国"], load_words()).tokens == 2
    manifest = build_shards(documents, tmp_path / "t", tmp_path / "s", small_config(), workers=1)
    assert manifest["tokenizer"]["vocab_size"] == 10


def test_a_damaged_tokenizer_is_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.glob("tokenizer*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "tokenizer.json").write_text(json.dumps({"version": "1.0"}))
    with pytest.raises(GauptError, match="is damaged"):
        load_tokenizer(tmp_path)


def test_an_incomplete_folder_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="is empty, not a folder of gaupt tokenizer"):
        load_tokenizer(tmp_path)


def test_decoding_gives_the_text_back(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    if tokenizer.config["gaupt"]["type"] == "char":
        pytest.skip("BERT's normalization loses spaces and case")
    for sample in (text(1000), "未登录字：鱻龘，emoji 😀，制表\t符\r\n", " 前后空格 ", "", "\n\n"):
        assert tokenizer.decode(tokenizer.encode(sample)) == sample


def test_special_tokens_in_a_corpus_are_text(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    ids = tokenizer.encode_words(["[MASK]和[PAD]"], load_words()).ids.tolist()
    assert not {tokenizer.special.mask, tokenizer.special.pad} & set(ids)
    assert tokenizer.special.mask in tokenizer.encode("[MASK]")


@pytest.mark.slow
@settings(max_examples=300)
@given(sample=TEXTS)
def test_random_text_is_encoded_alike_as_corpus(folder: Path, sample: str) -> None:
    tokenizer = load_once(folder)
    alone = tokenizer.encode_words([sample], load_words())
    together = tokenizer.encode_words(["前文。", sample, ""], load_words())
    ids, starts, offsets = together
    assert ids[offsets[1] : offsets[2]].tolist() == alone.ids.tolist()
    assert starts[offsets[1] : offsets[2]].tolist() == alone.starts.tolist()
    if not has_special_name(sample):
        assert alone.ids.tolist() == tokenizer.encode(sample)


def test_a_copy_is_the_same_tokenizer_without_its_report(folder: Path, tmp_path: Path) -> None:
    copies = copy_tokenizer(folder, tmp_path)
    native = "vocab.txt" if (folder / "vocab.txt").exists() else "tokenizer.model"
    assert [copy.name for copy in copies] == ["tokenizer.json", "tokenizer_config.json", native]
    original, copy = load_tokenizer(folder), load_tokenizer(tmp_path)
    assert (copy.fingerprint, copy.special, copy.vocab_size) == (
        original.fingerprint,
        original.special,
        original.vocab_size,
    )
    assert list(verify(tmp_path)) == [""] * 3


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_a_folder_that_lacks_a_file_is_not_complete(
    name: str, tokenizer_folder: Path, tmp_path: Path
) -> None:
    copy_tokenizer(tokenizer_folder, tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(GauptError, match=rf"is not a folder of gaupt tokenizer \(no {name}\)"):
        load_tokenizer(tmp_path)


def test_a_changed_model_is_refused_by_name_and_so_is_a_changed_config(
    tokenizer_folder: Path, tmp_path: Path
) -> None:
    copy_tokenizer(tokenizer_folder, tmp_path)
    model, config = tmp_path / "tokenizer.model", tmp_path / "tokenizer_config.json"
    good = model.read_bytes()
    model.write_bytes(good + b"x")
    with pytest.raises(GauptError, match=r"tokenizer\.model is damaged: its sha256"):
        load_tokenizer(tmp_path)
    model.write_bytes(good)
    values = json.loads(config.read_text())
    values["gaupt"]["sha256"]["tokenizer.model"] = "0" * 64
    config.write_text(json.dumps(values))
    with pytest.raises(GauptError, match=r"tokenizer_config\.json is damaged: its sha256"):
        load_tokenizer(tmp_path)


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=3))
def test_a_sealed_config_is_sealed_once_and_knows_a_change(values: dict[str, int]) -> None:
    once = sealed({**values, "gaupt": {"sha256": {"tokenizer.json": "1"}}})
    assert sealed(once) == once
    changed = once | {"one more": 1}
    assert sealed(changed) != changed


def test_a_trained_model_is_encoded_by_sentencepiece_characters_by_table_others_by_the_library(
    folder: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(folder)
    native = folder / "tokenizer.model"
    if native.exists():
        assert isinstance(tokenizer.encode_places, SentencePieceEncode)
        assert isinstance(adopt(native, tmp_path / "t").encode_places, FastEncode)
    else:
        assert isinstance(tokenizer.encode_places, CharEncode)


def test_special_tokens_and_bytes_are_never_random(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    pieces = {tokenizer.token(id_) for id_ in tokenizer.never_random}
    bytes_ = {f"<0x{byte:02X}>" for byte in range(256)} if (folder / "tokenizer.model").exists() else set()
    assert pieces == {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} | bytes_


def test_what_people_read_of_a_piece_has_no_signs_of_the_vocabulary(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    read = tokenizer.readable
    assert len(read) == tokenizer.vocab_size
    assert not any(read[id_] for id_ in tokenizer.never_random)
    for id_, token in enumerate(read):
        if token:
            assert token == tokenizer.token(id_).replace("▁", " ").removeprefix("##").strip() or token == " "


def test_parts_of_characters_read_as_nothing_and_spaces_as_one(tmp_path: Path) -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {piece: id_ for id_, piece in enumerate([*alphabet, "ĠĠ", "Ġthe", "ä½ł"])}
    fast = FastTokenizer(models.BPE(vocab, []))
    fast.decoder = decoders.ByteLevel()
    fast.save(str(tmp_path / "tokenizer.json"))
    adopted = adopt(tmp_path / "tokenizer.json", tmp_path / "t")
    read = {adopted.token(id_): token for id_, token in enumerate(adopted.readable)}
    assert (read["ä"], read["ĠĠ"], read["Ġthe"], read["ä½ł"], read["a"]) == ("", " ", "the", "你", "a")


def test_an_id_that_no_token_has_is_an_error(tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    assert tokenizer.token(tokenizer.vocab_size - 1)
    with pytest.raises(IndexError, match=f"no token has the id {tokenizer.vocab_size}"):
        tokenizer.token(tokenizer.vocab_size)


def test_a_text_begins_with_a_word_whatever_came_before(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    encoded = tokenizer.encode_words(["大", "学", "", "大学"], load_words())
    first = encoded.offsets[:-1][encoded.offsets[:-1] < encoded.offsets[1:]]
    assert encoded.starts[first].all()
    assert encoded.starts.sum() == 3  # 大学 is one word


def hostile(folder: Path, changes: dict[str, object], output: Path) -> Path:
    """A copy of a vocabulary with other parts, and nothing to find that by."""
    parts = json.loads((folder / "tokenizer.json").read_bytes())
    for name, value in changes.items():
        holder, _, key = name.rpartition("/")
        (parts[holder] if holder else parts)[key] = value
    output.mkdir()
    (output / "tokenizer.json").write_text(json.dumps(parts))
    (output / "tokenizer_config.json").write_text("{}")
    return output


SPECIAL = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"type": "WordLevel", "vocab": SPECIAL | {"a": 4_000_000_000}, "unk_token": "[UNK]"}}, "ids up to"),
        ({"model": {"type": "WordPiece", "vocab": SPECIAL, "unk_token": "<no>", "continuing_subword_prefix": "##",
                    "max_input_chars_per_word": 9}}, "<no>|Missing"),
        ({"model": {"type": "Unigram", "vocab": [], "unk_id": 7}}, "vocab"),
        ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}}, ""),
        ({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated", "invert": False}}, ""),
    ],
)  # fmt: skip
def test_a_hostile_vocabulary_is_refused_by_name(
    changes: dict[str, object], message: str, tokenizer_folder: Path, tmp_path: Path
) -> None:
    source = hostile(tokenizer_folder, changes, tmp_path / "hostile")
    with pytest.raises(
        GauptError, match=rf"hostile/tokenizer\.json is damaged: .*({message}).*make it again"
    ):
        load_tokenizer(source)
    with pytest.raises(GauptError, match=r"hostile/tokenizer\.json is not a tokenizer\.json: "):
        adopt(source / "tokenizer.json", tmp_path / "t")


def test_padding_that_would_take_all_memory_is_left_out(tokenizer_folder: Path, tmp_path: Path) -> None:
    padding = {"strategy": {"Fixed": 10**12}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
               "pad_type_id": 0, "pad_token": "[PAD]"}  # fmt: skip
    tokenizer = load_tokenizer(hostile(tokenizer_folder, {"padding": padding}, tmp_path / "hostile"))
    assert len(tokenizer.encode("今天[MASK]")) < 10


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", '{"gaupt": 5}', '{"gaupt": {"sha256": [1]}}', "{"])
def test_a_config_that_says_nothing_is_damaged(text: str, tokenizer_folder: Path, tmp_path: Path) -> None:
    source = hostile(tokenizer_folder, {}, tmp_path / "hostile")
    (source / "tokenizer_config.json").write_text(text)
    with pytest.raises(GauptError, match=r"tokenizer_config\.json is damaged: .*; make it again"):
        load_tokenizer(source)


SAVED_4 = {"added_tokens_decoder": {}, "model_max_length": 10**30}
SAVED_5 = {
    "backend": "tokenizers",
    "is_local": True,
    "model_max_length": 10**30,
    "tokenizer_class": "TokenizersBackend",
}


def save_again(folder: Path, output: Path, config: dict[str, object], **parts: object) -> Path:
    """A copy as transformers would save it, beside what else is in the folder: padding in it, no line end."""
    output.mkdir()
    copy_tokenizer(folder, output)
    padding = {"strategy": {"Fixed": 12}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
               "pad_type_id": 0, "pad_token": "[PAD]"}  # fmt: skip
    tokenizer = json.loads((folder / "tokenizer.json").read_bytes()) | {"padding": padding} | parts
    (output / "tokenizer.json").write_text(
        json.dumps(tokenizer, ensure_ascii=False, indent=2), encoding="utf-8"
    )
    values = json.loads((folder / "tokenizer_config.json").read_bytes()) | config
    (output / "tokenizer_config.json").write_text(json.dumps(values, sort_keys=True, indent=2) + "\n")
    return output


@pytest.mark.parametrize("config", [SAVED_4, SAVED_5], ids=["4", "5"])
def test_what_transformers_saved_again_is_the_same_tokenizer(
    config: dict[str, object], folder: Path, tmp_path: Path
) -> None:
    original, again = load_tokenizer(folder), load_tokenizer(save_again(folder, tmp_path / "again", config))
    assert (again.fingerprint, again.special) == (original.fingerprint, original.special)
    assert type(again.encode_places) is type(original.encode_places)
    texts = [text(1), "未登录字：鱻龘，emoji 😀 [MASK]"]
    ours, theirs = (tokenizer.encode_words(texts, load_words()) for tokenizer in (again, original))
    assert ours.ids.tolist() == theirs.ids.tolist() and ours.starts.tolist() == theirs.starts.tolist()
    assert not any(verify(tmp_path / "again"))
    # A copy of it is ours again, which any release of transformers loads.
    copy_tokenizer(tmp_path / "again", tmp_path / "copy")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "copy" / name).read_bytes() == (folder / name).read_bytes()
    assert again.class_name == original.class_name == "PreTrainedTokenizerFast"
    adopted = adopt(tmp_path / "again", tmp_path / "t")
    assert (tmp_path / "t/tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    assert type(adopted.encode_places) is type(original.encode_places) and not any(verify(tmp_path / "t"))


@pytest.mark.slow
@pytest.mark.parametrize("inside", [False, True])
def test_the_installed_transformers_saves_what_is_told_from_damage(
    inside: bool, folder: Path, tmp_path: Path
) -> None:
    original, output = load_tokenizer(folder), tmp_path / "again"
    if inside:
        output.mkdir()
        copy_tokenizer(folder, output)
    other = from_transformers(output if inside else folder)
    other("今天", padding="max_length", truncation=True, max_length=9)
    other.save_pretrained(output)
    again = load_tokenizer(output)
    assert is_saved_again(again.config) and not is_saved_again(original.config)
    assert again.fingerprint == original.fingerprint
    samples = [*map(text, range(9)), "未登录字：鱻龘，emoji 😀", "[MASK]今天"]
    assert [again.encode(sample) for sample in samples] == [original.encode(sample) for sample in samples]
    ours, theirs = (tokenizer.encode_words(samples, load_words()) for tokenizer in (again, original))
    assert ours.ids.tolist() == theirs.ids.tolist() and ours.starts.tolist() == theirs.starts.tolist()


@pytest.mark.slow
def test_a_roformers_words_are_found_after_it_was_saved_again(tmp_path: Path) -> None:
    original = adopt(write_words(tmp_path / "public"), tmp_path / "t")
    from_transformers(tmp_path / "t").save_pretrained(tmp_path / "again")
    again = load_tokenizer(tmp_path / "again")
    # transformers 5 gives the second text of a pair another type.
    assert again.fingerprint == original.fingerprint
    assert isinstance(again.encode_places, RoFormerEncode)
    assert again.encode("今天天气，北京") == original.encode("今天天气，北京")
    assert again.class_name == load_tokenizer(tmp_path / "t").config["tokenizer_class"]


def test_tokens_that_others_added_before_they_saved_it_are_found(folder: Path, tmp_path: Path) -> None:
    original = load_tokenizer(folder)
    fast = FastTokenizer.from_file(str(folder / "tokenizer.json"))
    fast.add_tokens(["天气预报"])
    added = json.loads(fast.to_str())["added_tokens"]
    again = load_tokenizer(save_again(folder, tmp_path / "again", SAVED_5, added_tokens=added))
    assert again.fingerprint != original.fingerprint and again.vocab_size == original.vocab_size + 1
    assert again.encode("今天天气预报")[-1] == original.vocab_size
    # sentencepiece's own model beside it does not know them.
    assert isinstance(again.encode_places, FastEncode)
    assert adopt(tmp_path / "again", tmp_path / "t").encode("今天天气预报") == again.encode("今天天气预报")


def test_a_damaged_model_beside_what_was_saved_again_is_refused(
    tokenizer_folder: Path, tmp_path: Path
) -> None:
    again = save_again(tokenizer_folder, tmp_path / "again", SAVED_4)
    with (again / "tokenizer.model").open("ab") as file:
        file.write(b"x")
    with pytest.raises(GauptError, match=r"tokenizer\.model is damaged: its sha256"):
        load_tokenizer(again)


def test_a_changed_tokenizer_that_nobody_saved_again_is_damaged(folder: Path, tmp_path: Path) -> None:
    again = save_again(folder, tmp_path / "again", {"model_max_length": 512})
    with pytest.raises(GauptError, match=r"is damaged: its sha256 is not the recorded one"):
        load_tokenizer(again)


def test_anybodys_tokenizer_is_copied_without_padding(tokenizer_folder: Path) -> None:
    fast = FastTokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
    fast.enable_padding(length=99)
    assert len(unpadded(fast).encode("今天")) < 9
