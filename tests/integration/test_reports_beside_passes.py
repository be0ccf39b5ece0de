"""A report beside a pass: it sees all tables as they were, or all as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable

from analytics.lake.lake import Lake
from analytics.workforce.history.showing import History
from lrs.services import Services
from tests.builders import COMPLETED, a_statement
from tests.integration.lakes import deliver, enrichment, record

COURSE = "https://courses.example.com/code-of-conduct"
DAY = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Overtaken(Lake):
    """A lake in which something happens as soon as somebody has read the manifest."""

    happens: list[Callable[[], object]]

    def open(
        self, tenant: str, table: str, version: int | None = None
    ) -> DeltaTable | None:
        opened = Lake.open(self, tenant, table, version)
        if table == "manifest" and self.happens:
            self.happens.pop()()
        return opened


def tell(services: Services, folder: Path, unit: str) -> None:
    """HR puts ann into a unit, and she completes a course again."""
    row = {"employee_id": "ann", "hire_date": "2025-01-01", "org_unit_id": unit}
    deliver(services, folder, [row | {"email": "ann@example.com"}])
    done = a_statement(
        verb=COMPLETED, activity=COURSE, timestamp="2026-05-01T12:00:00Z"
    )
    record(services, "default", [done])


def test_who_shows_the_workforce_beside_a_pass_misses_nobody(
    services: Services, tmp_path: Path
) -> None:
    parts = services.analytics()
    passed = enrichment(services, parts.reports.lake)
    tell(services, tmp_path, "OLD")
    passed.run("default")
    tell(services, tmp_path, "NEW")

    def pass_by() -> None:
        passed.run("default")

    overtaken = Overtaken(parts.reports.lake.url, [pass_by])
    history = History(parts.ledger, overtaken, parts.decisions)
    (ann,) = history.roster("default", as_of=DAY).to_pylist()
    assert ann["unit_id"] == "NEW"
    assert not overtaken.happens  # the pass was made: it went by the manifest
    overtaken.happens.append(pass_by)
    assert history.person("default", "ann")["assignments"]
    assert not overtaken.happens


@pytest.mark.parametrize("act", ["run", "rebuild"])
def test_who_began_before_a_pass_sees_the_tables_as_they_were(
    act: str, services: Services, tmp_path: Path
) -> None:
    reports = services.analytics().reports
    passed = enrichment(services, reports.lake)
    perform: Callable[[str], object] = getattr(passed, act)

    def asked(lake: Lake) -> set[tuple[object, object]]:
        found = replace(reports, lake=lake).run("evidence", "default", as_of=DAY)
        return {(row["unit_id"], row["statement_id"]) for row in found.rows}

    tell(services, tmp_path, "OLD")
    perform("default")
    former = asked(reports.lake)
    assert {unit for unit, _ in former} == {"OLD"}
    tell(services, tmp_path, "NEW")
    overtaken = Overtaken(reports.lake.url, [lambda: perform("default")])
    assert asked(overtaken) == former
    assert not overtaken.happens
    now = asked(reports.lake)
    assert {unit for unit, _ in now} == {"NEW"}
    assert len(now - {("NEW", None)}) == 2  # None: a requirement without any
