"""The audience of a requirement and the versions of it."""

from typing import Any

import pytest

from tests.oracle.builders import a_requirement, a_row, ask, due, one
from tests.oracle.inputs import Audience


def wants(**conditions: Any):
    return a_requirement(audience=Audience(**conditions))


def in_audience(day: str, requirement, *rows) -> list[str]:
    return [row["person_id"] for row in ask(day, rows=rows, requirements=requirement)]


@pytest.mark.parametrize(
    ("worker_type", "inside"),
    [("employee", 1), ("contractor", 1), ("customer", 0), ("partner", 0)],
)
def test_without_worker_types_employees_and_contractors_are_meant(worker_type, inside):
    row = a_row(worker_type=worker_type)
    assert len(in_audience("2024-01-10", wants(), row)) == inside


def test_customers_and_partners_are_meant_where_named_and_then_nobody_else():
    named = wants(worker_type=("customer", "partner"))
    assert in_audience("2024-01-10", named, a_row(worker_type="customer")) == ["P1"]
    assert in_audience("2024-01-10", named, a_row(worker_type="partner")) == ["P1"]
    assert in_audience("2024-01-10", named, a_row()) == []


def test_contractors_are_out_where_only_employees_are_named():
    named = wants(worker_type=("employee",))
    assert in_audience("2024-01-10", named, a_row(worker_type="contractor")) == []


def test_the_job_must_be_one_of_those_named():
    assert in_audience("2024-01-10", wants(job_code=("J1", "J2")), a_row()) == ["P1"]
    assert in_audience("2024-01-10", wants(job_code=("J2",)), a_row()) == []


def test_the_location_must_be_one_of_those_named():
    assert in_audience("2024-01-10", wants(location=("L1",)), a_row()) == ["P1"]
    assert in_audience("2024-01-10", wants(location=("L2",)), a_row()) == []


def test_one_regulatory_class_in_common_is_enough():
    row = a_row(regulatory_classes=("BBP", "LEAD"))
    assert in_audience("2024-01-10", wants(regulatory_class=("LEAD",)), row) == ["P1"]
    assert in_audience("2024-01-10", wants(regulatory_class=("X", "BBP")), row) == [
        "P1"
    ]
    assert in_audience("2024-01-10", wants(regulatory_class=("X",)), row) == []
    assert in_audience("2024-01-10", wants(regulatory_class=("X",)), a_row()) == []


def test_all_conditions_that_are_given_must_hold():
    both = wants(job_code=("J1",), location=("L2",))
    assert in_audience("2024-01-10", both, a_row()) == []
    assert in_audience("2024-01-10", both, a_row(location_id="L2")) == ["P1"]


def test_tenure_is_the_day_minus_the_hire_date():
    tenured = wants(min_tenure_days=10)
    assert in_audience("2024-01-10", tenured, a_row()) == []
    assert in_audience("2024-01-11", tenured, a_row()) == ["P1"]
    assert due("2024-01-20", requirements=tenured) == "2024-02-10"


def test_tenure_goes_by_the_hire_date_of_the_row_in_force():
    tenured = wants(min_tenure_days=10)
    rows = [a_row(), a_row("2024-03-01", hire_date="2024-03-01", recorded=2)]
    assert in_audience("2024-02-29", tenured, *rows) == ["P1"]
    assert in_audience("2024-03-01", tenured, *rows) == []


def test_a_unit_is_meant_with_everything_below():
    rows = [
        a_row(employee_id="P1", org_unit_id="TEAM", org_parent_id="DEPT"),
        a_row(employee_id="P2", org_unit_id="DEPT", org_parent_id="OPS"),
        a_row(employee_id="P3", org_unit_id="OPS"),
        a_row(employee_id="P4", org_unit_id="HQ"),
    ]
    meant = wants(org_unit=("OPS",))
    assert in_audience("2024-01-10", meant, *rows) == ["P1", "P2", "P3"]
    assert in_audience("2024-01-10", wants(org_unit=("DEPT",)), *rows) == ["P1", "P2"]


