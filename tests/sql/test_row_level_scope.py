"""Nobody sees outside their subtree: every report of the catalogue, one by one.

The company: ACME over OPS (NORTH, SOUTH) and SALES. MOV moved from NORTH to SOUTH on
2026-05-01. A report that is added is tested here by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from analytics.effects.estimate import EffectRefused
from analytics.reports import effect
from analytics.reports.catalogue import PARAMETERS, questions
from analytics.reports.reports import Reports
from lrs.errors import BadRequest, NotFound

pytestmark = pytest.mark.long

DAY = date(2026, 6, 30)
# What expires does so under a requirement that begins later.
DAY_OF = dict.fromkeys(("expiring", "expiry_calendar"), date(2026, 7, 15))
SUBTREE = {
    "ACME": {"ACME", "OPS", "NORTH", "SOUTH", "SALES"},
    "OPS": {"OPS", "NORTH", "SOUTH"},
    "NORTH": {"NORTH"},
    "SOUTH": {"SOUTH"},
    "SALES": {"SALES"},
}
PEOPLE = {
    "ACME": {"AC1"},
    "OPS": {"OP1"},
    "NORTH": {"NO1", "NO2"},
    "SOUTH": {"SO1", "MOV"},
    "SALES": {"SA1", "SA2"},
}
# A parameter of every kind, as a caller may send it.
SAMPLE = {
    "person": "SA1",
    "requirement": "FIRE-01",
    "status": "OVERDUE",
    "location": "LNZ",
    "job": "A",
    "manager": "NO1",
    "worker_type": "employee",
    "days": "30",
    "months": "2",
    "activity": "https://courses.example.com/customer-conversations",
    "metric": "tickets_per_day",
}


@pytest.fixture(scope="module")
def reports(world: Callable[[str], Reports]) -> Reports:
    return world("scope")


@pytest.fixture(autouse=True)
def means_of_one_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the scope of the means can be seen in so small a company."""
    monkeypatch.setattr(effect, "SMALL_CELL", 1)


def ask(reports: Reports, name: str, **given: Any) -> list[dict[str, Any]]:
    """Rows of a report; a refused estimate shows nothing."""
    if name == "compliance_trend":  # fewer points: as good, and faster
        given = {"parameters": {"months": "2"}} | given
    try:
        day = DAY_OF.get(name, DAY)
        return reports.run(name, "default", as_of=day, **given).rows
    except EffectRefused:
        return []


def people_below(unit: str) -> set[str]:
    return set().union(*(PEOPLE[item] for item in SUBTREE[unit]))


def takes(name: str) -> set[str]:
    """Return the parameters that the report's .sql files name."""
    return set(questions()[name].takes())


PERSONAL = [name for name in questions() if "person" in takes(name)]


@pytest.mark.parametrize("unit", ["OPS", "NORTH", "SALES"])
@pytest.mark.parametrize("name", questions())
def test_a_scope_shows_units_and_people_of_its_subtree_only(
    reports: Reports, name: str, unit: str
) -> None:
    rows = ask(reports, name, scope_unit=unit)
    units = {row.get("unit_id") for row in rows} - {None}  # of no unit: a manager above
    assert units <= SUBTREE[unit]
    assert {row["person_id"] for row in rows if "person_id" in row} <= people_below(
        unit
    )
    if name == "training_effect_by_month":
        # MOV was in NORTH at the roll-out, and is counted there.
        most = len(people_below(unit) | {"MOV"})
        assert all(row["people"] <= most for row in rows)


@pytest.mark.parametrize("name", questions())
def test_without_a_scope_more_is_seen_so_that_the_tests_above_can_fail(
    reports: Reports, name: str
) -> None:
    if name != "training_effect":  # refused: the groups are too small
        rows = ask(reports, name)
        assert rows
        assert rows != ask(reports, name, scope_unit="SALES")


@pytest.mark.parametrize("name", PERSONAL)
def test_a_person_asked_for_stands_inside_the_scope_and_not_outside(
    reports: Reports, name: str
) -> None:
    assert ask(reports, name, scope_unit="NORTH", person="NO1")
    for other in ("SA1", "NO-ONE"):
        with pytest.raises(NotFound, match="no such person in your area"):
            ask(reports, name, scope_unit="NORTH", person=other)


