"""The ledger of cleaning: what was read, changed, kept and dropped, in a form that adds up and is written as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

KILLED = "killed_worker"
"""Why a document is dropped of which workers died again and again."""
TOO_SLOW = "too_slow"
"""Why a document is dropped that takes longer than a text of its length may."""
SAMPLES = 5
"""Examples kept of each step and of each reason."""
EXCERPT = 200
"""Characters of an excerpt."""


_COUNTED = ("dropped", "changed", "lengths")


@dataclass
class SourceCounts:
    """Counts of one source. ``read`` is always ``kept`` plus the sum of ``dropped``."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    bytes_before: int = 0
    bytes_after: int = 0
    chinese_before: int = 0
    chinese_after: int = 0
    lengths: Counter[str] = field(default_factory=Counter)
    """Kept documents by the largest power of two that is not above their characters, in digits as JSON has keys."""

    def add(self, other: "SourceCounts") -> None:
        """Add the counts of another part."""
        self.read += other.read
        self.kept += other.kept
        self.dropped.update(other.dropped)
        self.changed.update(other.changed)
        self.bytes_before += other.bytes_before
        self.bytes_after += other.bytes_after
        self.chinese_before += other.chinese_before
        self.chinese_after += other.chinese_after
        self.lengths.update(other.lengths)


@dataclass
class Counts:
    """Counts of a part or of everything."""

    sources: dict[str, SourceCounts] = field(default_factory=dict)
    unreadable: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    changes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Examples of each step: id, before, after."""
    drops: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Examples of each reason: id, value, threshold, excerpt."""

    def source(self, name: str) -> SourceCounts:
        """The counts of one source."""
        # Not setdefault: it would make new counts for every document, to throw them away.
        if name not in self.sources:
            self.sources[name] = SourceCounts()
        return self.sources[name]

    def problem(self, file: str, reason: str) -> None:
        """Count something that could not be read."""
        self.unreadable.setdefault(file, Counter())[reason] += 1

    def read(self, source: str, text: str, chinese: int) -> None:
        """Count a document as it was found, with so many Chinese characters."""
        counts = self.source(source)
        counts.read += 1
        counts.bytes_before += len(text.encode())
        counts.chinese_before += chinese

    def change(self, id_: str, source: str, step: str, before: str, after: str) -> None:
        """Count what ``step`` did to a document, and keep it as an example."""
        self.source(source).changed[step] += 1
        examples = self.changes.setdefault(step, [])
        if len(examples) < SAMPLES:
            was, now = example_of_change(before, after)
            examples.append({"id": id_, "before": was, "after": now})

    def keep(self, source: str, text: str, chinese: int) -> None:
        """Count a document that stays, as it goes out."""
        counts = self.source(source)
        counts.kept += 1
        counts.bytes_after += len(text.encode())
        counts.chinese_after += chinese
        counts.lengths[_class_of(text)] += 1

    def take_back(self, source: str, text: str, chinese: int) -> None:
        """Undo `keep`: the document goes after all, or goes out otherwise."""
        counts = self.source(source)
        counts.kept -= 1
        counts.bytes_after -= len(text.encode())
        counts.chinese_after -= chinese
        counts.lengths[_class_of(text)] -= 1

    def drop(self, id_: str, source: str, reason: str, text: str, **why: Any) -> dict[str, Any]:
        """Count a document that goes, and keep it as an example; returns what the dropped file says of it."""
        self.source(source).dropped[reason] += 1
        details = {"id": id_, "source": source, "reason": reason, **why, "excerpt": text[:EXCERPT]}
        examples = self.drops.setdefault(reason, [])
        if len(examples) < SAMPLES:
            examples.append(details)
        return details

    def spend(self, step: str, seconds: float) -> None:
        """Count the time that a step took."""
        self.seconds[step] = self.seconds.get(step, 0.0) + seconds

    def add(self, other: "Counts") -> None:
        """Add the counts of another part, which comes later in the input."""
        for name, counts in other.sources.items():
            self.source(name).add(counts)
        for file, reasons in other.unreadable.items():
            self.unreadable.setdefault(file, Counter()).update(reasons)
        for step, seconds in other.seconds.items():
            self.spend(step, seconds)
        for mine, theirs in ((self.changes, other.changes), (self.drops, other.drops)):
            for name, examples in theirs.items():
                mine[name] = (mine.get(name, []) + examples)[:SAMPLES]

    def total(self) -> SourceCounts:
        """The sum over the sources."""
        total = SourceCounts()
        for counts in self.sources.values():
            total.add(counts)
        return total

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `counts_from_json` reads back."""
        return {
            "sources": {name: vars(item) for name, item in self.sources.items()},
            "unreadable": self.unreadable,
            "seconds": self.seconds,
            "changes": self.changes,
            "drops": self.drops,
        }


def counts_from_json(value: dict[str, Any]) -> Counts:
    """Read what `Counts.to_json` gave."""
    sources = {
        name: SourceCounts(**{**item, **{counted: Counter(item.get(counted, {})) for counted in _COUNTED}})
        for name, item in value["sources"].items()
    }
    unreadable = {file: Counter(reasons) for file, reasons in value["unreadable"].items()}
    return Counts(sources, unreadable, value["seconds"], value["changes"], value["drops"])


def _class_of(text: str) -> str:
    """The class of a text's length, see `SourceCounts.lengths`."""
    return str(1 << len(text).bit_length() >> 1)


def example_of_change(before: str, after: str) -> tuple[str, str]:
    """Both texts around the first place where they differ, at most `EXCERPT` characters."""
    limit = min(len(before), len(after))
    first = next((i for i in range(limit) if before[i] != after[i]), limit)
    start = max(0, first - 20)
    return before[start : start + EXCERPT // 2], after[start : start + EXCERPT // 2]
