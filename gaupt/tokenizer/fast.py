"""Tokenizers of the tokenizers library, copied and taken apart, also where a part of one is Python code."""

import json
from typing import Any

from tokenizers import Tokenizer as FastTokenizer
from tokenizers.pre_tokenizers import BertPreTokenizer, PreTokenizer


def in_python(fast: FastTokenizer) -> bool:
    """Whether the pre-tokenizer is Python code, which no JSON holds."""
    return type(fast.pre_tokenizer) is PreTokenizer  # the library's own are of classes below it


def json_of(fast: FastTokenizer, *, pretty: bool = False) -> str:
    """A tokenizer as JSON. For a pre-tokenizer in Python stands BERT's, as transformers' RoFormer saves itself.

    In that case padding and truncation are left out.
    """
    if not in_python(fast):
        return fast.to_str(pretty=pretty)
    # A tokenizer of the same parts: to change the given one, and back, would disturb who encodes meanwhile.
    bare = FastTokenizer(fast.model)
    for part in ("normalizer", "post_processor", "decoder"):
        if (value := getattr(fast, part)) is not None:
            setattr(bare, part, value)
    bare.pre_tokenizer = BertPreTokenizer()
    bare.add_tokens([token for _, token in sorted(fast.get_added_tokens_decoder().items())])
    return bare.to_str(pretty=pretty)


def parts_of(fast: FastTokenizer) -> dict[str, Any]:
    """The parts of a tokenizer, as in a tokenizer.json; see `json_of`."""
    parts: dict[str, Any] = json.loads(json_of(fast))
    return parts


def of_parts(parts: dict[str, Any], like: FastTokenizer) -> FastTokenizer:
    """A tokenizer of ``parts``, with the pre-tokenizer of ``like`` where that is Python code."""
    made = FastTokenizer.from_str(json.dumps(parts))
    if in_python(like):
        made.pre_tokenizer = like.pre_tokenizer
    return made


def copy_of(fast: FastTokenizer) -> FastTokenizer:
    """A copy that neither cuts nor pads."""
    copy = of_parts(parts_of(fast), fast)
    copy.no_truncation()
    copy.no_padding()
    return copy
