"""Small pieces of HTML: escaped text, tables, facts, tiles, and the page around them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape as escape_markup
from importlib import resources

from gaupt.language import Language

START = "<!doctype html>"
_NO_NAME = re.compile(r"\W+")
_LONG = 16
"""Characters of an excerpt that its column is kept wide for."""
_LANGUAGES = {"en": "en", "zh": "zh-Hans"}


class Markup(str):
    """HTML of ours, which goes into a page as it is."""

    __slots__ = ()


def escape(value: str) -> str:
    """Text of others as it is read, never markup; a surrogate, which no page can hold, as an escape."""
    return escape_markup(value.encode("utf-8", "backslashreplace").decode())


def cell(value: object) -> str:
    """``value`` as it stands in a page: `Markup` as it is, anything else as `text` has it, escaped."""
    return value if isinstance(value, Markup) else escape(text(value))


def excerpt(value: str) -> Markup:
    """Chinese text of a corpus or a task, marked as such: for voices, and for fonts on a page in English."""
    return Markup(f'<span lang="zh"{" class=long" if len(value) > _LONG else ""}>{escape(value)}</span>')


def bar(share: float) -> Markup:
    """A bar of a ``share``, 0 to 1, of the longest; its number stands beside it."""
    return Markup(f'<span class="bar" style="--share:{share:.3f}"></span>')


def table(
    rows: Iterable[Sequence[object]],
    header: Sequence[str],
    caption: str,
    *,
    bar_column: int | None = None,
    named_rows: bool = True,
) -> Markup:
    """An HTML table; numbers to the right, and a bar before the numbers of ``bar_column``.

    The first cell of a row names it, unless ``named_rows`` says otherwise. What is wider than the page
    scrolls by itself.
    """
    rows = [tuple(row) for row in rows]
    longest = max((row[bar_column] for row in rows), default=0) if bar_column is not None else 0  # type: ignore[type-var]
    numeric = [bool(rows) and all(_is_number(row[column]) for row in rows) for column in range(len(header))]
    heads = "".join(
        f'<th scope="col"{" class=number" if number else ""}>{cell(name)}</th>' if name else "<td></td>"
        for name, number in zip(header, numeric, strict=True)
    )
    lines = []
    for row in rows:
        cells = ""
        for column, (value, number) in enumerate(zip(row, numeric, strict=True)):
            shown = cell(value)
            if column == bar_column:
                shown = f"{bar(value / longest if longest else 0)}<span class=count>{shown}</span>"  # type: ignore[operator]
            kind = " class=number" if number else ""
            if named_rows and column == 0:
                cells += f'<th scope="row"{kind}>{shown}</th>'
            else:
                cells += f"<td{kind}>{shown}</td>"
        lines.append(f"<tr>{cells}</tr>")
    return Markup(
        f'<div class="scroll"><table><caption>{cell(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def facts(values: Mapping[str, object]) -> Markup:
    """Names and their values; what has no value is left out."""
    pairs = (
        f"<div><dt>{escape(name)}</dt><dd>{cell(value)}</dd></div>"
        for name, value in values.items()
        if value is not None
    )
    return Markup(f'<dl class="facts">{"".join(pairs)}</dl>')


def tiles(values: Iterable[tuple[str, str, str]]) -> Markup:
    """What matters most at a glance: a name, a figure, and a few words on it."""
    pairs = (
        f"<div><dt>{escape(name)}</dt><dd><strong>{escape(figure)}</strong>"
        f'<span class="note">{escape(words)}</span></dd></div>'
        for name, figure, words in values
    )
    return Markup(f'<dl class="tiles">{"".join(pairs)}</dl>')


def details(summary: str, *parts: str, opened: bool = False) -> Markup:
    """What is folded away until somebody asks, or was ``opened`` to show what there is."""
    return Markup(
        f"<details{' open' if opened else ''}><summary>{escape(summary)}</summary>{''.join(parts)}</details>"
    )


def note(words: str) -> Markup:
    """A line beside the matter."""
    return Markup(f'<p class="note">{escape(words)}</p>')


def heading(words: str) -> Markup:
    """The heading of a part of a section."""
    return Markup(f"<h3>{escape(words)}</h3>")


def section(title: str, *parts: str) -> tuple[str, Markup]:
    """A titled section, and its title, by which a page leads to it."""
    return title, Markup(f"<h2>{escape(title)}</h2>{''.join(parts)}")


def text(value: object) -> str:
    """A value as a reader wants it: thousands separated, floats at four digits."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return str(value)


def page(
    title: str,
    lead: str,
    sections: Sequence[tuple[str, Markup]],
    *,
    language: Language,
    skip: str,
    contents: str,
) -> str:
    """A complete page with its style and script inside: ``lead`` first, then a list of the ``sections``, then those.

    ``skip`` and ``contents`` name the link past the list, and the list.
    """
    named = [
        (f"s{number}-{_NO_NAME.sub('-', name)}", name, body)
        for number, (name, body) in enumerate(sections, 1)
    ]
    links = "".join(f'<li><a href="#{escape(id_)}">{escape(name)}</a></li>' for id_, name, _ in named)
    bodies = "".join(f'<section id="{escape(id_)}">{body}</section>' for id_, _, body in named)
    files = resources.files("gaupt.report")
    style, script = (files.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return (
        f'{START}<html lang="{_LANGUAGES[language]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f'<body><a class="skip" href="#main">{escape(skip)}</a><header><h1>{escape(title)}</h1>{lead}</header>'
        f'<nav aria-label="{escape(contents)}"><ul>{links}</ul></nav>'
        f'<main id="main">{bodies}</main><script>{script}</script></body></html>\n'
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
