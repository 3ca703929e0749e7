import json
from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.tokenizer.declared import Declared, read_declared


def declared(folder: Path, **files: object) -> Declared:
    """What is said by ``files`` beside a vocab.txt."""
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return read_declared(folder / "vocab.txt")


def test_nothing_is_said_where_no_file_is_or_none_is_json(tmp_path: Path) -> None:
    said = declared(tmp_path)
    assert (said.name, said.model_type, said.lowercase, said.strip_accents, said.added) == (None,) * 4 + ((),)
    assert said.chinese_apart and not said.prefix_space and not said.is_of("bert")
    for text in ("{", "[]", "[" * 100_000):
        (tmp_path / "tokenizer_config.json").write_text(text)
        assert read_declared(tmp_path / "vocab.txt") == said


@pytest.mark.parametrize(
    ("tokenizer_class", "model_type", "of", "not_of"),
    [
        ("BertTokenizerFast", "roformer", "bert", "roformer"),
        ("RoFormerTokenizer", None, "roformer", "bert"),
        (None, "xlm-roberta", "xlmroberta", "roberta"),
        ("PreTrainedTokenizerFast", "bert", "", "bert"),
        ("TokenizersBackend", "bert", "", "bert"),
    ],
)
def test_the_class_counts_more_than_the_kind_of_model(
    tokenizer_class: str | None, model_type: str | None, of: str, not_of: str, tmp_path: Path
) -> None:
    said = declared(
        tmp_path, tokenizer_config={"tokenizer_class": tokenizer_class}, config={"model_type": model_type}
    )
    assert said.is_of(of) and not said.is_of(not_of)


def test_a_class_may_be_named_by_the_model(tmp_path: Path) -> None:
    assert declared(tmp_path, config={"tokenizer_class": "BertTokenizer", "model_type": "roformer"}).is_of(
        "bert"
    )


def test_added_tokens_are_in_the_order_of_their_ids_with_what_is_special(tmp_path: Path) -> None:
    files = {
        "added_tokens": {"b": 11, "[E]": 10},
        "special_tokens_map": {
            "mask_token": {"content": "<mask>", "lstrip": True},
            "additional_special_tokens": ["[E]"],
        },
    }
    tokens = declared(tmp_path, **files).added
    assert [(token.content, token.special, token.normalized, token.lstrip) for token in tokens] == [
        ("[E]", True, False, False),
        ("b", False, True, False),
        ("<mask>", True, False, True),
    ]
    newer = {
        "10": {"content": "c", "lstrip": True, "normalized": False, "special": False},
        "9": {"content": "d"},
    }
    tokens = declared(tmp_path, tokenizer_config={"added_tokens_decoder": newer}).added
    assert [(token.content, token.lstrip) for token in tokens] == [("d", False), ("c", True)]


@pytest.mark.parametrize("value", [{"x": {"content": "c"}}, {"1": {}}, {"1": {"content": 5}}, [1]])
def test_tokens_that_nobody_understands_are_named(value: object, tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="has tokens that are not described as transformers does"):
        declared(tmp_path, tokenizer_config={"added_tokens_decoder": value})
