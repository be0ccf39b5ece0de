"""BambooHR's tables as a history: the rules that bite, by name."""

from __future__ import annotations

from typing import Any

from analytics.workforce.connectors.bamboohr_history import Rules, history_of

Row = dict[str, Any]
TODAY = "2026-11-22"
ANN = {"id": "7", "hireDate": "2024-01-01", "supervisorEId": "3"}
JOB = {"id": "1", "date": "2024-01-01", "department": "OPS", "reportsTo": "Bea"}
NAMES = {"Bea": "4", "Cat": "5"}


def told(
    employee: Row,
    jobs: list[Row],
    statuses: list[Row],
    rules: Rules | None = None,
    today: str = TODAY,
) -> list[Row]:
    rules = rules or Rules()
    return list(history_of(employee, jobs, statuses, rules, NAMES.get, today))


def status(day: str, name: str = "Full-Time", number: int = 0) -> Row:
    return {"id": str(number), "date": day, "employmentStatus": name}


def spells(rows: list[Row]) -> list[tuple[str, str, str | None]]:
    return [(row["date"], row["hireDate"], row["terminationDate"]) for row in rows]


def test_a_row_stands_for_each_day_on_which_one_of_the_tables_changes() -> None:
    moved = JOB | {"id": "2", "date": "2024-05-01", "department": "LAB"}
    rows = told(
        ANN, [moved, JOB], [status("2024-01-01"), status("2024-03-01", "Leave")]
    )
    assert [(row["date"], row["jobInfo"]["department"]) for row in rows] == [
        ("2024-01-01", "OPS"),
        ("2024-03-01", "OPS"),
        ("2024-05-01", "LAB"),
    ]
    kinds = [row["employmentStatus"]["employmentStatus"] for row in rows]
    assert kinds == ["Full-Time", "Leave", "Leave"]


def test_of_two_rows_of_one_day_the_one_written_last_holds() -> None:
    later = JOB | {"id": "10", "department": "LAB"}
    earlier = JOB | {"id": "9", "department": "OPS"}
    [row] = told(ANN, [later, earlier], [status("2024-01-01")])
    assert row["jobInfo"]["department"] == "LAB"


def test_two_managers_never_make_two_people() -> None:
    other = JOB | {"id": "2", "reportsTo": "Cat"}
    rows = told(ANN, [JOB, other], [status("2024-01-01")])
    assert [(row["id"], row["managerId"]) for row in rows] == [("7", "3")]


def test_who_managed_formerly_is_found_by_name_and_who_does_today_by_id() -> None:
    moved = JOB | {"id": "2", "date": "2024-05-01", "reportsTo": "Cat"}
    coming = JOB | {"id": "3", "date": "2027-01-01", "reportsTo": "Nobody Known"}
    rows = told(ANN, [JOB, moved, coming], [status("2024-01-01")])
    assert [row["managerId"] for row in rows] == ["4", "3", None]
    rows = told(ANN | {"supervisorEId": None}, [JOB, moved], [status("2024-01-01")])
    assert [row["managerId"] for row in rows] == ["4", "5"]


def test_an_end_is_told_by_every_row_of_its_employment() -> None:
    rows = told(ANN, [JOB], [status("2024-01-01"), status("2024-06-30", "Terminated")])
    assert spells(rows) == [("2024-01-01", "2024-01-01", "2024-06-30")]
    rules = Rules(("Left", "Terminated"), day_after=True)
    rows = told(ANN, [JOB], [status("2024-01-01"), status("2024-07-01", "Left")], rules)
    assert spells(rows) == [("2024-01-01", "2024-01-01", "2024-06-30")]


def test_a_rehire_is_another_employment_of_the_same_person() -> None:
    again = ANN | {"hireDate": "2025-03-01", "originalHireDate": "2024-01-01"}
    back = JOB | {"id": "2", "date": "2025-03-01", "department": "LAB"}
    rows = told(
        again,
        [JOB, back],
        [
            status("2024-01-01"),
            status("2024-06-30", "Terminated"),
            status("2025-03-01"),
        ],
    )
    assert spells(rows) == [
        ("2024-01-01", "2024-01-01", "2024-06-30"),
        ("2025-03-01", "2025-03-01", None),
    ]
    assert {row["originalHireDate"] for row in rows} == {"2024-01-01"}
    assert [row["jobInfo"]["department"] for row in rows] == ["OPS", "LAB"]


def test_who_is_back_on_the_day_of_the_end_has_left_on_the_day_before() -> None:
    rows = told(
        ANN | {"hireDate": "2024-06-30"},
        [JOB],
        [
            status("2024-01-01", number=1),
            status("2024-06-30", "Terminated", 2),
            status("2024-06-30", "Part-Time", 3),
        ],
    )
    assert spells(rows) == [
        ("2024-01-01", "2024-01-01", "2024-06-29"),
        ("2024-06-30", "2024-06-30", None),
    ]


def test_an_absence_that_begins_on_the_last_day_stands_beside_the_end() -> None:
    rows = told(
        ANN,
        [JOB],
        [
            status("2024-01-01", number=1),
            status("2024-06-30", "Leave", 2),
            status("2024-06-30", "Terminated", 3),
        ],
    )
    assert rows[-1]["employmentStatus"]["employmentStatus"] == "Leave"
    assert {row["terminationDate"] for row in rows} == {"2024-06-30"}


def test_whoever_has_no_table_has_the_days_of_the_fields() -> None:
    [row] = told(ANN | {"terminationDate": "0000-00-00"}, [], [])
    assert (row["date"], row["terminationDate"], row["jobInfo"]) == (
        *("2024-01-01", None),
        {},
    )
    [row] = told(ANN | {"terminationDate": "2024-02-01"}, [], [])
    assert row["terminationDate"] == "2024-02-01"
    assert told({"id": "7", "hireDate": "0000-00-00"}, [], []) == []


def test_a_table_that_begins_later_than_the_employment_stands_for_its_beginning() -> (
    None
):
    late = JOB | {"date": "2024-02-01"}
    rows = told(ANN, [late], [status("2024-02-01")])
    assert spells(rows)[0] == ("2024-01-01", "2024-01-01", None)
    assert rows[0]["jobInfo"]["department"] == "OPS"
