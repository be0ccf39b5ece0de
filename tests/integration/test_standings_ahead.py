"""Standings are made ahead of who asks for them, where somebody asked before."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.reports.ahead import prepare_ahead
from analytics.reports.standings.making import Making
from lrs.preparing import Preparing
from lrs.services import Services
from tests.builders import COMPLETED, a_statement
from tests.integration.lakes import deliver, enrichment, record

COURSE = "https://courses.example.com/code-of-conduct"


@pytest.fixture
def makings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note each making."""
    made: list[object] = []
    write = Making.write

    def noted(self: Making, folder: Path) -> float | None:
        made.append(self.asked.as_of)
        return write(self, folder)

    monkeypatch.setattr(Making, "write", noted)
    return made


def done(services: Services, at: datetime) -> None:
    """Ann completes a course, and a pass tells it."""
    moment = at.isoformat().replace("+00:00", "Z")
    said = a_statement(verb=COMPLETED, activity=COURSE, timestamp=moment)
    record(services, "default", [said])
    enrichment(services, services.analytics().lake).run("default")


@pytest.fixture
def company(services: Services, tmp_path: Path) -> Services:
    row = {"employee_id": "ann", "hire_date": "2024-01-01", "org_unit_id": "U"}
    deliver(services, tmp_path, [row | {"email": "ann@example.com"}])
    done(services, datetime(2026, 5, 1, 12, tzinfo=UTC))
    return services


def test_nothing_is_made_for_nobody(company: Services, makings: list[object]) -> None:
    reports = company.analytics().reports
    assert prepare_ahead(reports, "default") == 0
    reports.run("compliance_status", "default", as_of=date(2026, 6, 1))
    makings.clear()
    assert prepare_ahead(reports, "default") == 0  # a day of the past, once
    assert not makings


def test_after_a_pass_nobody_waits_for_what_was_asked_before(
    company: Services, makings: list[object]
) -> None:
    reports = company.analytics().reports
    reports.run("compliance_by_unit", "default")
    done(company, datetime.now(UTC) - timedelta(hours=1))
    makings.clear()
    assert prepare_ahead(reports, "default") == 1
    assert len(makings) == 1
    (row,) = reports.run("compliance_by_unit", "default").rows
    assert row["people"] == 1
    assert len(makings) == 1


def test_the_months_are_made_ahead_where_the_trend_is_looked_at(
    company: Services, makings: list[object]
) -> None:
    reports = company.analytics().reports
    reports.run("compliance_trend", "default")
    done(company, datetime.now(UTC) - timedelta(hours=1))
    makings.clear()
    assert prepare_ahead(reports, "default") == 13
    assert len(makings) == 13
    assert len(reports.run("compliance_trend", "default").rows) == 12
    assert len(makings) == 13


def test_a_worker_makes_them_after_a_pass_and_then_rests(
    company: Services, makings: list[object]
) -> None:
    reports = company.analytics().reports
    reports.run("compliance_by_unit", "default")
    makings.clear()
    clock = [1000.0]
    preparing = Preparing(reports, threading.Event(), lambda: clock[0])

    def turn(*, changed: bool) -> int:
        makings.clear()
        preparing.turn("default", changed=changed)
        return len(makings)

    assert turn(changed=False) == 0  # all there
    done(company, datetime.now(UTC) - timedelta(hours=1))
    clock[0] += 10
    assert turn(changed=True) == 1
    done(company, datetime.now(UTC) - timedelta(hours=2))
    assert turn(changed=False) == 0  # it knows of no change
    clock[0] += 299
    assert turn(changed=False) == 0
    clock[0] += 1
    assert turn(changed=False) == 1
    preparing.stop.set()
    done(company, datetime.now(UTC) - timedelta(hours=3))
    clock[0] += 10
    assert turn(changed=True) == 0


def test_a_wrong_requirement_stops_no_worker(
    company: Services, makings: list[object], tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(company.settings.requirements_dir, rules)
    reports = replace(company.analytics().reports, requirements_dir=rules)
    reports.run("compliance_by_unit", "default")
    (rules / "wrong.toml").write_text("code = 1")
    done(company, datetime.now(UTC) - timedelta(hours=1))
    makings.clear()
    Preparing(reports, threading.Event()).turn("default", changed=True)
    assert not makings
