"""Oracle HCM (``type = "oracle_hcm"``): workers as of a day, and Atom feeds of changes.

Everybody: ``GET /hcmRestApi/resources/.../workers`` as of today, by limit and offset
until hasMore is false, proved by totalResults, or by a second walk. What has changed
tell the Atom feeds alone, those of work structures first: where a structure changed, as
its name, everybody is taken. Each worker of whom a feed speaks is read as of today,
then as of the day before the row that held, and so on to the hire, and forward: so the
whole history is known. A cancelled work relationship takes that hire back.

``[source]``: ``page_size`` (100), ``most_single`` (2000), ``overlap_minutes`` (60),
``resources`` and ``feeds`` (paths), ``employee_feeds``, ``structure_feeds``,
``manager_types``, ``assignment_filter``, ``query``. Log in: ``basic`` with ``user``,
PASSWORD; or client_credentials.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import ClassVar

import msgspec

from analytics.workforce.connectors.atom import Entry
from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    Stale,
    readable,
)
from analytics.workforce.connectors.oracle_asking import Asking, manager_of
from analytics.workforce.connectors.oracle_people import (
    Manager,
    Rules,
    assignments_of,
    history_of,
    kept_of,
    present_of,
    text_of,
)
from analytics.workforce.connectors.wholeness import Walk, take_whole

LOGIN = "basic"
_RESOURCES = "hcmRestApi/resources/11.13.18.05"
_FEEDS = "hcmRestApi/atomservlet"
_EMPLOYEE = (
    *("newhire", "empupdate", "empassignment", "termination"),
    *("cancelworkrelship", "workrelshipupdate"),
)
_CANCELLED = "cancelworkrelship"
_STRUCTURES = ("organizations", "jobs", "locations", "grades")
_WORKERS, _LEADING = "workers", "leading"


def connector_of(setup: Setup) -> OracleHcm:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("page_size", "most_single", "overlap_minutes", "resources", "feeds"),
        *("employee_feeds", "structure_feeds", "manager_types"),
        *("assignment_filter", "query"),
    )
    read = setup.read
    overlap = read.number("overlap_minutes", 60.0, 0.0, 1e5)
    asking = Asking(
        system=setup.name,
        page_size=read.number("page_size", 100, 1, 500),
        resources=read.text("resources", _RESOURCES).rstrip("/"),
        feeds=read.text("feeds", _FEEDS).rstrip("/"),
        assignment_filter=read.text(
            "assignment_filter",
            "workRelationships.assignments.AssignmentNumber='{number}'",
        ),
        query=read.pairs("query"),
    )
    return OracleHcm(
        asking,
        most_single=read.number("most_single", 2_000, 1, 100_000),
        overlap=datetime.timedelta(minutes=overlap),
        employee_feeds=read.texts("employee_feeds", _EMPLOYEE),
        structure_feeds=read.texts("structure_feeds", _STRUCTURES),
        rules=Rules(read.texts("manager_types", ("LINE_MANAGER",))),
    )


class _Cursor(msgspec.Struct):
    """Up to where the feeds were read: those of employees, and of structures.

    ``told``: everybody was taken since, so nothing the feeds say asks for that again.
    """

    since: datetime.datetime
    structures: datetime.datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class OracleHcm:
    """One environment of Oracle HCM."""

    asking: Asking
    most_single: int
    overlap: datetime.timedelta
    employee_feeds: tuple[str, ...]
    structure_feeds: tuple[str, ...]
    rules: Rules

    has_delta: ClassVar[bool] = True
    people_are_whole: ClassVar[bool] = True

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody as of today; the first time also from the hire on."""
        # The feeds are asked from here on, whatever comes while pages are read.
        today = self._today(fetch)
        take_whole(fetch, _WORKERS, partial(self.asking.pages, fetch, today, {}))
        leading = (
            (number, "", manager_of(worker))
            for _, worker in fetch.shelf.all(_WORKERS)
            for number in assignments_of(worker)
        )
        fetch.shelf.put(_LEADING, leading)

        def known(number: str) -> Manager | None:
            found = fetch.shelf.of(_LEADING, number)
            return Manager(*found[0]) if found else None

        is_first = not fetch.former
        for _, worker in fetch.shelf.all(_WORKERS):
            yield from present_of(worker, self.rules, known, today, is_first=is_first)
        self._move(fetch, self._former(fetch))

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield the whole history of each of whom the feeds speak; raises Stale."""
        try:
            known = msgspec.json.decode(cursor, type=_Cursor)
        except msgspec.DecodeError:
            raise Stale("where the last delta ended is not known.") from None
        today = self._today(fetch)
        for feed in self.structure_feeds:
            for _ in self.asking.entries(
                fetch, f"workstructures/{feed}", known.structures
            ):
                raise Stale(f"work structures have changed ({feed}).")
        ids: set[str] = set()
        cancelled: dict[str, list[Entry]] = {}
        for feed in self.employee_feeds:
            for entry in self.asking.entries(fetch, f"employee/{feed}", known.since):
                if one := text_of(entry, "PersonId"):
                    ids.add(one)
                    if feed == _CANCELLED:
                        cancelled.setdefault(one, []).append(entry)
        if len(ids) > self.most_single:
            if not known.told:
                raise Stale(f"over {self.most_single:,} workers have changed.")
            ids.clear()
        asked: dict[str, Manager | None] = {}
        leaders = partial(self.asking.leader, fetch, today, asked)
        for one in sorted(ids):
            states = self.asking.history(fetch, one, today)
            if not states:
                if one not in cancelled and not known.told:
                    raise Stale("a worker is no longer there.")
                yield from map(_rescinded, cancelled.get(one, []))
                continue
            yield from history_of(states, self.rules, leaders)
        fetch.settled = known.told
        self._move(fetch, None)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first workers."""
        today = self._today(fetch)
        for batch in islice(self.asking.pages(fetch, today, {}, Walk()), 1):
            fetch.shelf.put(_WORKERS, batch)
        rules = self.rules
        found = (
            record
            for _, worker in fetch.shelf.all(_WORKERS)
            for record in present_of(
                worker, rules, lambda number: Manager(number, number), today
            )
        )
        yield from islice(found, number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for a page of workers, and each feed."""
        pages = self.asking.pages(fetch, self._today(fetch), {}, Walk())
        yield readable("The list of workers", partial(next, pages, None))
        now = fetch.moment
        names = [f"workstructures/{feed}" for feed in self.structure_feeds]
        for name in (*names, *(f"employee/{feed}" for feed in self.employee_feeds)):
            ask = partial(next, self.asking.entries(fetch, name, now), None)
            yield readable(f"The feed {name}", ask)

    def _today(self, fetch: Fetch) -> str:
        return fetch.moment.date().isoformat()

    def _former(self, fetch: Fetch) -> datetime.datetime | None:
        """Return up to where the feeds were read when everybody is taken.

        What they say since then is read behind it: everybody tells the present only.
        """
        try:
            return msgspec.json.decode(fetch.former, type=_Cursor).since
        except msgspec.DecodeError:
            return None

    def _move(self, fetch: Fetch, since: datetime.datetime | None) -> None:
        now = fetch.moment
        told = since is not None
        made = _Cursor(since or now - self.overlap, structures=now, told=told)
        fetch.cursor = msgspec.json.encode(made).decode()


def _rescinded(entry: Entry) -> Record:
    hired = text_of(entry, "EffectiveStartDate") or text_of(entry, "EffectiveDate")
    return {
        **kept_of(entry),
        "date": hired[:10],
        "hireDate": hired[:10],
        "rescinded": "hire",
    }
