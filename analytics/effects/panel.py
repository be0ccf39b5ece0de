"""The panel that an estimate is made from: rows in, checked groups out.

A row is one person's outcome in one period. People are what is counted: forty rows
of five people are five people.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.effects.estimate import (
    CAUTION_BELOW,
    CAUTION_CLUSTERS,
    REFUSE_BELOW,
    EffectRefused,
)

_ARMS = ((True, "treated"), (False, "comparison"))


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One outcome of one person; ``treated`` is the arm as assigned, for good.

    ``cluster`` is what treatment was assigned by (a unit, say), given for all rows
    or for none; ``period`` orders the rows in time and is needed only for the check
    of the trends before the roll-out.
    """

    person: Hashable
    outcome: float
    treated: bool
    post: bool
    cluster: Hashable | None = None
    period: date | int | None = None


def people(rows: Iterable[PanelRow], *, treated: bool) -> set[Hashable]:
    """Return the distinct people of one arm."""
    return {row.person for row in rows if row.treated is treated}


def groups(rows: Sequence[PanelRow]) -> list[Hashable] | None:
    """Return what the errors are clustered by, a value per row.

    The clusters given; else the person, where people stand in several rows; else
    None: every row is a person of its own and independent of the others.
    """
    given = [row.cluster for row in rows if row.cluster is not None]
    if given:
        return given
    persons = [row.person for row in rows]
    return persons if len(set(persons)) < len(persons) else None


def check(rows: Sequence[PanelRow]) -> None:
    """Raise EffectRefused where the rows cannot carry a 2x2 comparison."""
    if any(not math.isfinite(row.outcome) for row in rows):
        raise EffectRefused("Every outcome must be a finite number.")
    if any(row.cluster is None for row in rows) and any(
        row.cluster is not None for row in rows
    ):
        raise EffectRefused("Give a cluster for every row or for none.")
    both = people(rows, treated=True) & people(rows, treated=False)
    if both:
        raise EffectRefused(
            f"{len(both)} people stand in both arms; an arm is fixed at assignment."
        )
    for treated, name in _ARMS:
        count = len(people(rows, treated=treated))
        if count < REFUSE_BELOW:
            raise EffectRefused(
                f"The {name} group has {count} people; an estimate needs at least "
                f"{REFUSE_BELOW}."
            )
        for post, when in ((False, "before"), (True, "after")):
            if not any(row.treated is treated and row.post is post for row in rows):
                raise EffectRefused(f"The {name} group has no rows {when} the change.")
        clusters = {row.cluster for row in rows if row.treated is treated}
        if None not in clusters and len(clusters) < 2:
            raise EffectRefused(
                f"The {name} group is a single cluster: its own ups and downs cannot "
                "be told from the effect."
            )


def cautions(rows: Sequence[PanelRow]) -> list[str]:
    """Return a sentence for everything about the groups that asks for care."""
    found: list[str] = []
    for treated, name in _ARMS:
        arm = [row for row in rows if row.treated is treated]
        before = {row.person for row in arm if not row.post}
        after = {row.person for row in arm if row.post}
        count = len(before | after)
        if count < CAUTION_BELOW:
            found.append(
                f"Caution: the {name} group has {count} people; under "
                f"{CAUTION_BELOW}, only large effects can be seen."
            )
        if min(len(before), len(after)) < REFUSE_BELOW:
            found.append(
                f"Caution: the {name} group has only {len(before)} people before and "
                f"{len(after)} after."
            )
        once = len(before ^ after)
        if once and before & after:
            found.append(
                f"{once} of {count} people of the {name} group were seen only before "
                "or only after; joiners and leavers can shift its mean."
            )
    by = groups(rows)
    if by is not None and len(set(by)) < CAUTION_CLUSTERS:
        found.append(
            f"Caution: {len(set(by))} clusters; under about {CAUTION_CLUSTERS}, the "
            "interval tends to be too narrow."
        )
    homes: dict[Hashable, set[Hashable]] = {}
    for row in rows:
        if row.cluster is not None:
            homes.setdefault(row.person, set()).add(row.cluster)
    moved = sum(len(seen) > 1 for seen in homes.values())
    if moved:
        found.append(f"{moved} people changed cluster between their rows.")
    return found
