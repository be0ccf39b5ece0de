"""The enrichment over a small company: exactly once, in any order, as known then."""

from __future__ import annotations

import csv
import gzip
import json
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.lake.lake import Lake, LakeConflict
from analytics.sample import SampleFiles, generate
from analytics.workforce.engine.importing import import_file
from lrs.services import Services
from tests.builders import a_statement, a_void
from tests.integration.lakes import (
    content,
    deliver,
    enrichment,
    facts,
    rebuilt,
    record,
    versions,
)

pytestmark = pytest.mark.long

END = date(2026, 11, 20)
MINE = "ann@example.com"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    folder = tmp_path_factory.mktemp("company")
    return generate(folder, end=END, people=60, statements=1500)


@pytest.fixture(scope="module")
def statements(company: SampleFiles) -> list[dict[str, Any]]:
    """Return the company's Statements without those sent again."""
    with gzip.open(company.statements) as file:
        sent = [json.loads(line) for line in file]
    return list({item["id"]: item for item in sent}.values())


@pytest.fixture
def lake(services: Services) -> Lake:
    return services.analytics().lake


def a_row(employee: str = "ann", **given: str) -> dict[str, str]:
    return {
        "employee_id": employee,
        "effective_date": "2025-01-01",
        "hire_date": "2025-01-01",
        "org_unit_id": "OLD",
        "email": f"{employee}@example.com",
        **given,
    }


def import_company(services: Services, company: SampleFiles, tenant: str) -> None:
    ledger = services.analytics().ledger
    for kind in ("workforce", "kpi"):
        import_file(ledger, tenant, kind, getattr(company, kind))


def report(services: Services, tenant: str) -> list[Any]:
    reports = services.analytics().reports
    rows: list[Any] = []
    for name in ("compliance_status", "unresolved_actors", "evidence"):
        rows += reports.run(name, tenant, as_of=date(2026, 11, 1)).rows
    # When things were recorded differs, and with it the text that is stored.
    return [
        {
            key: value
            for key, value in row.items()
            if key not in ("stored", "sha256") and not key.endswith("recorded_at")
        }
        for row in rows
    ]


