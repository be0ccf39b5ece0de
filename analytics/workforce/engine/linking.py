"""Linking: the links between units that a delivery names, each with a number.

A million records name some thousands of links, so a record keeps a number only. In: the
rows as they come. Out: the records whose links close a circle; of a replay together
with what is known, since the other half of its circle may hold by now.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from analytics.workforce.engine.seen import Seen
from analytics.workforce.model import Row
from analytics.workforce.unit_tree import Link, circular_links

NO_LINK = -1
Above = Callable[[Iterable[str]], dict[str, set[Link]]]


class Links:
    """The links of one delivery.

    ``above``, where it is set, asks what is known of units and of those above them: it
    returns links by the key of the row that names them.
    """

    def __init__(self) -> None:
        self.above: Above | None = None
        self._numbers: dict[Link, int] = {}

    def number(self, row: Row) -> int:
        """Return the number of the link that a row names."""
        parent = row.get("org_parent_id")
        link = Link(
            str(row["effective_date"]),
            str(row["org_unit_id"]),
            None if parent is None else str(parent),
        )
        return self._numbers.setdefault(link, len(self._numbers))

    def circular(self, seen: Seen) -> list[str]:
        """Return the keys of the records whose link closes a circle."""
        wrong = self._circular(seen)
        places = seen.places(seen) if wrong else ()
        return [key for key, at in places if seen.links[at] in wrong]

    def _circular(self, said: Container[str]) -> set[int]:
        """Return the numbers of links that close a circle.

        ``said`` are the keys of the delivery: what was known of these holds no more.
        """
        links = set(self._numbers)
        if self.above is not None:
            units = {unit for link in links for unit in link[1:] if unit is not None}
            for key, known in self.above(units).items():
                if key not in said:
                    links |= known
        circular = circular_links(links) & self._numbers.keys()
        return {self._numbers[link] for link in circular}
