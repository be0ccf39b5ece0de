"""UKG Pro (``type = "ukg"``): people, and their employments in one or more companies.

Everybody: ``/personnel/v1/employment-details`` and ``/personnel/v1/person-details``,
page by page until one is empty, each walked twice since nothing is counted there; and
``/configuration/v1/{org-levels,locations,jobs}``. What has changed: whose
``dateTimeChanged`` is not before the cursor's day; each of these is then read whole,
one by one, or all with the lists where they are many.

``[source]``: ``page_size`` (100), ``most_single`` (50), ``unit_levels`` (from the top
down), ``terminated`` (["T"]), ``changed`` (the filter, dateTimeChanged), ``operator``
(>=), ``overlap_days`` (1), ``query``: further parameters of the employments. Log in:
``basic``, with ``user``, PASSWORD; API_KEY is the customer's key.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, ClassVar

import msgspec

from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    Stale,
    readable,
)
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.ukg_people import (
    LEVELS,
    Codes,
    Rules,
    records_of,
    value_of,
)
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "basic"
_EMPLOYMENTS, _PEOPLE = "employment-details", "person-details"
_STRUCTURES = ("org-levels", "locations", "jobs")
_MOST_PAGES = 200_000


def connector_of(setup: Setup) -> Ukg:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("page_size", "most_single", "unit_levels", "terminated", "changed"),
        *("operator", "overlap_days", "query"),
    )
    read = setup.read
    return Ukg(
        system=setup.name,
        key=setup.secrets.need("api_key"),
        page_size=read.number("page_size", 100, 1, 1_000),
        most_single=read.number("most_single", 50, 0, 10_000),
        rules=Rules(
            read.texts("unit_levels", LEVELS), read.texts("terminated", ("T",))
        ),
        changed=read.text("changed", "dateTimeChanged"),
        operator=read.text("operator", ">="),
        overlap=datetime.timedelta(days=read.number("overlap_days", 1, 0, 366)),
        query=read.pairs("query"),
    )


class _Cursor(msgspec.Struct):
    """Up to where it was taken, and the day on which it was taken first."""

    since: datetime.date
    first: datetime.date


@dataclass(frozen=True, slots=True)
class Ukg:
    """One tenant of UKG Pro."""

    system: str
    key: str = field(repr=False)
    page_size: int
    most_single: int
    rules: Rules
    changed: str
    operator: str
    overlap: datetime.timedelta
    query: Mapping[str, str]

    has_delta: ClassVar[bool] = True
    people_are_whole: ClassVar[bool] = False  # former rows of ours are not known there

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody."""
        self._take_all(fetch)
        try:
            first = self._cursor(fetch.former).first
        except Stale:  # there is none
            first = fetch.moment.date()
        yield from self._joined(fetch, _keys(fetch), first)
        self._move(fetch, first)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield those who have changed; raises Stale."""
        known = self._cursor(cursor)
        since = f"{self.operator}{known.since:%m-%d-%Y}"
        ids: set[str] = set()
        for entity in (_EMPLOYMENTS, _PEOPLE):
            for batch in self._pages(fetch, entity, {self.changed: since}):
                ids |= {one for one, _, _ in batch}
        if len(ids) > self.most_single:
            self._take_all(fetch)
        elif ids:
            self._take_structures(fetch)
            for one in sorted(ids):
                self._take_one(fetch, one)
        there = (one for one in sorted(ids) if fetch.shelf.has(_EMPLOYMENTS, one))
        yield from self._joined(fetch, there, known.first)
        self._move(fetch, known.first)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first people."""
        self._take_structures(fetch)
        for entity in (_EMPLOYMENTS, _PEOPLE):
            for batch in islice(self._pages(fetch, entity, {}), 1):
                fetch.shelf.put(entity, batch)
        found = self._joined(fetch, _keys(fetch), fetch.moment.date())
        yield from islice(found, number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for a page of each list."""
        told = {_EMPLOYMENTS: "employments", _PEOPLE: "people"}
        for entity, called in told.items():
            pages = self._pages(fetch, entity, {})
            yield readable(f"The list of {called}", partial(next, pages, None))
        since = {self.changed: f"{self.operator}{fetch.moment:%m-%d-%Y}"}
        pages = self._pages(fetch, _EMPLOYMENTS, since)
        yield readable("The list of what changed today", partial(next, pages, None))
        for entity in _STRUCTURES:
            ask = partial(self._structure, fetch, entity)
            yield readable(f"The list of {entity}", ask)

    # -- what is read ---------------------------------------------------------------

    def _take_all(self, fetch: Fetch) -> None:
        self._take_structures(fetch)
        for entity in (_EMPLOYMENTS, _PEOPLE):
            query = self.query if entity == _EMPLOYMENTS else {}

            def pages(
                _: Walk, entity: str = entity, query: Mapping[str, str] = query
            ) -> Iterator[Iterable[Item]]:
                return self._pages(fetch, entity, query)

            take_whole(fetch, entity, pages)

    def _take_one(self, fetch: Fetch, one: str) -> None:
        for entity in (_EMPLOYMENTS, _PEOPLE):
            for batch in self._pages(fetch, entity, {"employeeId": one}):
                mine = [item for item in batch if item[0] == one]
                if len(mine) < len(batch):
                    raise Stale("it does not take the filter employeeId.")
                fetch.shelf.put(entity, mine)

    def _pages(
        self, fetch: Fetch, entity: str, query: Mapping[str, str]
    ) -> Iterator[list[Item]]:
        """Yield pages until one is empty; a short one is no end."""
        for number in range(1, _MOST_PAGES):
            page = {"page": str(number), "per_Page": str(self.page_size)}
            found = self._list(fetch, f"personnel/v1/{entity}", {**query, **page})
            if not found:
                return
            yield [self._item(entity, row) for row in found]
        raise SetupError(f"{self.system} has over {_MOST_PAGES:,} pages ({entity}).")

    def _item(self, entity: str, row: Any) -> Item:
        one = value_of(row, "employeeID")
        if not one:
            raise self._unlike(entity)
        return one, value_of(row, "companyID"), row

    def _take_structures(self, fetch: Fetch) -> None:
        for entity in _STRUCTURES:
            fetch.shelf.clear(entity)
            items = (
                (str(number), "", row)
                for number, row in enumerate(self._structure(fetch, entity))
            )
            fetch.shelf.put(entity, items)

    def _structure(self, fetch: Fetch, entity: str) -> list[Any]:
        return self._list(fetch, f"configuration/v1/{entity}", None)

    def _list(
        self, fetch: Fetch, path: str, params: Mapping[str, str] | None
    ) -> list[Any]:
        found = fetch.session.json(
            path, params=params, headers={"US-Customer-Api-Key": self.key}
        )
        if found is None:
            return []
        if not isinstance(found, list):
            raise self._unlike(path)
        return found

    # -- joined ---------------------------------------------------------------------

    def _joined(
        self, fetch: Fetch, ids: Iterable[str], first: datetime.date
    ) -> Iterator[Record]:
        shelf, today = fetch.shelf, fetch.moment.date().isoformat()
        codes = Codes.of(*([row for _, row in shelf.all(of)] for of in _STRUCTURES))
        unknown = 0
        for one in ids:
            people = shelf.of(_PEOPLE, one)
            unknown += not people
            yield from records_of(
                *(one, people, shelf.of(_EMPLOYMENTS, one), codes, self.rules),
                *(today, first.isoformat()),
            )
        if unknown:
            fetch.remark(f"{unknown} of the employed are not in the list of people.")

    def _cursor(self, written: str) -> _Cursor:
        try:
            return msgspec.json.decode(written, type=_Cursor)
        except msgspec.DecodeError:
            raise Stale("where the last delta ended is not known.") from None

    def _move(self, fetch: Fetch, first: datetime.date) -> None:
        since = fetch.moment.date() - self.overlap
        fetch.cursor = msgspec.json.encode(_Cursor(since, first)).decode()

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that UKG Pro does not have ({path}): see "
            "to address in [source]."
        )


def _keys(fetch: Fetch) -> Iterator[str]:
    """Yield everybody who is employed, once."""
    former = ""
    for one, _ in fetch.shelf.ids(_EMPLOYMENTS):
        if one != former:
            yield one
        former = one
