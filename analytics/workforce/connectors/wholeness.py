"""Wholeness: a list that is read page by page is proved to be all of it.

While pages are read people come and go, and rows move between pages: one is seen twice,
another never. Whom a full delivery lacks has left; so a list counts only where the
system's own count says so, the same before and behind the walk; or, of a system that
counts nothing, where a second walk meets the same ids. Else it is walked again, a few
times at most, and then refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from analytics.workforce.connectors.connector import Fetch
from analytics.workforce.connectors.shelf import Item, Shelf
from lrs.errors import Unavailable

WALKS = 4  # at most, before a list is refused


@dataclass(slots=True)
class Walk:
    """One walk over a list; ``totals`` are the counts that the system told on it."""

    totals: list[int] = field(default_factory=list)

    def told(self, total: object) -> None:
        """Note a count of the system; what is no number tells nothing."""
        if isinstance(total, str) and total.isascii() and total.isdigit():
            total = int(total[:18])
        if isinstance(total, int) and not isinstance(total, bool):
            self.totals.append(total)


Pages = Callable[[Walk], Iterable[Iterable[Item]]]


def take_whole(fetch: Fetch, entity: str, pages: Pages) -> None:
    """Put a whole list on the shelf, as ``entity``; raises Unavailable.

    ``pages`` walks over it anew each time it is called: it yields batches of (key,
    part, record) and tells the walk what the system counts.
    """
    former: bytes | None = None
    twice = 0
    for number in range(1, WALKS + 1):
        fetch.shelf.clear(entity)
        walk, twice = Walk(), 0
        for batch in pages(walk):
            twice += fetch.shelf.put(entity, batch)
        if twice:
            times = "once" if twice == 1 else f"{twice} times"
            fetch.remark(f"A row of {entity} came again on another page, {times}.")
        if walk.totals:
            if {*walk.totals} == {fetch.shelf.count(entity)}:
                return
            fetch.remark(
                f"Walk {number} over {entity} met other rows than are counted."
            )
            continue
        met = _ids(fetch.shelf, entity)
        if met == former and not twice:
            return
        former = met
    shared = ", and see whether two records there have one id" if twice else ""
    raise Unavailable(
        f"The list of {entity} changed under all {WALKS} walks over it: nobody can say "
        "that it is whole, so nothing was taken. Let it run when fewer people work "
        f"there{shared}."
    )


def _ids(shelf: Shelf, entity: str) -> bytes:
    digest = sha256()
    for key, part in shelf.ids(entity):
        digest.update(f"{key}\0{part}\0".encode())
    return digest.digest()
