"""What a page tells its reader to type: blocks of code and calls in the text, in their order."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gaupt.cli import command_line
from tests.docs.stand_ins import PROGRAMS

FENCE = re.compile(r"^( *)```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)^ *```$", re.M | re.S)
HEADING = re.compile(r"^#+ (.*)$", re.M)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
SETTING = re.compile(r"[A-Z_]+=\S*")
HANDOVER = re.compile(r" \\\n\s*")


@dataclass(frozen=True)
class Piece:
    """A block of code, or a call in the text (which has the language ``sh``)."""

    language: str
    text: str
    line: int
    title: str = ""
    inline: bool = False
    heading: str = ""
    """The last one before it."""
    answer: str = ""
    """What it prints: the block of text right behind it."""


def pieces(page: Path) -> list[Piece]:
    """All blocks of ``page``, and the calls in its text that are complete, in their order."""
    text = page.read_text(encoding="utf-8")
    found, end = [], 0
    for block in FENCE.finditer(text):
        found += _calls(text, end, block.start())
        indent, language, title, code = block.groups()
        code = re.sub(f"^{indent}", "", code, flags=re.M)
        heading = HEADING.findall(text, 0, block.start())[-1]
        if language == "text" and found and not text[end : block.start()].strip():
            found[-1] = replace(found[-1], answer=code)
        found.append(Piece(language, code, _line(text, block.start()), title or "", heading=heading))
        end = block.end()
    return found + list(_calls(text, end, len(text)))


def _calls(text: str, start: int, end: int) -> Iterator[Piece]:
    for span in SPAN.finditer(text, start, end):
        # In a table a bar is written with a backslash before it.
        call = span[1].replace(r"\|", "|")
        if is_call(call):
            yield Piece("sh", f"{call}\n", _line(text, span.start()), inline=True)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def program_words(call: str) -> list[str]:
    """The words of ``call`` from the program's name on; none where it is not one of ours to run."""
    try:
        words = shlex.split(call)
    except ValueError:  # a quotation mark that is left open
        return []
    while words and SETTING.fullmatch(words[0]):
        del words[0]
    return words if words and Path(words[0]).name in PROGRAMS else []


def is_call(call: str) -> bool:
    """Whether it can be run as it stands; ``gaupt pretrain``, ``gaupt clean --dry-run`` and the like name something."""
    words = program_words(call)
    if len(words) < 2:
        return False
    if words[0] != "gaupt" or words[1] not in command_line().commands:
        return True
    return len(words) > 2 and not lacks_something(words[1:])


def lacks_something(words: list[str]) -> bool:
    """Whether the command line says that an argument or an option's value is missing."""
    command = command_line().commands[words[0]]
    takes_arguments = any(param.param_type_name == "argument" for param in command.params)
    if takes_arguments and all(word.startswith("-") for word in words[1:]):
        return True
    words = words[: next((n for n, word in enumerate(words) if word in ("<", "|", "&&", ">")), None)]
    try:
        command.make_context(words[0], [*words[1:]])
    except Exception as error:
        return type(error).__name__ == "MissingParameter" or "requires an argument" in str(error)
    return False


def gaupt_calls(piece: Piece) -> int:
    """How often ``piece`` calls gaupt, counted in its text alone."""
    code = re.sub(r"(^|\s)#.*", "", HANDOVER.sub(" ", piece.text))
    return len(re.findall(r"(?:^|[;&|(] ?|-m |bin/|\b[A-Z_]+=\S+ |-- |rm .* )gaupt(?= [a-z-])", code, re.M))
