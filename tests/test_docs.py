"""Pages that would go stale by themselves: options.md is what the sections say, python.md runs, commands are there."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gaupt import __version__
from gaupt.cli import command_line
from gaupt.config.reference import sections
from tests.conftest import TINY_MODEL
from tests.docs.page import pieces

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def options() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_options", DOCS / "options.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_options_is_current(options: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    options.main()
    assert capsys.readouterr().out == (DOCS / "options.md").read_text(encoding="utf-8"), "run make options"


def test_the_page_of_options_has_every_option() -> None:
    page = (DOCS / "options.md").read_text(encoding="utf-8")
    for section in sections():
        assert not section.title or f"\n## [{section.title}]\n" in page
        for option in section.options:
            assert f"`{option.key.rpartition('.')[2]}`" in page


@pytest.mark.slow
@pytest.mark.usefixtures("short_trial")
def test_the_code_of_the_python_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, flags=re.M | re.S)
    assert len(blocks) > 5
    assert blocks[0].count('"model.num_layers=2"') == 1
    blocks[0] = blocks[0].replace('"model.num_layers=2"', ", ".join(map(repr, TINY_MODEL)))
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks), "docs/python.md", "exec"), {})
    out = capsys.readouterr().out
    assert "225 documents kept, {'exact_duplicate': 4" in out
    assert "他在这" in out
    assert out.splitlines()[-1].startswith("no-such-folder does not exist; ")


PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(DOCS.glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.M | re.S)
REFUSED = re.compile(r"^```sh\n[^`]*```\n```text\ngaupt: error: .*?^```$", re.M | re.S)
"""Calls that a page shows for what they are answered."""
# To its end, or to what follows it on the line.
CALL = re.compile(r"(?:^|&& |bin/)(gaupt|make) ([^#|&\n]+)", re.M)


def calls(page: Path) -> list[tuple[str, list[str]]]:
    """Every call of gaupt or make on ``page``: which of them, and its words."""
    text = REFUSED.sub("", page.read_text(encoding="utf-8")).replace("\\\n", " ")
    code = "\n".join(block or span for block, span in CODE.findall(text))
    return [(program, words.split()) for program, words in CALL.findall(code)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_name_no_command_and_no_option_that_is_not_there(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    commands = command_line().commands
    for program, words in calls(page):
        if program == "make":
            assert words[0] in targets, f"{page.name}: make {words[0]}"
        elif not words[0].startswith("-"):
            assert words[0] in commands, f"{page.name}: gaupt {words[0]}"
            known = {name for param in commands[words[0]].params for name in param.opts}
            named = {word.split("=")[0].rstrip(",.;:)") for word in words if word.startswith("-")}
            assert named - known - {"--help", "-"} == set(), f"{page.name}: gaupt {' '.join(words)}"


def test_nothing_tells_to_install_gaupt_from_where_it_is_not() -> None:
    for file in (*PAGES, *sorted((ROOT / "gaupt").rglob("*.py"))):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"pip install ['\"]?gaupt", text), f"{file}: gaupt is not on PyPI"


@pytest.mark.slow
def test_the_site_is_built_without_a_broken_link(tmp_path: Path) -> None:
    pytest.importorskip("material")
    pytest.importorskip("mkdocs_static_i18n")
    site = tmp_path / "site"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "true", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for page in DOCS.glob("*.md"):
        name = page.name.removesuffix(".md").removesuffix(".zh")
        for language in (site, site / "zh"):
            assert (language / ("" if name == "index" else name) / "index.html").is_file()
    assert (site / "repository" / "CONTRIBUTING.md").is_file()
    for html in site.rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|link|img)[^>]*(?:src|href)=\"(https?:[^\"]*)", html.read_text(encoding="utf-8")
        )
        assert loaded == [], f"{html.name} is not shown without the net"


def test_the_citation_is_of_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    assert citation.startswith("cff-version: 1.2.0\nmessage: ")
    for paper in ("2205.05842", "2202.10447"):
        assert f"doi: 10.48550/arXiv.{paper}\n" in citation


def test_messages_that_a_page_quotes_and_no_command_makes_are_ours() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "gaupt").rglob("*.py"))
    # As the lines of a string stand side by side, and without what is filled in.
    source = re.sub(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}", "…", re.sub(r"\"\s*\n\s*f?\"", "", source))
    quoted = [piece for piece in pieces(DOCS / "troubleshooting.md") if piece.language == "text"]
    answers = {piece.answer for piece in pieces(DOCS / "troubleshooting.md")}
    alone = [piece.text.strip() for piece in quoted if piece.text not in answers]
    assert len(alone) >= 9
    for message in alone:
        for part in message.removeprefix("gaupt: error: ").split("…"):
            assert part.strip(" ();:,") in source, f"{message}: {part}"
