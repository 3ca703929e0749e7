"""How often the masks of `gaupt clean` hit what is personal, and only that.

    python benchmarks/personal_data.py                                precision and recall by kind, for both halves
    python benchmarks/personal_data.py --half development --wrong     and every sentence of it that comes out wrong
    python benchmarks/personal_data.py --corpus FILE.jsonl.zst…       masks by kind in real text, and 200 to look at

personal_data.jsonl holds sentences written for this, one a line: ``text``, ``kind`` (of what is personal, or of what
looks like it) and ``spans`` (start, end and kind of everything personal; none: the text must stay as it is). Persons,
numbers and names are made up; check digits are right. The half is told by the text's checksum: rules are made with
the development half in view, the held-out half is for figures only. A mask is right where it covers exactly a span.
"""

import argparse
import collections
import hashlib
import itertools
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gaupt.corpus.change.normalize import normalize
from gaupt.corpus.change.personal import mask_personal_data
from gaupt.files import read_jsonl_zst
from gaupt.text import characters

SENTENCES = Path(__file__).with_suffix(".jsonl")
MASKS = {
    "email": "[邮箱]",
    "mobile": "[手机号]",
    "landline": "[电话]",
    "identity": "[身份证号]",
    "card": "[银行卡号]",
    "ip": "[IP]",
    "qq": "[账号]",
    "wechat": "[账号]",
}
MASK = re.compile("|".join(re.escape(mask) for mask in sorted(set(MASKS.values()))))
Span = tuple[int, int, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--half", choices=["development", "held-out"])
    parser.add_argument("--wrong", action="store_true", help="print the sentences that come out wrong")
    parser.add_argument("--corpus", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--show", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.corpus:
        draw(options.corpus, options.show, options.seed)
        return
    for half in [options.half] if options.half else ["development", "held-out"]:
        score(half, [row for row in sentences() if half_of(row["text"]) == half], options.wrong)


def sentences() -> Iterator[dict[str, Any]]:
    with SENTENCES.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def half_of(text: str) -> str:
    return "held-out" if hashlib.sha256(text.encode()).digest()[0] % 2 else "development"


def masked(text: str) -> tuple[str, str]:
    """``text`` as the step before leaves it, and with its personal data masked."""
    text = normalize(text, characters.count(text))
    return text, mask_personal_data(text, characters.count(text))


def spans_of(text: str, after: str) -> list[tuple[int, int, str]]:
    """Start, end and mask of what ``after`` masks of ``text``."""
    first, *literals = MASK.split(after)
    spans = []
    end = len(first)
    for number, (mask, literal) in enumerate(zip(MASK.findall(after), literals, strict=True), start=1):
        start = end
        end = len(text) - len(literal) if number == len(literals) else text.index(literal, start + 1)
        spans.append((start, end, mask))
        end += len(literal)
    return spans


def score(half: str, rows: list[dict[str, Any]], show_wrong: bool) -> None:
    right, missed, wrong = collections.Counter[str](), collections.Counter[str](), collections.Counter[str]()
    changed, false = collections.Counter[str](), collections.Counter[str]()
    for row in rows:
        text, after = masked(row["text"])
        expected = {(start, end, MASKS[kind]): kind for start, end, kind in row["spans"]}
        found = set(spans_of(text, after))
        right.update(kind for span, kind in expected.items() if span in found)
        missed.update(kind for span, kind in expected.items() if span not in found)
        wrong.update(kind_of(mask, row["kind"]) for *span, mask in found if (*span, mask) not in expected)
        if not expected:
            false[row["kind"]] += 1
            changed[row["kind"]] += after != text
        if show_wrong and found != set(expected):
            print(f"{row['kind']}: {text!r}\n    {after!r}")
    print(
        f"{half}: {sum(map(bool, (row['spans'] for row in rows)))} true sentences, {sum(false.values())} false"
    )
    for kind in MASKS:
        report(kind, right[kind], missed[kind], wrong[kind])
    report("all", right.total(), missed.total(), wrong.total())
    print("false sentences that changed: " + ", ".join(f"{k} {changed[k]}/{n}" for k, n in false.items()))


def kind_of(mask: str, sentence: str) -> str:
    """The kind that a mask says; the accounts have one mask, so that the sentence's kind says which is wrong."""
    if mask == MASKS["wechat"]:
        return "wechat" if sentence.startswith("wechat") else "qq"
    return next(kind for kind, its_mask in MASKS.items() if its_mask == mask)


def report(kind: str, right: int, missed: int, wrong: int) -> None:
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    print(
        f"  {kind:9} right {right:4} missed {missed:3} wrong {wrong:3}  precision {precision:.3f} recall {recall:.3f}"
    )


def draw(files: list[Path], number: int, seed: int) -> None:
    """Print masks by kind, and ``number`` of them at random with what stands around."""
    found = []
    seconds = 0.0
    for line in itertools.chain.from_iterable(map(read_jsonl_zst, files)):
        text = normalize(line["text"], characters.count(line["text"]))
        counts = characters.count(text)
        begin = time.perf_counter()
        after = mask_personal_data(text, counts)
        seconds += time.perf_counter() - begin
        if after != text:
            found += [(line.get("source", ""), text, *span) for span in spans_of(text, after)]
    print(
        f"{seconds:.1f} s; "
        + ", ".join(f"{m} {n:,}" for m, n in collections.Counter(f[4] for f in found).most_common())
    )
    for source, text, start, end, mask in random.Random(seed).sample(found, min(number, len(found))):
        shown = f"{text[max(0, start - 30) : start]}⟦{text[start:end]}⟧{text[end : end + 15]}"
        print(f"{source:16} {mask:7} {shown!r}")


if __name__ == "__main__":
    main()
