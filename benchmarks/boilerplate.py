"""How many boilerplate lines go and how many lines of prose stay, of the labelled lines in boilerplate.jsonl.

Every second line of a kind was held out: the patterns were written with the other half in view. Run it as
``python benchmarks/boilerplate.py [--wrong]``; ``--wrong`` prints the lines that come out wrong.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from gaupt.corpus.change.boilerplate import remove_boilerplate

LINES = Path(__file__).with_name("boilerplate.jsonl")
BEFORE, AFTER = "这一夜风雪甚急，客栈里只剩下一盏油灯。", "掌柜揉了揉眼睛，问来人从哪里来。"


def goes(line: str) -> bool:
    """Whether ``line`` goes from between two lines of prose."""
    return line not in remove_boilerplate(f"{BEFORE}\n{line}\n{AFTER}").split("\n")


def main() -> None:
    """Print precision and recall of both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="print the lines that come out wrong")
    wrong = parser.parse_args().wrong
    seen, found = Counter[tuple[str, bool]](), Counter[tuple[str, bool, bool]]()
    for row in map(json.loads, LINES.read_text(encoding="utf-8").splitlines()):
        key = (row["kind"], row["boilerplate"])
        half = "held out" if seen[key] % 2 else "in view"
        seen[key] += 1
        gone = goes(row["text"])
        found[half, row["boilerplate"], gone] += 1
        if wrong and gone != row["boilerplate"]:
            print(f"{half}: {row['kind']}: {'goes' if gone else 'stays'}: {row['text']}")
    for half in ("in view", "held out"):
        right, missed = found[half, True, True], found[half, True, False]
        lost, kept = found[half, False, True], found[half, False, False]
        print(
            f"{half}: {right} of {right + missed} boilerplate lines go (recall {right / (right + missed):.3f}), "
            f"{lost} of {lost + kept} lines of prose (precision {right / max(1, right + lost):.3f})"
        )


if __name__ == "__main__":
    main()
