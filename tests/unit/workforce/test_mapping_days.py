"""Days in the spellings of HR systems, and moments at the person's location."""

from __future__ import annotations

import pytest

from analytics.workforce.mapping import FieldError
from lrs.errors import BadRequest
from tests.unit.workforce.mappings import RECORD, a_mapping

ODATA = 'date_format = "odata"\ntime_zone = "UTC"'
SECONDS = 'date_format = "epoch_seconds"\ntime_zone = "UTC"'
OFFSET = 'date_format = "%Y%m%d%H%M%z"\ntime_zone = "UTC"'
ISO = 'date_format = "iso_time"\ntime_zone = '


@pytest.fixture
def left(tmp_path):
    def read(table, cell, *, zone=None, head=""):
        more = f'{head}---\nZone = "location_time_zone"\n[columns.termination_date]\n'
        mapping = a_mapping(tmp_path, f'{more}from = "X"\n{table}')
        cells = RECORD | {"X": cell, "Hired": "0001-01-01", "Zone": zone}
        return mapping.row(cells).get("termination_date")

    return read


@pytest.mark.parametrize(
    ("table", "cell", "expected"),
    [
        ('date_format = ["%d.%m.%Y", "iso"]', "31.12.2023", "2023-12-31"),
        ('date_format = ["%d.%m.%Y", "iso"]', "2023-12-31", "2023-12-31"),
        ('date_format = "%m-%d-%Y"', "02-03-2024", "2024-02-03"),
        ('date_format = "%d %b %Y"', "3 Feb 2024", "2024-02-03"),
        (ODATA, "/Date(1717113600000)/", "2024-05-31"),
        (ODATA, "/Date(1717113600000+0120)/", "2024-05-31"),
        (ODATA, "/Date(-62135596800000)/", "0001-01-01"),
        (ODATA + "\nabsent_from = 9999-01-01", "/Date(253402214400000)/", None),
        ('date_format = "excel"', "45292", "2024-01-01"),
        ('date_format = "excel"', "45292.75", "2024-01-01"),
        (SECONDS, "1717113600", "2024-05-31"),
        ("absent_from = 4712-12-31", "4712-12-31", None),
        ('absent_from = "4712-12-31"', "9999-12-31", None),
        ("absent_from = 4712-12-31", "4712-12-30", "4712-12-30"),
        ('date_format = "%d.%m.%Y"\nabsent_from = 9999-01-01', "31.12.9999", None),
        ('values = { open = "" }\ndate_format = "%d.%m.%Y"', "open", None),
        (ISO + '"UTC"', "2024-05-31T23:30:00-02:00", "2024-06-01"),
        (ISO + '"Europe/Paris"', "2024-05-31T22:00:00Z", "2024-06-01"),
        (ISO + '"Europe/Paris"', "2024-05-31T21:59:59.999Z", "2024-05-31"),
        (ISO + '"Europe/Paris"', "2024-05-31T22:00:00", "2024-05-31"),
        (ISO + '"Europe/Paris"', "2024-05-31-08:00", "2024-05-31"),
        (ISO + '"as_written"', "2024-05-31T23:30:00-08:00", "2024-05-31"),
        (ISO + '"UTC"', "2024-05-31 23:30 +0000", "2024-05-31"),
        (OFFSET, "202405312330-0200", "2024-06-01"),
    ],
)
def test_a_day_is_read(left, table, cell, expected):
    assert left(table, cell) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "2024-06-01"),
        ("America/New_York", "2024-05-31"),
        ("Pacific/Kiritimati", "2024-06-01"),
    ],
)
def test_a_moment_is_a_day_at_the_persons_location(left, zone, expected):
    cell = "2024-05-31T22:00:00Z"
    assert left(ISO + '"location"', cell, zone=zone) == expected
    head = 'time_zone = "location"\n'
    assert left('date_format = "iso_time"', cell, zone=zone, head=head) == expected


def test_a_moment_without_a_location_is_no_day(left):
    with pytest.raises(FieldError, match="no location_time_zone"):
        left(ISO + '"location"', "2024-05-31T22:00:00Z")
    assert left(ISO + '"location"', "2024-05-31") == "2024-05-31"


@pytest.mark.parametrize(
    ("table", "cell"),
    [
        (ODATA, "/Date(99999999999999999)/"),
        (ODATA, "2024-05-31"),
        ('date_format = "excel"', "60"),
        ('date_format = "excel"', "88888888888"),
        (ISO + '"UTC"', "2024-05-31T25:00:00Z"),
        (ISO + '"UTC"', "2024-02-30"),
        (ISO + '"UTC"', "2024-05-31T22:00:00+99:99"),
        ('date_format = "%d.%m.%Y"', "31.02.2024"),
        ('date_format = "%d.%m.%Y"', "31.01.99999"),
        (ISO + '"Pacific/Kiritimati"', "9999-12-31T23:00:00Z"),
    ],
)
def test_what_is_no_day_is_refused_and_not_quoted(left, table, cell):
    with pytest.raises(FieldError, match=r"is not a day|all calendars") as caught:
        left(table, cell)
    assert cell not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('date_format = "iso_time"', "depends on a time_zone"),
        ('date_format = "odata"', "depends on a time_zone"),
        ('date_format = "%d.%m.%Y %z"', "depends on a time_zone"),
        ('date_format = "odata"\ntime_zone = "as_written"', "counts seconds"),
        ('date_format = "iso_time"\ntime_zone = "CEST"', "IANA"),
        ('time_zone = "UTC"', "says nothing"),
        ('date_format = "%d"', "tells no day"),
        ('date_format = "%m.%Y"', "tells no day"),
        ('date_format = "%y%y%m%d"', "tells no day"),
        ('date_format = "%"', "tells no day"),
        ('date_format = "tomorrow"', "tells no day"),
        ("date_format = []", "neither text nor a list"),
        ("date_format = [1]", "neither text nor a list"),
        ('absent_from = "never"', "YYYY-MM-DD"),
        ("absent_from = 4712-12-31T00:00:00", "YYYY-MM-DD"),
    ],
)
def test_days_that_cannot_be_told_are_refused_at_load(left, table, reason):
    with pytest.raises(BadRequest, match=reason) as caught:
        left(table, "2024-05-31")
    assert "acme.toml, columns.termination_date" in caught.value.message


def test_days_at_a_location_need_a_location(tmp_path):
    more = '[columns.termination_date]\nfrom = "X"\n' + ISO + '"location"'
    with pytest.raises(BadRequest, match="nothing becomes location_time_zone"):
        a_mapping(tmp_path, more)
