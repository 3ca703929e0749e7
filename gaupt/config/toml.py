"""Config files: TOML in UTF-8, read with a plain word for what is no such file, and written."""

import codecs
import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from gaupt.config.sections import Config
from gaupt.errors import GauptError

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_toml(path: Path) -> dict[str, Any]:
    """The nested values of a TOML file in UTF-8 or GB18030, or in UTF-16 with its mark; a mark is passed over.

    Raises:
        GauptError: there is no such file, it is a folder or no text, in another encoding, or not TOML.
    """
    if path.is_dir():
        inside = path / "config.toml"
        file = f"{inside}" if inside.is_file() else "the TOML file in it"
        raise GauptError(f"config file {path} is a folder; name {file}")
    if path.exists() and not path.is_file():  # would be waited for, or has no end
        raise GauptError(f"config file {path} is a pipe or a device; name a TOML file")
    try:
        text = _decode(path.read_bytes(), path)
    except FileNotFoundError:
        if path.is_symlink():
            raise GauptError(
                f"config file {path} is a link to {path.readlink()}, which does not exist"
            ) from None
        raise GauptError(f"config file {path} does not exist") from None
    except OSError as error:
        raise GauptError(f"cannot read config file {path}: {error.strerror}") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GauptError(
            f"{path} is not valid TOML: {error}; a config file holds lines such as lr = 1e-4 under [train]"
        ) from None


def _decode(data: bytes, path: Path) -> str:
    """The text of a config file: UTF-8, UTF-16 with its mark, or what editors in China write by default."""
    encodings = ["utf-16"] if data.startswith(UTF_16) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    if b"\0" in data:
        raise GauptError(f"config file {path}: not a text file in UTF-8; name a TOML file")
    raise GauptError(f"config file {path}: neither UTF-8 nor GBK; save it as UTF-8")


def without_folders(config: Config) -> Config:
    """``config`` with the names alone of files that it names by absolute paths: for files that may be passed on."""

    def name(path: str) -> str:
        return PurePath(path).name if PurePath(path).is_absolute() else path

    clean, tokenizer, shards = config.clean, config.tokenizer, config.shards
    blocked, dictionary = clean.blocked_words, tokenizer.user_dictionary
    sections = {
        "clean": clean.model_copy(update={"blocked_words": blocked and name(blocked)}),
        "tokenizer": tokenizer.model_copy(update={"user_dictionary": dictionary and name(dictionary)}),
        "shards": shards.model_copy(update={"exclude": tuple(map(name, shards.exclude))}),
    }
    return config.model_copy(update=sections)


def to_toml(config: Config) -> str:
    """The whole config as TOML that `load_config` reads back to an equal config."""
    values = config.model_dump(mode="json")
    lines = [f"{key} = {toml_value(value)}" for key, value in values.items() if not isinstance(value, dict)]
    for name, section in values.items():
        if isinstance(section, dict):
            lines += ["", *_toml_table(name, section)]
    return "\n".join(lines) + "\n"


def _toml_table(name: str, table: Mapping[str, Any]) -> list[str]:
    # TOML has no null: an option without a value is left out, and reads back as its default.
    plain = {k: v for k, v in table.items() if not isinstance(v, dict) and v is not None}
    lines = [f"[{name}]", *(f"{_toml_key(key)} = {toml_value(value)}" for key, value in plain.items())]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += ["", *_toml_table(f"{name}.{_toml_key(key)}", value)]
    return lines


def _toml_key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else toml_value(key)


def toml_value(value: Any) -> str:
    """One value as TOML."""
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(key)} = {toml_value(item)}" for key, item in value.items()) + "}"
    if value in (math.inf, -math.inf):
        return str(value)
    # JSON's booleans, numbers and escaped strings are TOML's, but for DEL, which JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")
