"""Ahead: standings that readers will ask for, made before they do.

After a pass everything of the present has to be told anew from what the pass has found.
A worker on the host where reports are read does that, so that no reader waits for it:
for today, and for the months' ends where the trend is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain

from analytics.reports.choices import filters, month_ends
from analytics.reports.reports import Reports
from analytics.reports.session import Asked, moment
from analytics.reports.standings import demand
from analytics.requirements import load
from lrs.errors import NotFound


def prepare_ahead(
    reports: Reports, tenant: str, *, still: Callable[[], bool] = lambda: True
) -> int:
    """Make what is asked for lately and not there; return of how many days it is.

    ``still`` is asked before each day. Raises WrongRequirement.
    """
    standings = reports.standings
    if standings is None:
        return 0
    lately = [
        kind
        for kind in (demand.DAY, demand.MONTHS)
        if demand.is_there(standings.folder.root / tenant, kind)
    ]
    if not lately:
        return 0
    epoch = standings.epoch(tenant)
    try:
        tables, through = reports.tables_of(tenant)
    except NotFound:  # nothing is enriched yet
        return 0
    exemptions = list(chain.from_iterable(reports.hr.rows(tenant, "exemptions")))
    given = standings.given(epoch, tables, load(reports.requirements_dir), exemptions)
    today = datetime.now(UTC).date()
    days = [today]
    if demand.MONTHS in lately:
        days += month_ends(today, int(filters({})["months"] or 0))[:-1]
    done = 0
    for day in days:
        if not still():
            break
        asked = Asked(
            as_of=day,
            known_at=moment(through),
            former_manager_days=reports.former_manager_days,
        )
        with standings.hold(tenant, given, asked) as entry:
            done += entry is not None
    return done