def test_a_unit_that_nobody_is_in_is_known_as_a_parent():
    row = a_row(org_unit_id="TEAM", org_parent_id="OPS")
    assert in_audience("2024-01-10", wants(org_unit=("OPS",)), row) == ["P1"]


def test_a_unit_moves_for_everybody_in_it_by_the_latest_row_that_names_it():
    rows = [
        a_row(employee_id="P1", org_unit_id="TEAM", org_parent_id="HQ"),
        a_row(employee_id="P2", org_unit_id="TEAM", org_parent_id="HQ"),
        a_row("2024-02-01", employee_id="P2", org_unit_id="TEAM", org_parent_id="OPS"),
    ]
    meant = wants(org_unit=("OPS",))
    assert in_audience("2024-01-31", meant, *rows) == []
    assert in_audience("2024-02-01", meant, *rows) == ["P1", "P2"]


def test_a_unit_stays_where_it_was_when_the_one_who_named_it_moves_on():
    rows = [
        a_row(employee_id="P1", org_unit_id="TEAM", org_parent_id="DEPT"),
        a_row(employee_id="P2", org_unit_id="DEPT", org_parent_id="OPS"),
        a_row("2024-02-01", employee_id="P2", org_unit_id="HQ"),
    ]
    assert in_audience("2024-02-01", wants(org_unit=("OPS",)), *rows) == ["P1"]


def test_a_reorganisation_brings_people_in_on_its_day():
    rows = [
        a_row(org_unit_id="TEAM", org_parent_id="HQ"),
        a_row("2024-02-01", org_unit_id="TEAM", org_parent_id="OPS", recorded=2),
    ]
    meant = wants(org_unit=("OPS",))
    assert due("2024-02-10", rows=rows, requirements=meant) == "2024-03-02"


def test_units_in_a_circle_end():
    rows = [
        a_row(employee_id="P1", org_unit_id="A", org_parent_id="B"),
        a_row(employee_id="P2", org_unit_id="B", org_parent_id="A"),
    ]
    assert in_audience("2024-01-10", wants(org_unit=("B",)), *rows) == ["P1", "P2"]
    assert in_audience("2024-01-10", wants(org_unit=("C",)), *rows) == []


def test_the_version_in_force_on_as_of_is_used():
    versions = [
        a_requirement(version=1, initial_days=30),
        a_requirement(version=2, initial_days=10, version_from="2024-02-01"),
    ]
    before = one("2024-01-31", requirements=versions)
    after = one("2024-02-01", requirements=versions)
    assert (before["requirement_version"], before["due_date"].day) == (1, 31)
    assert (after["requirement_version"], after["due_date"].day) == (2, 11)


def test_a_new_version_leaves_the_base_where_it_was():
    versions = [a_requirement(), a_requirement(version=2, version_from="2024-06-01")]
    assert due("2024-06-10", requirements=versions) == "2024-01-31"


def test_the_audience_of_the_version_in_force_is_applied_to_the_past_too():
    versions = [
        a_requirement(audience=Audience(job_code=("J9",))),
        a_requirement(version=2, version_from="2024-06-01"),
    ]
    assert ask("2024-05-31", requirements=versions) == []
    assert due("2024-06-01", requirements=versions) == "2024-01-31"


def test_a_requirement_is_not_in_force_before_effective_from():
    requirement = a_requirement(effective_from="2024-03-01")
    assert ask("2024-02-29", requirements=requirement) == []
    assert len(ask("2024-03-01", requirements=requirement)) == 1


def test_requirements_of_different_codes_stand_side_by_side():
    codes = [a_requirement(code="B-1"), a_requirement(code="A-1")]
    report = ask("2024-01-10", requirements=codes)
    assert [row["requirement"] for row in report] == ["A-1", "B-1"]
