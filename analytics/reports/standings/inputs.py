"""What standings are made from, all of it: the same inputs give the same standings.

Of a table of the lake the inputs are which table it is, since which version its content
was last replaced, and up to when its rows count: rows recorded up to a moment that the
table has passed never change (analytics.lake). Requirements and exemptions are taken as
they stand. The models' .sql is an input too: a new release makes all anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from analytics.lake.lake import TableState
from analytics.lake.published import Published
from analytics.reports.catalogue import Query, sources, steps
from analytics.reports.session import Asked, microseconds

# What is kept, with the column that says whose a row is; none: of units, of Statements.
KEPT: dict[str, str | None] = {
    "standings": "employee_id",
    "tallied": "employee_id",
    "duties": "employee_id",
    "names": "employee_id",
    "present": "employee_id",
    "told": "employee_id",
    "unit_edges": None,
    "unit_closure": None,
    "superseded": None,
}
UNITS = ("unit_edges", "unit_closure")
# Of which several days can be read at once, under the name with ``_at``.
OF_SEVERAL_DAYS = ("standings", "tallied", "present")
MAKING = Query("kept", "", "", tuple(KEPT), "")
TABLES = ("decisions", "facts", "people", "voids", "workforce")
_FORMAT = 2  # of what stands in a folder; another: made anew


@dataclass(frozen=True, slots=True)
class Bound:
    """A table of the lake up to ``through`` (microseconds); see TableState."""

    table: str
    generation: int
    through: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of the standings of one day; digests as hex digits.

    ``requirements``: by code, of all versions; ``former_manager_days``: a setting.
    """

    as_of: date
    derivation: str
    bounds: Mapping[str, Bound]
    requirements: Mapping[str, str]
    exemptions: str
    former_manager_days: int = 0

    def key(self) -> str:
        """Return what these inputs are called: other inputs, another key."""
        return hashlib.sha256(self.as_json()).hexdigest()[:40]

    def as_json(self) -> bytes:
        """Return them as JSON, always the same for the same."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, text: Mapping[str, Any]) -> Inputs:
        """Return what was written; raises KeyError, TypeError, ValueError."""
        return cls(
            date.fromisoformat(text["as_of"]),
            text["derivation"],
            {name: Bound(**item) for name, item in text["bounds"].items()},
            text["requirements"],
            text["exemptions"],
            text["former_manager_days"],
        )

    def is_of_the_same_tables(self, other: Inputs) -> bool:
        """Tell whether neither was made from tables that were replaced meanwhile."""
        return all(
            (mine.table, mine.generation)
            == (other.bounds[name].table, other.bounds[name].generation)
            for name, mine in self.bounds.items()
        )

    def can_follow(self, former: Inputs) -> bool:
        """Tell whether the former differ only in what was said since, or in rules."""
        return (
            self.as_of == former.as_of
            and self.former_manager_days == former.former_manager_days
            and self.derivation == former.derivation
            and self.is_of_the_same_tables(former)
            and all(
                mine.through >= former.bounds[name].through
                for name, mine in self.bounds.items()
            )
        )


@dataclass(frozen=True, slots=True)
class Given:
    """The inputs themselves: tables of the lake, requirements, exemptions.

    ``epoch``: the kept folder's, read before any of them (folder.py).
    """

    epoch: bytes
    tables: Mapping[str, TableState]
    requirements: pa.Table
    exemptions: pa.Table


def states_of(tables: Published) -> dict[str, TableState]:
    """Return the published version of each table that standings are made from."""
    return {name: tables.state(name) for name in TABLES}


def inputs_of(given: Given, asked: Asked) -> Inputs:
    """Return the inputs for a day as known at a moment."""
    known_at = microseconds(asked.known_at)
    return Inputs(
        asked.as_of,
        derivation(),
        {
            name: Bound(state.table, state.generation, min(state.position, known_at))
            for name, state in given.tables.items()
        },
        _by_code(given.requirements),
        _digest(sorted(map(orjson.dumps, given.exemptions.to_pylist()))),
        asked.former_manager_days,
    )


@cache
def derivation() -> str:
    """Return the digest of how standings are made: the .sql, the engine, the format."""
    texts = [step.sql.encode() for step in steps(MAKING)]
    return _digest([str(_FORMAT).encode(), duckdb.__version__.encode(), *texts])


def unknown_sources() -> set[str]:
    """Return what the models read that no input stands for: nothing may be."""
    return sources(MAKING) - {*TABLES, "requirements", "exemptions"}


def _by_code(requirements: pa.Table) -> dict[str, str]:
    rows: dict[str, list[bytes]] = {}
    for row in requirements.to_pylist():
        rows.setdefault(row["code"], []).append(orjson.dumps(row))
    return {code: _digest(sorted(found)) for code, found in sorted(rows.items())}


def _digest(parts: list[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()
