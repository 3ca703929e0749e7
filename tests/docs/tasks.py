"""The sample's labelled sentences in the files of CLUE and FewCLUE."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.evaluation.small import write_tasks
from tests.evaluation.tasks.made import write_lines

Row = dict[str, Any]
MAKERS: dict[str, Callable[[str, int], Row]] = {
    "tnews": lambda text, odd: {"sentence": text, "label": ("100", "101")[odd], "label_desc": "news_story"},
    "iflytek": lambda text, odd: {"sentence": text, "label": str(odd), "label_des": "出行"},
    "ocnli": lambda text, odd: {**_pair(text), "label": ("entailment", "neutral")[odd]},
    "cmnli": lambda text, odd: {**_pair(text), "label": ("entailment", "neutral")[odd]},
    "bustm": lambda text, odd: {**_pair(text), "label": str(odd)},
    "csl": lambda text, odd: {"id": 1, "abst": text, "keyword": [text[:2], text[-3:-1]], "label": str(odd)},
    "csldcp": lambda text, odd: {"content": text, "label": ("材料科学与工程", "作物学")[odd]},
    "cluewsc": lambda text, odd: {
        "target": {
            "span1_text": text[:2],
            "span1_index": 0,
            "span2_text": text[-2:],
            "span2_index": len(text) - 2,
        },
        "text": text,
        "label": ("true", "false")[odd],
    },
}
"""A row of each task from a sentence; of every second one with the other label."""


def write_clue(clue: Path, few: Path, topics: Path) -> None:
    """All tasks that pages name: as CLUE publishes them in ``clue``, as FewCLUE does in ``few``."""
    write_tasks(clue, rows=16)
    write_tasks(few, rows=16)
    for split, count in (("train", 16), ("dev", 8), ("test", 8)):
        lines = (topics / f"{split}.json").read_text(encoding="utf-8").splitlines()[:count]
        texts = [json.loads(line)["sentence"] for line in lines]
        for task, make in MAKERS.items():
            rows = [make(text, number % 2) for number, text in enumerate(texts)]
            write_lines(clue / task / f"{split}.json", rows)
            name = {"test": "test_public"}.get(split, f"{split}_few_all")
            write_lines(few / task / f"{name}.json", rows)
    _write_own(clue.parent)


def _write_own(folder: Path) -> None:
    """The task that the page on evaluation describes, `my.toml`, whose files are the reader's."""
    rows = [
        {"question": "怎么还款", "title": "如何还款", "label": 1, "related": ("no", "yes")[odd]}
        for odd in (0, 1)
    ]
    reviews = [{"review": text, "label": label} for text, label in (("房间干净。", "1"), ("隔音太差。", "0"))]
    for split in ("train", "dev", "test"):
        write_lines(folder / f"{split}.jsonl", rows * 4)
        write_lines(folder / "clue" / "hotel" / f"{split}.jsonl", reviews * 4)


def _pair(text: str) -> Row:
    return {"sentence1": text, "sentence2": text[:5]}
