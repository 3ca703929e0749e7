"""The Chinese pages say what the English ones say: same headings, commands, tables; their links lead to Chinese."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENGLISH_ALONE = {"options.md", "benchmarks.md", "decisions.md"}
"""Pages for lookups: of generated English, of figures, and of reasons for contributors."""
PAGES = [
    ROOT / "README.md",
    *sorted(
        page
        for page in (ROOT / "docs").glob("*.md")
        if page.name.count(".") == 1 and page.name not in ENGLISH_ALONE
    ),
]
FENCE = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```$", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def chinese_of(page: Path) -> Path:
    return page.with_name(page.name.replace(".md", ".zh.md"))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text_of(page))


def headings(page: Path) -> list[tuple[int, str]]:
    """Level and text of each."""
    return [(len(marks), text) for marks, text in re.findall(r"^(#+) (.*)", prose(page), re.M)]


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and content of each fenced block; comments, which are translated, left out."""
    return [(language, without_comments(language, code)) for language, code in FENCE.findall(text_of(page))]


def without_comments(language: str, code: str) -> str:
    if language.split(" ")[0] not in ("sh", "python", "toml"):
        return code
    lines = (re.sub(r"(?:^|\s+)#(?!!|SBATCH|\w*[\"']).*", "", line).rstrip() for line in code.splitlines())
    return "\n".join(line for line in lines if line)


def tables(page: Path) -> list[list[int]]:
    """Of each table the cells of its rows."""
    found, rows = [], list[int]()
    for line in [*prose(page).splitlines(), ""]:
        if line.startswith("|"):
            rows.append(len(re.findall(r"(?<!\\)\|", line)))
        elif rows:
            found, rows = [*found, rows], []
    return found


def spans(page: Path) -> set[str]:
    """Options, files, commands and values in the prose."""
    return {span for span in CODE.findall(prose(page)) if not CHINESE.search(span)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_and_its_chinese_have_the_same_headings(page: Path) -> None:
    english, chinese = headings(page), headings(chinese_of(page))
    assert [level for level, _ in chinese] == [level for level, _ in english]
    untranslated = [
        text for _, text in chinese if not CHINESE.search(CODE.sub("", text)) and " " in text.strip()
    ]
    assert untranslated == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_and_its_chinese_have_the_same_commands(page: Path) -> None:
    assert blocks(chinese_of(page)) == blocks(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_and_its_chinese_have_the_same_tables(page: Path) -> None:
    assert tables(chinese_of(page)) == tables(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_and_its_chinese_name_the_same_options_files_and_values(page: Path) -> None:
    english = {span for span in CODE.findall(prose(page)) if not CHINESE.search(span)}
    assert spans(chinese_of(page)) == english


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_chinese_page_leads_to_chinese_pages_and_to_places_that_are_there(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*\.md)?(?:#([^)]*))?\)", prose(chinese_of(page))):
        linked = chinese_of(page).parent / target if target else chinese_of(page)
        assert linked.is_file(), target
        english = linked.with_name(linked.name.replace(".zh.md", ".md"))
        # But for the English of the page itself, which a reader may want.
        to_chinese = linked.name.endswith(".zh.md") or linked == page or not chinese_of(english).exists()
        assert to_chinese, f"{target} has a Chinese page"
        if anchor:
            assert anchor in {anchor_of(text) for _, text in headings(linked)}, f"{target}#{anchor}"


def anchor_of(heading: str) -> str:
    """The anchor of a heading, as the site and hosts of repositories make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_chinese_page_has_its_english() -> None:
    found = {*(ROOT / "docs").glob("*.zh.md"), *ROOT.glob("*.zh.md")}
    assert found == {chinese_of(page) for page in PAGES}
