"""After a change people count under their former manager, for as many days as set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from analytics.report_files import holds_for, told
from analytics.reports.reports import Reports

OWN = {"MOVED": "NEW", "TWICE": "NEW", "ALONE": None, "FIRST": "NEW"}
ALIKE = {"RENAMED": "OLD", "HIRED": "NEW", "BACK": "NEW"}
FORMER = {"MOVED": "OLD", "TWICE": "OLD", "ALONE": "OLD", "FIRST": None}


@pytest.fixture(scope="module")
def reports(world: Callable[[str], Reports]) -> Reports:
    return world("former_manager")


def managers(reports: Reports, day: date) -> dict[object, object]:
    """Under whom the lists count people, beside those who have not changed."""
    found = reports.run("compliance_status", "default", as_of=day)
    return {
        row["person_id"]: row["manager_id"]
        for row in found.rows
        if row["person_id"] not in ("HEAD", "OLD", "NEW", "BOSS", "DEPUTY")
    }


@pytest.mark.parametrize(
    ("days", "day", "expected"),
    [
        (0, date(2026, 6, 1), OWN | {"TWICE": "HEAD"}),
        (7, date(2026, 6, 1), FORMER),
        (7, date(2026, 6, 7), FORMER),
        (7, date(2026, 6, 8), OWN | {"TWICE": "HEAD"}),
        (7, date(2026, 6, 10), OWN | {"TWICE": "HEAD"}),
        (7, date(2026, 6, 11), OWN),
        (1, date(2026, 6, 1), FORMER),
        (1, date(2026, 6, 2), OWN | {"TWICE": "HEAD"}),
    ],
)
def test_for_so_many_days_and_no_longer(
    reports: Reports, days: int, day: date, expected: dict[str, str | None]
) -> None:
    asked = replace(reports, former_manager_days=days)
    assert managers(asked, day) == expected | ALIKE


def test_every_report_of_managers_counts_alike(reports: Reports) -> None:
    asked, day = replace(reports, former_manager_days=7), date(2026, 6, 2)
    rows = asked.run("compliance_by_manager", "default", as_of=day, unit="ACME").rows
    people = {row["manager_id"]: (row["people"], row["people_below"]) for row in rows}
    assert people == {
        "OLD": (4, 4),
        "NEW": (2, 2),
        "HEAD": (2, 8),
        None: (2, None),
    }
    listed = asked.run(
        "compliance_status", "default", as_of=day, parameters={"manager": "OLD"}
    )
    assert {row["person_id"] for row in listed.rows} == {
        "MOVED",
        "TWICE",
        "ALONE",
        "RENAMED",
    }
    for name in ("overdue_people", "transcript"):
        few = asked.run(name, "default", as_of=day, parameters={"manager": "NEW"})
        assert "MOVED" not in {row["person_id"] for row in few.rows}


def test_a_report_says_so_where_it_is_set(reports: Reports) -> None:
    day = date(2026, 6, 2)
    plain = reports.run("compliance_by_manager", "default", as_of=day)
    asked = replace(reports, former_manager_days=7)
    lagging = asked.run("compliance_by_manager", "default", as_of=day)
    line = ("Days under the former manager", 7)
    assert line in holds_for(lagging)
    assert not any(label == line[0] for label, _ in holds_for(plain))
    assert "under former managers for 7 days" in told(lagging)
    assert "former" not in told(plain)


def test_two_who_change_places_are_never_above_each_other(reports: Reports) -> None:
    asked, day = replace(reports, former_manager_days=7), date(2026, 6, 2)
    rows = asked.run("data_quality", "default", as_of=day).rows
    found = {row["item"]: row["found"] for row in rows if row["area"] == "people"}
    assert found["manager_in_a_circle"] == 0
    assert (
        found["without_manager"] == 3
    )  # as HR says now: ALONE, HEAD and BOSS's deputy
