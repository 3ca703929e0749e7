"""Subtitles and lyrics: what is said or sung, without numbers, times and marks."""

import re
from collections.abc import Iterable, Iterator

from gaupt.corpus.read.encodings import decode
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.piece import MAX_DOCUMENT, Item, Problem, Record

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}(?:[.,:]\d{1,3})?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}.*")
_NUMBER = re.compile(r"\s*\d+\s*")
_VTT_BLOCK = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)(?:\s.*)?")
_TAG = re.compile(
    r"<rt>[^<]*</rt>|</?(?:[bius]|c|v|rt|rp|ruby|lang|font|span)(?:[\s.][^<>]*)?>|<\d[\d:.]*>|\{[^{}]*\}",
    re.IGNORECASE,
)
_BLOCK, _DRAWS = re.compile(r"\{[^{}]*+\}"), re.compile(r"\\p[1-9]")
_LRC_TIMES = re.compile(r"\s*((?:\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\]\s*)+)")
_LRC_TIME = re.compile(r"\[(\d+):(\d+)(?:[.:](\d+))?\]")
_LRC_ID = re.compile(r"\s*\[[A-Za-z#]+:[^\[\]]*\]\s*")
_CHINESE = re.compile("[\u3400-\u9fff]")
_SENTENCE, _LINES = 100, 8
"""Characters of a line to which the next one of the cue is joined, and lines of a cue that may roll."""
_TEXT = 9
"""Commas before the text of an event of ASS, where its section names no columns."""


def read_subtitles(file: InputFile, data: bytes) -> Iterator[Item]:
    """The document that a file of subtitles is: a line a cue, the lines of a cue in one where they are Chinese."""
    if len(data) > MAX_DOCUMENT:
        yield Problem(file.name, f"larger than {MAX_DOCUMENT >> 20} MiB")
        return
    cues = map(_clean, _CUES[file.format](decode(data).splitlines()))
    said = "\n".join(map(_joined, _without_repeats(cues)))
    yield Record(file.name, said, file.source) if said else Problem(file.name, "no subtitles in it")


def _srt_cues(lines: Iterable[str]) -> Iterator[list[str]]:
    """What stands between two lines of times; the number before the second belongs to the next cue."""
    cue: list[str] | None = None
    for line in lines:
        if not _TIMES.fullmatch(line):
            if cue is not None:
                cue.append(line)
            continue
        if cue is not None:
            yield cue[:-1] if cue and _NUMBER.fullmatch(cue[-1]) else cue
        cue = []
    if cue is not None:
        yield cue


def _vtt_cues(lines: Iterable[str]) -> Iterator[list[str]]:
    """What stands below a line of times, as far as the next empty line."""
    cue: list[str] | None = None
    for line in lines:
        if _TIMES.fullmatch(line) or not line.strip() or (cue is None and _VTT_BLOCK.fullmatch(line)):
            if cue:
                yield cue
            cue = [] if _TIMES.fullmatch(line) else None
        elif cue is not None:
            cue.append(line)
    if cue:
        yield cue


def _ass_cues(lines: Iterable[str]) -> Iterator[list[str]]:
    """The texts of the events that are spoken, without drawings and the copies that karaoke effects make."""
    columns = [""] * _TEXT + ["text"]
    for line in lines:
        kind, _, rest = line.partition(":")
        if kind.strip() == "Format" and "text" in rest.lower():
            columns = [name.strip().lower() for name in rest.split(",")]
        elif kind.strip() == "Dialogue":
            values = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
            if values.get("effect", "").strip() != "fx":
                text = _without_drawings(values.get("text", ""))
                yield re.split(r"\\[Nn]", text.replace(r"\h", " "))


def _without_drawings(text: str) -> str:
    """``text`` without what stands from a block with ``\\p1`` to one with ``\\p0``, or to the end."""
    pieces, done, drawn = list[str](), 0, False
    for block in _BLOCK.finditer(text):
        if not drawn and _DRAWS.search(block[0]):
            pieces.append(text[done : block.start()])
            drawn = True
        elif drawn and "\\p0" in block[0]:
            done, drawn = block.end(), False
    return "".join(pieces if drawn else (*pieces, text[done:]))


def _lrc_cues(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of a song in the order in which they are first sung."""
    timed: list[tuple[float, str]] = []
    for line in lines:
        if (times := _LRC_TIMES.match(line)) is not None:
            first = min(int(m) * 60 + float(f"{s}.{part}") for m, s, part in _LRC_TIME.findall(times[1]))
            timed.append((first, line[times.end() :]))
        elif not _LRC_ID.fullmatch(line):
            timed.append((timed[-1][0] if timed else 0.0, line))
    yield from ([line] for _, line in sorted(timed, key=lambda item: item[0]))


_CUES = {"srt": _srt_cues, "vtt": _vtt_cues, "ass": _ass_cues, "lrc": _lrc_cues}


def _clean(cue: Iterable[str]) -> list[str]:
    """The lines of a cue without marks, those that have anything in them."""
    return [text for line in cue if (text := " ".join(_TAG.sub("", line).split()))]


def _without_repeats(cues: Iterable[list[str]]) -> Iterator[list[str]]:
    """What each cue adds: captions that roll begin with the lines that the cue before ended with."""
    last: list[str] = []
    for lines in cues:
        lengths = range(min(len(last), len(lines), _LINES), 0, -1)
        again = next((n for n in lengths if last[-n:] == lines[:n]), 0)
        last = lines or last
        if len(lines) > again:
            yield lines[again:]


def _joined(lines: Iterable[str]) -> str:
    """A sentence that was broken in two is one again; a translation and another's speech are lines of their own."""
    joined: list[str] = []
    for line in lines:
        chinese = _CHINESE.search(line) and not line.startswith(("-", "–", "—"))
        if joined and chinese and _CHINESE.search(joined[-1]) and len(joined[-1]) < _SENTENCE:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return "\n".join(joined)
