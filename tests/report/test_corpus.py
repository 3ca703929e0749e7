"""The corpus part of a report, from the report of a real cleaning."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import config_from
from gaupt.corpus.clean import clean
from gaupt.language import Wording
from gaupt.report.corpus import corpus_section
from tests.made_documents import text
from tests.report.said import EN, ZH, facts, rows, words

KEPT = [text(number) for number in range(4)]
TOO_SHORT = "很短<b>"
REPEATED = text(5)
NEARLY = REPEATED[:40] + "甲乙" + REPEATED[42:]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six documents kept, some of them changed, one too short, one that nearly repeats another, a line that is none."""
    raw = tmp_path_factory.mktemp("raw")
    texts = [*KEPT, f"Ａ{text(4)}", TOO_SHORT, REPEATED, NEARLY]
    lines = [json.dumps({"text": each}, ensure_ascii=False) for each in texts]
    (raw / "news & more.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    clean([raw], raw / "clean", config_from({"clean": {"near_threshold": 0.5}}, "a test"), workers=1)
    return raw / "clean"


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert (found["read"], found["kept"]) == (8, 6)
    assert found["dropped"] == {"too_short": 1, "near_duplicate": 1}
    return found


def section(report: dict[str, Any], folder: Path, say: Wording = EN, title: str = "") -> str:
    return corpus_section(title, report, folder, say)[1]


def test_several_corpora_are_told_apart_by_a_title(report: dict[str, Any], folder: Path) -> None:
    assert corpus_section("", report, folder, EN)[0] == "Corpus"
    assert corpus_section("news", report, folder, EN)[0] == "Corpus: news"
    assert corpus_section("news", report, folder, ZH)[0] == "语料：news"


def test_what_was_read_and_kept_is_told(report: dict[str, Any], folder: Path) -> None:
    told = facts(section(report, folder))
    assert (told["documents read"], told["documents kept"]) == ("8", "6, 75.0%")
    before, after = report["bytes"]["before"], report["bytes"]["after"]
    assert told["bytes of text before and after"] == f"{before:,} → {after:,}"


def test_every_source_has_its_row_with_the_share_dropped(report: dict[str, Any], folder: Path) -> None:
    (source,) = report["sources"]
    kept = report["sources"][source]["bytes"]["after"]
    row = [source.replace("&", "&amp;"), "8", "6", "25", "too short", f"{kept:,}"]
    assert rows(section(report, folder), "By source")[1:] == [row]


def test_lengths_are_classes_with_their_documents(report: dict[str, Any], folder: Path) -> None:
    shown = rows(section(report, folder), "Lengths of the documents kept")[1:]
    assert shown == [
        [f"{int(start):,} – {2 * int(start) - 1:,}", str(count)] for start, count in report["lengths"].items()
    ]
    assert sum(int(count) for _, count in shown) == report["kept"]
    older = {name: value for name, value in report.items() if name != "lengths"}
    assert "Lengths" not in section(older, folder)


def test_counts_by_rule_and_by_step_are_those_of_the_file(report: dict[str, Any], folder: Path) -> None:
    shown = section(report, folder)
    for caption, counts in (
        ("Dropped documents", report["dropped"]),
        ("Changed documents", report["changed"]),
    ):
        table = rows(shown, caption)[1:]
        assert table == [[name.replace("_", " "), str(count)] for name, count in counts.items()]


def test_what_could_not_be_read_is_shown_with_its_reasons(report: dict[str, Any], folder: Path) -> None:
    ((file, reasons),) = report["unreadable"].items()
    told = ", ".join(f"{reason}: {count:,}" for reason, count in reasons.items())
    assert rows(section(report, folder), "Not read")[1:] == [[file.replace("&", "&amp;"), told]]


def test_near_duplicates_stand_beside_what_they_repeat_with_their_differences_marked(
    report: dict[str, Any], folder: Path
) -> None:
    shown = section(report, folder)
    (row,) = rows(shown, "What the one has and the other has not is marked.")[1:]
    (example,) = report["examples"]["dropped"]["near_duplicate"]
    assert row[0] == str(example["similarity"])
    kept, dropped = (cell.replace("↵", "") for cell in row[1:3])
    assert REPEATED.replace("\n", "").startswith(kept) and len(kept) > 50
    assert NEARLY.replace("\n", "").startswith(dropped)
    assert "<del>甲乙</del>" in shown or "<ins>甲乙</ins>" in shown


def test_pairs_whose_documents_are_gone_are_shown_as_far_as_they_are_known(
    report: dict[str, Any], tmp_path: Path
) -> None:
    (row,) = rows(section(report, tmp_path), "What the one has and the other has not is marked.")[1:]
    assert row[1] == "–" and row[2].startswith(NEARLY[:20])


def test_changes_are_shown_before_and_after_with_marks(report: dict[str, Any], folder: Path) -> None:
    shown = section(report, folder)
    assert "<del>Ａ" in shown and "<ins>A" in shown
    first, *others = re.findall("<details( open)?><summary>", shown[shown.index("Samples before") :])
    assert first == " open" and "" in others


def test_where_a_text_goes_on_its_end_is_no_difference(report: dict[str, Any], tmp_path: Path) -> None:
    window = "甲乙" * 50
    changed = {"normalized": [{"id": "d", "before": f"　{window}"[:100], "after": window}]}
    shown = section(report | {"examples": {"changed": changed, "dropped": {}}}, tmp_path)
    assert "<del>　</del>" in shown and "<ins>" not in shown
    changed = {"normalized": [{"id": "d", "before": "丙丁戊", "after": "丙丁己"}]}
    shown = section(report | {"examples": {"changed": changed, "dropped": {}}}, tmp_path)
    assert "丙丁<del>戊</del>" in shown and "丙丁<ins>己</ins>" in shown


def test_dropped_documents_are_shown_with_the_limit_that_they_missed(
    report: dict[str, Any], folder: Path
) -> None:
    shown = section(report, folder)
    (row,) = rows(shown, "too short")[1:]
    assert row[2:] == ["2, limit 16", "很短&lt;b&gt;"] and TOO_SHORT not in shown
    (row,) = rows(shown, "near duplicate")[1:]
    assert row[2].startswith("repeats ")


def test_where_nothing_happened_there_is_no_table(report: dict[str, Any], folder: Path) -> None:
    nothing: dict[str, object] = {name: {} for name in ("dropped", "changed", "unreadable")}
    shown = section(report | nothing | {"examples": {"dropped": {}, "changed": {}}}, folder)
    assert shown.count("<table>") == 2
    assert not any(word in shown for word in ("Dropped", "Changed", "Not read", "Samples", "<details"))


def test_it_is_said_in_chinese_but_for_what_files_call_things(report: dict[str, Any], folder: Path) -> None:
    shown = words(section(report, folder, ZH))
    assert "近似重复对照" in shown and "过短" in shown
    assert not re.search(r"\b(documents|kept|dropped|before|after)\b", shown)
