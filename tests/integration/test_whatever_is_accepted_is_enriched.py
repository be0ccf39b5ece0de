"""No Statement or HR row that was accepted can stop the enrichment or a report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.engine.importing import import_file
from lrs.errors import BadRequest
from lrs.services import Services
from tests.builders import a_statement

STRANGE = [
    '{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://v.example/x"},'
    '"object":{"id":"http://o.example/1"},"result":{"extensions":'
    '{"http://e.example/n":1E400}}}',
    '{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://v.example/x"},'
    '"object":{"id":"http://o.example/1"},"timestamp":"0001-01-01T00:00:00+14:00"}',
    '{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://v.example/x"},'
    '"object":{"id":"http://o.example/1"},"timestamp":"9999-12-31T23:59:59-14:00"}',
    '{"actor":{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]},'
    '"verb":{"id":"http://v.example/x"},"object":{"objectType":"SubStatement",'
    '"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://v.example/x"},'
    '"object":{"id":"http://o.example/1"}}}',
]


@pytest.mark.parametrize("body", STRANGE)
def test_a_strange_statement_that_is_accepted_is_enriched(
    client: Any, services: Services, body: str
) -> None:
    answer = client.post("/xapi/statements", data=body, content_type="application/json")
    assert answer.status_code == 200, answer.json
    assert client.post("/xapi/statements", json=a_statement()).status_code == 200
    analytics = services.analytics()
    assert analytics.enrichment.run("default").rows["facts"] == 2
    assert analytics.enrichment.rebuild("default").rows["facts"] == 2
    rows = analytics.reports.run("unresolved_actors", "default").rows
    # What has not happened by today is no Statement of today's report.
    happened = 1 if "9999" in body else 2
    assert sum(int(str(row["statements"])) for row in rows) == happened


def test_a_machines_own_time_zone_is_set_aside(
    services: Services, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "employee_id,hire_date,org_unit_id,location_time_zone\n"
        "P1,2024-01-01,U1,localtime\nP2,2024-01-01,U1,Europe/Paris\n"
    )
    ledger = services.analytics().ledger
    result = import_file(ledger, "default", "workforce", file)
    assert (result.added, len(result.quarantined)) == (1, 1)


def test_a_circle_of_units_over_two_files_leaves_every_person_once(
    services: Services, tmp_path: Path
) -> None:
    header = "employee_id,hire_date,org_unit_id,org_parent_id\n"
    analytics = services.analytics()
    for number, row in enumerate(("P1,2024-01-01,A,B", "P2,2024-01-01,B,A")):
        file = tmp_path / f"{number}.csv"
        file.write_text(header + row + "\n")
        import_file(analytics.ledger, "default", "workforce", file)
    analytics.enrichment.run("default")
    analytics.enrichment.rebuild("default")
    report = analytics.reports.run("compliance_by_unit", "default")
    assert all(int(str(row["people"])) <= 2 for row in report.rows)
    status = analytics.reports.run("compliance_status", "default").rows
    keys = [(row["person_id"], row["requirement"]) for row in status]
    assert len(keys) == len(set(keys))


def test_a_blank_parent_does_not_tear_the_tree_apart(
    services: Services, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "employee_id,hire_date,org_unit_id,org_parent_id\n"
        "P1,2024-01-01,TEAM,ROOT\nP2,2024-06-01,TEAM,\nP3,2024-01-01,ROOT,\n"
    )
    analytics = services.analytics()
    import_file(analytics.ledger, "default", "workforce", file)
    analytics.enrichment.run("default")
    analytics.enrichment.rebuild("default")
    rows = analytics.reports.run("compliance_status", "default", unit="ROOT").rows
    assert {row["person_id"] for row in rows} == {"P1", "P2", "P3"}


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_at_the_end_of_time_is_refused(services: Services, day: date) -> None:
    analytics = services.analytics()
    analytics.enrichment.rebuild("default")
    with pytest.raises(BadRequest, match="as_of"):
        analytics.reports.run("compliance_status", "default", as_of=day)
