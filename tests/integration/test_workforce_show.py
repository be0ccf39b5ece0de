"""``lrs workforce show`` and the history in the lake, against a real MongoDB."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.lake.history import HISTORY
from analytics.lake.lake import LakeConflict
from analytics.lake.pass_tables import PassTables
from analytics.reports.session import moment
from analytics.workforce.history.publishing import publish
from analytics.workforce.history.showing import History
from lrs.services import Services
from tests.conftest import run_lrs
from tests.integration.lakes import deliver

pytestmark = pytest.mark.long

PERSON = {
    "employee_id": "ANN",
    "given_name": "Ann [red]Lee",
    "effective_date": "2026-01-01",
    "hire_date": "2025-07-01",
    "org_unit_id": "NORTH",
    "org_parent_id": "OPS",
    "manager_id": "BOB",
    "email": "ann@example.com",
}
BOB = PERSON | {
    "employee_id": "BOB",
    "given_name": "Bob",
    "email": "bob@example.com",
    "org_unit_id": "OPS",
    "org_parent_id": "ACME",
    "manager_id": "",
}


def show(services: Services, *options: str, check: bool = True) -> Any:
    return run_lrs(services.settings, "workforce", "show", *options, check=check)


def rows(services: Services, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        show(services, *options, "--as-of", "2026-03-01", "--format", "json").stdout
    )
    return found


@pytest.fixture
def corrected(services: Services, tmp_path: Path) -> str:
    """ANN in NORTH; later known: in SOUTH since March. Returns a time between."""
    first = deliver(services, tmp_path, [PERSON, BOB])
    moved = {"org_unit_id": "SOUTH", "org_parent_id": "OPS"}
    deliver(services, tmp_path, [PERSON | moved | {"effective_date": "2026-03-01"}])
    return moment(first.recorded).isoformat()


def test_who_was_in_a_unit_on_a_day_as_known_then_and_as_known_now(
    services: Services, corrected: str
) -> None:
    assert [row["employee_id"] for row in rows(services, "--unit", "NORTH")] == []
    (ann,) = rows(services, "--unit", "NORTH", "--known-at", corrected)
    assert ann["employee_id"] == "ANN"
    assert ann["unit_since"] == "2026-01-01"
    assert (ann["hire_date"], ann["tenure_days"]) == ("2025-07-01", 243)
    assert (ann["manager_id"], ann["manager_name"]) == ("BOB", "Bob")
    (ann,) = rows(services, "--unit", "SOUTH")
    assert ann["unit_since"] == "2026-03-01"


def test_the_units_below_are_in_it_unless_only_it_is_asked_for(
    services: Services, corrected: str
) -> None:
    people = [row["employee_id"] for row in rows(services, "--unit", "ACME")]
    assert people == ["BOB", "ANN"]
    only = rows(services, "--unit", "OPS", "--only")
    assert [row["employee_id"] for row in only] == ["BOB"]
    assert len(rows(services)) == 2


@pytest.mark.parametrize("passes", [0, 1])
def test_what_was_just_imported_is_shown_with_and_without_an_enrichment(
    services: Services, tmp_path: Path, corrected: str, passes: int
) -> None:
    for _ in range(passes):
        services.analytics().enrichment.run("default")
    deliver(services, tmp_path, [BOB | {"employee_id": "CAT", "email": ""}])
    assert {row["employee_id"] for row in rows(services)} == {"ANN", "BOB", "CAT"}


@pytest.mark.parametrize("passes", [0, 1])
def test_a_persons_whole_history_as_known_then(
    services: Services, tmp_path: Path, corrected: str, passes: int
) -> None:
    given = {"email": "Ann@Example.com", "effective_date": "2026-04-01"}
    deliver(services, tmp_path, [BOB | given])
    for _ in range(passes):
        services.analytics().enrichment.run("default")
    told = json.loads(show(services, "--person", "ANN", "--format", "json").stdout)
    assert [row["org_unit_id"] for row in told["assignments"]] == ["NORTH", "SOUTH"]
    assert [row["hire_date"] for row in told["employment_spells"]] == ["2025-07-01"]
    assert [row["manager_id"] for row in told["manager_edges"]] == ["BOB"]
    held = {row["identifier"]: row["valid_to"] for row in told["person_identifiers"]}
    assert held["mbox mailto:ann@example.com"] == "2026-04-01"
    before = json.loads(
        show(
            services, "--person", "ANN", "--known-at", corrected, "--format", "json"
        ).stdout
    )
    assert [row["org_unit_id"] for row in before["assignments"]] == ["NORTH"]


@pytest.mark.parametrize("passes", [0, 1])
def test_who_leaves_later_is_not_terminated_on_the_day(
    services: Services, tmp_path: Path, passes: int
) -> None:
    leaver = PERSON | {"status": "terminated", "termination_date": "2026-03-02"}
    deliver(services, tmp_path, [leaver, BOB])
    for _ in range(passes):
        services.analytics().enrichment.run("default")
    (ann,) = rows(services, "--unit", "NORTH")
    assert (ann["employee_id"], ann["status"]) == ("ANN", "active")
    told = json.loads(show(services, "--person", "ANN", "--format", "json").stdout)
    assert [row["status"] for row in told["assignments"]] == ["active"]
    after = show(services, "--as-of", "2026-03-03", "--format", "json").stdout
    assert [row["employee_id"] for row in json.loads(after)] == ["BOB"]


def test_table_and_csv_say_the_same(services: Services, corrected: str) -> None:
    table = show(services, "--as-of", "2026-03-01").stdout
    assert "Ann [red]Lee" in table
    text = show(services, "--as-of", "2026-03-01", "--format", "csv").stdout
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["unit_id"] for line in lines] == ["OPS", "SOUTH"]
    person = show(services, "--person", "ANN").stdout
    assert "assignments: 2" in person
    # A moment is told whole: as --known-at it knows of the row that it was copied from.
    moments = re.findall(r"[0-9-]{10}T[0-9:.]+Z", person)
    newest = show(services, "--person", "ANN", "--known-at", max(moments)).stdout
    assert newest == person
    assert "leave_spells: none" in person
    text = show(services, "--person", "ANN", "--format", "csv").stdout
    assert {line["table"] for line in csv.DictReader(io.StringIO(text))} >= {
        *("employment_spells", "assignments", "manager_edges")
    }


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--unit", "NOWHERE"), 1, "There is no such unit, as known now."),
        (
            ("--unit", "NOWHERE", "--known-at", "2001-11-22"),
            *(1, "There is no such unit, as known at 2001-11-22T00:00:00Z."),
        ),
        (("--person", "NOBODY"), 1, "There is nobody of this employee_id"),
        (("--known-at", "2099-01-01T00:00:00Z"), 1, "lies in the future"),
        (("--as-of", "0001-01-01"), 1, "as_of lies between"),
        (("--as-of", "yesterday"), 2, "a day looks like"),
        (("--person", "ANN", "--unit", "OPS"), 2, "without --unit"),
        (("--person", "ANN", "--only"), 2, "without --unit and --only"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(
    services: Services, corrected: str, options: tuple[str, ...], status: int, said: str
) -> None:
    done = show(services, *options, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert said in done.stderr


def test_the_history_is_published_once_for_each_change_of_the_workforce(
    services: Services, tmp_path: Path, corrected: str
) -> None:
    lake = services.analytics().lake
    services.analytics().enrichment.run("default")
    assert publish(PassTables(lake, "default")) == {}
    published = publish(PassTables(lake, "default"), anew=True)
    assert set(published) == set(HISTORY)
    assert published["assignments"] == 4
    assert publish(PassTables(lake, "default")) == {}
    positions = {lake.position("default", name) for name in (*HISTORY, "workforce")}
    assert len(positions) == 1
    services.analytics().enrichment.run("default")
    assert publish(PassTables(lake, "default")) == {}
    deliver(services, tmp_path, [BOB | {"employee_id": "CAT", "email": ""}])
    services.analytics().enrichment.run("default")
    opened = lake.open("default", "assignments")
    assert opened is not None
    assert opened.to_pyarrow_table().num_rows == 5


def test_a_pass_that_lost_its_lease_publishes_nothing(
    services: Services, corrected: str
) -> None:
    class Lost:
        def is_set(self) -> bool:
            return True

    lake = services.analytics().lake
    services.analytics().enrichment.run("default")
    before = lake.position("default", "assignments")
    with pytest.raises(LakeConflict):
        publish(PassTables(lake, "default"), anew=True, lost=Lost())
    assert lake.position("default", "assignments") == before


def test_reading_what_is_not_enriched_yet_is_told_as_it_goes_on(
    services: Services, corrected: str
) -> None:
    parts = services.analytics()
    history = History(parts.ledger, parts.lake, parts.decisions)
    told: list[int] = []
    before = history.roster("default", as_of=date(2026, 3, 1), advance=told.append)
    assert sum(told) == history.unread("default") == 3
    parts.enrichment.run("default")
    assert history.unread("default") == 0
    after = history.roster("default", as_of=date(2026, 3, 1), advance=told.append)
    assert sum(told) == 3
    assert after.equals(before)


def test_an_open_end_stands_in_9999(services: Services, corrected: str) -> None:
    lake = services.analytics().lake
    services.analytics().enrichment.run("default")
    publish(PassTables(lake, "default"))
    opened = lake.open("default", "employment_spells")
    assert opened is not None
    ends = {row["recorded_to"] for row in opened.to_pyarrow_table().to_pylist()}
    assert ends == {datetime(9999, 12, 31, tzinfo=UTC)}


def test_the_help_says_what_a_day_alone_means(services: Services) -> None:
    text = " ".join(show(services, "--help").stdout.split())
    assert "a day alone means its beginning in UTC" in text
