"""Readers of HTML beside each other: paragraphs of articles that come out unaltered, boilerplate that stays, speed.

    python benchmarks/html_pages.py FOLDER SELECTORS.toml [--worst N] [--only NAME]

FOLDER holds a folder a site with its pages. SELECTORS.toml has a table a site: `article`, a CSS selector of the
element that is the article; `not`, of parts of it that are no text of it (optional); `skip = true` where a site has
no articles. Sites without a table take the table `default`; pages with several articles are left out. A paragraph is
the text of a p, li, heading, blockquote, pre, dt, dd, td, th or div in the article that holds none of these; it is
unaltered if the output holds it, blanks apart. Boilerplate is the text of such elements and of links and spans outside
of the article that the article does not hold as well, counted in characters.

Needs resiliparse and selectolax; trafilatura, readability-lxml, newspaper4k and boilerpy3 where they are installed.
"""

import argparse
import re
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from selectolax.lexbor import LexborHTMLParser, LexborNode

from gaupt.corpus.read.encodings import NotText, decode
from gaupt.corpus.read.main_text import main_text

LEAVES = "p, li, h1, h2, h3, h4, h5, h6, blockquote, pre, dt, dd, td, th, div"
PIECES = LEAVES + ", a, span"
NO_TEXT = (
    "script, style, noscript, template, textarea, button, select, svg, rt, rp, iframe, video, audio, .sr-only, "
    "[hidden], [aria-hidden=true], [style*='display:none'], [style*='display: none']"
)
CHINESE = re.compile("[\u4e00-\u9fff]")
BR = "\ue0ff"
BLANK = re.compile(r"[\s\u200b\xb6#]+")


def bare(text: str) -> str:
    return BLANK.sub("", text)


def leaves(root: LexborNode, selector: str) -> list[str]:
    """Texts of the elements in ``root`` that hold no other one of ``selector``; br separates texts."""
    found = []
    for node in root.css(selector):
        if all(inner.mem_id == node.mem_id for inner in node.css(selector)):
            found += [
                text
                for part in node.text().split(BR)
                if len(text := bare(part)) >= 4 and CHINESE.search(text)
            ]
    return found


def truth(page: str, rule: dict) -> tuple[list[str], list[str]] | None:
    """Paragraphs of the article and pieces of boilerplate; None for a page without an article."""
    tree = LexborHTMLParser(page)
    if rule.get("skip") or tree.body is None or (article := tree.body.css_first(rule["article"])) is None:
        return None
    inside = {node.mem_id for node in article.css("*")} | {article.mem_id}
    if any(node.mem_id not in inside for node in tree.body.css(rule["article"])):
        return None  # a page of several articles is a list of them
    for node in tree.body.css("br"):
        node.replace_with(BR)
    for node in tree.body.css(NO_TEXT):
        node.decompose()
    for node in article.css(rule["not"]) if rule.get("not") else ():
        node.decompose()
    paragraphs = leaves(article, LEAVES)
    whole = bare(article.text().replace(BR, ""))
    article.decompose()
    title = [bare(node.text()) for node in tree.body.css("h1")]
    return paragraphs, [text for text in leaves(tree.body, PIECES) if text not in whole and text not in title]


