"""Telling: what an import did, on standard error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from analytics.workforce.engine.importing import ImportResult
    from analytics.workforce.engine.sifting import Progress

console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
_SHOWN = 20


def counted(number: int, what: str) -> str:
    """Return a number of things: ``1 row``, ``2 rows``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def stepped(advance: Callable[[int], None]) -> Progress:
    """Return a Progress that moves a bar by the records that were read.

    What is stored are the same once more.
    """
    reached = 0

    def tell_step(step: str, done: int, _total: int | None) -> None:
        nonlocal reached
        if step == "read":
            advance(max(done - reached, 0))
            reached = max(reached, done)

    return tell_step


def summary(result: ImportResult) -> str:
    """Return what an import did in one sentence."""
    return (
        f"{result.read} read: {result.added} new, {result.changed} changed, "
        f"{result.unchanged} as before, {result.set_aside} set aside."
    )


def tell(result: ImportResult) -> None:
    """Say what a person should look at."""
    if not result.read and not result.overtaken:
        console.print("There are no records in it.")
    if result.known:
        people = "1 person" if result.known == 1 else f"{result.known} people"
        console.print(f"New are rows of {people} known before, too.")
    if result.skipped:
        are = "is" if result.skipped == 1 else "are"
        console.print(f"{result.skipped} {are} not asked for by the mapping.")
    if result.links_set_aside:
        records = (
            "1 record was"
            if result.links_set_aside == 1
            else (f"{result.links_set_aside} records were")
        )
        console.print(
            f"{records} taken without the manager, or the unit's parent, that would "
            "close a circle."
        )
    if result.overtaken:
        are = "is" if result.overtaken == 1 else "are"
        console.print(
            f"{result.overtaken} {are} left: a later delivery has spoken of it since."
        )
    if result.missed:
        rows = "1 row follows" if result.missed == 1 else f"{result.missed} rows follow"
        console.print(f"{rows} from who is missing, or is there again.")
    for sentence in result.drift:
        console.print(f"Other than before: {sentence}")
    if result.absent:
        names = ", ".join(result.absent)
        console.print(f"The mapping names what the file does not have: {names}")
    if result.ignored:
        names = ", ".join(result.ignored)
        console.print(f"Columns that no mapping names, left out: {names}")
    for problem in result.quarantined[:_SHOWN]:
        console.print(f"  {problem}")
    more = result.set_aside + result.links_set_aside - _SHOWN
    if more > 0:
        console.print(f"  ... and {more} more")