def test_a_company_twice_and_made_anew(
    services: Services,
    lake: Lake,
    company: SampleFiles,
    statements: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    import_company(services, company, "default")
    record(services, "default", statements)
    passed = enrichment(services, lake, chunk=400, batch=400)
    first = passed.run("default")
    assert first.rows["facts"] == len(statements)
    for table in ("voids", "actors", "workforce", "people", "kpi"):
        assert first.rows[table] > 0
    before, stood = content(lake), versions(lake)
    second = passed.run("default")
    assert not any(second.rows.values())
    assert versions(lake) == stood
    assert content(lake) == before
    assert rebuilt(services, tmp_path / "other") == before
    passed.rebuild("default")
    assert content(lake) == before
    assert not any(passed.run("default").rows.values())
    assert content(lake) == before


def test_the_order_of_hr_and_statements_does_not_matter(
    services: Services,
    lake: Lake,
    company: SampleFiles,
    statements: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    statements = statements[:700]
    half = len(statements) // 2
    for tenant in ("before", "after", "between"):
        parts: list[Any] = [statements[:half], statements[half:]]
        parts.insert(("before", "between", "after").index(tenant), None)
        for part in parts:
            if part is None:
                import_company(services, company, tenant)
            else:
                record(services, tenant, part)
            # A pass after each, so that the late HR rows meet facts that stand.
            enrichment(services, lake, chunk=300, batch=300).run(tenant)
        assert content(lake, tenant) == rebuilt(services, tmp_path / tenant, tenant)
    expected = report(services, "before")
    assert len(expected) > 300
    for tenant in ("after", "between"):
        assert report(services, tenant) == expected
    assert len(content(lake, "after")["facts"]) > len(content(lake, "before")["facts"])


def test_hr_delivered_in_pieces_and_corrected_equals_a_rebuild(
    services: Services,
    lake: Lake,
    company: SampleFiles,
    statements: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    with company.workforce.open(newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [row | {"org_unit_id": "WRONG", "email": ""} for row in rows[::5]]
    pieces = [rows[::2], wrong, rows]
    some = len(statements) // len(pieces)
    passed = enrichment(services, lake, chunk=200, batch=100)
    for at, piece in enumerate(pieces):
        deliver(services, tmp_path, piece)
        record(services, "default", statements[at * some : (at + 1) * some])
        passed.run("default")
    assert content(lake) == rebuilt(services, tmp_path / "other")


def test_a_late_correction_supersedes_and_known_at_sees_the_former_state(
    services: Services, lake: Lake, tmp_path: Path
) -> None:
    deliver(services, tmp_path, [a_row()])
    course = "https://courses.example.com/code-of-conduct"
    moment = "2025-02-01T12:00:00Z"
    done = a_statement(activity=course, timestamp=moment)
    record(services, "default", [done])
    passed = enrichment(services, lake)
    known = passed.run("default").through
    correction = deliver(services, tmp_path, [a_row(org_unit_id="NEW")])
    assert passed.run("default").rows["facts"] == 1
    first, second = facts(lake, done["id"])
    assert (first["org_unit_id"], second["org_unit_id"]) == ("OLD", "NEW")
    recorded = datetime.fromtimestamp(correction.recorded / 1_000_000, UTC)
    assert abs((second["recorded_at"] - recorded).total_seconds()) < 1e-5
    assert first["recorded_at"] == first["stored"]
    reports = services.analytics().reports
    then = datetime.fromtimestamp(known / 1_000_000, UTC)

    def unit(**given: Any) -> set[str]:
        found = reports.run("evidence", "default", as_of=date(2025, 3, 1), **given)
        return {row["unit_id"] for row in found.rows}

    assert unit() == {"NEW"}
    assert unit(known_at=then) == {"OLD"}


def test_hr_rows_that_change_no_fact_are_joined_once(
    services: Services, lake: Lake, tmp_path: Path
) -> None:
    deliver(services, tmp_path, [a_row()])
    record(services, "default", [a_statement()])
    passed = enrichment(services, lake)
    passed.run("default")
    deliver(services, tmp_path, [a_row("new"), a_row(given_name="Ann")])
    through = passed.run("default").through
    assert lake.position("default", "facts") == through
    stood = versions(lake)
    passed.run("default")
    assert versions(lake) == stood
    assert content(lake) == rebuilt(services, tmp_path / "other")


def test_voids_before_and_after_their_targets(
    services: Services, lake: Lake, tmp_path: Path
) -> None:
    early, late = a_statement(), a_statement()
    passed = enrichment(services, lake)
    for batch in ([a_void(early["id"])], [early, late], [a_void(late["id"])]):
        record(services, "default", batch)
        passed.run("default")
    rows = content(lake)
    assert len(rows["voids"]) == 2
    for target in (early, late):
        assert sum(target["id"] in row for row in rows["voids"]) == 1
    assert len(rows["facts"]) == 4
    assert rows == rebuilt(services, tmp_path / "other")


def test_an_address_handed_over_belongs_to_the_other_from_midnight_at_their_place(
    services: Services, lake: Lake, tmp_path: Path
) -> None:
    zone = {"location_id": "NYC", "location_time_zone": "America/New_York"}
    desk = {"identities": "mailto:desk@example.com", **zone}
    june = {"effective_date": "2025-06-01", "org_unit_id": "NEW"}
    deliver(services, tmp_path, [a_row(**desk), a_row("bob", **desk, **june)])
    moments = {
        "2025-05-31T23:59:59-04:00": ("ann", "OLD", date(2025, 5, 31)),
        "2025-06-01T00:00:00-04:00": ("bob", "NEW", date(2025, 6, 1)),
        "2025-06-01T03:59:59.999999Z": ("ann", "OLD", date(2025, 5, 31)),
        "2025-06-01T04:00:00Z": ("bob", "NEW", date(2025, 6, 1)),
    }
    sent = [
        a_statement(actor="desk@example.com", timestamp=moment) for moment in moments
    ]
    record(services, "default", sent)
    enrichment(services, lake).run("default")
    for statement, expected in zip(sent, moments.values(), strict=True):
        (row,) = facts(lake, statement["id"])
        assert (row["person_id"], row["org_unit_id"], row["local_date"]) == expected


def test_the_size_of_a_chunk_changes_nothing(
    services: Services, tmp_path: Path
) -> None:
    """Statements, voids, late and corrected HR rows; two with one stored time."""
    sent = []
    for turn in range(3):
        part = [a_statement(actor=who) for who in (MINE, "bob@example.com", "x@y.org")]
        part.append(a_void(part[0]["id"], actor="clerk@example.com"))
        record(services, "default", part)
        sent += part
        unit = {"org_unit_id": f"U{turn}"}
        deliver(services, tmp_path, [a_row(**unit), a_row("bob", **unit)])
    both = [row["_id"] for row in services.database["statements"].find().limit(2)]
    same = services.database["statements"].find_one({"_id": both[0]}) or {}
    services.database["statements"].update_one(
        {"_id": both[1]}, {"$set": {"stored": same["stored"]}}
    )
    expected = rebuilt(services, tmp_path / "anew")
    assert len(expected["facts"]) > len(sent)
    for size, batch in ((1, 1), (2, 2), (3, 1), (5, 5), (len(sent), 1)):
        lake = Lake(str(tmp_path / f"{size}-{batch}"))
        enrichment(services, lake, chunk=size, batch=batch).run("default")
        assert content(lake) == expected, (size, batch)


def test_two_passes_at_once_write_nothing_twice(
    services: Services, lake: Lake, tmp_path: Path
) -> None:
    """Without the lease, which would let only one begin; the first makes the tables."""
    outcomes: list[str] = []
    for _ in range(6):
        record(services, "default", [a_statement() for _ in range(5)])
        deliver(services, tmp_path, [a_row(given_name=f"Ann {len(outcomes)}")])
        both = threading.Barrier(2)

        def run(both: threading.Barrier = both) -> None:
            passed = enrichment(services, lake)
            both.wait()
            try:
                passed.run("default")
                outcomes.append("done")
            except LakeConflict:
                outcomes.append("conflict")

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(outcomes) == 12
    assert "conflict" in outcomes
    enrichment(services, lake).run("default")
    assert content(lake) == rebuilt(services, tmp_path / "other")


def test_the_employment_status_is_that_of_the_day(
    services: Services, lake: Lake, tmp_path: Path
) -> None:
    ends = {"termination_date": "2025-06-30"}
    people = [
        a_row("ann", status="terminated", **ends),
        a_row("bob", **ends),
        a_row("cid", status="leave"),
    ]
    deliver(services, tmp_path, people)
    days = ("2025-06-30T12:00:00Z", "2025-07-01T12:00:00Z")
    sent = [
        a_statement(actor=f"{person['employee_id']}@example.com", timestamp=day)
        for person in people
        for day in days
    ]
    record(services, "default", sent)
    enrichment(services, lake).run("default")
    said = [facts(lake, one["id"])[-1]["employment_status"] for one in sent]
    assert said == ["active", "terminated", "active", "terminated", "leave", "leave"]
