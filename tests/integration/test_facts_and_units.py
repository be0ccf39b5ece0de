"""The units above a person's: on the day, as then known and as now known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lrs.services import Services
from tests.builders import a_statement
from tests.integration.lakes import (
    content,
    deliver,
    enrichment,
    facts,
    rebuilt,
    record,
)


def a_row(who: str, unit: str, parent: str, day: str = "2025-01-01") -> dict[str, str]:
    return {
        "employee_id": who,
        "effective_date": day,
        "hire_date": "2025-01-01",
        "org_unit_id": unit,
        "org_parent_id": parent,
        "email": f"{who}@example.com",
    }


ANN = "ann@example.com"
COMPANY = [
    a_row("top", "TOP", ""),
    a_row("dee", "DEPT", "TOP"),
    a_row("ann", "TEAM", "DEPT"),
    a_row("bob", "OTHER", "TOP"),
    a_row("cid", "FAR", "OTHER"),
]


def test_a_reorganisation_above_a_unit_acts_on_the_statements_concerned_only(
    services: Services, tmp_path: Path
) -> None:
    lake = services.analytics().lake
    passed = enrichment(services, lake)
    deliver(services, tmp_path, COMPANY)
    sent: dict[str, dict[str, Any]] = {
        "before": a_statement(
            timestamp="2025-12-31T23:59:59Z", actor="ann@example.com"
        ),
        "after": a_statement(timestamp="2026-01-01T00:00:00Z", actor=ANN),
        "far": a_statement(timestamp="2026-02-01T00:00:00Z", actor="cid@example.com"),
    }
    record(services, "default", list(sent.values()))
    passed.run("default")

    # Nobody of TEAM is spoken of: the department above goes to another place.
    moved = deliver(services, tmp_path, [a_row("dee", "DEPT", "OTHER", "2026-01-01")])
    assert passed.run("default").rows["facts"] == 1
    rows = {name: facts(lake, one["id"]) for name, one in sent.items()}
    assert [row["unit_path"] for row in rows["before"]] == [["TOP", "DEPT", "TEAM"]]
    assert [row["unit_path"] for row in rows["far"]] == [["TOP", "OTHER", "FAR"]]
    then, now = rows["after"]
    assert then["unit_path"] == ["TOP", "DEPT", "TEAM"]
    assert now["unit_path"] == ["TOP", "OTHER", "DEPT", "TEAM"]
    assert now["recorded_at"] == now["path_recorded_at"]
    assert now["recorded_at"].timestamp() * 1e6 - moved.recorded < 2
    assert then["recorded_at"] == then["stored"]
    assert then["path_recorded_at"] == then["hr_recorded_at"] == now["hr_recorded_at"]

    # And back again, late, while ann moves to another team.
    deliver(
        services,
        tmp_path,
        [
            a_row("dee", "DEPT", "TOP", "2026-01-01"),
            a_row("ann", "FAR", "OTHER", "2026-01-01"),
        ],
    )
    passed.run("default")
    assert facts(lake, sent["after"]["id"])[-1]["unit_path"] == ["TOP", "OTHER", "FAR"]
    assert content(lake) == rebuilt(services, tmp_path / "anew")


def test_facts_keep_the_result_of_a_statement(services: Services) -> None:
    score = {"scaled": 0.5, "raw": 7, "min": -1.5, "max": 15}
    done = a_statement()
    done["result"] = {"score": score, "duration": "PT1M", "success": True}
    record(services, "default", [done])
    lake = services.analytics().lake
    enrichment(services, lake).run("default")
    (row,) = facts(lake, done["id"])
    assert {name: row[f"score_{name}"] for name in score} == score
    assert (row["duration"], row["success"], row["completion"]) == ("PT1M", True, None)
