"""Every command that a page prints is run, in the order of the page, on the bundled sample.

What a page's reader has before it begins is in `tests.docs.shelf`; what is made smaller, and what stands in for
programs that are not on a machine of tests, is in `tests.docs.stand_ins`; how a page is run in `tests.docs.typist`.
"""

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.page import Piece, pieces, program_words
from tests.docs.stand_ins import ROOT
from tests.docs.typist import Desk, run_page
from tests.docs.typist import account as account
from tests.docs.typist import desk as desk

PAGES = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "options.md" and not path.name.endswith(".zh.md")
]
LANGUAGES = {"sh", "python", "toml", "text"}
PLACEHOLDER = re.compile(r"…|\b[A-Z]{3,}\b(?![=\]_\"'/-])")


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_runs(
    page: Path, desk: Desk, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    needs_store = "s3://" in page.read_text(encoding="utf-8")
    account = request.getfixturevalue("account") if needs_store else {}
    run_page(page, tmp_path / page.stem, desk.environment | account, desk.shelf)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_what_it_holds(page: Path) -> None:
    assert [(piece.line, piece.language) for piece in pieces(page) if piece.language not in LANGUAGES] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_command_leaves_a_name_to_the_reader(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    spans = [
        Piece("sh", span, 0)
        for span in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    ]
    for piece in [*pieces(page), *spans]:
        for line in piece.text.splitlines() if piece.language == "sh" else ():
            words = line.split(" #")[0]
            if program_words(words)[:1] == ["gaupt"]:
                assert not PLACEHOLDER.search(words.replace("[MASK]", "")), f"{page.name}: {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_call_in_the_text_is_broken_by_a_line_end(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    spans = re.findall(r"`([^`]*)`", text)
    assert [span for span in spans if "\n" in span and program_words(span)] == []


def test_a_call_in_the_text_is_told_from_the_name_of_a_command(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`gaupt pretrain`, `gaupt clean --dry-run`, `gaupt export --format`, `train.lr`; `gaupt fill run '[MASK]'`,\n"
        "`OMP_NUM_THREADS=1 gaupt presets small`, `make demo`, `gaupt fill run text --unknown`\n",
        encoding="utf-8",
    )
    assert [shlex.split(piece.text)[-1] for piece in pieces(page)] == ["[MASK]", "small", "demo", "--unknown"]
