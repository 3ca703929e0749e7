"""The language of what a person reads at leisure, the report and the model card: English, or Chinese.

Texts stand in the code in English; Chinese ones in a table beside it, by the English. A test holds the two equal.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from gaupt.errors import GauptError

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Wording:
    """How things are said in a ``language``, with the ``chinese`` of each English text."""

    language: Language
    chinese: Mapping[str, str]

    def __call__(self, text: str, /, **values: object) -> str:
        """``text`` in the language, with ``values`` in its braces, as `str.format` puts them there."""
        said = self.chinese[text] if self.language == "zh" else text
        return said.format(**values) if values else said

    def sentences(self, *sentences: str) -> str:
        """One behind the other: with a space between them where the language has one."""
        return ("" if self.language == "zh" else " ").join(sentences)

    def term(self, name: str) -> str:
        """A name of ours that stands in a file, such as that of a rule, as words."""
        return self.name(name) if self.language == "zh" else name.replace("_", " ")

    def name(self, name: str) -> str:
        """A name that may be ours, such as that of a baseline among models; one of others as it is."""
        return self.chinese.get(name, name) if self.language == "zh" else name


def language_of(name: str | None = None) -> Language:
    """The language called ``name``; of None that of the locale, by the variables that gettext looks at.

    Raises:
        GauptError: there is no such language.
    """
    if name is None:
        return _of_locale()
    for language in get_args(Language):
        if name == language:
            return language  # type: ignore[no-any-return]
    raise GauptError(f"no language {name!r}: what people read comes in {' or '.join(get_args(Language))}")


def _of_locale() -> Language:
    named = (os.environ.get(variable) for variable in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, named), "")
    # A list by preference, which counts where there is a locale at all.
    if locale.split(".")[0] not in ("", "C", "POSIX"):
        locale = os.environ.get("LANGUAGE") or locale
    for wished in locale.split(":"):
        for language in get_args(Language):
            if wished.lower().startswith(language):
                return language  # type: ignore[no-any-return]
    return "en"
