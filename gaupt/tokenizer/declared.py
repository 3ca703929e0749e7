"""What the files beside a public vocabulary say of it: how transformers would read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken

from gaupt.files import read_json, refusing

_SAID_BY = ("tokenizer_config.json", "config.json")
_SPECIAL = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_FLAGS = ("lstrip", "normalized", "rstrip", "single_word", "special")


@dataclass(frozen=True)
class Declared:
    """The options of a tokenizer of transformers; None: not said."""

    name: str | None
    """Its class without ``Tokenizer`` and ``Fast``, such as ``Bert``; empty for one that is all in its
    tokenizer.json."""
    model_type: str | None
    """What kind of model it belongs to, such as ``bert``."""
    lowercase: bool | None
    strip_accents: bool | None
    chinese_apart: bool
    """Whether each Chinese character is a word."""
    prefix_space: bool
    """Whether a byte-level text begins with a space."""
    added: tuple[AddedToken, ...]
    """Tokens that are cut out of a text, by their ids."""

    def is_of(self, *names: str) -> bool:
        """Whether the class, or where none is said the kind of model, has one of ``names``."""
        said = self.model_type if self.name is None else self.name
        return said is not None and said.lower().replace("-", "").replace("_", "") in names


def read_declared(vocabulary: Path) -> Declared:
    """What is said in the folder of the file ``vocabulary``; files that are missing or no JSON say nothing.

    Raises:
        GauptError: a token is described in a way that nobody understands.
    """
    folder = vocabulary.parent
    options, model = (_read(folder / name) for name in _SAID_BY)
    name = next(
        (said for said in (options.get("tokenizer_class"), model.get("tokenizer_class")) if said), None
    )
    model_type = model.get("model_type")
    with refusing(f"{folder} has tokens that are not described as transformers does"):
        added = tuple(_added(folder, options))
    return Declared(
        name=_short(name) if isinstance(name, str) else None,
        model_type=model_type if isinstance(model_type, str) else None,
        lowercase=_truth(options.get("do_lower_case")),
        strip_accents=_truth(options.get("strip_accents")),
        chinese_apart=options.get("tokenize_chinese_chars") is not False,
        prefix_space=options.get("add_prefix_space") is True,
        added=added,
    )


def _short(name: str) -> str:
    plain = name.removesuffix("Fast")
    return "" if plain in ("PreTrainedTokenizer", "TokenizersBackend") else plain.removesuffix("Tokenizer")


def _added(folder: Path, options: dict[str, Any]) -> Iterator[AddedToken]:
    """As transformers reads them: what it saves since 4.34, or the files of before."""
    if described := options.get("added_tokens_decoder"):
        for _, token in sorted(described.items(), key=lambda item: int(item[0])):
            yield AddedToken(token["content"], **_flags(token))
        return
    names = _read(folder / "special_tokens_map.json") | options
    listed = [names[name] for name in _SPECIAL if names.get(name)]
    listed += names.get("additional_special_tokens") or ()
    special = {_content(token): token for token in listed}
    added = [
        name for name, _ in sorted(_read(folder / "added_tokens.json").items(), key=lambda item: int(item[1]))
    ]
    for name in (*added, *(name for name in special if name not in added)):
        if name in special:
            yield AddedToken(name, **{"normalized": False, **_flags(special[name]), "special": True})
        else:
            yield AddedToken(name, special=False, normalized=True)


def _flags(token: Any) -> dict[str, bool]:
    return {flag: bool(token[flag]) for flag in _FLAGS if flag in token} if isinstance(token, dict) else {}


def _content(token: Any) -> str:
    """Of a special token, which is its name or a description."""
    return str(token["content"] if isinstance(token, dict) else token)


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
