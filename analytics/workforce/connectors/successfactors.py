"""SAP SuccessFactors (``type = "successfactors"``): Employee Central by OData v2.

Everybody: each entity page by page, all days of it (fromDate, toDate), from a snapshot
where the system makes one, proved by its count or a second walk; then joined person by
person. What has changed: the keys that each entity has changed since the cursor, of a
department or location those who work there; each of these persons is read whole, or
all where they are many. What is deleted no delta tells: that is what full ones repair.

``[source]``: ``page_size`` (1000), ``paging`` (snapshot or cursor),
``ids_per_question`` (40), ``most_single`` (1000), ``every_minutes`` (60: deltas are no
more often), ``overlap_minutes`` (10), ``ended``, ``assignment_classes``, ``main``,
``no_manager``, and the tables ``joins`` (entities by field of EmpJob) and
``picklists``. Log in: ``basic`` (USER@COMPANY) or ``saml_bearer``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby, islice
from typing import ClassVar

from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    readable,
)
from analytics.workforce.connectors.odata2 import changed_since
from analytics.workforce.connectors.successfactors_history import (
    Employment,
    Lookups,
    Person,
    history_of,
)
from analytics.workforce.connectors.successfactors_questions import Questions
from analytics.workforce.connectors.successfactors_tables import (
    EMAIL,
    EMPLOYMENT,
    JOB,
    PERSON,
    RELATION,
    USER,
    Entity,
    read_tables,
)
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import LrsError

LOGIN = "basic"
_USERS = "users"  # persons by user, of all employments that are known
_REFUSED, _NOT_UNDERSTOOD = "status 401)", "status 400)"
_JITTER = datetime.timedelta(minutes=3)  # of a schedule that asks every hour
_REMEMBERED = 10_000  # users and objects


def connector_of(setup: Setup) -> SuccessFactors:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    return SuccessFactors(Questions(setup.name, read_tables(setup)))


@dataclass(frozen=True, slots=True)
class SuccessFactors:
    """One company's Employee Central."""

    ask: Questions

    has_delta: ClassVar[bool] = True
    people_are_whole: ClassVar[bool] = True

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield the history of everybody."""
        self._take_everybody(fetch)
        fetch.cursor = _cursor(fetch)
        everybody = groupby(one for one, _ in fetch.shelf.ids(EMPLOYMENT))
        yield from self._histories(fetch, (one for one, _ in everybody))

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield the whole history of each who has changed."""
        told, _, asked = cursor.partition(" ")
        since, last = map(datetime.datetime.fromisoformat, (told, asked or told))
        fetch.cursor = cursor
        every = self.ask.tables.every
        if datetime.timedelta() <= fetch.began - last < every - _JITTER:
            minutes = every // datetime.timedelta(minutes=1)
            fetch.remark(f"Asked less than {minutes} minutes ago: not asked again yet.")
            return
        persons = self._changed(fetch, since - self.ask.tables.overlap)
        fetch.cursor = _cursor(fetch)
        if not persons:
            return
        if len(persons) > self.ask.tables.most_single:
            self._take_everybody(fetch)
        else:
            self._take_persons(fetch, persons)
        yield from self._histories(fetch, persons)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the histories of the first persons."""
        rows = self.ask.first(
            fetch, self.ask.tables.entity(EMPLOYMENT), min(number, 100)
        )
        persons = sorted({self.ask.text(EMPLOYMENT, row, PERSON) for row in rows})
        self._take_persons(fetch, persons)
        yield from islice(self._histories(fetch, persons), number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for one row of each entity, its changes, and the picklists."""
        for entity in self.ask.tables.entities:
            finding = readable(entity.name, partial(self.ask.first, fetch, entity, 1))
            yield finding
            if not finding.well:
                if _REFUSED in finding.text:
                    return  # asked on and on, an account may be locked
                if _NOT_UNDERSTOOD in finding.text:
                    yield from self._unknown_fields(fetch, entity)
                continue
            yield readable(
                f"What has changed in {entity.name}",
                partial(self.ask.keys, fetch, entity, changed_since(fetch.moment)),
            )
        for picklist in sorted({*self.ask.tables.picklists.fields.values()}):
            found: dict[str, str] = {}

            def options(
                picklist: str = picklist, found: dict[str, str] = found
            ) -> None:
                found.update(self.ask.options(fetch, picklist))

            finding = readable(f"The picklist {picklist}", options)
            yield finding
            if finding.well and not found:
                yield Finding(
                    None,
                    f"The picklist {picklist} is empty: is it called otherwise? Then "
                    "set it in [source.picklists.fields].",
                )

    def _unknown_fields(self, fetch: Fetch, entity: Entity) -> Iterator[Finding]:
        """Say which of the fields are to blame, where the others can be read."""
        unknown = []
        for name in entity.fields:
            try:
                self.ask.first(fetch, entity, 1, (name,))
            except LrsError:
                unknown.append(name)
        if len(unknown) < len(entity.fields):
            yield Finding(
                False,
                f"{entity.name} has no {', '.join(unknown)}, or hides it from this "
                "user: name it as the OData dictionary does, or take it out of the "
                "mapping.",
            )

    # -- everybody, or some ---------------------------------------------------------

    def _take_everybody(self, fetch: Fetch) -> None:
        for entity in self.ask.tables.entities:
            self._take(fetch, entity, [""])
        self._take_users(fetch)

    def _take_persons(self, fetch: Fetch, persons: Sequence[str]) -> None:
        people = self.ask.tables.people
        for entity in people:
            if entity.key == PERSON:
                self._take(fetch, entity, self.ask.chunks(PERSON, persons))
        users = sorted({row[USER] for _, row in fetch.shelf.all(EMPLOYMENT)})
        for entity in people:
            if entity.key == USER:
                self._take(fetch, entity, self.ask.chunks(USER, users))
        for entity in self.ask.tables.objects.values():
            self._take(fetch, entity, [""])
        self._take_users(fetch)
        named = {row.get("managerId") for _, row in fetch.shelf.all(JOB)}
        named |= {row.get("relUserId") for _, row in fetch.shelf.all(RELATION)}
        known = {*users, *self.ask.tables.rules.no_manager, None, ""}
        self._take_owners(fetch, sorted(map(str, named - known)))

    def _take(self, fetch: Fetch, entity: Entity, filters: Sequence[str]) -> None:
        take_whole(fetch, entity.name, partial(self.ask.pages, fetch, entity, filters))

    def _take_users(self, fetch: Fetch) -> None:
        fetch.shelf.clear(_USERS)
        owners = ((row[USER], "", who) for who, row in fetch.shelf.all(EMPLOYMENT))
        fetch.shelf.put(_USERS, owners)

    def _take_owners(self, fetch: Fetch, users: Sequence[str]) -> list[str]:
        """Ask whose users these are; return the persons."""
        found: set[str] = set()
        entity = self.ask.tables.entity(EMPLOYMENT)
        told = self.ask.text
        for asked in self.ask.chunks(USER, users):
            for rows in self.ask.asked(fetch, entity, asked, Walk(), (PERSON, USER)):
                owners = [
                    (told(EMPLOYMENT, row, USER), "", told(EMPLOYMENT, row, PERSON))
                    for row in rows
                ]
                fetch.shelf.put(_USERS, owners)
                found |= {who for _, _, who in owners}
        return sorted(found)

    # -- what has changed -----------------------------------------------------------

    def _changed(self, fetch: Fetch, since: datetime.datetime) -> list[str]:
        """Return the persons of whom anything has changed."""
        asked = changed_since(since)
        persons: set[str] = set()
        users: set[str] = set()
        for entity in self.ask.tables.people:
            found = self.ask.keys(fetch, entity, asked)
            if entity.key == PERSON:
                persons |= found
            else:
                users |= found
        job = self.ask.tables.entity(JOB)
        for name, kind in self.ask.tables.rules.joins.items():
            codes = sorted(self.ask.keys(fetch, self.ask.tables.objects[kind], asked))
            for chunk in self.ask.chunks(name, codes):
                users |= self.ask.keys(fetch, job, chunk)
        return sorted(persons.union(self._take_owners(fetch, sorted(users))))

    # -- joined ---------------------------------------------------------------------

    def _histories(self, fetch: Fetch, persons: Iterable[str]) -> Iterator[Record]:
        shelf = fetch.shelf
        codes = {
            place: self.ask.options(fetch, picklist)
            for place, picklist in self.ask.tables.picklists.fields.items()
        }

        @lru_cache(_REMEMBERED)
        def person_of(user: str) -> str | None:
            return next(iter(shelf.of(_USERS, user)), None)

        @lru_cache(_REMEMBERED)
        def objects_of(entity: str, code: str) -> list[Record]:
            return shelf.of(entity, code)

        def rows_of(entity: str, key: str) -> list[Record]:
            rows = shelf.of(entity, key)
            for (kind, name), found in codes.items():
                if kind == entity:
                    for row in rows:
                        row[name] = found.get(str(row.get(name)), row.get(name))
            return rows

        lookups = Lookups(person_of, objects_of)
        for one in persons:
            employments = [
                Employment(row, rows_of(JOB, row[USER]), rows_of(RELATION, row[USER]))
                for row in rows_of(EMPLOYMENT, one)
            ]
            person = Person(
                one,
                employments,
                next(iter(rows_of("PerPerson", one)), {}),
                rows_of("PerPersonal", one),
                rows_of(EMAIL, one),
            )
            yield from history_of(person, self.ask.tables.rules, lookups)


def _cursor(fetch: Fetch) -> str:
    """Return when it began, by the system's clock and by ours."""
    return f"{fetch.moment.isoformat()} {fetch.began.isoformat()}"
