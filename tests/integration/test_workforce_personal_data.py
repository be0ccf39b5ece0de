"""Names and addresses stand apart from history, on a real MongoDB."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.engine.importing import import_file
from analytics.workforce.ledger import Ledger
from analytics.workforce.personal import part_rows
from lrs.errors import BadRequest
from lrs.services import Services

HEADER = ("employee_id", "effective_date", "hire_date", "org_unit_id")
PERSONAL = ("given_name", "family_name", "email", "identities")
TOLD = ("Ada", "Lovelace", "Ada.L@example.com", "account:https://hr.example.com|7")


@pytest.fixture
def ledger(services: Services) -> Ledger:
    return services.analytics().ledger


def write(path: Path, *rows: tuple[str, ...], end: str = "") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([(*HEADER, *PERSONAL), *rows])
        file.write(end)
    return path


def a_row(day: str, *told: str) -> tuple[str, ...]:
    return ("E1", day, "2024-01-01", "OPS", *(told or TOLD))


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    return [row for batch in ledger.rows("default", "workforce") for row in batch]


def test_a_row_has_no_name_and_comes_out_with_it(
    services: Services, ledger: Ledger, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", a_row("2024-01-01"), a_row("2025-01-01"))
    import_file(ledger, "default", "workforce", path)
    stored = list(services.database["ledger_rows"].find())
    assert len(stored) == 2
    for item in stored:
        assert not set(PERSONAL) & set(item["values"])
        assert "Ada" not in str(item)
    (person,) = services.database["ledger_people"].find()
    assert person["values"]["given_name"] == "Ada"
    assert [row["email"] for row in rows(ledger)] == ["Ada.L@example.com"] * 2
    assert rows(ledger)[0]["identities"] == ["account https://hr.example.com 7"]


def test_each_state_of_a_person_is_kept_once(
    services: Services, ledger: Ledger, tmp_path: Path
) -> None:
    other = ("Ada", "King", "", "")
    days = ("2024-01-01", "2025-01-01", "2026-01-01")
    states = (TOLD, other, TOLD)
    given = [a_row(day, *told) for day, told in zip(days, states, strict=True)]
    import_file(ledger, "default", "workforce", write(tmp_path / "a.csv", *given))
    assert services.database["ledger_people"].count_documents({}) == 2
    names = [row["family_name"] for row in rows(ledger)]
    assert names == ["Lovelace", "King", "Lovelace"]


def test_what_a_broken_delivery_said_of_a_person_is_not_kept(
    services: Services, ledger: Ledger, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", a_row("2024-01-01"), end='E2,"')
    with pytest.raises(BadRequest):
        import_file(ledger, "default", "workforce", path)
    assert services.database["ledger_people"].count_documents({}) == 0
    path = write(tmp_path / "a.csv", a_row("2024-01-01"))
    assert import_file(ledger, "default", "workforce", path).added == 1
    assert rows(ledger)[0]["given_name"] == "Ada"


def test_rows_of_an_older_release_are_taken_apart(
    services: Services, ledger: Ledger, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", a_row("2024-01-01"), a_row("2025-01-01", *TOLD))
    import_file(ledger, "default", "workforce", path)
    before = rows(ledger)
    people = services.database["ledger_people"]
    (person,) = people.find()
    people.delete_many({})
    older = {f"values.{name}": value for name, value in person["values"].items()}
    services.database["ledger_rows"].update_many(
        {}, {"$set": older, "$unset": {"who": ""}}
    )
    assert rows(ledger) == before
    for _ in range(2):
        part_rows(services.database)
        assert rows(ledger) == before
        assert people.count_documents({}) == 1
    assert "Ada" not in str(list(services.database["ledger_rows"].find()))
    assert import_file(ledger, "default", "workforce", path).unchanged == 2
