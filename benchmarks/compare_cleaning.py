"""What another cleaning of the same input changed: documents by reason, steps, and random differences to read.

    gaupt clean corpus -o old                  # with one version or config
    gaupt clean corpus -o new                  # with the other
    python benchmarks/compare_cleaning.py old new --differences 100

Documents are told apart by source and id, and by their number where several share both.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import TypeVar

from gaupt.corpus.documents import document_files, read_documents
from gaupt.files import read_jsonl_zst

CONTEXT = 24
"""Characters shown on each side of a difference."""
Key = tuple[str, str, int]
T = TypeVar("T")


def main() -> None:
    """Print the tables, and the differences that were drawn."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--differences", type=int, default=100, help="how many are drawn and printed")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    old, new = documents(args.old), documents(args.new)
    reports = [json.loads((folder / "report.json").read_bytes()) for folder in (args.old, args.new)]
    for name in ("read", "kept"):
        print(f"{name}: {reports[0][name]:,} -> {reports[1][name]:,}")
    for name in ("dropped", "changed"):
        print(f"\n{name:24} {'old':>9} {'new':>9}")
        for key in sorted({key for report in reports for key in report[name]}):
            print(f"  {key:22} {reports[0][name].get(key, 0):9,} {reports[1][name].get(key, 0):9,}")
    gone = {side: reasons(folder) for side, folder in (("old", args.old), ("new", args.new))}
    for said, ours, theirs, why in (
        ("kept no longer", old, new, gone["new"]),
        ("kept now", new, old, gone["old"]),
    ):
        lost = [key for key in ours if key not in theirs]
        print(
            f"\n{said}: {len(lost):,} {dict(Counter(why.get(key, ('?', ''))[0] for key in lost).most_common())}"
        )
        for key in random.Random(args.seed).sample(lost, min(len(lost), args.differences // 4)):
            reason, _ = why.get(key, ("?", ""))
            print(f"  {key[0]} {key[1]} [{reason}] {ours[key][:120]!r}")
    changed = [key for key in old if key in new and old[key] != new[key]]
    print(f"\nother texts: {len(changed):,} {dict(Counter(key[0] for key in changed).most_common())}")
    drawn = random.Random(args.seed).sample(changed, min(len(changed), 20 * args.differences))
    kinds: Counter[tuple[str, str]] = Counter()
    characters = [0, 0]
    shown = 0
    for key in drawn:
        found = list(differences(old[key], new[key]))
        kinds.update((before[:12], after[:12]) for before, after, _, _ in found)
        for before, after, _, _ in found:
            characters[0] += len(before)
            characters[1] += len(after)
        if found and shown < args.differences:
            before, after, left, right = random.Random(f"{args.seed}{key}").choice(found)
            print(
                f"\n{shown + 1}. {key[0]} {key[1]}\n   - {left}⟦{before}⟧{right}\n   + {left}⟦{after}⟧{right}"
            )
            shown += 1
    print(f"\nin {len(drawn):,} of them {characters[0]:,} characters became {characters[1]:,}; most often")
    for (before, after), count in kinds.most_common(60):
        print(f"  {count:6,} {before!r} -> {after!r}")


def documents(folder: Path) -> dict[Key, str]:
    """The kept texts."""
    return {
        key: text
        for key, text in numbered(
            (document.source, document.id, document.text)
            for file in document_files(folder)
            for document in read_documents(file)
        )
    }


def reasons(folder: Path) -> dict[Key, tuple[str, str]]:
    """Why documents were dropped, and an excerpt."""
    rows = (row for file in sorted(folder.glob("dropped-*")) for row in read_jsonl_zst(file))
    return {
        key: (reason, excerpt)
        for key, (reason, excerpt) in numbered(
            (row["source"], row["id"], (row["reason"], row["excerpt"])) for row in rows
        )
    }


def numbered(rows: Iterator[tuple[str, str, T]]) -> Iterator[tuple[Key, T]]:
    """Rows by source, id and how often both occurred before."""
    seen: Counter[tuple[str, str]] = Counter()
    for source, id_, value in rows:
        yield (source, id_, seen[source, id_]), value
        seen[source, id_] += 1


def differences(old: str, new: str) -> Iterator[tuple[str, str, str, str]]:
    """Each place where two texts differ: before, after, and what stands on either side."""
    lines = old.split("\n"), new.split("\n")
    for kind, a, b, c, d in SequenceMatcher(None, *lines, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        was, now = "\n".join(lines[0][a:b]), "\n".join(lines[1][c:d])
        if not was or not now or len(was) * len(now) > 4_000_000:
            yield was, now, "", ""
            continue
        for inner, i, j, k, n in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if inner != "equal":
                yield was[i:j], now[k:n], was[max(0, i - CONTEXT) : i], was[j : j + CONTEXT]


if __name__ == "__main__":
    main()
