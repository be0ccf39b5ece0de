"""Linking: which unit stands below which, and which records would close a circle.

A million records name some thousands of pairs of units, so a record keeps the number
of its pair only. As long as all pairs that were ever named form no circle, whatever
their days, nothing has to be looked at; else the links of the units concerned are, day
by day, together with what is known of them. In: the rows as they come. Out: the keys of
those that close a circle (``analytics.workforce.unit_tree``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import Protocol

from analytics.workforce.engine.managing import Managing
from analytics.workforce.engine.seen import NOT_STAGED, Seen
from analytics.workforce.former import Managed
from analytics.workforce.model import Row
from analytics.workforce.unit_tree import Link, Pair, circling_units, circular_links

NO_LINK = -1


class KnownLinks(Protocol):
    """What the ledger has of units."""

    def pairs(self) -> set[Pair]:
        """Return every unit and parent that were ever named together."""

    def of_units(
        self, units: Iterable[str], gone: Callable[[Managed], bool]
    ) -> dict[str, tuple[Link, int]]:
        """Return the links of units that hold, by the key of the row that names each.

        With its recorded time. Of all units above them too; without rows that will be
        ``gone``.
        """


class Links:
    """The links of one delivery; ``days`` has the day of each of its records."""

    def __init__(self, known: KnownLinks, days: Managing) -> None:
        self._known, self._days = known, days
        self._numbers: dict[tuple[str, str | None], int] = {}

    def number(self, row: Row) -> int:
        """Return the number of the pair that a row names."""
        parent = row.get("org_parent_id")
        pair = str(row["org_unit_id"]), None if parent is None else str(parent)
        return self._numbers.setdefault(pair, len(self._numbers))

    def circular(self, seen: Seen) -> list[str]:
        """Return the keys of the records whose link closes a circle."""
        named = {(unit, above) for unit, above in self._numbers if above is not None}
        units = circling_units(named | self._known.pairs())
        asked = {
            number: (unit, above)
            for (unit, above), number in self._numbers.items()
            if unit in units and above is not None
        }
        if not asked:
            return []
        said: dict[Link, list[str]] = {}
        known = self._known.of_units(units, self._days.will_be_gone)
        holding: dict[Link, float] = {}

        def hold(link: Link, recorded: float) -> None:
            holding[link] = max(recorded, holding.get(link, 0))

        for key, (link, recorded) in known.items():
            at = seen.place(key)
            # What was known of a record's key holds no more, unless it was set aside.
            if at is None or (
                seen.staged[at] == NOT_STAGED and seen.links[at] == NO_LINK
            ):
                hold(link, recorded)
        for key, at in seen.places(seen):
            if (pair := asked.get(seen.links[at])) is not None:
                link = Link(self._days.day(at), *pair)
                before, recorded = known.get(key, (None, 0))
                if seen.staged[at] == NOT_STAGED:
                    hold(link, recorded)
                elif before == link:
                    hold(link, inf)  # what else it says is new
                else:
                    said.setdefault(link, []).append(key)
        for link in said.keys() & holding.keys():
            hold(link, inf)
        circular = circular_links(holding, said.keys() - holding.keys())
        return [key for link in sorted(circular) for key in said[link]]

    def staged(self, seen: Seen) -> set[Pair]:
        """Return the pairs of what is staged, as far as they are new."""
        numbers = {
            number
            for number, staged in zip(seen.links, seen.staged, strict=True)
            if staged != NOT_STAGED
        }
        pairs = {
            (unit, above)
            for (unit, above), number in self._numbers.items()
            if above is not None and number in numbers
        }
        return pairs - self._known.pairs() if pairs else pairs
