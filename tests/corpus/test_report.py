import json
from pathlib import Path

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus.explain import explain
from gaupt.corpus.report import format_estimate, format_explanation, format_report
from tests.corpus.made import OTHER, TEXT, json_line, run


def test_the_numbers_of_a_report_stand_in_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_bytes(json_line(TEXT) + json_line(TEXT) + json_line(OTHER) + b"broken\n")
    text = format_report(run([path], tmp_path / "out"))
    assert "Documents by source" in text and "Not read" in text
    row = next(line for line in text.splitlines() if "news" in line)
    assert "66.7%" in row and "exact_duplicate 1" in row
    assert "dropped documents: exact_duplicate 1\n" in text
    assert "malformed line 1" in text


@pytest.mark.slow
def test_many_sources_are_thirty_and_a_number(tmp_path: Path) -> None:
    for number in range(33):
        (tmp_path / f"s{number}.jsonl").write_bytes(json_line(f"{OTHER}{number}"))
    text = format_report(run([tmp_path], tmp_path / "out", near_duplicates=False))
    assert "(3 more)" in text


def test_an_explanation_is_a_block_for_each_document(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_line("短。") + b"broken\n")
    short, broken = map(format_explanation, explain([path], CleanConfig()))
    assert short.startswith("a.jsonl:1 (source a, profile article): dropped: too_short\n")
    assert "\n  DROP too_short" in short and "\n  ok   not_chinese" in short
    assert broken == "a.jsonl: unreadable: malformed line\n"


def test_an_estimate_is_a_table_of_the_drops() -> None:
    text = format_estimate({"web": {"read": 20, "dropped": {"too_short": 0.25, "not_chinese": 0.1}}})
    assert "web" in text and "20" in text and "too_short 25.0%, not_chinese 10.0%" in text


NAMES = ("[/forum]", "[news]", "a\x1b[31mb", ":smile:", "a\nb", "a\u202eb")
SHOWN = ("[/forum]", "[news]", "a\\x1b[31mb", ":smile:", "a\\nb", "a\\u202eb")


def test_names_are_shown_as_they_are_and_steer_nothing(tmp_path: Path) -> None:
    lines = (json.dumps({"text": f"{OTHER}{name}", "source": name}) for name in NAMES)
    (tmp_path / "[x]\x1b.jsonl").write_text("\n".join([*lines, "broken"]))
    report = run([tmp_path / "[x]\x1b.jsonl"], tmp_path / "out", near_duplicates=False)
    sources = {name: {"read": 9, "dropped": {}} for name in NAMES}
    text = format_report(report) + format_estimate(sources)
    assert [name for name in (*SHOWN, "[x]\\x1b.jsonl") if f"│ {name} " not in text] == []
    assert "\x1b" not in text and "\u202e" not in text
    found = [*map(format_explanation, explain([tmp_path / "[x]\x1b.jsonl"], CleanConfig()))]
    assert [shown for shown, item in zip(SHOWN, found, strict=False) if f"(source {shown}," not in item] == []
    assert found[-1] == "[x]\\x1b.jsonl: unreadable: malformed line\n"
