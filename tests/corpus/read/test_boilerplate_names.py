"""What the attributes of an element say of it."""

from typing import get_args

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


NAMED = """
nav navs navbar navigation navi navlist navbox sidenav topnav subnav bottomnav menu menus menubar submenu dropdown
breadcrumb breadcrumbs crumbs foot footer topbar bottombar toolbar skiplink toc toctree tocbox catalogue pagination
pager paging pagenav prevnext gutter lineno linenos linenumber linenumbers share sharing bdshare bdsharebuttonbox social
comment comments commentlist commentbox respond disqus gitalk valine related recommend recommended recommendations ad
ads adv advert advertisement adsense adbox banner sponsor reward donate donation qrcode copyright license licensing meta
icp login logout signin signup register search searchbar searchbox searchform modal popup popover dialog toast tooltip
lightbox cookie consent newsletter subscribe widget widgets
"""
ASIDES = "side sides sidebar sidebars sidebox sider aside"
ANCHORS = "headerlink header-anchor heading-anchor anchor-link headeranchor hash-link"
UNSEEN = "sr-only visually-hidden screen-reader-text"
ROLES = "navigation banner contentinfo complementary search menu menubar toolbar dialog tooltip Navigation"
NOTHING = """
naval menuitem footnote tocsin pages shared commentary relate address adverb bannered metal searching sideways outside
has-sidebar with-nav without-nav no-sidebar is-menu page-nav layout-nav open-menu hide-nav show-nav
"""


@pytest.mark.parametrize("attribute", ["class", "id"])
def test_names_of_classes_and_ids(attribute: str) -> None:
    expected: dict[str, Verdict] = {
        **dict.fromkeys(NAMED.split(), "named"),
        **dict.fromkeys(ASIDES.split(), "aside"),
        **dict.fromkeys(ANCHORS.split(), "anchor"),
        **dict.fromkeys(UNSEEN.split(), "hidden"),
        **dict.fromkeys(NOTHING.split(), ""),
        "article-footer": "named",
        "articleFooter": "named",
        "article_footer": "named",
        "articlefooter": "",
        "text nav": "named",
        "sidebar nav": "aside",
        "has-sidebar nav": "named",
    }
    assert {name: verdict(f' {attribute}="{name}"') for name in expected} == expected
    assert {*expected.values()} == {*get_args(Verdict)}


def test_roles_of_no_article() -> None:
    named = ROLES.split()
    others = ["main", "article", "note", ""]
    assert [role for role in [*named, *others] if verdict(f" role={role or repr('')}") == "named"] == named


def test_of_several_attributes_the_first_that_tells_counts_and_what_is_hidden_first_of_all() -> None:
    expected: dict[str, Verdict] = {
        " class=sidebar role=navigation": "aside",
        " role=navigation class=sidebar": "named",
        " id=sidebar class=nav": "named",
        " class=text id=nav": "named",
        " class=sect1 id=nav": "",
        " class=nav style='display:none'": "hidden",
        " class=nav aria-hidden=TRUE": "hidden",
        " title=nav": "",
    }
    assert {attributes: verdict(attributes) for attributes in expected} == expected
