"""The rehire policies: what a gap in employment does to base and completions."""

import pytest

from tests.oracle.builders import a_fact, a_requirement, a_row, due, one, status
from tests.oracle.inputs import Audience

# Hired 2024-01-01, gone after 2024-05-31, back on 2024-06-11: ten days away.
REHIRED = [
    a_row(),
    a_row("2024-06-01", status="terminated", termination_date="2024-05-31", recorded=2),
    a_row("2024-06-11", hire_date="2024-06-11", recorded=3),
]
BASES = pytest.mark.parametrize("basis", ["entry", "hire"])


def policy(name: str, **changes):
    return a_requirement(rehire_policy=name, **changes)


@BASES
def test_reset_begins_anew_at_the_rehire(basis):
    requirement = policy("reset", basis=basis)
    given = {"rows": REHIRED, "requirements": requirement}
    assert due("2024-06-20", **given) == "2024-07-11"
    assert status("2024-06-20", facts=[a_fact("2024-05-01")], **given) == "NOT_STARTED"
    assert status("2024-06-20", facts=[a_fact("2024-06-11")], **given) == "COMPLIANT"


@BASES
def test_carry_over_goes_on_as_if_never_away(basis):
    requirement = policy("carry_over", basis=basis)
    given = {"rows": REHIRED, "requirements": requirement}
    assert due("2024-06-20", **given) == "2024-01-31"
    assert status("2024-06-20", **given) == "OVERDUE"
    assert status("2024-06-20", facts=[a_fact("2024-05-01")], **given) == "COMPLIANT"


@BASES
@pytest.mark.parametrize(("days", "expected"), [(10, "2024-01-31"), (9, "2024-07-11")])
def test_a_gap_is_the_number_of_days_not_employed(basis, days, expected):
    requirement = policy("carry_if_gap_days", carry_gap_days=days, basis=basis)
    assert due("2024-06-20", rows=REHIRED, requirements=requirement) == expected


def test_every_gap_must_be_short_enough_by_itself():
    rows = [
        *REHIRED,
        a_row(
            "2024-07-01",
            status="terminated",
            hire_date="2024-06-11",
            termination_date="2024-06-30",
            recorded=4,
        ),
        a_row("2024-07-06", hire_date="2024-07-06", recorded=5),
    ]
    both = policy("carry_if_gap_days", carry_gap_days=10)
    last = policy("carry_if_gap_days", carry_gap_days=5)
    assert due("2024-07-10", rows=rows, requirements=both) == "2024-01-31"
    assert due("2024-07-10", rows=rows, requirements=last) == "2024-07-11"


@BASES
def test_a_completion_made_while_away_counts_where_the_gap_is_carried(basis):
    facts = [a_fact("2024-06-05")]
    carried = policy("carry_over", basis=basis)
    row = one("2024-06-20", rows=REHIRED, requirements=carried, facts=facts)
    assert row["status"] == "COMPLIANT"
    reset = policy("reset", basis=basis)
    assert status("2024-06-20", rows=REHIRED, requirements=reset, facts=facts) == (
        "NOT_STARTED"
    )


def test_a_rehire_on_the_next_day_is_no_gap_for_entry_but_a_new_hire_date():
    rows = [
        a_row(termination_date="2024-05-31"),
        a_row("2024-06-01", hire_date="2024-06-01", recorded=2),
    ]
    by_entry, by_hire = policy("reset"), policy("reset", basis="hire")
    assert due("2024-06-20", rows=rows, requirements=by_entry) == "2024-01-31"
    assert due("2024-06-20", rows=rows, requirements=by_hire) == "2024-07-01"


def test_carry_over_into_the_audience_from_outside_of_it_carries_no_entry():
    rows = [
        a_row(org_unit_id="HQ"),
        a_row(
            "2024-06-01",
            org_unit_id="HQ",
            status="terminated",
            termination_date="2024-05-31",
            recorded=2,
        ),
        REHIRED[2],
    ]
    requirement = policy("carry_over", audience=Audience(org_unit=("OPS",)))
    assert due("2024-06-20", rows=rows, requirements=requirement) == "2024-07-11"


def test_before_the_rehire_the_former_employment_stands_as_it_was():
    requirement = policy("reset")
    given = {"rows": REHIRED, "requirements": requirement}
    assert due("2024-05-31", **given) == "2024-01-31"
    assert status("2024-06-01", **given) == "NO ROW"
    assert status("2024-06-10", **given) == "NO ROW"
