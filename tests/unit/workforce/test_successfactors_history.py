"""SuccessFactors' rows as a history: the rules that bite, by name."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.workforce.connectors.odata2 import any_of, day_of
from analytics.workforce.connectors.successfactors_history import (
    Employment,
    Lookups,
    Person,
    Rules,
    history_of,
)

Row = dict[str, Any]
DAY = "2024-01-01"
RULES = Rules(
    ended=("T", "R", "O"),
    classes=("ST", "GA"),
    latest=False,
    no_manager=("NO_MANAGER",),
    joins={"department": "FODepartment"},
)
UNITS = {
    "OPS": [
        {"startDate": DAY, "name": "Operations"},
        {"startDate": "2024-09-01", "name": "Ops"},
    ]
}
LOOKUPS = Lookups({"u2": "P2"}.get, lambda _, code: UNITS.get(code, []))


def job(since: str = DAY, status: str = "A", **changed: Any) -> Row:
    row = {"startDate": since, "emplStatus": status, "seqNumber": "1"}
    return row | {"department": "OPS", "managerId": "u2"} | changed


def works(
    *jobs: Row, user: str = "u1", since: str = DAY, end: str | None = None, **more: Any
) -> Employment:
    row = {"userId": user, "startDate": since, "endDate": end, **more}
    return Employment(row, list(jobs))


def told(*employments: Employment, rules: Rules = RULES, **more: Any) -> list[Row]:
    person = Person("P1", list(employments), {}, more.get("names", []), [])
    return list(history_of(person, rules, LOOKUPS))


def stays(rows: list[Row]) -> list[tuple[str, str, str | None]]:
    return [(row["date"], row["hireDate"], row["terminationDate"]) for row in rows]


def test_each_day_of_a_change_has_a_row_also_of_a_department_or_a_name() -> None:
    names = [{"startDate": DAY, "lastName": "A"}]
    names += [{"startDate": "2024-06-01", "lastName": "B"}]
    rows = told(works(job(), job("2024-03-01", fte="0.5")), names=names)
    assert [row["date"] for row in rows] == [
        *(DAY, "2024-03-01", "2024-06-01", "2024-09-01"),
    ]
    assert [row["FODepartment"]["name"] for row in rows[2:]] == ["Operations", "Ops"]
    assert [row["PerPersonal"]["lastName"] for row in rows] == ["A", "A", "B", "B"]


def test_of_one_day_the_greatest_sequence_number_holds_as_a_number() -> None:
    jobs = [job(seqNumber=number, jobCode=number) for number in ("10", "9", "2")]
    [row, _] = told(works(*jobs))
    assert row["EmpJob"]["jobCode"] == "10"


def test_an_end_is_the_day_before_its_job_or_that_of_the_employment() -> None:
    ended = job("2024-07-01", "T")
    assert stays(told(works(job(), ended))) == [(DAY, DAY, "2024-06-30")]
    rows = told(works(job(), ended, end="2024-07-01"))  # written on the last day
    assert stays(rows) == [(DAY, DAY, "2024-07-01")]


def test_a_rehire_under_the_same_user_is_another_stay() -> None:
    rows = told(works(job(), job("2024-07-01", "T"), job("2025-01-01")))
    assert stays(rows) == [
        (DAY, DAY, "2024-06-30"),
        ("2025-01-01", "2025-01-01", None),
    ]
    assert {row["originalHireDate"] for row in rows} == {DAY}


def test_an_end_and_a_rehire_of_one_day_are_both_known() -> None:
    back = job("2024-07-01", seqNumber="2", department="LAB")
    rows = told(works(job(), job("2024-07-01", "T"), back))
    assert stays(rows) == [(DAY, DAY, "2024-06-30"), ("2024-07-01", "2024-07-01", None)]
    assert rows[1]["EmpJob"]["department"] == "LAB"


def test_employments_at_once_are_one_stay_in_which_the_main_one_decides() -> None:
    home = works(job(department="HOME"), end="2024-12-31")
    abroad = works(
        job("2024-03-01", department="FAR"),
        user="a1",
        since="2024-03-01",
        assignmentClass="GA",
    )
    rows = told(abroad, home)
    assert [(row["date"], row["EmpJob"]["department"]) for row in rows] == [
        (DAY, "HOME"),
        ("2025-01-01", "FAR"),
    ]
    assert {row["hireDate"] for row in rows} == {DAY}
    assert {row["terminationDate"] for row in rows} == {None}


def test_of_one_class_the_first_decides_or_the_latest() -> None:
    def both() -> list[Employment]:
        second = works(job("2024-03-01", jobCode="2"), user="u9", since="2024-03-01")
        return [works(job(jobCode="1")), second]

    rows = told(*both())
    assert [row["EmpJob"]["jobCode"] for row in rows] == ["1", "1"]
    rules = Rules(("T",), ("ST",), True, (), {})
    rows = told(*both(), rules=rules)
    assert [row["EmpJob"]["jobCode"] for row in rows] == ["1", "2"]


def test_matrix_managers_are_listed_by_person_and_make_no_row() -> None:
    one = works(job())
    one.relations = [
        {"startDate": DAY, "relUserId": user, "relationshipType": kind}
        for user, kind in (("u2", "b"), ("u3", "a"))
    ]
    rows = told(one)
    assert [row["date"] for row in rows] == [DAY, "2024-09-01"]
    assert [found["personId"] for found in rows[0]["EmpJobRelationships"]] == [
        *(None, "P2"),
    ]


@pytest.mark.parametrize("user", [None, "", "NO_MANAGER", "nobody"])
def test_no_manager_is_none(user: str | None) -> None:
    [row, _] = told(works(job(managerId=user)))
    assert row["managerPersonId"] is None


def test_of_whom_only_the_end_is_known_it_stands_for_the_job() -> None:
    [row] = told(works(job("2024-07-01", "T"), end="2024-06-30"))
    assert stays([row]) == [(DAY, DAY, "2024-06-30")]
    assert row["EmpJob"]["emplStatus"] == "T"


def test_a_job_that_begins_later_than_the_employment_stands_for_its_beginning() -> None:
    [row, _] = told(works(job("2024-02-01")))
    assert (row["date"], row["EmpJob"]["department"]) == (DAY, "OPS")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("/Date(1704067200000)/", DAY),
        ("/Date(1704067200000+0000)/", DAY),
        ("/Date(-86400000)/", "1969-12-31"),
        ("2024-01-01T00:00:00", DAY),
        ("/Date(253402214400000)/", None),  # the end of time
        ("/Date(999999999999999)/", None),
        ("2024-13-01", None),
        ("soon", None),
        (None, None),
    ],
)
def test_days_of_odata(written: str | None, day: str | None) -> None:
    assert day_of({"at": written}, "at") == day


def test_a_filter_holds_whatever_a_key_holds() -> None:
    assert any_of("userId", ["a", "O'Neil"]) == "userId eq 'a' or userId eq 'O''Neil'"
