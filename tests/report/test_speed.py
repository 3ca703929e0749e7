"""The speed part of a report."""

from pathlib import Path

import pytest

from gaupt.errors import GauptError
from gaupt.files import write_json
from gaupt.report.page import write_report
from gaupt.report.speed import is_bench, speed_section
from tests.report.said import EN


def bench() -> dict[str, object]:
    """What ``gaupt bench --json`` writes."""
    return {
        "machine": {
            "device": "a <CPU>",
            "threads": 2,
            "precision": "float32",
            "torch": "2.13.0",
            "matrix_peak_flops": 1e11,
            "rounds": 5,
        },
        "models": [{"name": "GAU-24", "classifier_parameters": 96_519_170, "counted_vocab_size": 12_000}],
        "results": [
            {
                "name": name,
                "length": length,
                "mode": mode,
                "compiled": name == "BERT-12",
                "tokens_per_second": 1000.0 / length,
                "first_is": 1.25,
                "first_flops": 1.14,
                "peak_share": 0.75,
                "peak_memory": 2**30,
            }
            for mode in ("forward", "training")
            for length in (128, 512)
            for name in ("GAU-24", "BERT-12")
        ],
    }


def test_a_chart_and_a_table_for_each_mode(tmp_path: Path) -> None:
    write_json(tmp_path / "bench.json", bench())
    assert is_bench(tmp_path / "bench.json")
    title, page = speed_section(tmp_path / "bench.json", EN)
    assert (title, page.count("<figure"), page.count("<polyline")) == ("Speed", 2, 4)
    for part in ("96,519,170", "a &lt;CPU&gt;", "BERT-12 compiled", "1.25", "1.14", "75%", "1,024"):
        assert part in page


def test_the_report_page_takes_it(tmp_path: Path) -> None:
    write_json(tmp_path / "bench.json", bench())
    write_report([tmp_path / "bench.json"], tmp_path / "report.html")
    assert "<h2" in (page := (tmp_path / "report.html").read_text(encoding="utf-8")) and "GAU-24" in page


@pytest.mark.parametrize("text", ["{", "[]", '{"machine": {}, "models": [], "results": []}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(GauptError, match=r"x\.json is not a file of gaupt bench --json"):
        speed_section(tmp_path / "x.json", EN)


def test_other_things_are_no_bench(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1]")
    assert not any(map(is_bench, (tmp_path, tmp_path / "x.json", tmp_path / "missing")))


def test_what_a_file_says_of_its_machine_is_no_markup(tmp_path: Path) -> None:
    report = bench()
    report["machine"] |= {"threads": "<b>", "precision": "<i>", "rounds": "<u>"}  # type: ignore[operator]
    write_json(tmp_path / "b.json", report)
    _, section = speed_section(tmp_path / "b.json", EN)
    assert not any(tag in section for tag in ("<b>", "<i>", "<u>")) and "&lt;b&gt; threads" in section
