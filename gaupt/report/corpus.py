"""The corpus part of a report: what was read, kept, dropped and changed, and examples of each."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from gaupt.corpus.documents import EXCERPT, read_documents
from gaupt.errors import GauptError
from gaupt.language import Wording
from gaupt.report.html import Markup, details, escape, excerpt, facts, heading, section, table

LOOKED_THROUGH = 200_000
"""Documents that are read to find those that others nearly repeat: they come before the examples, early in a corpus."""
_SHORTEST_MATCH = 2
"""Characters in a row that count as the same: single ones are chance."""


def corpus_section(title: str, report: Mapping[str, Any], folder: Path, say: Wording) -> tuple[str, Markup]:
    """Tables and examples from the ``report.json`` of `gaupt clean` in ``folder``; a ``title`` tells several apart."""
    before, after = report["bytes"], report["chinese"]
    parts = [
        facts(
            {
                say("documents read"): report["read"],
                say("documents kept"): say(
                    "{kept:,}, {share:.1%}", kept=report["kept"], share=_share(report["kept"], report["read"])
                ),
                say("bytes of text before and after"): f"{before['before']:,} → {before['after']:,}",
                say("Chinese characters before and after"): f"{after['before']:,} → {after['after']:,}",
            }
        ),
        _sources(report["sources"], say),
        _lengths(report.get("lengths", {}), say),
        _counts(say("Dropped documents"), say("rule"), report["dropped"], say),
        _counts(say("Changed documents"), say("cleaning step"), report["changed"], say),
        _unreadable(report["unreadable"], say),
        _near_duplicates(report["examples"]["dropped"].get("near_duplicate", ()), folder, say),
        _changes(report["examples"]["changed"], say),
        _drops(report["examples"]["dropped"], say),
    ]
    named = say("Corpus: {name}", name=title) if title else say("Corpus")
    return section(named, *filter(None, parts))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _sources(sources: Mapping[str, Any], say: Wording) -> Markup:
    rows = [
        (
            name, item["read"], item["kept"],
            round(100 * _share(item["read"] - item["kept"], item["read"]), 1),
            say.term(next(iter(item["dropped"]), "")), item["bytes"]["after"],
        )
        for name, item in sources.items()
    ]  # fmt: skip
    header = (
        say("source"),
        say("read"),
        say("kept"),
        say("% dropped"),
        say("most dropped as"),
        say("bytes kept"),
    )
    return table(rows, header, say("By source"), bar_column=3)


def _lengths(lengths: Mapping[str, int], say: Wording) -> Markup | None:
    """How long the kept documents are: each class begins at its name, and ends before twice that."""
    if not lengths:
        return None
    starts = sorted(map(int, lengths))
    rows = [(f"{start:,} – {max(start, 2 * start - 1):,}", lengths[str(start)]) for start in starts]
    header = (say("characters"), say("documents"))
    return table(rows, header, say("Lengths of the documents kept"), bar_column=1)


def _counts(caption: str, what: str, counts: Mapping[str, int], say: Wording) -> Markup | None:
    if not counts:
        return None
    rows = [(say.term(name), count) for name, count in counts.items()]
    return table(rows, (what, say("documents")), caption, bar_column=1)


def _unreadable(unreadable: Mapping[str, Mapping[str, int]], say: Wording) -> Markup | None:
    if not unreadable:
        return None
    rows = [
        (file, ", ".join(f"{reason}: {count:,}" for reason, count in reasons.items()))
        for file, reasons in unreadable.items()
    ]
    return table(rows, (say("file"), say("why, and how often")), say("Not read"))


def _near_duplicates(examples: Sequence[Mapping[str, Any]], folder: Path, say: Wording) -> Markup | None:
    """Documents that went beside the beginnings of those that they nearly repeat."""
    if not examples:
        return None
    wanted = {example["duplicate_of"]: len(example["excerpt"]) for example in examples}
    kept = _beginnings(folder, wanted)
    rows = []
    for example in examples:
        was = kept.get(example["duplicate_of"])
        gone, stays = (
            _marked(example["excerpt"], was, EXCERPT)
            if was is not None
            else (excerpt(example["excerpt"]), "–")
        )
        rows.append(
            (round(example["similarity"], 3), stays, gone, f"{example['id']} → {example['duplicate_of']}")
        )
    header = (say("similarity"), say("kept"), say("dropped"), say("which"))
    shown = table(rows, header, say("What the one has and the other has not is marked."), named_rows=False)
    return Markup(heading(say("Pairs of near duplicates")) + shown)


def _beginnings(folder: Path, wanted: Mapping[str, int]) -> dict[str, str]:
    """The first characters of the ``wanted`` documents, so many of each; none of those that are not found soon."""
    found = dict[str, str]()
    try:
        for document in islice(read_documents(folder), LOOKED_THROUGH):
            if document.id in wanted:
                found[document.id] = document.text[: wanted[document.id]]
                if len(found) == len(wanted):
                    break
    except GauptError:  # a report that was copied without its documents
        pass
    return found


def _changes(examples: Mapping[str, Sequence[Mapping[str, str]]], say: Wording) -> Markup | None:
    """Of each step, texts around the first place that it changed, before and after."""
    if not examples:
        return None
    blocks = list[Markup]()
    for step, items in examples.items():
        rows = [(*_marked(item["before"], item["after"], EXCERPT // 2), item["id"]) for item in items]
        shown = table(rows, (say("before"), say("after"), say("document")), say.term(step), named_rows=False)
        blocks.append(details(say.term(step), shown, opened=not blocks))
    return Markup(heading(say("Samples before and after")) + "".join(blocks))


def _drops(examples: Mapping[str, Sequence[Mapping[str, Any]]], say: Wording) -> Markup | None:
    if not examples:
        return None
    blocks = [
        details(say.term(rule), _dropped(say.term(rule), items, say), opened=not number)
        for number, (rule, items) in enumerate(examples.items())
    ]
    return Markup(heading(say("Samples of what was dropped")) + "".join(blocks))


def _dropped(rule: str, items: Sequence[Mapping[str, Any]], say: Wording) -> Markup:
    rows = [(item["id"], item["source"], _why(item, say), excerpt(item["excerpt"])) for item in items]
    return table(rows, (say("document"), say("source"), say("why"), say("begins with")), rule)


def _why(item: Mapping[str, Any], say: Wording) -> str:
    if "duplicate_of" in item:
        return say("repeats {other}", other=item["duplicate_of"])
    if "threshold" in item:
        return say("{value:.4g}, limit {threshold:.4g}", value=item["value"], threshold=item["threshold"])
    return ""


def _marked(first: str, second: str, window: int) -> tuple[Markup, Markup]:
    """Two texts; what only the first has is marked as gone, and what only the second has as come.

    A text of ``window`` characters goes on; what the other has behind their last match may be in it there.
    """
    blocks = difflib.SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    same = [block for block in blocks if block.size >= _SHORTEST_MATCH]
    ends = (len(first), 0) if len(second) < window else (_end(same, "a"), len(first) - _end(same, "a"))
    left = [*((block.a, block.size) for block in same), ends]
    ends = (len(second), 0) if len(first) < window else (_end(same, "b"), len(second) - _end(same, "b"))
    right = [*((block.b, block.size) for block in same), ends]
    return _with_marks(first, left, "del"), _with_marks(second, right, "ins")


def _end(same: Sequence[difflib.Match], side: str) -> int:
    """Where the last match ends."""
    return getattr(same[-1], side) + same[-1].size if same else 0


def _with_marks(text: str, same: Iterable[tuple[int, int]], mark: str) -> Markup:
    parts, place = [], 0
    for start, size in same:
        if start > place:
            parts.append(f"<{mark}>{_lines(text[place:start])}</{mark}>")
        parts.append(_lines(text[start : start + size]))
        place = start + size
    return Markup(f'<span lang="zh" class=long>{"".join(parts)}</span>')


def _lines(text: str) -> str:
    """Text whose line ends are seen, since they may be what changed."""
    return escape(text.replace("\n", "↵\n")).replace("\n", "<br>")
