"""Publishing: the history into the lake's tables, each replaced in one commit.

A table's position is that of the ``workforce`` table it was derived from, in the same
Delta commit as its rows: where they are equal there is nothing to do, so a pass that
brought no HR rows costs eight looks at a position. A correction
closes rows that stand in any file of a table: appending would leave the closing to
every reader, so a table is written whole, what has not changed taken over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from analytics.lake.history import HISTORY
from analytics.lake.lake import LakeConflict
from analytics.lake.pass_tables import PassTables
from analytics.workforce.history.derivation import derive
from analytics.workforce.history.renewal import renew


class Lost(Protocol):
    """Whether the lease under which a pass runs was lost."""

    def is_set(self) -> bool:
        """Tell whether the work in hand must not be committed any more."""
        ...


def publish(
    tables: PassTables, *, anew: bool = False, lost: Lost | None = None
) -> dict[str, int]:
    """Bring the history's tables to where the ``workforce`` table stands.

    ``anew``: derive all of it, also what has not changed (a rebuild). Returns the rows
    of each table that was replaced. Raises LakeConflict where the lease was lost or
    another writer was faster; what was replaced until then is whole, the rest follows
    with the next pass.
    """
    position = tables.position("workforce")
    stands = {name: tables.position(name) for name in HISTORY}
    behind = [name for name in HISTORY if anew or stands[name] != position]
    counts: dict[str, int] = {}

    def counted(name: str, batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
        for batch in batches:
            counts[name] += batch.num_rows
            yield batch

    if behind:
        recorded = tables.rows("workforce")
        former = {name: tables.rows(name) for name in HISTORY}
        (after, *others) = {*stands.values()}
        # Where a pass was broken off between two tables, they stand at two positions.
        if anew or others or not 0 < after < position:
            made = derive(recorded, behind)
        else:
            made = renew(recorded, former, after)
        for name, batches in made:
            if lost is not None and lost.is_set():
                raise LakeConflict("The lease was lost; another run goes on with this.")
            counts[name] = 0
            tables.overwrite(name, counted(name, batches), position=position)
    return counts
