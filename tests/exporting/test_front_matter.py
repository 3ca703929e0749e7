"""The front matter: whatever a name is made of, it is read back as one line of text."""

from typing import Any

import pytest
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st

from gaupt.exporting.front_matter import front_matter
from gaupt.visible import visible


def parsed(fields: dict[str, Any]) -> dict[str, Any]:
    """What the Hub's library reads of it, in a card with text behind it."""
    return ModelCard(front_matter(fields) + "\n# Title\n\n---\n\nother: text\n").data.to_dict()


def test_it_is_what_people_would_write() -> None:
    fields = {
        "license": "apache-2.0",
        "mask_token": "[MASK]",
        "tags": ["gaupt", "zh"],
        "nothing": None,
        "index": [
            {"name": "a b", "task": {"type": "other", "empty": ""}, "scores": [{"value": 1.5}, {"value": 2}]}
        ],
    }
    assert front_matter(fields).splitlines() == [
        "---",
        "license: apache-2.0",
        'mask_token: "[MASK]"',
        "tags:",
        "- gaupt",
        "- zh",
        "index:",
        '- name: "a b"',
        "  task:",
        "    type: other",
        "  scores:",
        "  - value: 1.5",
        "  - value: 2",
        "---",
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "yes",
            "no",
            "null",
            "~",
            "1.0",
            "1e5",
            "2024-01-01",
            "=",
            "<<",
            "a: b",
            "a #b",
            "- a",
            "# a",
            "---",
        ),
        *("'", '"', "\\", "a\n---\nb", "&a", "*a", "!a", "{a}", " a ", "🙂", "模型"),
        *("\x1b[31m", "\ufeff", "\uffff", "\u2028", "\udcff"),
    ],
)
def test_text_stays_text(text: str) -> None:
    assert parsed({"x": text, "y": [text], "z": [{"x": text}]}) == {
        "x": visible(text),
        "y": [visible(text)],
        "z": [{"x": visible(text)}],
    }


@given(st.text(st.characters(exclude_categories=()), min_size=1))
@pytest.mark.slow
def test_any_text_stays_text(text: str) -> None:
    assert parsed({"x": text})["x"] == visible(text)


@pytest.mark.parametrize("number", [0.0, 55.25, -3.5, 1e-05, 1.5e-07, 1e22, 12])
def test_numbers_stay_numbers(number: float) -> None:
    assert parsed({"x": number}) == {"x": number}
