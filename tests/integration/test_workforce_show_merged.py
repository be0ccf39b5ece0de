"""``lrs workforce show`` of who was merged: one person, as known at the time asked."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.identity.decisions import Signed
from analytics.reports.session import moment
from analytics.workforce.history import candidates
from analytics.workforce.history.showing import History
from lrs.services import Services
from tests.conftest import run_lrs
from tests.integration.lakes import deliver

SO = Signed("ann", "The same person.")
DAY = date(2026, 3, 1)
BASE = {"effective_date": "2026-01-01", "org_parent_id": "ACME", "job_code": "J"}
PEOPLE: list[dict[str, str]] = [
    BASE | {"employee_id": who, "org_unit_id": unit, "hire_date": hired} | more
    for who, unit, hired, more in (
        ("ANN", "NORTH", "2020-01-01", {"given_name": "Ann"}),
        # The same woman again, as a contractor, for another unit.
        ("ANN2", "SOUTH", "2025-01-01", {"worker_type": "contractor"}),
        ("BOB", "NORTH", "2020-01-01", {"manager_id": "ANN2", "given_name": "Bob"}),
        ("CAT", "WEST", "2020-01-01", {}),
        ("DAN", "WEST", "2020-01-01", {}),
        ("EVE", "WEST", "2020-01-01", {}),
    )
]


@pytest.fixture(params=[0, 1], ids=["ledger", "lake"])
def company(
    services: Services, tmp_path: Path, request: pytest.FixtureRequest
) -> Services:
    """With nothing in the lake, so that candidates are read; and with all of it."""
    deliver(services, tmp_path, PEOPLE)
    for _ in range(request.param):
        services.analytics().enrichment.run("default")
    return services


def history(services: Services) -> History:
    parts = services.analytics()
    return History(parts.ledger, parts.lake, parts.decisions)


def who(services: Services, unit: str | None, **given: Any) -> list[tuple[str, ...]]:
    rows = history(services).roster("default", unit=unit, as_of=DAY, **given)
    return [
        (row["employee_id"], row["unit_id"], row["manager_id"], row["manager_name"])
        for row in rows.to_pylist()
    ]


def test_who_was_merged_is_one_in_the_unit_of_the_primary_row(
    company: Services,
) -> None:
    decisions = company.analytics().decisions
    two = [("ANN", "NORTH", None, None), ("BOB", "NORTH", "ANN2", "")]
    assert who(company, "NORTH") == two
    assert [row[0] for row in who(company, "SOUTH")] == ["ANN2"]
    merge = decisions.merge("default", "ANN2", "ANN", SO)
    one = [("ANN", "NORTH", None, None), ("BOB", "NORTH", "ANN", "Ann")]
    assert who(company, "NORTH") == one
    assert who(company, "SOUTH") == []
    assert [row[0] for row in who(company, None)] == ["ANN", "BOB", "CAT", "DAN", "EVE"]
    before = moment(merge.recorded - 1)
    assert who(company, "NORTH", known_at=before) == two
    assert len(who(company, None, known_at=before)) == 6
    decisions.undo("default", merge.n, SO)
    assert who(company, "NORTH") == two
    assert who(company, "NORTH", known_at=moment(merge.recorded)) == one


def test_the_history_of_who_was_merged_has_the_rows_of_all_their_numbers(
    company: Services,
) -> None:
    company.analytics().decisions.merge("default", "ANN2", "ANN", SO)
    found = [history(company).person("default", one) for one in ("ANN", "ANN2")]
    assert found[0] == found[1]
    spells = found[0]["employment_spells"]
    assert [(row["employee_id"], row["hire_date"].year) for row in spells] == [
        ("ANN", 2020),
        ("ANN2", 2025),
    ]
    text = run_lrs(company.settings, "workforce", "show", "--person", "ANN2").stdout
    assert "employee_id" in text
    assert "ANN2" in text
    told = run_lrs(
        *(company.settings, "workforce", "show", "--unit", "NORTH"),
        *("--as-of", "2026-03-01", "--format", "json"),
    )
    assert [row["employee_id"] for row in json.loads(told.stdout)] == ["ANN", "BOB"]


def test_only_who_can_have_been_in_a_unit_is_read(
    services: Services, tmp_path: Path
) -> None:
    deliver(services, tmp_path, PEOPLE)
    moved = {"employee_id": "CAT", "org_unit_id": "SOUTH", "org_parent_id": "NORTH"}
    deliver(services, tmp_path, [PEOPLE[3] | moved | {"effective_date": "2026-06-01"}])
    ledger = services.analytics().ledger
    assert candidates.candidates(ledger, "default", "NORTH") is None  # 4 of 6
    assert candidates.candidates(ledger, "default", "SOUTH") == {"ANN2", "CAT"}
    assert candidates.candidates(ledger, "default", "ACME") is None  # everybody
    assert candidates.candidates(ledger, "default", "NOWHERE") == set()