def test_the_reports_on_people_can_be_asked_for_one() -> None:
    assert {"compliance_status", "evidence", "overdue_people"} <= set(PERSONAL)


@pytest.mark.parametrize("name", questions())
@pytest.mark.parametrize("unit", ["SALES", "OPS", "NOWHERE"])
def test_a_foreign_unit_is_answered_like_one_that_does_not_exist(
    reports: Reports, name: str, unit: str
) -> None:
    with pytest.raises(NotFound) as caught:
        ask(reports, name, scope_unit="NORTH", unit=unit)
    assert caught.value.message == "There is no such unit in your area on this day."


@pytest.mark.parametrize("name", questions())
def test_an_unknown_unit_is_not_found_without_a_scope_too(
    reports: Reports, name: str
) -> None:
    with pytest.raises(NotFound):
        ask(reports, name, unit="NOWHERE")


@pytest.mark.parametrize("name", questions())
def test_a_scope_that_does_not_exist_sees_nothing_at_all(
    reports: Reports, name: str
) -> None:
    with pytest.raises(NotFound):
        ask(reports, name, scope_unit="NOWHERE")


def test_the_mean_of_fewer_than_ten_people_is_left_out_with_their_number(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = ask(reports, "training_effect_by_month")
    most = max(row["people"] for row in months)
    monkeypatch.setattr(effect, "SMALL_CELL", most)
    assert all(
        row["people"] is None and row["mean_value"] is None
        if before["people"] < most
        else row == before
        for row, before in zip(
            ask(reports, "training_effect_by_month"), months, strict=True
        )
    )
    monkeypatch.setattr(effect, "SMALL_CELL", most + 1)
    hidden = ask(reports, "training_effect_by_month")
    assert {row["mean_value"] for row in hidden} == {None}


def test_who_moved_is_seen_where_they_were_on_the_day(reports: Reports) -> None:
    def seen(unit: str, day: date) -> bool:
        result = reports.run(
            "compliance_status", "default", as_of=day, scope_unit=unit, person="MOV"
        )
        return bool(result.rows)

    before, after = date(2026, 4, 30), date(2026, 5, 1)
    assert (seen("NORTH", before), seen("SOUTH", before)) == (True, False)
    assert (seen("NORTH", after), seen("SOUTH", after)) == (False, True)


def test_the_path_to_a_unit_begins_at_the_scope(reports: Reports) -> None:
    result = reports.run(
        "compliance_by_unit", "default", as_of=DAY, scope_unit="OPS", unit="NORTH"
    )
    assert [row["unit_id"] for row in result.extra["path"]] == ["OPS", "NORTH"]


@pytest.mark.parametrize("name", questions())
def test_a_parameter_that_a_report_does_not_take_is_refused_and_not_ignored(
    reports: Reports, name: str
) -> None:
    for parameter in {*PARAMETERS, "person"} - takes(name):
        given: dict[str, Any] = {"parameters": {parameter: SAMPLE[parameter]}}
        if parameter == "person":
            given = {"person": SAMPLE["person"]}
        with pytest.raises(BadRequest, match=f"{name} takes no {parameter}"):
            ask(reports, name, **given)


def test_a_status_that_does_not_exist_is_refused(reports: Reports) -> None:
    with pytest.raises(BadRequest, match="OVERDUE"):
        ask(reports, "compliance_status", parameters={"status": "overdue"})


def test_a_worker_type_that_does_not_exist_is_refused(reports: Reports) -> None:
    with pytest.raises(BadRequest, match="contractor"):
        ask(reports, "compliance_status", parameters={"worker_type": "Employee"})


def test_a_day_that_is_not_enriched_yet_is_refused_as_known_at(
    reports: Reports,
) -> None:
    later = reports.run("evidence", "default").meta.known_at.replace(year=2099)
    with pytest.raises(BadRequest, match="after what is enriched"):
        reports.run("evidence", "default", known_at=later)
