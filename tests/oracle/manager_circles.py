"""Whose manager a delivery may not say, worked out a day at a time.

On each day on which anything begins or ends, everybody's manager is written down and
followed upwards. Of a circle those of the delivery give way whose manager is another
one than the day before, or else all that say anything new. Slow, and apart from the
product.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ONE = timedelta(days=1)
Key = tuple[str, date]
Rows = Mapping[Key, Mapping[str, str]]
Link = tuple[str, Key]  # the manager, and the row that names them
Days = dict[date, Link | None]


def circling(
    known: Rows, managerless: set[Key], told: Rows, gone: Collection[Key] = ()
) -> set[Key]:
    """The keys of ``told`` whose rows are taken without their manager.

    ``known`` is what was known before, of which the ``managerless`` were taken so, and
    of which those ``gone`` hold no more.
    """
    kept = {key: row for key, row in known.items() if key not in gone}
    said = {
        key for key, row in told.items() if known.get(key) != row or key in managerless
    }
    before = {who: _days(rows) for who, rows in _people(known, managerless).items()}
    now = _people({**kept, **told}, managerless - said)
    after = {who: _days(rows) for who, rows in now.items()}
    new = {key for key in said if _says_anew(key, before, after)}
    found: set[Key] = set()
    links: dict[str, Link] = {}
    for day in sorted({day for days in after.values() for day in days}):
        yesterday = {who: manager for who, (manager, _) in links.items()}
        begun = [who for who, days in after.items() if day in days]
        for who in begun:
            links.pop(who, None)
            if (link := after[who][day]) and link[1] not in found:
                links[who] = link
        for who in begun:
            mine = [one for one in _circle(links, who) if links[one][1] in new]
            changed = [one for one in mine if yesterday.get(one) != links[one][0]]
            for one in changed or mine:
                found.add(links.pop(one)[1])
    return found


@dataclass
class _Row:
    """A row of one person; no manager where it was taken without."""

    key: Key
    manager: str | None
    hire: date
    last: date | None

    @classmethod
    def of(cls, key: Key, row: Mapping[str, str], *, managerless: bool) -> _Row:
        last = None
        if row["termination_date"]:
            last = date.fromisoformat(row["termination_date"])
        elif row["status"] == "terminated":
            last = key[1] - ONE
        manager = None if managerless else row["manager_id"] or None
        return cls(key, manager, date.fromisoformat(row["hire_date"]), last)


def _people(rows: Rows, managerless: set[Key]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for key in sorted(rows):
        row = _Row.of(key, rows[key], managerless=key in managerless)
        found.setdefault(key[0], []).append(row)
    return found


def _days(rows: list[_Row]) -> Days:
    """Whom a person stands below, from each day on which anything may change."""
    days = {row.key[1] for row in rows} | {row.hire for row in rows}
    days |= {row.last + ONE for row in rows if row.last}
    return {day: _on(rows, day) for day in sorted(days)}


def _on(rows: list[_Row], day: date) -> Link | None:
    there = [row for row in rows if row.key[1] <= day]
    if not there or day < there[-1].hire:
        return None
    row = there[-1]
    for later in rows[len(there) - 1 :]:
        if later.last and row.hire <= later.last < day:
            return None
    return (row.manager, row.key) if row.manager else None


def _says_anew(key: Key, before: Mapping[str, Days], after: Mapping[str, Days]) -> bool:
    """Whether a row says anything of a manager that was not known on those days."""
    was, now = before.get(key[0], {}), after[key[0]]
    for day in sorted({*was, *now}):
        link = _at(now, day)
        if link and link[1] == key:
            former = _at(was, day)
            if former is None or former[0] != link[0]:
                return True
    return False


def _at(days: Days, day: date) -> Link | None:
    first = max((at for at in days if at <= day), default=None)
    return None if first is None else days[first]


def _circle(links: Mapping[str, Link], who: str) -> list[str]:
    """The circle that somebody is in, or nobody."""
    chain: list[str] = []
    above = who
    while above in links and above not in chain:
        chain.append(above)
        above = links[above][0]
    return chain if chain and above == who else []
