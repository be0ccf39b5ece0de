"""Days in many spellings, and the day at which a moment falls.

Goes in: text, and the formats that a mapping gives, tried in order. A format is a
strptime pattern or a name: ``iso`` (2024-05-31), ``iso_time`` (with a time, with or
without an offset), ``odata`` (``/Date(1717113600000)/``), ``epoch_seconds``,
``epoch_milliseconds``, ``excel`` (days since 1899-12-30). Comes out: ``YYYY-MM-DD``.

HR days are days at the person's location. A text with an offset, and any count of
seconds, is a moment: its day depends on where one stands, so the mapping must say it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from analytics.workforce.values import day, time_zone

LOCATION = "location"  # a zone: that of the row's location_time_zone
AS_WRITTEN = "as_written"  # no zone: the day that the text spells out
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?P<time>[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?)?"
    r" ?(?P<offset>Z|[+-][0-9]{2}(:?[0-9]{2})?)?\Z",
    re.IGNORECASE,
)
_ODATA = re.compile(r"/Date\((-?[0-9]{1,17})([+-][0-9]{4})?\)/\Z")
_COUNT = re.compile(r"-?[0-9]{1,17}(\.[0-9]{1,9})?\Z")
_TRIED = (datetime(2001, 11, 23, 14, 5, 6), datetime(2024, 2, 5, 3, 4, 7))  # noqa: DTZ001

Reader = Callable[[str], str | datetime]
"""Text to a day, or to a moment (aware); raises ValueError."""


def _iso_time(cell: str) -> str | datetime:
    found = _ISO.match(cell)
    if not found:
        raise ValueError
    if not found["time"]:  # XML writes a day with an offset: still that day
        return day(found["day"])
    written = f"{found['day']}T{found['time'][1:]}{found['offset'] or ''}"
    moment = datetime.fromisoformat(written.upper())
    return moment if moment.tzinfo else moment.date().isoformat()


def _odata(cell: str) -> datetime:
    found = _ODATA.match(cell)
    if not found:
        raise ValueError
    return _EPOCH + timedelta(milliseconds=int(found[1]))


def _count(cell: str) -> float:
    if not _COUNT.match(cell):
        raise ValueError
    return float(cell)


def _excel(cell: str) -> str:
    count = _count(cell)
    if count < 61:  # Excel believes in a 29 February 1900: before it, days are unsure
        raise ValueError
    return (date(1899, 12, 30) + timedelta(days=int(count))).isoformat()


NAMED: dict[str, Reader] = {
    "iso": day,
    "iso_time": _iso_time,
    "odata": _odata,
    "epoch_seconds": lambda cell: _EPOCH + timedelta(seconds=_count(cell)),
    "epoch_milliseconds": lambda cell: _EPOCH + timedelta(milliseconds=_count(cell)),
    "excel": _excel,
}
WITHOUT_WRITTEN_DAY = {"odata", "epoch_seconds", "epoch_milliseconds"}


def reads_moments(form: str) -> bool:
    """Whether a text of that format may be a moment."""
    return form == "iso_time" or form in WITHOUT_WRITTEN_DAY or "%z" in form


def check_format(form: str) -> None:
    """Raise ValueError where a format is no name and no pattern that tells a day."""
    if form in NAMED:
        return
    try:
        for tried in _TRIED:
            written = tried.replace(tzinfo=UTC) if "%z" in form else tried
            back = datetime.strptime(written.strftime(form), form)  # noqa: DTZ007
            if back.date() != tried.date():
                raise ValueError
    except (ValueError, re.error):
        known = ", ".join(NAMED)
        raise ValueError(
            "tells no day: a strptime pattern with year, month and day, "
            f"or one of {known}"
        ) from None


@lru_cache(maxsize=65_536)
def _read(cell: str, form: str) -> str | datetime | None:
    """Return what a text says in that format, None where it is not written so."""
    try:
        if reader := NAMED.get(form):
            return reader(cell)
        found = datetime.strptime(cell, form)  # noqa: DTZ007
        return found if found.tzinfo else found.date().isoformat()
    except (ValueError, OverflowError):
        return None


def day_of(cell: str, forms: tuple[str, ...], zone: str, location: str | None) -> str:
    """Return the day that a text tells, in the first format that it is written in.

    ``zone`` is LOCATION, AS_WRITTEN or an IANA name; ``location`` the IANA name of the
    row's time zone. Raises ValueError.
    """
    for form in forms:
        found = _read(cell, form)
        if isinstance(found, str):
            return found
        if found is not None:
            return _day_at(found, zone, location)
    raise ValueError(f"is not a day of the form {' or '.join(forms)}")


def _day_at(moment: datetime, zone: str, location: str | None) -> str:
    if zone == AS_WRITTEN:
        return moment.date().isoformat()
    name = location if zone == LOCATION else zone
    if name is None:
        raise ValueError(
            "is a moment, and the record has no location_time_zone to tell its day"
        )
    try:
        return moment.astimezone(ZoneInfo(name)).date().isoformat()
    except (ValueError, OverflowError):
        raise ValueError("is a moment before or after all calendars") from None


def check_zone(zone: str) -> None:
    """Raise ValueError where it is neither LOCATION, AS_WRITTEN nor an IANA name."""
    if zone not in (LOCATION, AS_WRITTEN):
        try:
            time_zone(zone)
        except ValueError:
            raise ValueError(
                f'is not "{LOCATION}", "{AS_WRITTEN}" or a time zone of the IANA '
                "database (Europe/Paris)"
            ) from None
