import html

import pytest

from gaupt.text.references import unescape


@pytest.mark.parametrize(
    "text",
    [
        "茶",
        "a & b",
        "&lt;p&gt;&amp;lt;",
        "&#33590;&#x8336;",
        "&#0000000065;",
        "&#1234567890;",
        "&#99999999",
        "&#0;",
        "&#000000000;",
    ],
)
def test_references_are_resolved_as_html_does(text: str) -> None:
    assert unescape(text) == html.unescape(text)


def test_a_number_may_have_any_number_of_digits() -> None:
    assert unescape(f"茶&#{'0' * 5000}65;&#{'1' * 5000};&#x{'f' * 5000};叶") == "茶A\ufffd\ufffd叶"
