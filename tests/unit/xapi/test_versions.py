"""Tests of lrs.xapi.versions."""

import pytest

from lrs.xapi.versions import Version, negotiate


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("1.0", Version.V1_0_3),
        ("1.0.0", Version.V1_0_3),
        ("1.0.3", Version.V1_0_3),
        ("1.0.9", Version.V1_0_3),
        ("2.0", Version.V2_0_0),
        ("2.0.0", Version.V2_0_0),
        (" 2.0.1 ", Version.V2_0_0),
        ("0.95", None),
        ("1", None),
        ("1.1.0", None),
        ("1.01", None),
        ("2.1", None),
        ("20.0", None),
        ("1.0.", None),
        ("1.0.3, 2.0.0", None),
        ("", None),
    ],
)
def test_a_header_asks_for_a_version_or_for_none(header, expected):
    assert negotiate(header) is expected
