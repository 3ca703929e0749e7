"""The corpus part of a report, from the report of a real cleaning."""

import json
from typing import Any

import pytest

from gaupt.config import config_from
from gaupt.corpus.clean import clean
from gaupt.report.corpus import corpus_section
from tests.made_documents import text

KEPT = [text(number) for number in range(4)]
TOO_SHORT = "<b>短</b>"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Five documents kept, some of them changed, one dropped, and a line that is none."""
    folder = tmp_path_factory.mktemp("raw")
    texts = [*KEPT, f"Ａ{text(4)}", TOO_SHORT]
    lines = [json.dumps({"text": each}, ensure_ascii=False) for each in texts]
    (folder / "news & more.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    config = config_from({"clean": {"near_duplicates": False}}, "a test")
    return clean([folder], folder / "clean", config, workers=1)


def test_what_was_read_kept_dropped_and_changed_is_shown(report: dict[str, Any]) -> None:
    assert (report["read"], report["kept"]) == (6, 5)
    section = corpus_section("news", report)
    assert section.startswith("<section><h2>Corpus: news</h2>")
    assert "<td>documents read</td><td>6</td>" in section
    assert "<td>documents kept</td><td>5</td>" in section
    (rule,), (step,) = report["dropped"], report["changed"]
    assert f"<td>{rule}</td><td class=number>1</td>" in section
    assert f"<td>{step}</td><td class=number>{report['changed'][step]}</td>" in section
    before, after = report["bytes"]["before"], report["bytes"]["after"]
    assert f"{before:,} → {after:,}" in section


def test_every_source_has_its_row(report: dict[str, Any]) -> None:
    (source,) = report["sources"]
    kept = report["sources"][source]["bytes"]["after"]
    numbers = "".join(f"<td class=number>{number:,}</td>" for number in (6, 5, kept))
    assert f"<td>{source.replace('&', '&amp;')}</td>{numbers}" in corpus_section("news", report)


def test_examples_are_folded_away_and_those_of_dropped_documents_open(report: dict[str, Any]) -> None:
    section = corpus_section("news", report)
    (rule,), (step,) = report["dropped"], report["changed"]
    assert f"<details open><summary>{rule}</summary>" in section
    assert f"<details><summary>{step}</summary>" in section
    assert TOO_SHORT not in section and "&lt;b&gt;短&lt;/b&gt;" in section


def test_what_could_not_be_read_is_shown_with_its_reasons(report: dict[str, Any]) -> None:
    ((file, reasons),) = report["unreadable"].items()
    section = corpus_section("news", report)
    assert "<caption>Not read</caption>" in section and file.replace("&", "&amp;") in section
    assert all(f"{reason}: {count:,}" in section for reason, count in reasons.items())


def test_where_nothing_happened_there_is_no_table(report: dict[str, Any]) -> None:
    nothing: dict[str, object] = {name: {} for name in ("dropped", "changed", "unreadable")}
    section = corpus_section("news", report | nothing | {"examples": {"dropped": {}, "changed": {}}})
    assert section.count("<table>") == 2
    assert not any(word in section for word in ("Dropped", "Changed", "Not read", "Examples", "<details"))
