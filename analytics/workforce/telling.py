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
    """Return a Progress that moves a bar: by what is read, then by what is stored."""
    reached: dict[str, int] = {}

    def tell_step(step: str, done: int, _total: int | None) -> None:
        advance(max(done - reached.get(step, 0), 0))
        reached[step] = done

    return tell_step


def summary(result: ImportResult) -> str:
    """Return what an import did in one sentence."""
    return (
        f"{result.read} read: {result.added} new, {result.changed} changed, "
        f"{result.unchanged} as before, {result.set_aside} set aside."
    )


def tell(result: ImportResult) -> None:
    """Say what a person should look at."""
    if result.skipped:
        console.print(f"{result.skipped} are not asked for by the mapping.")
    if result.overtaken:
        console.print(
            f"{result.overtaken} are left: a later delivery has spoken of them since."
        )
    if result.missed:
        console.print(
            f"{result.missed} rows follow from who is missing, or is there again."
        )
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
    if result.set_aside > _SHOWN:
        console.print(f"  ... and {result.set_aside - _SHOWN} more")
