"""Any system with a REST interface that answers in JSON (``type = "rest"``).

``[source]``: ``path`` (one or several), ``records`` (where an answer holds them;
absent: it is the array itself), ``id`` (what tells one record from another: one path,
or several), ``total`` (where an answer counts them all; not needed), and the tables
``login``, ``paging``, ``query`` (parameters of every question), ``headers``, and
``delta``: ``parameter``, ``format`` (iso, date, epoch_seconds, epoch_milliseconds, or a
pattern of strftime), ``template`` (``"lastModified gt {since}"``), ``overlap_minutes``
(10), ``people_are_whole``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    readable,
)
from analytics.workforce.connectors.paging import Paging, paging_of
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from analytics.workforce.mapping.paths import Path
from analytics.workforce.sources.source_table import SourceTable
from lrs.errors import SetupError

_DELTA_KEYS = {"parameter", "format", "template", "overlap_minutes", "people_are_whole"}
_ENTITY = "records"


def connector_of(setup: Setup) -> Rest:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("path", "records", "id", "total", "query", "headers", "paging", "delta")
    )
    read = setup.read
    paths = read.texts("path")
    if not paths:
        raise read.wrong("path", "is missing")
    records, total = read.maybe("records"), read.maybe("total")
    return Rest(
        system=setup.name,
        paths=paths,
        records=Path(records) if records else None,
        keys=_keys(read),
        total=Path(total) if total else None,
        query=read.pairs("query"),
        headers=read.pairs("headers"),
        paging=paging_of(read),
        since=_since_of(read),
    )


def _keys(read: SourceTable) -> tuple[Path, ...]:
    keys = read.texts("id")
    if not keys:
        raise read.wrong("id", "is missing: what tells one record from another")
    return tuple(map(Path, keys))


@dataclass(frozen=True, slots=True)
class Since:
    """How changes are asked for."""

    parameter: str
    format: str
    template: str
    overlap: datetime.timedelta
    people_are_whole: bool

    def asked(self, moment: str) -> dict[str, str]:
        """Return the parameter that asks for what changed since a moment."""
        told = written(datetime.datetime.fromisoformat(moment), self.format)
        return {self.parameter: self.template.replace("{since}", told)}


def written(moment: datetime.datetime, form: str) -> str:
    """Return a moment in one of the formats that interfaces take."""
    if form == "iso":
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "date":
        return moment.date().isoformat()
    if form == "epoch_seconds":
        return str(int(moment.timestamp()))
    if form == "epoch_milliseconds":
        return str(int(moment.timestamp() * 1000))
    return moment.strftime(form)


def _since_of(read: SourceTable) -> Since | None:
    if not read.has("delta"):
        return None
    table = read.part("delta")
    table.only(_DELTA_KEYS)
    template = table.text("template", "{since}")
    if "{since}" not in template:
        raise table.wrong("template", "has no {since}")
    return Since(
        table.text("parameter"),
        table.text("format", "iso"),
        template,
        datetime.timedelta(minutes=table.number("overlap_minutes", 10.0, 0.0, 1e5)),
        table.flag("people_are_whole"),
    )


@dataclass(frozen=True, slots=True)
class Rest:
    """One configured REST interface."""

    system: str
    paths: tuple[str, ...]
    records: Path | None
    keys: tuple[Path, ...]
    total: Path | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    paging: Paging
    since: Since | None

    @property
    def has_delta(self) -> bool:
        """Tell whether it can be asked for changes."""
        return self.since is not None

    @property
    def people_are_whole(self) -> bool:
        """Tell whether a delta has all rows of those it speaks of."""
        return self.since is not None and self.since.people_are_whole

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, proved by the count, or by a second walk."""
        for at, path in enumerate(self.paths):
            entity = _ENTITY if len(self.paths) == 1 else f"{_ENTITY} {at + 1}"
            take_whole(fetch, entity, partial(self._pages, fetch, path))
            for _, record in fetch.shelf.all(entity):
                yield record
            fetch.shelf.clear(entity)
        fetch.cursor = self._moment(fetch)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield what has changed since; a row that comes twice is taken once."""
        assert self.since is not None  # noqa: S101
        query = {**self.query, **self.since.asked(cursor)}
        for path in self.paths:
            for found in self._answers(fetch, path, query):
                fetch.shelf.put(_ENTITY, self._items(path, found))
        fetch.cursor = self._moment(fetch)
        for _, record in fetch.shelf.all(_ENTITY):
            yield record

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first records."""
        for path in self.paths:
            found = next(iter(self._answers(fetch, path, self.query)), None)
            yield from islice(self._found(path, found), number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for the first page of each path, and look for ids and the count."""
        for path in self.paths:
            found: list[Any] = []

            def ask(path: str = path, found: list[Any] = found) -> None:
                found.extend(islice(self._answers(fetch, path, self.query), 1))
                list(self._items(path, found[0] if found else None))

            finding = readable(f"The list {path}", ask)
            yield finding
            if finding.well and self.total and found and not self._totals(found[0]):
                yield Finding(
                    False,
                    f"{path} gives no count at {self.total.written}: correct total in "
                    "[source], or leave it out (then the list is walked twice).",
                )

    # -- what an answer holds -------------------------------------------------------

    def _answers(
        self, fetch: Fetch, path: str, query: Mapping[str, str]
    ) -> Iterator[Any]:
        return self.paging.walk(
            fetch.session, path, query, partial(self._found, path), self.headers
        )

    def _pages(self, fetch: Fetch, path: str, walk: Walk) -> Iterator[Iterable[Item]]:
        for found in self._answers(fetch, path, self.query):
            for total in self._totals(found):
                walk.told(total)
            yield self._items(path, found)

    def _totals(self, found: Any) -> list[object]:
        if self.total is None or not isinstance(found, dict):
            return []
        value = self.total.of(found)
        return [] if value is None else [value]

    def _found(self, path: str, found: Any) -> list[Any]:
        """Return the records of an answer; raises SetupError where there is no list."""
        if found is None:
            return []
        inner = found
        if self.records is not None:
            inner = self.records.of(found) if isinstance(found, dict) else None
        if isinstance(inner, dict):
            inner = [inner]
        if inner is None and self.records and _is_null(found, self.records.written):
            return []
        if not isinstance(inner, list):
            where = self.records.written if self.records else "its outermost level"
            raise SetupError(
                f"{self.system} answers without a list at {where} ({path}): see to "
                "records in [source]."
            )
        return inner

    def _items(self, path: str, found: Any) -> Iterator[Item]:
        for record in self._found(path, found):
            parts = [
                self._key(path, record if isinstance(record, dict) else {}, key)
                for key in self.keys
            ]
            yield parts[0], "\0".join(parts[1:]), record

    def _key(self, path: str, record: dict[str, Any], key: Path) -> str:
        value = key.of(record)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise SetupError(
                f"{self.system} has a record without {key.written} ({path}): see to id "
                "in [source]."
            )
        return str(value)

    def _moment(self, fetch: Fetch) -> str:
        """Return from when the next delta is asked: a while before this one began."""
        overlap = self.since.overlap if self.since else datetime.timedelta()
        return (fetch.moment - overlap).isoformat()


def _is_null(found: Any, path: str) -> bool:
    """Tell whether a list is there, and null: some write an empty one so."""
    above, _, name = path.rpartition(".")
    if above and isinstance(found, dict):
        found = Path(above).of(found)
    return isinstance(found, dict) and name in found
