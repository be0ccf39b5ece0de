"""Salesforce (``type = "salesforce"``): one object by SOQL, or figures of one.

Everybody: ``query`` over the object, proved by ``totalSize``. What has changed:
``queryAll`` where ``changed`` is later than the cursor, with those deleted since, who
have ``deleted_on``. A record holds from when it was last changed (``row_from``; see
``first_seen``). The fields that the mapping reads are asked for, and no others: of a
related object as in SOQL, ``Account.Name``.

``[source]``: ``object`` (Contact), ``where`` (a condition in SOQL), ``api_version``,
``created``, ``changed``, ``overlap_minutes`` (10), ``[source.figures]``. Log in:
``client_credentials`` or another kind that gives a token.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    readable,
)
from analytics.workforce.connectors.figures import Figures, figures_of
from analytics.workforce.connectors.first_seen import FROM, rows_from
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "client_credentials"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*\Z")
_VERSION = re.compile(r"v[0-9]{2,3}\.0\Z")
_DELETED_ON = "deleted_on"
_OURS = (FROM, _DELETED_ON)
_MOST_PAGES = 100_000


def connector_of(setup: Setup) -> Salesforce:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("object", "where", "api_version", "created", "changed"),
        *("overlap_minutes", "figures"),
    )
    read, figures = setup.read, figures_of(setup)
    names = {
        key: read.text(key, usual)
        for key, usual in (
            ("object", "Contact"),
            ("created", "CreatedDate"),
            ("changed", "SystemModstamp"),
        )
    }
    for key, name in names.items():
        if not _NAME.match(name):
            raise read.wrong(key, "is no name of Salesforce")
    if not _VERSION.match(version := read.text("api_version", "v62.0")):
        raise read.wrong("api_version", "is not such as v62.0")
    fields = figures.fields if figures else setup.fields
    mapped = sorted({name for name in fields if name not in _OURS})
    for name in mapped:
        if not _NAME.match(name):
            raise read.wrong(
                "object", f"has no field that could be called {name[:60]!r}"
            )
    return Salesforce(
        system=setup.name,
        version=version,
        **names,
        mapped=tuple(mapped),
        where=read.maybe("where"),
        overlap=datetime.timedelta(
            minutes=read.number("overlap_minutes", 10.0, 0.0, 1e5)
        ),
        figures=figures,
    )


@dataclass(frozen=True, slots=True)
class Salesforce:
    """One object of one org."""

    system: str
    version: str
    object: str
    created: str
    changed: str
    mapped: tuple[str, ...]
    where: str | None
    overlap: datetime.timedelta
    figures: Figures | None

    people_are_whole: ClassVar[bool] = False

    @property
    def has_delta(self) -> bool:
        """Tell whether changes can be asked for: figures are summed anew."""
        return self.figures is None

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, or all figures, proved by the count."""
        question = self._question(self.mapped, [])
        take_whole(fetch, self.object, partial(self._pages, fetch, "query", question))
        records = (record for _, record in fetch.shelf.all(self.object))
        fetch.cursor = self._moment(fetch)
        if self.figures:
            yield from self.figures.of(records)
        else:
            for record in records:
                yield from self._rows(record, fetch.known_until)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield who was changed or deleted since."""
        since = datetime.datetime.fromisoformat(cursor)
        asked = f"{self.changed} >= {since:%Y-%m-%dT%H:%M:%SZ}"
        question = self._question((*self.mapped, "IsDeleted"), [asked])
        for batch in self._pages(fetch, "queryAll", question, Walk()):
            fetch.shelf.put(self.object, batch)
        fetch.cursor = self._moment(fetch)
        for _, record in fetch.shelf.all(self.object):
            gone = record.get("IsDeleted") is True
            record[_DELETED_ON] = record.get(self.changed) if gone else None
            yield from self._rows(record, fetch.known_until)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first records, or what these come to."""
        question = f"{self._question(self.mapped, [])} LIMIT {number}"
        pages = self._pages(fetch, "query", question, Walk())
        found = (record for batch in pages for _, _, record in batch)
        if self.figures:
            yield from self.figures.of(found)
        else:
            for record in islice(found, number):
                yield from islice(self._rows(record, ""), 1)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask what fields the object has, and for one record with those mapped."""
        known: set[str] = set()

        def describe() -> None:
            found = fetch.session.json(self._path(f"sobjects/{self.object}/describe"))
            fields = found.get("fields") if isinstance(found, dict) else None
            for field in fields if isinstance(fields, list) else []:
                if isinstance(field, dict) and isinstance(field.get("name"), str):
                    known.add(field["name"].lower())

        yield readable(f"The description of {self.object}", describe)
        asked = (*self.mapped, self.created, self.changed)
        missing = [
            name for name in asked if "." not in name and name.lower() not in known
        ]
        if known and missing:
            yield Finding(
                False,
                f"{self.object} has no field {', '.join(missing)}, or this user may "
                "not see it: correct the mapping, or the field-level security there.",
            )
        yield readable(f"One {self.object}", lambda: list(self.sample(fetch, 1)))

    # -- questions and answers --------------------------------------------------------

    def _question(self, fields: Iterable[str], conditions: list[str]) -> str:
        names = {"Id", *fields}
        if not self.figures:
            names |= {self.created, self.changed}
        if self.where:
            conditions = [*conditions, f"({self.where})"]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        # Names are checked, and the condition is the customer's own: it is no SQL.
        select = ", ".join(sorted(names))
        return f"SELECT {select} FROM {self.object}{where}"  # noqa: S608

    def _path(self, rest: str) -> str:
        return f"services/data/{self.version}/{rest}"

    def _pages(
        self, fetch: Fetch, resource: str, question: str, walk: Walk
    ) -> Iterator[Iterable[Item]]:
        path = self._path(resource)
        found = fetch.session.json(path, params={"q": question})
        for _ in range(_MOST_PAGES):
            records = found.get("records") if isinstance(found, dict) else None
            if not isinstance(records, list):
                raise self._unlike(path)
            walk.told(found.get("totalSize"))
            yield [self._item(record, path) for record in records]
            following = found.get("nextRecordsUrl")
            if found.get("done") is not False:
                return
            if not isinstance(following, str) or not following:
                raise self._unlike(path)
            found = fetch.session.json(fetch.session.page_address(following, path))
        raise self._unlike(path)

    def _item(self, record: Any, path: str) -> Item:
        if not isinstance(record, dict) or not isinstance(record.get("Id"), str):
            raise self._unlike(path)
        return record["Id"], "", _plain(record)

    def _rows(self, record: Record, known_until: str) -> Iterator[Record]:
        made, changed = record.get(self.created), record.get(self.changed)
        yield from rows_from(record, made, changed, known_until)

    def _moment(self, fetch: Fetch) -> str:
        return (fetch.moment - self.overlap).isoformat()

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that Salesforce does not have ({path}): "
            "see to address in [source]."
        )


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without what Salesforce says of its type and address."""
    return {
        name: _plain(value) if isinstance(value, dict) else value
        for name, value in record.items()
        if name != "attributes"
    }
