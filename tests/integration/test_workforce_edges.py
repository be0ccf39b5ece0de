"""The edges of workforce data, each by its name, through the whole engine.

One company in which everybody is an edge: delivered once, enriched once, then asked.
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pymongo import MongoClient

from analytics.services import Analytics
from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.history.showing import History
from analytics.workforce.mapping import load_mapping
from config import settings as configuration
from lrs.services import Services, opened
from tests.builders import a_statement
from tests.integration.lakes import facts, record

ROW = {
    "effective_date": "2026-01-01",
    "hire_date": "2026-01-01",
    "org_unit_id": "NORTH",
    "org_parent_id": "ACME",
}
RESCINDED = """[fields]
gone = "rescinded"
"""
REHIRED = {"effective_date": "2026-05-01", "hire_date": "2026-05-01"}
SHIFTED = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()


def a_row(person: str, **given: str) -> dict[str, str]:
    return {"employee_id": person, "email": f"{person}@e.example".lower()} | ROW | given


COMPANY = [
    # Managers in a circle, and one whom nobody has heard of.
    a_row("CIRCLE-A", manager_id="CIRCLE-B"),
    a_row("CIRCLE-B", manager_id="CIRCLE-A"),
    a_row("BELOW", manager_id="CIRCLE-A"),
    a_row("ORPHAN", manager_id="NOBODY", org_unit_id="ISLAND", org_parent_id="LOST"),
    # Two units, each below the other from the same day on: none of them is.
    a_row("UNIT-A", org_unit_id="A", org_parent_id="B"),
    a_row("UNIT-B", org_unit_id="B", org_parent_id="A"),
    a_row("SAME-TWICE"),
    a_row("SAME-TWICE"),
    a_row("CONTRADICTED", org_unit_id="SOUTH"),
    a_row("CONTRADICTED", org_unit_id="NORTH"),
    a_row("TO-COME", effective_date=SHIFTED, hire_date=SHIFTED),
    a_row("TO-MOVE"),
    a_row("TO-MOVE", effective_date=SHIFTED, org_unit_id="SOUTH"),
    a_row("REHIRED", termination_date="2026-02-28"),
    a_row("REHIRED", **REHIRED, org_unit_id="SOUTH"),
    a_row("HIRED-AND-LEFT", termination_date="2026-01-01"),
    a_row("ON-LEAVE"),
    a_row("ON-LEAVE", effective_date="2026-03-01", status="leave"),
    a_row("ON-LEAVE", effective_date="2026-04-01"),
    a_row("NEW-YORK", location_time_zone="America/New_York"),
    a_row(
        "NEW-YORK",
        effective_date="2026-06-01",
        org_unit_id="SOUTH",
        location_time_zone="America/New_York",
    ),
]


class Company(NamedTuple):
    services: Services
    result: ImportResult
    deliver: Callable[[list[dict[str, str]]], ImportResult]
    statements: dict[str, str]  # by the moment at which NEW-YORK completed something

    @property
    def history(self) -> History:
        analytics = self.services.analytics()
        return History(analytics.ledger, analytics.lake)

    def people(self, day: str, unit: str | None = None) -> set[str]:
        told = self.history.roster("default", as_of=date.fromisoformat(day), unit=unit)
        return set(told["employee_id"].to_pylist())

    def of(self, person: str, table: str) -> list[dict[str, Any]]:
        return self.history.person("default", person)[table]


@pytest.fixture(scope="module")
def company(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("edges")
    settings = configuration.load(
        {
            "LRS_MONGODB_URI": mongodb_uri,
            "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
            "LRS_DATA_DIR": str(folder / "data"),
            "LRS_SECRET_KEY": "a key for tests",
        }
    )
    canonical = Path(str(files("config") / "hris" / "canonical.toml")).read_text()
    (folder / "edges.toml").write_text(canonical.replace("[fields]", RESCINDED))
    mapping = load_mapping(folder / "edges.toml")
    with opened(settings) as services:

        def deliver(rows: list[dict[str, str]]) -> ImportResult:
            path = folder / f"{uuid.uuid4()}.csv"
            columns = list(dict.fromkeys(name for row in rows for name in row))
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)
            ledger = services.analytics().ledger
            return import_file(ledger, "default", "workforce", path, mapping)

        sent = {}
        for moment in ("2026-06-01T03:59:59.999999Z", "2026-06-01T04:00:00Z"):
            done = a_statement(timestamp=moment, id=str(uuid.uuid4()))
            done["actor"] = {"mbox": "mailto:new-york@e.example"}
            record(services, "default", [done])
            sent[moment] = done["id"]
        yield Company(services, deliver(COMPANY), deliver, sent)
    with MongoClient[Any](mongodb_uri) as client:
        client.drop_database(settings.database)


@pytest.fixture(scope="module")
def enriched(company: Company) -> Analytics:
    analytics = company.services.analytics()
    analytics.enrichment.run("default")
    return analytics


def test_what_is_wrong_is_set_aside_and_holds_nobody_else_up(company: Company) -> None:
    reasons = {
        (problem.line, problem.reason.split(" ")[0])
        for problem in company.result.quarantined
    }
    assert reasons == {
        (2, "closes"),
        (3, "closes"),
        (6, "puts"),
        (7, "puts"),
        (10, "contradicts"),
        (11, "contradicts"),
    }
    assert company.result.added == len(COMPANY) - 3


def test_who_stands_in_a_circle_of_managers_stays_without_one(
    company: Company, enriched: Analytics
) -> None:
    assert {"CIRCLE-A", "CIRCLE-B", "BELOW"} <= company.people("2026-03-01")
    published = enriched.lake.open("default", "manager_edges")
    assert published
    told = {
        row["employee_id"]: row["in_circle"]
        for row in published.to_pyarrow_table().to_pylist()
    }
    assert told == {"BELOW": False, "ORPHAN": False}
    assert company.result.links_set_aside == 4


def test_people_of_units_in_a_circle_stay_and_the_units_stand_apart(
    company: Company,
) -> None:
    assert company.people("2026-03-01", "A") == {"UNIT-A"}
    assert company.people("2026-03-01", "B") == {"UNIT-B"}


def test_an_orphan_stands_in_its_unit_under_a_manager_nobody_knows(
    company: Company,
) -> None:
    assert company.people("2026-03-01", "LOST") == {"ORPHAN"}
    (edge,) = company.of("ORPHAN", "manager_edges")
    assert edge["manager_id"] == "NOBODY"


def test_a_duplicate_counts_once_and_a_contradiction_not_at_all(
    company: Company,
) -> None:
    assert len(company.of("SAME-TWICE", "assignments")) == 1
    assert "CONTRADICTED" not in company.people("2026-03-01")


def test_a_future_hire_and_a_future_move_hold_from_their_day_on(
    company: Company,
) -> None:
    before = (date.fromisoformat(SHIFTED) - timedelta(days=1)).isoformat()
    assert "TO-COME" not in company.people(before)
    assert "TO-COME" in company.people(SHIFTED)
    assert "TO-MOVE" in company.people(before, "NORTH")
    assert "TO-MOVE" in company.people(SHIFTED, "SOUTH")


def test_a_rehire_is_a_second_spell_of_the_same_person(company: Company) -> None:
    spells = company.of("REHIRED", "employment_spells")
    assert [(one["hire_date"], one["termination_date"]) for one in spells] == [
        (date(2026, 1, 1), date(2026, 2, 28)),
        (date(2026, 5, 1), None),
    ]
    for day, there in {
        "2026-02-28": True,
        "2026-03-01": False,
        "2026-04-30": False,
        "2026-05-01": True,
    }.items():
        assert ("REHIRED" in company.people(day)) == there


def test_who_leaves_on_the_day_of_the_hire_was_there_for_that_day(
    company: Company,
) -> None:
    assert "HIRED-AND-LEFT" in company.people("2026-01-01")
    assert "HIRED-AND-LEFT" not in company.people("2026-01-02")


def test_leave_ends_on_the_day_of_the_return(company: Company) -> None:
    (leave,) = company.of("ON-LEAVE", "leave_spells")
    assert leave["valid_from"] == date(2026, 3, 1)
    assert leave["valid_to"] == date(2026, 4, 1)
    assert "ON-LEAVE" in company.people("2026-03-15")


def test_a_day_begins_when_it_does_where_the_person_is(
    company: Company, enriched: Analytics
) -> None:
    # The first fact of each is of before HR was delivered.
    found = {
        moment: facts(enriched.lake, statement_id)[-1]["org_unit_id"]
        for moment, statement_id in company.statements.items()
    }
    assert found == {
        "2026-06-01T03:59:59.999999Z": "NORTH",
        "2026-06-01T04:00:00Z": "SOUTH",
    }


def test_several_changes_of_one_day_leave_the_last_one_delivered(
    company: Company,
) -> None:
    for unit in ("SOUTH", "EAST"):
        company.deliver([a_row("SAME-DAY", org_unit_id=unit)])
    (now,) = company.of("SAME-DAY", "assignments")
    assert now["org_unit_id"] == "EAST"


def test_a_hire_that_is_rescinded_was_never_there_but_was_known(
    company: Company,
) -> None:
    first = company.deliver([a_row("NEVER-CAME")])
    assert "NEVER-CAME" in company.people("2026-03-01")
    company.deliver([a_row("NEVER-CAME", gone="hire")])
    assert "NEVER-CAME" not in company.people("2026-03-01")
    known_at = datetime.fromtimestamp(first.recorded / 1e6, UTC)
    then = company.history.roster(
        "default", as_of=date(2026, 3, 1), known_at=known_at, unit="NORTH"
    )
    assert "NEVER-CAME" in then["employee_id"].to_pylist()
