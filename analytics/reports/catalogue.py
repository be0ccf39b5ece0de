"""The catalogue: every question a report answers, one .sql file each.

A file in ``questions`` is a report; those in ``models`` are the steps they share, those
in ``macros`` the arithmetic (each makes macros of DuckDB, no table). The comment on top
says purpose, grain and what it reads; from ``reads`` the steps and the tables that a
report needs are found, in order. ``asked`` says that a report is asked more than once,
``adds`` what it gets beside its rows (analytics.reports.documents), ``counted`` which
step counts its rows of each person (analytics.reports.narrowing).
``as: view`` says of a step that it is read in place and not written out first: who
reads it asks for a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from analytics.lake.names import HISTORY_NAMES
from lrs.errors import NotFound

PARAMETER = re.compile(r"\$([a-z_]+)")
_COMMENT = re.compile(r"--[^\n]*")
_HEADS = ("purpose", "grain", "reads", "as", "asked", "adds", "counted")
_HERE = Path(__file__).parent
PARAMETERS = frozenset(
    {
        "requirement",
        "status",
        "location",
        "job",
        "manager",
        "worker_type",
        "days",
        "months",
        "activity",
        "metric",
    }
)
SOURCES = frozenset(
    {
        "facts",
        "voids",
        "actors",
        "workforce",
        "people",
        "decisions",
        "kpi",
        "requirements",
        "exemptions",
        "imports",
        *HISTORY_NAMES,
    }
)


@dataclass(frozen=True, slots=True)
class Query:
    """One .sql file: its name, what its comment says, its text and parameters."""

    name: str
    purpose: str
    grain: str
    reads: tuple[str, ...]
    sql: str
    parameters: frozenset[str] = frozenset()
    is_view: bool = False
    is_macro: bool = False
    monthly: bool = False
    adds: tuple[str, ...] = ()
    counted: str = ""

    def takes(self) -> frozenset[str]:
        """Return what a caller may ask it for, beside day, time and unit."""
        asked = "months" if self.monthly else ""
        named = self.parameters.union(*(step.parameters for step in steps(self)))
        return (named | {asked}) & (PARAMETERS | {"person"})


@cache
def questions() -> dict[str, Query]:
    """Return the reports by name."""
    return {query.name: query for query in folder(_HERE / "questions")}


@cache
def models() -> dict[str, Query]:
    """Return the shared steps by name."""
    made = {query.name: query for query in folder(_HERE / "models")}
    macros = folder(_HERE / "macros")
    return made | {query.name: replace(query, is_macro=True) for query in macros}


def question(name: str) -> Query:
    """Return the report of that name; raises NotFound."""
    try:
        return questions()[name]
    except KeyError:
        known = ", ".join(questions())
        raise NotFound(f"There is no such report. Known reports: {known}.") from None


def steps(query: Query, given: Collection[str] = ()) -> list[Query]:
    """Return the models a query needs, each after what it reads itself.

    ``given``: models that need no making, nor what only they read.
    """
    found: dict[str, Query] = {}

    def visit(name: str) -> None:
        if name in SOURCES or name in found or name in given:
            return
        model = models()[name]
        for read in model.reads:
            visit(read)
        found[name] = model

    for read in query.reads:
        visit(read)
    return list(found.values())


def sources(query: Query, given: Collection[str] = ()) -> set[str]:
    """Return the tables that a query and its steps read."""
    read = {*query.reads}.union(*(step.reads for step in steps(query, given)))
    return read & SOURCES


def folder(path: Path) -> Iterator[Query]:
    """Yield the .sql files of a folder, by name."""
    for file in sorted(path.glob("*.sql")):
        yield _read(file)


def _read(path: Path) -> Query:
    sql = path.read_text()
    said: dict[str, str] = {}
    for line in sql.splitlines():
        head, colon, rest = line.removeprefix("-- ").partition(":")
        if not line.startswith("--"):
            break
        if colon and head in _HEADS:
            said[head] = rest.strip()
    reads, adds = (
        tuple(item.strip() for item in said.get(key, "").split(",") if item.strip())
        for key in ("reads", "adds")
    )
    named = PARAMETER.findall(_COMMENT.sub("", sql))
    return Query(
        path.stem,
        said["purpose"],
        said["grain"],
        reads,
        sql,
        frozenset(named),
        monthly="asked" in said,
        adds=adds,
        counted=said.get("counted", ""),
        is_view=said.get("as") == "view",
    )
