"""What SuccessFactors is asked: rows of an entity, keys of those that changed, options.

In: an entity and a filter. Out: rows, as the shelf takes them, and what the system
counts of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analytics.workforce.connectors.connector import Fetch, Record
from analytics.workforce.connectors.odata2 import any_of, day_of, pages
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.successfactors_tables import (
    CODE,
    EMPLOYMENT,
    JOB,
    USER,
    Entity,
    Tables,
)
from analytics.workforce.connectors.wholeness import Walk
from lrs.errors import SetupError

_ALL_DAYS = {"fromDate": "1900-01-01", "toDate": "9999-12-31"}


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks one company's SuccessFactors."""

    system: str
    tables: Tables

    def pages(
        self, fetch: Fetch, entity: Entity, filters: Sequence[str], walk: Walk
    ) -> Iterator[Iterable[Item]]:
        """Yield the rows of all filters, and tell the sum of what they count."""
        total, is_told = 0, True
        for asked in filters:
            own = Walk()
            for rows in self.asked(fetch, entity, asked, own):
                yield (self.item(entity, row) for row in rows)
            is_told = is_told and bool(own.totals)
            if len({*own.totals}) > 1:
                walk.told(-1)  # it changed meanwhile
            total += sum({*own.totals})
        if is_told:
            walk.told(total)

    def asked(
        self,
        fetch: Fetch,
        entity: Entity,
        asked: str,
        walk: Walk,
        fields: Sequence[str] = (),
    ) -> Iterator[list[Record]]:
        """Yield pages of the rows that a filter lets through, all days of them."""
        params = {
            "$select": ",".join(fields or entity.fields),
            "$inlinecount": "allpages",
            "customPageSize": str(self.tables.page_size),
        }
        if entity.key != CODE:  # objects of MDF have no snapshots
            params["paging"] = self.tables.paging
        if entity.dated:
            params |= _ALL_DAYS
        if asked:
            params["$filter"] = asked
        return pages(fetch.session, entity.name, params, walk)

    def first(
        self, fetch: Fetch, entity: Entity, number: int, fields: Sequence[str] = ()
    ) -> list[Record]:
        """Return the first rows, as the system orders them."""
        asked = {"$select": ",".join(fields or entity.fields), "$top": str(number)}
        if entity.dated:
            asked |= _ALL_DAYS
        return next(pages(fetch.session, entity.name, asked, Walk()))

    def chunks(self, name: str, values: Sequence[str]) -> list[str]:
        """Return the filters that ask for some values of a field."""
        size = self.tables.ids_per_question
        return [
            any_of(name, values[at : at + size]) for at in range(0, len(values), size)
        ]

    def item(self, entity: Entity, row: Record) -> Item:
        """Return a row for the shelf; raises SetupError where it lacks its key."""
        row.pop("__metadata", None)
        key = self.text(entity.name, row, entity.key)
        if entity.name == EMPLOYMENT:
            self.text(entity.name, row, USER)
        if entity.name in (EMPLOYMENT, JOB) and day_of(row, "startDate") is None:
            # Without it nobody would be employed, and everybody seem to have left.
            raise self._lacks(entity.name, "startDate")
        return key, "\0".join(str(row.get(name)) for name in entity.parts), row

    def text(self, entity: str, row: Record, name: str) -> str:
        """Return a key, as text from now on; raises SetupError where there is none."""
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self._lacks(entity, name)
        found = str(value)
        row[name] = found
        return found

    def _lacks(self, entity: str, name: str) -> SetupError:
        return SetupError(
            f"{self.system} has a row of {entity} without {name}: is it hidden from "
            "this user?"
        )

    def options(self, fetch: Fetch, picklist: str) -> dict[str, str]:
        """Return the codes of a picklist by option."""
        lists = self.tables.picklists
        asked = {
            "$select": f"{lists.option},{lists.code}",
            "$filter": lists.filter.replace("{picklist}", picklist.replace("'", "''")),
            "customPageSize": str(self.tables.page_size),
        }
        return {
            str(row.get(lists.option)): str(row[lists.code])
            for rows in pages(fetch.session, lists.entity, asked, Walk())
            for row in rows
            if row.get(lists.code)
        }

    def keys(self, fetch: Fetch, entity: Entity, asked: str) -> set[str]:
        """Return the keys of the rows that a filter lets through.

        A row that comes twice is taken once; one that never comes is repaired when
        everybody is taken.
        """
        return {
            self.text(entity.name, row, entity.key)
            for rows in self.asked(fetch, entity, asked, Walk(), (entity.key,))
            for row in rows
        }
