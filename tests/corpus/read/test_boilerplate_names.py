"""What the attributes of an element say of it."""

import pytest

from gaupt.corpus.read.boilerplate_names import Verdict, verdict


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (' class="nav"', "named"),
        (" class=nav-item", "named"),
        (" CLASS='topNav clearfix'", "named"),
        (' id="comments"', "named"),
        (' role="navigation"', "named"),
        (' class="sidebar"', "aside"),
        (' class="headerlink" href="#a"', "anchor"),
        (' style="color: red; display : none"', "hidden"),
        (" hidden", "hidden"),
        (' hidden="" class="nav"', "hidden"),
        (' aria-hidden="true"', "hidden"),
        (' class="sr-only"', "hidden"),
        (' aria-hidden="false"', ""),
        (' style="visibility: hidden"', ""),
        (' class="navy canvas unshared"', ""),
        (' class="has-sidebar"', ""),
        (' class="section" id="search"', ""),
        (' data-class="nav" title="hidden nav"', ""),
        (' href="/nav/?class=menu"', ""),
        ("", ""),
    ],
)
def test_a_verdict(attributes: str, expected: Verdict) -> None:
    assert verdict(attributes) == expected
