"""Tiny files in the tasks' formats."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_lines(path: Path, rows: Iterable[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_value(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


PAIRS = [
    {"sentence1": "怎么还款", "sentence2": "如何还款", "label": "1"},
    {"sentence1": "怎么还款", "sentence2": "怎么开户", "label": "0"},
]
SQUAD = {
    "data": [
        {
            "paragraphs": [
                {
                    "id": "P0",
                    "context": "桥建于1932年，长九十米。",
                    "qas": [
                        {
                            "id": "Q0",
                            "question": "何时建",
                            "answers": [{"text": "1932年", "answer_start": 3}],
                        },
                        {"id": "Q1", "question": "多长", "answers": [{"text": "九十米", "answer_start": -1}]},
                    ],
                }
            ]
        }
    ]
}
C3 = [
    [
        ["男：去哪？", "女：去河边。"],
        [{"question": "去哪？", "choice": ["河边", "山上"], "answer": "河边"}],
        "1-1",
    ],
    [["天热。"], [{"question": "天气？", "choice": ["冷", "热", "热"], "answer": "热"}], "1-2"],
]
IDIOMS = [
    {
        "content": ["他#idiom000001#地走了，又#idiom000002#。", "大家#idiom000003#。"],
        "candidates": ["兴高采烈", "垂头丧气", "目瞪口呆", "七手八脚"],
    }
]
IDIOM_ANSWERS = {"#idiom000001#": 0, "#idiom000002#": 1, "#idiom000003#": 2}
FEW_SHOT_IDIOMS = [
    {"id": 7, "candidates": ["兴高采烈", "垂头丧气"], "content": "他#idiom#地走了。", "answer": 1},
]
ENTITIES = [
    {"text": "温格执教阿森纳", "label": {"name": {"温格": [[0, 1]]}, "organization": {"阿森纳": [[4, 6]]}}},
    {"text": "天气很好", "label": {}},
]
