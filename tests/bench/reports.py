"""How long reports take in a large company: cold, warm, and after something was said.

Each figure stands beside a floor of the same run: DuckDB counting the kept standings by
status once, in a connection of its own. Wall and processor time are medians; the memory
is the growth of the peak resident size while the report ran.
"""

from __future__ import annotations

import inspect
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analytics.effects.estimate import EffectRefused
from analytics.lake.compaction import compact
from analytics.lake.lake import Lake
from analytics.lake.pass_tables import PassTables
from analytics.reports.catalogue import questions
from analytics.reports.reports import Reports
from analytics.reports.standings.standings import Standings, folder_of
from tests.bench import company
from tests.bench.company import NOW, TENANT, TODAY, Size

UNIT = "U0006"  # with a 25th of the people below it
PAGE = 100
PAGED = "limit" in inspect.signature(Reports.run).parameters
_KEPT = 4 << 30  # bytes
_EFFECT = {"activity": "https://courses.example.com/1", "metric": "sales"}
_FLOOR = "SELECT status, count(*) FROM read_parquet('{file}') GROUP BY ALL"
_PARAMETERS = {"training_effect": _EFFECT, "training_effect_by_month": _EFFECT}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one question took: seconds, processor seconds, bytes, and rows found."""

    wall: float
    cpu: float
    growth: int
    rows: int


@dataclass
class Found:
    """Costs by what was asked, the floor's, and how long the making took."""

    size: Size
    floor: Cost
    written: float
    costs: dict[str, Cost] = field(default_factory=dict)


class _NoRuns:
    def get(self, tenant: str) -> None:
        return None


class _NoRows:
    def rows(self, *_: object, **__: object) -> Iterator[list[dict[str, Any]]]:
        return iter(())

    def count(self, *_: object, **__: object) -> int:
        return 0


def measure(size: Size, place: Path, rounds: int) -> Found:
    """Make the company in an empty folder, or take the one there, and ask."""
    lake = Lake(str(place / "lake"))
    began = time.perf_counter()
    if not lake.position(TENANT, "facts"):
        company.write(size, lake)
        compact(PassTables(lake, TENANT))  # as every pass leaves them
    company.write_requirements(size, place / "requirements")
    written = time.perf_counter() - began
    reports = Reports(
        lake,
        _NoRows(),
        _NoRuns(),  # type: ignore[arg-type]
        place / "requirements",
        Path("config/effects.toml"),
        standings=Standings(folder_of(place, _KEPT)),
    )

    def ask(name: str, unit: str | None = None) -> Callable[[], int]:
        given: dict[str, Any] = {"parameters": _PARAMETERS.get(name, {})}
        if PAGED:
            given["limit"] = PAGE

        def question() -> int:
            try:
                found = reports.run(name, TENANT, as_of=TODAY, unit=unit, **given)
            except EffectRefused:  # asked and answered: the courses have no roll-out
                return 0
            return len(found.rows)

        return question

    first = cost(ask("compliance_by_unit"), 1)
    (kept,) = (place / "standings" / TENANT).glob("*/standings.parquet")
    floor = cost(lambda: _counted(kept), max(3, rounds))
    found = Found(size, floor, written, {"standings made, first report": first})
    for name in questions():
        for unit in (None, UNIT):
            if unit is None and name == "evidence" and not PAGED:
                continue  # millions of rows
            where = "a unit" if unit else "company"
            found.costs[f"{name}, {where}"] = cost(ask(name, unit), rounds)
    for what, happen in _events(size, lake):
        happen()
        found.costs[f"after {what}"] = cost(ask("compliance_by_unit"), 1)
    return found


def cost(question: Callable[[], int], rounds: int) -> Cost:
    """Ask a question some times; return the medians and the largest growth."""
    wall, cpu, rows = [], [], 0
    before = _resident()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (Linux)
    for _ in range(rounds):
        began, took = time.perf_counter(), _processor()
        rows = question()
        wall.append(time.perf_counter() - began)
        cpu.append(_processor() - took)
    growth = max(0, _resident("VmHWM") - before)
    return Cost(statistics.median(wall), statistics.median(cpu), growth, rows)


def _events(size: Size, lake: Lake) -> list[tuple[str, Callable[[], None]]]:
    """Return what happens to the company, one after the other."""
    drawn = company.drawn(size)
    now = company.microseconds(NOW)

    def say(table: str, rows: pa.Table, second: int) -> None:
        at = pa.scalar((now + second * 1_000_000), pa.timestamp("us", tz="UTC"))
        recorded = pa.array([at.as_py()] * rows.num_rows, at.type)
        place = rows.schema.get_field_index("recorded_at")
        rows = company.as_table(rows.set_column(place, "recorded_at", recorded), table)
        before = lake.position(TENANT, table)
        lake.append(TENANT, table, rows, before=before, position=now + second * 10**6)
        if table != "facts":  # they come last, and say how far all is
            said = company.as_table(drawn.sql(_NO_FACTS).to_arrow_table(), "facts")
            before = lake.position(TENANT, "facts")
            lake.append(
                TENANT, "facts", said, before=before, position=now + second * 10**6
            )

    def statements() -> None:
        rows = drawn.sql(_NEW.format(size=size)).to_arrow_table()
        place = rows.schema.get_field_index("stored")
        kind = rows.schema.field("recorded_at").type
        stored = pa.array([NOW + timedelta(seconds=1)] * rows.num_rows, kind)
        say("facts", rows.set_column(place, "stored", stored), 1)

    def units() -> None:
        say("workforce", drawn.sql(_MOVED_UNITS).to_arrow_table(), 2)

    def people() -> None:
        say("workforce", drawn.sql(_MOVED_PEOPLE).to_arrow_table(), 3)

    def nothing() -> None:
        say("facts", drawn.sql(_NO_FACTS).to_arrow_table(), 4)

    return [
        ("5,000 Statements", statements),
        ("units with a tenth of the people move", units),
        ("a tenth of the people move", people),
        ("a pass that changed nothing", nothing),
    ]


_NO_FACTS = "FROM fact_rows(0, 0)"
_NEW = "FROM fact_rows({size.facts}, {size.facts} + 5000)"
# Their people's rows say where units stand; one says it for all.
_MOVED_UNITS = """
SELECT w.* REPLACE (DATE '2026-11-20' AS effective_date,
    unit_id(1 + t.n % 5) AS org_parent_id)
FROM workforce AS w JOIN tree AS t ON w.employee_id = person_id(t.n)
WHERE t.level = 2 AND t.n % 10 = 6
QUALIFY row_number() OVER (PARTITION BY w.employee_id ORDER BY effective_date DESC) = 1
"""
_MOVED_PEOPLE = """
SELECT w.* REPLACE (DATE '2026-11-20' AS effective_date,
    t.unit_id AS org_unit_id, t.name AS org_unit_name,
    unit_id(t.parent) AS org_parent_id)
FROM workforce AS w JOIN spells AS s ON s.employee_id = w.employee_id
    AND s.row_number = 2 AND s.effective_date = w.effective_date AND s.n % 10 = 1
JOIN tree AS t ON t.n = 156 + s.n % 40
"""


def _counted(file: Path) -> int:
    with duckdb.connect() as connection:
        return len(connection.execute(_FLOOR.format(file=file)).fetchall())


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident(which: str = "VmRSS") -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) << 10
    return 0


def lines(found: Found) -> Sequence[tuple[str, Cost, float]]:
    """Return each question with its cost, and that in floors of processor time."""
    return [
        (what, one, one.cpu / max(found.floor.cpu, 1e-4))
        for what, one in found.costs.items()
    ]
