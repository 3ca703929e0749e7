"""For the site: links to files of the repository that are no pages lead to copies of them beside the pages."""

import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[([^\]]*)\]\(\.\./([^)#]+)(#[^)]*)?\)")
COPIES = "repository"
"""Folder of the site for them."""

_wanted: set[str] = set()


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let the links of a page lead to the copies; one to a folder means its README."""
    up = "../" * page.url.count("/")
    return LINK.sub(lambda link: f'<a href="{up}{COPIES}/{_copied(link[2])}">{_code(link[1])}</a>', markdown)


def on_post_build(config: Any, **_: Any) -> None:
    """Copy what pages have asked for."""
    for name in sorted(_wanted):
        target = Path(config["site_dir"]) / COPIES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)


def _copied(name: str) -> str:
    name = f"{name.rstrip('/')}/README.md" if (ROOT / name).is_dir() else name
    if not (ROOT / name).is_file():
        raise FileNotFoundError(f"a page links to {name}, which the repository does not have")
    _wanted.add(name)
    return name


def _code(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", text)
