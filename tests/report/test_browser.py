"""The page as people meet it: in a browser, on a telephone, in the dark, by keys, through a voice.

Chromium is what the machine has; where it has none, these are skipped.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import Config
from gaupt.report.page import write_report
from tests.report.runs import LINES, SUMMARY, write_run

pytestmark = [pytest.mark.slow, pytest.mark.untraced]

WIDTHS = (390, 768, 1440)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def whole(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with all that a page can have but speed."""
    from gaupt.evaluation.evaluate import evaluate
    from gaupt.evaluation.work import EvaluateOptions
    from tests.evaluation.small import settings, write_model, write_tasks

    folder = tmp_path_factory.mktemp("page")
    write_model(folder / "model")
    write_tasks(folder / "data", rows=16)
    config = Config(evaluate=settings("epochs=2", "seeds=1", "resamples=100"))
    evaluate([folder / "model"], ["eprstmt"], folder / "data", folder / "scores", config, EvaluateOptions())
    sources = [{"step": step, "eval_loss/新闻": 6.0, "eval_loss/web": 7.0 - step / 100} for step in (20, 30)]
    run = write_run(folder / "run", [*LINES, *sources], SUMMARY)
    predictions = [{"text": "天[MASK]", "masks": [[{"token": "地", "probability": 0.5}]]}]
    write_report([prepared, run, folder / "scores"], folder / "zh.html", predictions, language="zh")
    write_report([prepared, run, folder / "scores"], folder / "en.html", predictions, language="en")
    return folder


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    runs = [write_run(folder / name, summary=SUMMARY, config=Config(seed=ord(name))) for name in "abc"]
    write_report(runs, folder / "compared.html", language="en")
    return folder


def opened(browser: Any, page: Path, width: int = 1440, scheme: str = "light", **more: Any) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    shown = context.new_page()
    shown.goto(page.as_uri())
    return shown


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(browser: Any, whole: Path, compared: Path, width: int) -> None:
    for page in (whole / "en.html", whole / "zh.html", compared / "compared.html"):
        shown = opened(browser, page, width)
        shown.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert shown.evaluate("document.documentElement.scrollWidth") == width, page.name
        shown.context.close()


def test_names_of_any_length_make_no_page_wider(browser: Any, tmp_path: Path) -> None:
    long = "a_name_without_any_place_to_break_it" * 4
    sources = [{"step": step, f"eval_loss/{long}": 6.0, f"eval_loss/{long[1:]}": 5.0} for step in (20, 30)]
    runs = [
        write_run(tmp_path / f"{name}{long}", [*LINES, *sources], SUMMARY | {"device_name": long})
        for name in "ab"
    ]
    write_report(runs, tmp_path / "two.html", language="en")
    write_report(runs[:1], tmp_path / "one.html", language="en")
    for page in ("one.html", "two.html"):
        shown = opened(browser, tmp_path / page, 390)
        assert shown.evaluate("document.documentElement.scrollWidth") == 390, page
        shown.context.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme", "rules"),
    [
        ("en", 390, "light", None),
        ("zh", 1440, "dark", None),
        ("compared", 768, "light", None),
        # Of the other scheme, what it changes.
        ("en", 390, "dark", ["color-contrast"]),
        ("zh", 1440, "light", ["color-contrast"]),
        ("compared", 768, "dark", ["color-contrast"]),
    ],
)
def test_nothing_violates_the_rules_of_axe(
    browser: Any, whole: Path, compared: Path, name: str, width: int, scheme: str, rules: list[str] | None
) -> None:
    """Contrast, names, headers, languages, what keys can reach: everything that axe-core knows to check."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    shown = opened(browser, (compared if name == "compared" else whole) / f"{name}.html", width, scheme)
    shown.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    found = axe.run(shown, options={"runOnly": rules} if rules else None).response
    told = [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]
    assert told == [] and len(found["passes"]) >= (len(rules) if rules else 30)
    shown.context.close()


def test_the_page_is_alone_and_its_script_makes_no_mistake(browser: Any, whole: Path) -> None:
    context = browser.new_context()
    shown, asked, errors = context.new_page(), [], []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.goto((whole / "en.html").as_uri())
    assert asked == [(whole / "en.html").as_uri()] and errors == []
    context.close()


def test_a_chart_says_its_values_at_the_pointer_and_at_the_keys(browser: Any, whole: Path) -> None:
    shown = opened(browser, whole / "en.html")
    chart = shown.locator("figure.chart").first
    plot, said, slider = chart.locator(".plot"), chart.locator("output"), chart.locator("input[type=range]")
    assert said.text_content() == "" and chart.locator(".cursor").is_hidden()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    shown.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20)
    assert said.text_content() == "step 30 · training 5 · validation 5.25 · unigram entropy 6.25"
    assert chart.locator(".cursor").is_visible()
    slider.focus()
    shown.keyboard.press("Home")
    assert said.text_content() == "step 10 · training 7 · unigram entropy 6.25"
    shown.keyboard.press("ArrowRight")
    assert said.text_content() == "step 20 · training 6 · validation 6.5"
    assert slider.get_attribute("aria-valuetext") == said.text_content()
    assert slider.get_attribute("aria-label") == "Masked-LM loss"
    shown.context.close()


def test_what_a_chart_shows_is_what_the_files_hold(browser: Any, whole: Path) -> None:
    shown = opened(browser, whole / "en.html")
    cells = (
        shown.locator("figure.chart")
        .first.locator("tbody tr")
        .evaluate_all("(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))")
    )
    lines = [json.loads(line) for line in (whole / "run" / "metrics.jsonl").read_text("utf-8").splitlines()]
    for column, key in ((1, "loss"), (2, "eval_loss")):
        told = {int(row[0]): float(row[column]) for row in cells if row[column]}
        assert told == {line["step"]: line[key] for line in lines if key in line}
    shown.context.close()


def test_without_scripts_the_drawing_and_the_table_are_there(browser: Any, whole: Path) -> None:
    shown = opened(browser, whole / "en.html", java_script_enabled=False)
    chart = shown.locator("figure.chart").first
    assert chart.locator("polyline").count() == 3 and chart.locator("input").count() == 0
    chart.locator("summary").click()
    assert chart.locator("td").first.is_visible()
    shown.context.close()


def test_keys_reach_the_content_the_sections_and_what_is_folded(browser: Any, whole: Path) -> None:
    shown = opened(browser, whole / "zh.html", 390)
    shown.keyboard.press("Tab")
    skip = shown.locator(":focus")
    assert (skip.text_content(), skip.get_attribute("href")) == ("跳到正文", "#main")
    assert skip.bounding_box()["x"] >= 0
    reached = set()
    for _ in range(60):
        shown.keyboard.press("Tab")
        reached.add(shown.evaluate("document.activeElement.localName"))
    assert {"a", "summary"} <= reached
    wide = shown.locator(".scroll[tabindex='0']")
    assert wide.count() > 0  # tables that scroll by themselves on a telephone
    assert shown.locator(".scroll:not([tabindex])").count() > 0
    shown.context.close()


def test_chinese_is_marked_on_a_page_in_english(browser: Any, whole: Path) -> None:
    shown = opened(browser, whole / "en.html")
    assert shown.evaluate("document.documentElement.lang") == "en"
    shown.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    unmarked = shown.evaluate(
        """() => {
          const found = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const text = walk.currentNode.textContent;
            if (/[\\u4e00-\\u9fff]{4}/.test(text) && !walk.currentNode.parentElement.closest("[lang^=zh], pre, script"))
              found.push(text);
          }
          return found;
        }"""
    )
    assert unmarked == []
    shown.context.close()
