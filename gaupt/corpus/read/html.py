"""The main text of an HTML page, without navigation, side bars and scripts.

resiliparse was chosen over trafilatura by measurement, see docs/cleaning.md.
"""

import re

_BLANK = re.compile(r"\s*\n\s*")


def main_text(page: str) -> str:
    """The main text of ``page``, a paragraph a line; empty for a page without one."""
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(
        page.replace("\0", ""),
        main_content=True,
        preserve_formatting=True,
        alt_texts=False,
        links=False,
        form_fields=False,
    )
    return _BLANK.sub("\n", text).strip()
