"""The people, as known at one moment: rows in force, employment, units, zones, keys.

In: the HR rows and known_at. Out: answers about one person and one day or moment.
Days are brute force: every question goes through the rows again (answers are kept).
Where interface.md leaves room, the reading chosen is marked `Reading:`.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tests.oracle.inputs import HrRow

ONE_DAY = timedelta(days=1)


def keys_of(row: HrRow) -> set[str]:
    """Every IFI key that the row claims: its identities, and its email in two forms."""
    keys = set(row.identities)
    if row.email:
        mailto = f"mailto:{row.email.lower()}"
        digest = hashlib.sha1(mailto.encode(), usedforsecurity=False).hexdigest()
        keys |= {f"mbox {mailto}", f"mbox_sha1sum {digest}"}
    return keys


def zone_of(row: HrRow | None) -> tzinfo:
    """Give the time zone of the row's location, UTC where none is known."""
    if row is None or row.location_time_zone is None:
        return UTC
    return ZoneInfo(row.location_time_zone)


def begins_at(row: HrRow) -> datetime:
    """Give the moment from which the row holds.

    Reading: midnight of its effective date, in the zone of the row's own location.
    """
    return datetime.combine(row.effective, time.min, tzinfo=zone_of(row))


def last_day_of(row: HrRow) -> date | None:
    """Give the last day of employment that the row states, or None.

    Reading: a terminated row without termination_date ends employment on the day
    before its effective date.
    """
    if row.termination_date is None and row.status == "terminated":
        return row.effective - ONE_DAY
    return row.termination_date


def order(row: HrRow) -> tuple[date, int]:
    """History is read by effective date, and where two agree by what we heard last."""
    return row.effective, row.recorded


class Workforce:
    """The workforce rows that were recorded by `known_at`."""

    def __init__(self, rows: Iterable[HrRow], known_at: int) -> None:
        latest: dict[tuple[str, date | None], HrRow] = {}
        for row in sorted(rows, key=lambda row: row.recorded):
            if row.recorded <= known_at:
                latest[row.employee_id, row.effective_date] = row
        self.rows = sorted(latest.values(), key=order)
        self.history: dict[str, list[HrRow]] = defaultdict(list)
        for row in self.rows:
            self.history[row.employee_id].append(row)
        self.claims: dict[str, list[HrRow]] = defaultdict(list)
        for row in self.rows:
            for key in keys_of(row):
                self.claims[key].append(row)
        self._begins = {id(row): begins_at(row) for row in self.rows}
        self._employed: dict[tuple[str, date], bool] = {}
        # What units_above says changes with the rows in effect only, not with each day.
        self._effective = sorted(row.effective for row in self.rows)
        self._above: dict[tuple[str, int], list[str]] = {}
        self._parents: dict[int, dict[str, str | None]] = {}
        self._in_force: dict[tuple[str, date], HrRow | None] = {}

    def row_in_force(self, person: str, day: date) -> HrRow | None:
        """Find the person's row for a day: the last effective on or before it."""
        if (person, day) not in self._in_force:
            found = None
            for row in self.history[person]:
                if row.effective <= day:
                    found = row
            self._in_force[person, day] = found
        return self._in_force[person, day]

    def is_employed(self, person: str, day: date) -> bool:
        """Employed from hire_date through termination_date."""
        if (person, day) not in self._employed:
            rows = self.history[person]
            self._employed[person, day] = any(
                self._is_employment_of(rows, hire_date, day)
                for hire_date in {row.hire_date for row in rows}
            )
        return self._employed[person, day]

    @staticmethod
    def _is_employment_of(rows: list[HrRow], hire_date: date, day: date) -> bool:
        """Whether the employment that began on hire_date covers the day.

        Reading, where the rows of a person do not agree with each other:
        - The last row of this hire_date that is in effect speaks for the employment;
          before its first row is in effect that one does, since employment begins on
          hire_date and not on an effective date.
        - A row's termination_date ends every employment begun on or before it, though
          the row comes into effect later, until a row that follows it takes effect.
        - An employment without an end is over when a row of another hire_date takes
          effect; one with a termination_date lasts through it.
        """
        if day < hire_date:
            return False
        of_it = [row for row in rows if row.hire_date == hire_date]
        in_effect = [row for row in of_it if row.effective <= day]
        if in_effect:
            speaks = in_effect[-1]
            others = rows[rows.index(speaks) + 1 :]
            replaced = any(row.effective <= day for row in others)
            if replaced and last_day_of(speaks) is None:
                return False
        else:
            speaks = of_it[0]
            others = rows
        last_day = last_day_of(speaks)
        if last_day is not None and last_day < day:
            return False
        for other in others:
            end = last_day_of(other)
            if end is not None and hire_date <= end < day:
                return False
        return True

    def is_on_leave(self, person: str, day: date) -> bool:
        """Tell whether the row in force says leave; who has left is not on leave."""
        row = self.row_in_force(person, day)
        return (
            row is not None and row.status == "leave" and self.is_employed(person, day)
        )

    def first_day(self, person: str) -> date:
        """Give the earliest effective date; before it nothing is known of them."""
        return self.history[person][0].effective

    def units_above(self, unit: str, day: date) -> list[str]:
        """List the unit itself and all those that it is below, on a day.

        Reading: a unit's parent is what the latest row says that names the unit and is
        effective on or before the day (by effective date, then recorded), whoever's
        row it is and whether or not it is still that person's row in force. A blank
        parent says nothing: the one before holds, and before the first that is given
        that one does, so that a careless row or a head hired later does not tear the
        tree apart. A unit of which no row gives a parent is at the top.
        """
        in_effect = bisect_right(self._effective, day)
        if in_effect not in self._parents:
            parents: dict[str, str | None] = {}
            for row in self.rows:
                known = parents.get(row.org_unit_id)
                if row.org_parent_id and (row.effective <= day or known is None):
                    parents[row.org_unit_id] = row.org_parent_id
            self._parents[in_effect] = parents
        if (unit, in_effect) not in self._above:
            chain: list[str] = []
            above: str | None = unit
            while above is not None and above not in chain:
                chain.append(above)
                above = self._parents[in_effect].get(above)
            self._above[unit, in_effect] = chain
        return self._above[unit, in_effect]

    def day_of(self, person: str, moment: datetime) -> date:
        """Give the day of a moment where the person then was.

        Reading: before the person's first row no location is in force, so UTC.
        """
        in_force = None
        for row in self.history[person]:
            if self._begins[id(row)] <= moment:
                in_force = row
        return moment.astimezone(zone_of(in_force)).date()

    def person_of(self, key: str, moment: datetime) -> str | None:
        """Whose identifier it is at a moment; None where no row claims it.

        The earliest claim holds at any time, before its row too, until the row of
        another person claims the key, from the midnight that row begins at.
        Reading: every row that carries the key claims it, so a former holder whose
        newer row still carries the key has it back from that row on. Claimed by two
        people from the same day it is nobody's: evidence must not go astray.
        """
        claims = self.claims.get(key, [])
        if not claims:
            return None
        begun = [row for row in claims if self._begins[id(row)] <= moment]
        decides = begun[-1] if begun else claims[0]
        same_day = {
            row.employee_id
            for row in (begun or claims)
            if row.effective == decides.effective
        }
        return decides.employee_id if len(same_day) == 1 else None
