import json

import pytest
from tokenizers import AddedToken, models, normalizers, pre_tokenizers
from tokenizers import Tokenizer as FastTokenizer

from gaupt.tokenizer.fast import copy_of, in_python, json_of, of_parts, parts_of


class Dashes:
    """A pre-tokenizer in Python: words are what stands between dashes."""

    def pre_tokenize(self, text: object) -> None:
        text.split(lambda index, part: part.split("-", "removed"))  # type: ignore[attr-defined]


@pytest.fixture(params=["library", "python"])
def fast(request: pytest.FixtureRequest) -> FastTokenizer:
    made = FastTokenizer(models.WordPiece({"[UNK]": 0, "a": 1, "b": 2}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.add_tokens([AddedToken("cc", normalized=False), AddedToken("[E]", special=True)])
    custom = request.param == "python"
    made.pre_tokenizer = (
        pre_tokenizers.PreTokenizer.custom(Dashes()) if custom else pre_tokenizers.Punctuation()
    )
    return made


def test_a_copy_encodes_as_before_and_neither_cuts_nor_pads(fast: FastTokenizer) -> None:
    expected = fast.encode("A-bcc[E]").ids
    fast.enable_padding(length=20)
    fast.enable_truncation(2)
    copy = copy_of(fast)
    assert copy.encode("A-bcc[E]").ids == expected
    assert (copy.padding, copy.truncation, in_python(copy)) == (None, None, in_python(fast))
    assert copy.get_added_tokens_decoder() == fast.get_added_tokens_decoder()


def test_what_no_json_holds_is_berts_there_and_is_given_again(fast: FastTokenizer) -> None:
    parts = parts_of(fast)
    assert parts["pre_tokenizer"]["type"] == ("BertPreTokenizer" if in_python(fast) else "Punctuation")
    assert json.loads(json_of(fast, pretty=True)) == parts
    parts["model"]["vocab"]["d"] = 9
    made = of_parts(parts, fast)
    assert made.encode("d-a").ids == [9, *fast.encode("-a").ids]