def as_it_was(page: str) -> str:
    text: str = extract_plain_text(
        page.replace("\0", ""),
        main_content=True,
        preserve_formatting=True,
        alt_texts=False,
        links=False,
        form_fields=False,
    )
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def readers() -> dict[str, Callable[[str], str]]:
    found: dict[str, Callable[[str], str]] = {"gaupt": main_text, "resiliparse": as_it_was}
    try:
        import trafilatura

        found["trafilatura"] = lambda page: trafilatura.extract(page, include_comments=False) or ""
        found["trafilatura, favor_recall"] = lambda page: (
            trafilatura.extract(page, include_comments=False, favor_recall=True) or ""
        )
    except ImportError:
        pass
    try:
        from readability import Document

        found["readability-lxml"] = lambda page: LexborHTMLParser(Document(page).summary()).text(separator="")
    except ImportError:
        pass
    try:
        import newspaper

        def by_newspaper(page: str) -> str:
            article = newspaper.Article("http://example.org", language="zh")
            article.download(input_html=page)
            article.parse()
            return str(article.text)

        found["newspaper4k"] = by_newspaper
    except ImportError:
        pass
    try:
        from boilerpy3.extractors import ArticleExtractor

        found["boilerpy3"] = lambda page: str(ArticleExtractor(raise_on_failure=False).get_content(page))
    except ImportError:
        pass
    return found


def read(name: str, reader: Callable[[str], str], pages: list[str]) -> tuple[list[str], float]:
    """What ``reader`` makes of ``pages``, and the CPU seconds."""
    outputs = []
    start = time.process_time()
    for page in pages:
        try:
            outputs.append(reader(page))
        except Exception as error:  # a peer's failure on a page is a result
            outputs.append("")
            print(f"{name}: {type(error).__name__}: {error}"[:100])
    return outputs, time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("selectors", type=Path)
    parser.add_argument(
        "--worst",
        type=int,
        default=0,
        help="show this many of the worst pages",
    )
    parser.add_argument("--only", action="append", help="this reader alone (repeatable)")
    arguments = parser.parse_args()
    rules = tomllib.loads(arguments.selectors.read_text())
    pages = []
    sites = Counter()
    for path in sorted(arguments.folder.glob("*/*")):
        try:
            page = decode(path.read_bytes(), None).replace("\0", "")
        except NotText:
            continue
        found = truth(page, rules.get(path.parent.name, rules["default"]))
        if found is not None and found[0]:
            pages.append((path, page, *found))
            sites[path.parent.name] += 1
    size = sum(len(page.encode()) for _, page, _, _ in pages)
    total = sum(len(paragraphs) for _, _, paragraphs, _ in pages)
    junk = sum(len(text) for *_, pieces in pages for text in pieces)
    print(
        f"{len(pages)} pages of {len(sites)} sites, {size / 1e6:.1f} MB, "
        f"{total} paragraphs, {junk} characters of boilerplate"
    )
    chosen = {
        name: reader for name, reader in readers().items() if not arguments.only or name in arguments.only
    }
    texts = [page for _, page, _, _ in pages]
    results = {name: read(name, reader, texts) for name, reader in chosen.items()}
    for _ in range(4):  # the fast ones by turns: the fastest round of each counts
        for name, (outputs, seconds) in results.items():
            if seconds < 5:
                results[name] = outputs, min(seconds, read(name, chosen[name], texts)[1])
    for name, (outputs, seconds) in results.items():
        lost, stays = defaultdict(list), defaultdict(list)
        touched = 0
        for (path, _, paragraphs, pieces), output in zip(pages, outputs, strict=True):
            text = bare(output)
            lost[path] = [paragraph for paragraph in paragraphs if paragraph not in text]
            touched += bool(lost[path])
            stays[path] = [piece for piece in pieces if piece in text]
        altered = sum(map(len, lost.values()))
        left = sum(len(piece) for found in stays.values() for piece in found)
        print(
            f"{name:28} unaltered {1 - altered / total:7.2%} ({altered} altered, on {touched} pages)"
            f"   boilerplate that stays {left / junk:6.2%}   {size / 1e6 / seconds:6.1f} MB/s"
        )
        for title, per in (("lost", lost), ("stays", stays)):
            for path, found in sorted(per.items(), key=lambda item: -sum(map(len, item[1])))[
                : arguments.worst
            ]:
                if found:
                    some = " | ".join(text[:40] for text in found[:6])
                    print(f"  {title} {path.parent.name}/{path.name}: {len(found)}: {some}")


if __name__ == "__main__":
    main()
