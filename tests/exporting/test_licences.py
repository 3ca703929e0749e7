"""Licences: ids that the Hub takes, and another one by name."""

import re

import pytest

from gaupt.exporting.licences import LICENCES, licence_fields


def test_no_licence_is_made_up() -> None:
    assert licence_fields("") == {} and licence_fields("  ") == {}


@pytest.mark.parametrize(
    "licence", ["apache-2.0", "mit", "cc-by-nc-sa-4.0", "openrail++", "other", "unknown"]
)
def test_a_licence_of_the_hub_is_its_id(licence: str) -> None:
    assert licence in LICENCES and licence_fields(licence) == {"license": licence}


def test_spdx_writes_the_same_ids_in_capitals() -> None:
    assert licence_fields(" Apache-2.0 ") == {"license": "apache-2.0"}


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("Model-License-V2", "model-license-v2"),
        ("GPL-2.0-or-later", "gpl-2.0-or-later"),
        ("my licence: 'no\nwarranty'", "my-licence-no-warranty"),
        ("某某协议", "custom"),
        ("a" * 500, "a" * 96),
    ],
)
def test_another_licence_is_other_with_a_name(licence: str, name: str) -> None:
    assert licence_fields(licence) == {"license": "other", "license_name": name}
    assert re.fullmatch("[a-z0-9.-]+", name)
