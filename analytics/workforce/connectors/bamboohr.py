"""BambooHR (``type = "bamboohr"``): employees, and the tables of their history.

Everybody: ``GET /employees`` page by page (a cursor, and a count that proves the list),
and of ``/employees/changed/tables/{table}`` all rows since ever. What has changed: the
ids of ``/employees/changed`` and of both tables since the cursor; each of these is then
read whole, one by one, or all with the lists where they are many. Somebody deleted is
not told with what a row needs: then everybody is taken. Managers of former days stand
there by name, and are found among all employees; a name that two have tells nobody.

``[source]``: ``page_size`` (100), ``most_single`` (50), ``terminated``,
``terminated_on`` (last_day or day_after), ``overlap_minutes`` (10), ``query``: further
parameters of the list. Log in: ``api_key_user``, with API_KEY.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, ClassVar

from analytics.workforce.connectors.answers import Gone
from analytics.workforce.connectors.bamboohr_history import Rules, history_of
from analytics.workforce.connectors.bamboohr_tables import (
    NAMES,
    go_through,
    manager_of,
    names,
    rows_in,
)
from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    Stale,
    readable,
)
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "api_key_user"
TABLES = ("jobInfo", "employmentStatus")
_EVER = "1970-01-01T00:00:00Z"
_LARGEST = 2 << 30  # bytes of a table of everybody
_FIELDS = ("displayName", "hireDate", "originalHireDate", "terminationDate")
_PEOPLE, _CALLED = "employees", "names of employees"


def connector_of(setup: Setup) -> BambooHr:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("page_size", "most_single", "terminated", "terminated_on"),
        *("overlap_minutes", "query"),
    )
    read = setup.read
    asked = {*_FIELDS, "supervisorEId", *setup.names_below("employee")} - {"id"}
    days = read.choice("terminated_on", ("last_day", "day_after"), "last_day")
    return BambooHr(
        system=setup.name,
        fields=",".join(sorted(asked)),
        page_size=read.number("page_size", 100, 1, 10_000),
        most_single=read.number("most_single", 50, 0, 10_000),
        rules=Rules(read.texts("terminated", ("Terminated",)), days == "day_after"),
        overlap=datetime.timedelta(
            minutes=read.number("overlap_minutes", 10.0, 0.0, 1e5)
        ),
        query=read.pairs("query"),
    )


@dataclass(frozen=True, slots=True)
class BambooHr:
    """One company's BambooHR."""

    system: str
    fields: str
    page_size: int
    most_single: int
    rules: Rules
    overlap: datetime.timedelta
    query: Mapping[str, str]

    has_delta: ClassVar[bool] = True
    people_are_whole: ClassVar[bool] = True

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield the history of everybody."""
        self._take_all(fetch)
        yield from self._histories(fetch, fetch.shelf.all(_PEOPLE))
        fetch.cursor = self._moment(fetch)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield the whole history of each who has changed; raises Stale."""
        ids = self._changed(fetch, cursor)
        fetch.cursor = self._moment(fetch)
        if not ids:
            return
        if len(ids) > self.most_single:
            self._take_all(fetch)
        else:
            for one in ids:
                self._take_one(fetch, one)
            self._takenames(fetch)
        people = (
            (one, employee) for one in ids for employee in fetch.shelf.of(_PEOPLE, one)
        )
        yield from self._histories(fetch, people)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the histories of the first employees."""
        found, _ = self._page(fetch, self.fields, None, min(number, 10))
        for one, _, _ in found:
            self._take_one(fetch, one)
        yield from islice(self._histories(fetch, fetch.shelf.all(_PEOPLE)), number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for one employee, the changes, and both tables."""
        now = self._moment(fetch)
        first: list[str] = []

        def people() -> None:
            found, _ = self._page(fetch, self.fields, None, 1)
            first.extend(key for key, _, _ in found)

        yield readable("The list of employees", people)
        yield readable("The list of changes", partial(self._changed_people, fetch, now))
        for table in TABLES:
            path = f"employees/changed/tables/{table}"
            ask = partial(fetch.session.json, path, params={"since": now})
            yield readable(f"The table {table}", ask)
            for one in first:
                yield readable(
                    f"The table {table} of one employee",
                    partial(self._table_of, fetch, table, one),
                )

    # -- everybody ------------------------------------------------------------------

    def _take_all(self, fetch: Fetch) -> None:
        take_whole(fetch, _PEOPLE, partial(self._pages, fetch, self.fields))
        for table in TABLES:
            fetch.shelf.clear(table)
            with TemporaryFile() as file:
                fetch.session.download(
                    f"employees/changed/tables/{table}",
                    file,
                    most=_LARGEST,
                    params={"since": _EVER},
                    check=go_through,
                )
                fetch.shelf.put(table, rows_in(file))
        fetch.shelf.clear(NAMES)
        fetch.shelf.put(NAMES, names(fetch.shelf.all(_PEOPLE)))

    def _pages(self, fetch: Fetch, fields: str, walk: Walk) -> Iterator[Iterable[Item]]:
        after: str | None = None
        met: set[str] = set()
        while True:
            found, meta = self._page(fetch, fields, after, self.page_size)
            walk.told(meta.get("total"))
            yield found
            page = meta.get("page")
            after = page.get("nextCursor") if isinstance(page, dict) else None
            if not after:
                return
            if after in met:
                raise SetupError(
                    f"{self.system} sends us from page to page in a circle (employees)."
                )
            met.add(after)

    def _page(
        self, fetch: Fetch, fields: str, after: str | None, size: int
    ) -> tuple[list[Item], dict[str, Any]]:
        asked = {**self.query, "fields": fields, "page[limit]": str(size)}
        if after:
            asked["page[after]"] = after
        found = _object(fetch.session.json("employees", params=asked))
        people = found.get("data")
        if not isinstance(people, list):
            raise self._unlike("employees")
        meta = found.get("meta")
        items = [(self._id_of(person), "", person) for person in people]
        return items, meta if isinstance(meta, dict) else {}

    # -- what has changed -----------------------------------------------------------

    def _changed(self, fetch: Fetch, since: str) -> list[str]:
        ids = set(self._changed_people(fetch, since))
        for table in TABLES:
            found = fetch.session.json(
                f"employees/changed/tables/{table}", params={"since": since}
            )
            ids |= _named(_object(found).get("employees")).keys()
        return sorted(ids)

    def _changed_people(self, fetch: Fetch, since: str) -> list[str]:
        found = fetch.session.json("employees/changed", params={"since": since})
        people = _named(_object(found).get("employees"))
        gone = sum(_object(told).get("action") == "Deleted" for told in people.values())
        if gone:
            were = "1 employee was" if gone == 1 else f"{gone} employees were"
            raise Stale(f"{were} deleted there.")
        return list(people)

    def _take_one(self, fetch: Fetch, one: str) -> None:
        try:
            person = fetch.session.json(
                f"employees/{one}", params={"fields": self.fields}, told="employees/ID"
            )
        except Gone:
            raise Stale("an employee was deleted there meanwhile.") from None
        fetch.shelf.put(_PEOPLE, [(one, "", {**_object(person), "id": one})])
        for table in TABLES:
            rows = self._table_of(fetch, table, one)
            fetch.shelf.put(table, [(one, "", rows)])

    def _table_of(self, fetch: Fetch, table: str, one: str) -> list[Any]:
        told = f"employees/ID/tables/{table}"
        rows = fetch.session.json(f"employees/{one}/tables/{table}", told=told)
        if not isinstance(rows, list):
            raise self._unlike(told)
        return rows

    def _takenames(self, fetch: Fetch) -> None:
        """Read everybody's name, where former managers must be found by it."""
        rows = (rows for _, rows in fetch.shelf.all("jobInfo"))
        if not any(_object(row).get("reportsTo") for some in rows for row in some):
            return
        take_whole(fetch, _CALLED, partial(self._pages, fetch, "displayName"))
        fetch.shelf.put(NAMES, names(fetch.shelf.all(_CALLED)))

    # -- joined ---------------------------------------------------------------------

    def _histories(
        self, fetch: Fetch, people: Iterable[tuple[str, Any]]
    ) -> Iterator[Record]:
        today = fetch.moment.date().isoformat()
        named = manager_of(fetch)
        for one, employee in people:
            jobs, statuses = (
                [row for rows in fetch.shelf.of(table, one) for row in rows]
                for table in TABLES
            )
            yield from history_of(*(employee, jobs, statuses, self.rules, named, today))

    def _id_of(self, person: Any) -> str:
        value = _object(person).get("id")
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self._unlike("employees")
        return str(value)

    def _moment(self, fetch: Fetch) -> str:
        return (fetch.moment - self.overlap).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that BambooHR does not have ({path}): "
            "see to address in [source]."
        )


def _named(found: Any) -> dict[str, Any]:
    """Return an object by id; an empty one comes as an empty array."""
    return found if isinstance(found, dict) else {}


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
