"""HubSpot (``type = "hubspot"``): one kind of objects by search, or figures of one.

A search gives 10,000 results at most, so the list is read in the order of the last
change, in windows: each begins where the one before ended. Who is changed meanwhile
moves to the end and comes again, so nobody is missed; the count that HubSpot tells
behind it proves that. What has changed is the same list from the cursor on; who was
deleted or archived is missing in the next full one. A record holds from when it was
last changed (``row_from``; see ``first_seen``). Only the properties that the mapping
reads, below ``properties``, are asked for.

``[source]``: ``object`` (contacts), ``where`` (a table: property = value),
``changed`` (lastmodifieddate; of other objects hs_lastmodifieddate), ``created``,
``page_size`` (100), ``overlap_minutes`` (10), ``[source.figures]``. Log in: ``bearer``,
with TOKEN, that of a private app.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
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
from analytics.workforce.connectors.first_seen import rows_from
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "bearer"
_MOST = 10_000  # results of one search
_NAME = re.compile(r"[a-z0-9_-]{1,100}\Z", re.I)
_BELOW = "properties"
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
Filter = dict[str, str]


def connector_of(setup: Setup) -> HubSpot:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("object", "where", "changed", "created", "page_size"),
        *("overlap_minutes", "figures"),
    )
    read, figures = setup.read, figures_of(setup)
    kind = read.text("object", "contacts")
    if not _NAME.match(kind):
        raise read.wrong("object", "is no name of HubSpot")
    changed = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
    names = setup.names_below(_BELOW)
    if figures:
        begin = f"{_BELOW}."
        names = [name.removeprefix(begin) for name in figures.fields]
    return HubSpot(
        system=setup.name,
        object=kind,
        changed=read.text("changed", changed),
        created=read.text("created", "createdate"),
        properties=tuple(names),
        where=read.pairs("where"),
        page_size=read.number("page_size", 100, 1, 200),
        overlap=datetime.timedelta(
            minutes=read.number("overlap_minutes", 10.0, 0.0, 1e5)
        ),
        figures=figures,
    )


@dataclass(frozen=True, slots=True)
class HubSpot:
    """One kind of objects of one account."""

    system: str
    object: str
    changed: str
    created: str
    properties: tuple[str, ...]
    where: Mapping[str, str]
    page_size: int
    overlap: datetime.timedelta
    figures: Figures | None

    people_are_whole: ClassVar[bool] = False

    @property
    def has_delta(self) -> bool:
        """Tell whether changes can be asked for: figures are summed anew."""
        return self.figures is None

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, or all figures, proved by the count."""
        take_whole(fetch, self.object, partial(self._whole, fetch))
        fetch.cursor = self._moment(fetch)
        if self.figures:
            yield from self.figures.of(
                record for _, record in fetch.shelf.all(self.object)
            )
        else:
            yield from self._rows(fetch)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield who was changed since."""
        for batch in self._windows(fetch, int(cursor)):
            fetch.shelf.put(self.object, batch)
        fetch.cursor = self._moment(fetch)
        yield from self._rows(fetch)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first records, or what these come to."""
        found = self._search(fetch, [], None, min(number, 100))
        records = (record for _, _, record in self._items(found))
        if self.figures:
            yield from self.figures.of(records)
            return
        for record in islice(records, number):
            yield from islice(self._held(record, ""), 1)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask which properties there are, and for one record with those mapped."""
        known: set[str] = set()

        def list_properties() -> None:
            found = fetch.session.json(f"crm/v3/properties/{self.object}")
            for one in _list(found, "results"):
                if isinstance(one, dict) and isinstance(one.get("name"), str):
                    known.add(one["name"])

        yield readable(f"The list of properties of {self.object}", list_properties)
        asked = (*self.properties, self.changed, *self.where)
        missing = [name for name in dict.fromkeys(asked) if name not in known]
        if known and missing:
            yield Finding(
                False,
                f"{self.object} have no property {', '.join(missing)}: correct the "
                "mapping, or create it there.",
            )
        yield readable(
            f"The search of {self.object}", lambda: self._search(fetch, [], None, 1)
        )

    # -- the list ---------------------------------------------------------------------

    def _whole(self, fetch: Fetch, walk: Walk) -> Iterator[Iterable[Item]]:
        yield from self._windows(fetch, 0)
        walk.told(self._search(fetch, [], None, 1).get("total"))

    def _windows(self, fetch: Fetch, since: int) -> Iterator[Iterable[Item]]:
        """Yield everybody changed since (milliseconds), window by window."""
        begin, last_id = since, ""
        edge = set[str]()  # of the last moment of the window before: they come again
        while True:
            number, latest, after, met = 0, begin, None, edge
            filters = self._filters(begin, last_id)
            while True:
                found = self._search(fetch, filters, after, self.page_size)
                items = self._items(found)
                yield [item for item in items if item[0] not in met]
                number += len(items)
                for one, _, record in items:
                    moment = self._millisecond(record)
                    edge = edge if moment == latest else set()
                    edge, latest = edge | {one}, moment
                after = self._after(found)
                if after is None or number + self.page_size > _MOST:
                    break
            if after is None and not last_id:
                return
            if after is None:  # all of one moment were read: go on behind it
                begin, last_id = begin + 1, ""
            elif latest > begin:
                begin, last_id = latest, ""
            else:  # thousands were changed at one moment: by their ids
                last_id = items[-1][0]

    def _filters(self, begin: int, last_id: str) -> list[Filter]:
        if last_id:
            return [
                _filter(self.changed, "EQ", str(begin)),
                _filter("hs_object_id", "GT", last_id),
            ]
        return [_filter(self.changed, "GTE", str(begin))] if begin else []

    def _search(
        self, fetch: Fetch, filters: list[Filter], after: str | None, size: int
    ) -> dict[str, Any]:
        path = f"crm/v3/objects/{self.object}/search"
        own = [_filter(name, "EQ", value) for name, value in self.where.items()]
        by_id = any(one["propertyName"] == "hs_object_id" for one in filters)
        order = "hs_object_id" if by_id else self.changed
        asked: dict[str, Any] = {
            "sorts": [{"propertyName": order, "direction": "ASCENDING"}],
            "properties": sorted({*self.properties, self.changed, self.created}),
            "limit": size,
        }
        if filters or own:
            asked["filterGroups"] = [{"filters": [*filters, *own]}]
        if after:
            asked["after"] = after
        _, found = fetch.session.ask("POST", path, json=asked)
        if not isinstance(found, dict) or not isinstance(found.get("results"), list):
            raise self._unlike(path)
        return found

    def _after(self, found: dict[str, Any]) -> str | None:
        paging = found.get("paging")
        following = paging.get("next") if isinstance(paging, dict) else None
        after = following.get("after") if isinstance(following, dict) else None
        return str(after) if after else None

    def _items(self, found: dict[str, Any]) -> list[Item]:
        items: list[Item] = []
        for record in found["results"]:
            one = record.get("id") if isinstance(record, dict) else None
            if isinstance(one, bool) or not isinstance(one, str | int) or one == "":
                raise self._unlike(self.object)
            items.append((str(one), "", record))
        return items

    def _rows(self, fetch: Fetch) -> Iterator[Record]:
        for _, record in fetch.shelf.all(self.object):
            yield from self._held(record, fetch.known_until)

    def _held(self, record: Record, known_until: str) -> Iterator[Record]:
        told = record.get(_BELOW)
        said = told if isinstance(told, dict) else {}
        made = said.get(self.created) or record.get("createdAt")
        changed = said.get(self.changed) or record.get("updatedAt")
        yield from rows_from(record, made, changed, known_until)

    def _millisecond(self, record: Record) -> int:
        told = record.get(_BELOW)
        moment = told.get(self.changed) if isinstance(told, dict) else None
        moment = moment or record.get("updatedAt")
        try:
            found = datetime.datetime.fromisoformat(str(moment))
            return round((found - _EPOCH) / datetime.timedelta(milliseconds=1))
        except (ValueError, TypeError):
            raise self._unlike(self.object) from None

    def _moment(self, fetch: Fetch) -> str:
        since = fetch.moment - self.overlap - _EPOCH
        return str(since // datetime.timedelta(milliseconds=1))

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that HubSpot does not have ({path}): see "
            "to address, object and changed in [source]."
        )


def _filter(name: str, operator: str, value: str) -> Filter:
    return {"propertyName": name, "operator": operator, "value": value}


def _list(found: Any, name: str) -> list[Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, list) else []
