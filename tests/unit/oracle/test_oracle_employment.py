"""Employed, rows in force, and what was known: who has a row in the report at all."""

from tests.oracle.builders import a_fact, a_row, ask, on, one, status
from tests.oracle.inputs import Void

ACTIVE = a_row()


def gone(effective: str | None, last_day: str | None, **changes):
    return a_row(
        effective,
        status="terminated",
        termination_date=last_day,
        **({"recorded": 2} | changes),
    )


def employed(day: str, *rows) -> bool:
    return bool(ask(day, rows=rows))


def test_the_row_has_the_columns_of_the_report_and_the_day_for_its_rates():
    assert one("2024-01-10") == {
        "person_id": "P1",
        "name": "Ann Lee",
        "unit_id": "OPS",
        "manager_id": "M1",
        "requirement": "FIRE-01",
        "requirement_version": 1,
        "status": "NOT_STARTED",
        "due_date": on("2024-01-31"),
        "completed_at": None,
        "expires_at": None,
        "statement_id": None,
        "first_completed_at": None,
    }


def test_rows_are_sorted_by_person_and_requirement():
    rows = [a_row(employee_id="P2"), a_row(employee_id="P1")]
    assert [row["person_id"] for row in ask("2024-01-10", rows=rows)] == ["P1", "P2"]


def test_employment_begins_on_the_hire_date():
    row = a_row("2023-12-01")  # entered in the HR system before the hire
    assert not employed("2023-12-31", row)
    assert employed("2024-01-01", row)


def test_employment_ends_after_the_termination_date():
    rows = [ACTIVE, gone("2024-06-01", "2024-05-31")]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)


def test_a_terminated_row_effective_before_the_termination_date_ends_nothing_early():
    rows = [ACTIVE, gone("2024-05-01", "2024-05-31")]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)


def test_a_terminated_row_effective_late_still_ends_on_the_termination_date():
    rows = [ACTIVE, gone("2024-06-20", "2024-05-31")]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)
    assert not employed("2024-06-20", *rows)


def test_an_active_row_with_a_termination_date_ends_with_it():
    row = a_row(termination_date="2024-05-31")
    assert employed("2024-05-31", row)
    assert not employed("2024-06-01", row)


def test_a_terminated_row_without_termination_date_ends_the_day_before_it():
    rows = [ACTIVE, gone("2024-06-01", None)]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)


def test_a_hire_that_ends_before_it_begins_never_was():
    row = a_row(termination_date="2023-12-31", status="terminated")
    assert not employed("2024-01-01", row)


def test_a_row_without_effective_date_holds_from_hire_date():
    row = a_row(None)
    assert not employed("2023-12-31", row)
    assert employed("2024-01-01", row)


def test_a_person_without_a_row_in_force_yet_is_in_no_audience():
    row = a_row("2024-03-01")  # hired in January, first known of in March
    assert not employed("2024-02-29", row)
    assert employed("2024-03-01", row)


def test_a_rehire_leaves_a_gap_of_days_without_rows():
    rows = [
        ACTIVE,
        gone("2024-06-01", "2024-05-31"),
        a_row("2024-08-01", hire_date="2024-08-01", recorded=3),
    ]
    assert not employed("2024-07-31", *rows)
    assert employed("2024-08-01", *rows)


def test_a_rehire_counts_from_its_hire_date_though_its_row_comes_later():
    rows = [
        ACTIVE,
        gone("2024-06-01", "2024-05-31"),
        a_row("2024-08-10", hire_date="2024-08-01", recorded=3),
    ]
    assert not employed("2024-07-31", *rows)
    assert employed("2024-08-01", *rows)


def test_a_rehire_entered_early_does_not_cut_the_running_employment():
    rows = [
        gone("2024-01-01", "2024-05-31"),
        a_row("2024-05-20", hire_date="2024-06-10", recorded=3),
    ]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)
    assert employed("2024-06-10", *rows)


def test_who_returns_with_the_same_hire_date_was_away_in_between():
    rows = [ACTIVE, gone("2024-06-05", "2024-05-31"), a_row("2024-08-01", recorded=3)]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)
    assert not employed("2024-07-31", *rows)
    assert employed("2024-08-01", *rows)


def test_a_corrected_hire_date_leaves_no_second_employment_behind():
    rows = [
        ACTIVE,
        a_row("2024-02-01", hire_date="2023-12-01", recorded=2),
        gone("2024-06-01", "2024-05-31", hire_date="2023-12-01", recorded=3),
    ]
    assert employed("2024-05-31", *rows)
    assert not employed("2024-06-01", *rows)


def test_a_row_holds_until_the_next_one():
    rows = [ACTIVE, a_row("2024-02-01", org_unit_id="LAB", manager_id="M2")]
    before, after = one("2024-01-31", rows=rows), one("2024-02-01", rows=rows)
    assert (before["unit_id"], before["manager_id"]) == ("OPS", "M1")
    assert (after["unit_id"], after["manager_id"]) == ("LAB", "M2")


def test_a_later_recorded_row_of_the_same_date_replaces_the_earlier():
    rows = [a_row(family_name="Long", recorded=5), ACTIVE]
    assert one("2024-01-10", rows=rows, known_at=5)["name"] == "Ann Long"
    assert one("2024-01-10", rows=rows, known_at=4)["name"] == "Ann Lee"


def test_a_later_recorded_row_without_effective_date_replaces_the_one_without():
    rows = [a_row(None), a_row(None, hire_date="2024-01-05", recorded=2)]
    assert not employed("2024-01-04", *rows)
    assert employed("2024-01-05", *rows)


def test_a_late_correction_of_an_old_row_does_not_hide_the_newer_one():
    rows = [
        ACTIVE,
        a_row("2024-02-01", org_unit_id="LAB", recorded=2),
        a_row(org_unit_id="HQ", recorded=3),
    ]
    assert one("2024-01-31", rows=rows)["unit_id"] == "HQ"
    assert one("2024-02-01", rows=rows)["unit_id"] == "LAB"


def test_nothing_recorded_after_known_at_is_known():
    rows = [a_row(recorded=7)]
    assert ask("2024-01-10", rows=rows, known_at=6) == []
    assert len(ask("2024-01-10", rows=rows, known_at=7)) == 1


def test_a_statement_is_known_from_its_stored_time_not_its_timestamp():
    facts = [a_fact("2024-01-05", stored=7)]
    assert status("2024-01-10", facts=facts, known_at=6) == "NOT_STARTED"
    assert status("2024-01-10", facts=facts, known_at=7) == "COMPLIANT"


def test_a_void_acts_from_its_recorded_time():
    facts = [a_fact("2024-01-05")]
    voids = [Void(target_id="s1", recorded=7)]
    assert status("2024-01-10", facts=facts, voids=voids, known_at=6) == "COMPLIANT"
    assert status("2024-01-10", facts=facts, voids=voids, known_at=7) == "NOT_STARTED"
