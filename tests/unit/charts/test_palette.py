"""The colours of the statuses can be told apart, and read, by everyone."""

from __future__ import annotations

from itertools import pairwise

import pytest

from analytics.charts.palette import STATUSES, Status

Triple = tuple[float, float, float]
# Linear RGB as seen without the red, the green cone (Vienot, Brettel, Mollon 1999).
SIGHT: dict[str, tuple[Triple, Triple, Triple]] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.11238, 0.88762, 0),
        (0.11238, 0.88762, 0),
        (0.00401, -0.00401, 1),
    ),
    "deuteranopia": (
        (0.29275, 0.70725, 0),
        (0.29275, 0.70725, 0),
        (-0.02234, 0.02234, 1),
    ),
}


def linear(color: str) -> Triple:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return red, green, blue


def times(matrix: tuple[Triple, Triple, Triple], color: Triple) -> Triple:
    a, b, c = (sum(m * v for m, v in zip(row, color, strict=True)) for row in matrix)
    return a, b, c


def lab(color: Triple) -> Triple:
    to_xyz = (
        (0.4124, 0.3576, 0.1805),
        (0.2126, 0.7152, 0.0722),
        (0.0193, 0.1192, 0.95),
    )
    white = (0.95, 1.0, 1.089)
    x, y, z = (
        (v / w) ** (1 / 3) if v / w > 0.008856 else 7.787 * v / w + 16 / 116
        for v, w in zip(times(to_xyz, color), white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str, sight: str) -> float:
    """CIE76: 2.3 is just noticeable, 15 is plain."""
    first, second = (lab(times(SIGHT[sight], linear(color))) for color in (one, other))
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5


def luminance(color: str) -> float:
    return times(((0.2126, 0.7152, 0.0722),) * 3, linear(color))[0]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_neighbouring_statuses_are_plainly_apart(sight: str) -> None:
    for one, other in pairwise(STATUSES):
        assert distance(one.fill, other.fill, sight) > 15, (one.code, other.code)


@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_statuses_look_alike(sight: str) -> None:
    for at, one in enumerate(STATUSES):
        for other in STATUSES[at + 1 :]:
            assert distance(one.fill, other.fill, sight) > 8, (one.code, other.code)


def test_red_and_green_of_equal_brightness_would_be_caught() -> None:
    """Shows that the measure can fail."""
    assert distance("#c04040", "#008c32", "full") > 100
    assert distance("#c04040", "#008c32", "deuteranopia") < 2


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.code)
def test_a_count_reads_on_its_colour(status: Status) -> None:
    assert contrast(status.fill, status.ink) >= 4.5
