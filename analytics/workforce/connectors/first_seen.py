"""First seen: from which day on a record of today is believed to have held.

Many a system has no history: it tells what somebody is, when that was last changed, and
when they were made. What it says holds from the change on; and from the beginning where
nobody knew them before, since nothing else is known of that time. Later on the
beginning is left alone: what was known of it may have been other than today.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from analytics.workforce.connectors.connector import Record

FROM = "row_from"
"""The moment from which a record holds, as the mapping reads it."""


def rows_from(
    record: Record, made: object, changed: object, known_until: str
) -> Iterator[Record]:
    """Yield a record for the moments from which it holds.

    ``made`` and ``changed`` are its own, ISO texts. ``known_until`` is the moment up to
    which records were taken before; empty: none were.
    """
    if changed and made != changed and _later(made, known_until):
        yield {**record, FROM: made}
    yield {**record, FROM: changed or made}


def _later(made: object, known_until: str) -> bool:
    if not known_until:
        return True
    try:
        moment = datetime.datetime.fromisoformat(str(made))
        return moment >= datetime.datetime.fromisoformat(known_until)
    except (ValueError, TypeError):  # no moment, or one without a zone
        return False
