"""What reports are made with is loaded when the first report is asked for.

Asked of a fresh process: in this one another test has loaded all of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from analytics.reports.result import ReportResult
from analytics.web.first_use import ReportsAtFirstUse
from lrs.services import Services
from tests.conftest import KEY, ROOT, SECRET, environment_of

HEAVY = {"duckdb", "deltalake", "pyarrow", "numpy", "pandas", "plotly", "statsmodels"}
# Answers the requests on its command line, "METHOD path", and writes as JSON: what was
# answered, and which of the heavy libraries are loaded.
ANSWER = f"""
import json, sys
from wsgi import app
client, found = app.test_client(), []
for given in sys.argv[1:]:
    method, path = given.split()
    statement = {{
        "actor": {{"mbox": "mailto:ann@example.com"}},
        "verb": {{"id": "http://adlnet.gov/expapi/verbs/passed"}},
        "object": {{"id": "https://courses.example.com/fire-safety"}},
    }} if method == "POST" else None
    answer = client.open(
        path, method=method, json=statement, auth=({KEY!r}, {SECRET!r}),
        headers={{"X-Experience-API-Version": "2.0.0"}},
    )
    found.append(answer.status_code)
print(json.dumps([found, sorted({HEAVY!r} & sys.modules.keys())]))
"""
LIGHT = (
    "GET /xapi/about",
    "POST /xapi/statements",
    "GET /xapi/statements",
    "GET /xapi/activities?activityId=https://courses.example.com/fire-safety",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /api/openapi.json",
    "GET /api/v1/reports",
    "GET /api/v1/statements/cmi5-violations",
    "POST /api/v1/statements/validate",
    "GET /login",
)


def answered(services: Services, *requests: str) -> tuple[list[int], list[str]]:
    """Answer requests in a fresh process; return statuses and loaded libraries."""
    done = subprocess.run(
        [sys.executable, "-c", ANSWER, *requests],
        env=environment_of(services.settings) | {"PYTHONPATH": os.fspath(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    statuses, loaded = json.loads(done.stdout.splitlines()[-1])
    return statuses, loaded


def test_statements_probes_and_descriptions_load_nothing_that_reports_need(
    services: Services,
) -> None:
    statuses, loaded = answered(services, *LIGHT)
    assert dict(zip(LIGHT, statuses, strict=True)) == dict.fromkeys(LIGHT, 200)
    assert loaded == []


def test_a_report_loads_what_it_needs_and_no_more(services: Services) -> None:
    report = "GET /api/v1/reports/compliance_by_unit"
    statuses, loaded = answered(services, *LIGHT, report)
    assert statuses[-1] == 404  # nothing is enriched
    assert {"duckdb", "deltalake", "pyarrow"} <= set(loaded)
    assert not {"plotly", "statsmodels"} & set(loaded)


class _Slow:
    """Reports that take a while to be made, and say which they are."""

    made = 0

    def __init__(self) -> None:
        time.sleep(0.05)
        type(self).made += 1

    def run(self, name: str, tenant: str, **given: object) -> ReportResult:
        return ReportResult([name, tenant], [given], None)  # type: ignore[arg-type]


def test_threads_that_ask_at_once_get_the_same_reports_made_once() -> None:
    reports = ReportsAtFirstUse(_Slow)
    assert _Slow.made == 0
    results: list[ReportResult] = []
    ask = [
        threading.Thread(target=lambda: results.append(reports.run("a", "t", unit="u")))
        for _ in range(8)
    ]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    assert _Slow.made == 1
    assert len(results) == 8
    assert results[0].columns == ["a", "t"]
    assert results[0].rows[0]["unit"] == "u"


def test_reports_that_could_not_be_made_are_made_at_the_next_call() -> None:
    tries = iter([ImportError("a library is missing"), None])

    def make() -> _Slow:
        fault = next(tries)
        if fault:
            raise fault
        return _Slow()

    reports = ReportsAtFirstUse(make)
    with pytest.raises(ImportError):
        reports.run("a", "t")
    assert reports.run("a", "t").columns == ["a", "t"]
