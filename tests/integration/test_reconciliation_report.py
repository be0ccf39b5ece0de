"""The report ``reconciliation``: what ``lrs workforce runs`` tells, over /api/v1."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.reports.session import moment
from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.engine.terms import Mode, Terms
from analytics.workforce.engine.valves import Refused
from lrs.access import Scope
from lrs.app import create_app
from lrs.services import Services
from tests.conftest import Client, run_lrs

HEADER = "employee_id,effective_date,hire_date,org_unit_id,job_title"
REPORT = "/api/v1/reports/reconciliation"


def people(*numbers: int, title: str = "Welder") -> str:
    rows = [f"E{n},2024-01-01,2024-01-01,OPS,{title}" for n in numbers]
    return "\n".join([HEADER, *rows, ""])


def take(
    services: Services,
    folder: Path,
    text: str,
    mode: Mode = "full",
    progress: Progress | None = None,
) -> ImportResult:
    path = folder / "people.csv"
    path.write_text(text)
    ledger, terms = services.analytics().ledger, Terms(mode=mode)
    return import_file(
        ledger, "default", "workforce", path, None, progress, terms=terms
    )


@pytest.fixture
def delivered(services: Services, tmp_path: Path) -> list[ImportResult]:
    """Three deliveries, of which a valve stops the last, and a pass."""
    bad = "E9,2024-01-01,soon,OPS,Welder\n"
    first = take(services, tmp_path, people(*range(40)) + bad)
    without = people(*range(38)).replace("job_title", "role")
    second = take(services, tmp_path, without)
    with pytest.raises(Refused):
        take(services, tmp_path, people(1, 2, 3))
    services.analytics().enrichment.run("default")
    return [first, second]


def asked(client: Client, **parameters: str) -> list[dict[str, Any]]:
    answer = client.get(REPORT, query_string=parameters)
    assert answer.status_code == 200, answer.text  # type: ignore[attr-defined]
    found: list[dict[str, Any]] = answer.json  # type: ignore[attr-defined]
    return found


def test_it_says_of_each_run_what_the_command_says_of_it(
    services: Services, delivered: list[ImportResult], client: Client
) -> None:
    done = run_lrs(services.settings, "workforce", "runs", "--format", "json")
    runs = json.loads(done.stdout)
    rows = asked(client)
    assert len(rows) == len(runs) == 3
    for row, run in zip(rows, runs, strict=True):
        for name in (
            "run",
            "kind",
            "source",
            "mode",
            "file",
            "state",
            "why",
            "seconds",
        ):
            assert row[name] == run[name], name
        assert _time(row["began"]) == _time(run["began"])
        assert row["drift"] == run["drift"]
        counts = run["counts"]
        for name in ("added", "changed", "unchanged", "skipped", "missed"):
            assert row[name] == counts.get(name), name
        assert row["source_rows"] == counts.get("read")
        assert row["set_aside"] == counts.get("quarantined")
        both = run["reconciliation"]
        assert row["our_rows"] == both.get("rows", {}).get("ours")
        assert row["people_only_ours"] == both.get("people", {}).get("only_ours")
        assert [list(one.values()) for one in row["columns"]] == both.get("columns", [])
    failed, second, first = rows
    assert (failed["state"], failed["source_rows"]) == ("refused", None)
    assert "would end" in failed["why"]
    assert (first["source_rows"], first["our_rows"], first["set_aside"]) == (41, 40, 1)
    assert (second["source_people"], second["people_only_ours"]) == (38, 2)
    assert (second["read_back"], second["differing"]) == (40, 0)  # and 2 who have left
    assert "The field role is new." in second["drift"]


def test_a_time_shows_the_runs_that_were_recorded_by_then(
    delivered: list[ImportResult], client: Client
) -> None:
    runs = [item.run for item in delivered]

    def known(when: datetime) -> list[str]:
        return [row["run"] for row in asked(client, known_at=when.isoformat())]

    first = moment(delivered[0].recorded)
    assert known(first) == [runs[0]]
    assert known(first - timedelta(microseconds=1)) == []
    assert known(moment(delivered[1].recorded)) == [runs[1], runs[0]]
    # A day of the company's asks nothing of when its data came.
    assert len(asked(client, as_of="2024-01-01")) == 3


def test_csv_has_the_same_rows_with_lists_as_json(
    delivered: list[ImportResult], client: Client
) -> None:
    answer = client.get(REPORT, query_string={"format": "csv"})
    lines = list(csv.DictReader(io.StringIO(answer.text)))  # type: ignore[attr-defined]
    rows = asked(client)
    assert [line["run"] for line in lines] == [row["run"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert json.loads(line["columns"]) == row["columns"]
        assert json.loads(line["drift"]) == row["drift"]


def test_who_may_see_one_unit_sees_no_run(
    services: Services, delivered: list[ImportResult], client: Client
) -> None:
    scopes = [Scope.REPORTS_READ]
    key, secret = services.credentials.add("default", scopes, unit="OPS")
    narrow = Client(create_app(services), key, secret)
    assert asked(narrow) == []
    assert asked(client, unit="OPS") == []


def test_a_value_that_is_not_held_as_it_was_said_is_told_by_its_column(
    services: Services, tmp_path: Path, client: Client
) -> None:
    rows = services.database["ledger_rows"]

    def spoil(step: str, _done: int, total: int | None) -> None:
        if step == "store" and total is not None:  # staged, and not yet looked at
            rows.update_many(
                {"key": {"$regex": "^E[12]"}}, {"$set": {"values.job_title": "Diver"}}
            )

    take(services, tmp_path, people(1, 2, 3), progress=spoil)
    services.analytics().enrichment.run("default")
    (row,) = asked(client)
    assert (row["read_back"], row["differing"]) == (3, 2)
    assert {one["column"]: one["differing"] for one in row["columns"]} == {
        **dict.fromkeys(("employee_id", "effective_date", "hire_date"), 0),
        **dict.fromkeys(("org_unit_id", "worker_type", "status"), 0),
        "job_title": 2,
    }


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
