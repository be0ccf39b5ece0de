"""OData in its second version, as SAP SuccessFactors speaks it.

In: an entity set and what is asked of it. Out: its pages (``d.results``), following
``__next`` to the end; moments of ``/Date(ms)/`` as days; texts and moments as a filter
writes them. A snapshot that ended while it was read is a walk that met too few.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from analytics.workforce.connectors.answers import Gone
from analytics.workforce.connectors.connector import Record
from analytics.workforce.connectors.session import Session
from analytics.workforce.connectors.wholeness import Walk
from lrs.errors import SetupError

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MOMENT = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/\Z")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T|\Z)")
_FOR_EVER = "9999"  # the year of an end that is none
_REMEMBERED = 20_000  # days
_ENDED = "status 400)"
_TOO_FEW = -1  # no list has so many: it is walked again


def pages(
    session: Session, entity: str, asked: Mapping[str, str], walk: Walk
) -> Iterator[list[Record]]:
    """Yield the rows of each page, and tell the walk what they count.

    Raises SetupError where what comes is no OData, or leads in a circle.
    """
    params: Mapping[str, str] | None = {**asked, "$format": "json"}
    address, met = entity, set[str]()
    while True:
        try:
            found = session.json(address, params=params)
        except SetupError as error:
            # What the first page understood it understands: the snapshot has ended.
            if not met or not (isinstance(error, Gone) or _ENDED in error.message):
                raise
            walk.told(_TOO_FEW)
            return
        rows, about = _content(session, entity, found)
        walk.told(about.get("__count"))
        yield rows
        following = about.get("__next")
        if not isinstance(following, str) or not following:
            return
        if following in met:
            raise SetupError(
                f"{session.reach.system} sends us from page to page in a circle "
                f"({entity})."
            )
        met.add(following)
        # The link says it all; what was asked for stands in it.
        address, params = session.page_address(following, entity), None


def _content(
    session: Session, entity: str, found: Any
) -> tuple[list[Record], dict[str, Any]]:
    about = found.get("d") if isinstance(found, dict) else None
    rows = about.get("results") if isinstance(about, dict) else about
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows, about if isinstance(about, dict) else {}
    raise SetupError(
        f"{session.reach.system} answers in a form that OData v2 does not have "
        f"({entity}): see to address in [source], which ends in /odata/v2."
    )


def day_of(row: Mapping[str, Any], name: str) -> str | None:
    """Return a day, YYYY-MM-DD; None where there is none, or it is the end of time."""
    value = row.get(name)
    return _day(value) if isinstance(value, str) else None


@lru_cache(_REMEMBERED)
def _day(value: str) -> str | None:
    found = _MOMENT.match(value)
    try:
        if found:
            moment = _EPOCH + datetime.timedelta(milliseconds=int(found[1]))
            day = moment.date().isoformat()
        elif _ISO.match(value):
            day = datetime.date.fromisoformat(value[:10]).isoformat()
        else:
            return None
    except (OverflowError, ValueError):
        return None
    return None if day.startswith(_FOR_EVER) else day


def any_of(name: str, values: Iterable[str]) -> str:
    """Return the filter for rows in which a field has one of the values."""
    return " or ".join(f"{name} eq {quoted(value)}" for value in values)


def quoted(value: str) -> str:
    """Return a text as a filter writes it."""
    return "'" + value.replace("'", "''") + "'"


def changed_since(moment: datetime.datetime) -> str:
    """Return the filter for rows that were changed since a moment."""
    told = moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"lastModifiedDateTime ge datetimeoffset'{told}'"
