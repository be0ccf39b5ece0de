"""Reports over HTTP: rows, headers, who may, what is refused, OpenAPI."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.reports.catalogue import questions
from lrs.access import Scope
from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.company import (
    DAY,
    FORMULA,
    GIVEN,
    Company,
    company,
    rows,
    tool,
)
from tests.sql.world import statements_of
from tests.workbook_reader import XLSX, sheets

__all__ = ["company", "tool"]  # fixtures
STATUS = f"/api/v1/reports/compliance_status?{DAY}"
BY_UNIT = f"/api/v1/reports/compliance_by_unit?{DAY}"


# -- JSON, CSV, headers -------------------------------------------------------------


def test_the_catalogue_is_a_json_array_of_name_purpose_and_grain(tool: Client) -> None:
    found = rows(tool, "/api/v1/reports")
    assert [item["name"] for item in found] == list(questions())
    assert all(set(item) == {"name", "purpose", "grain"} for item in found)


def test_a_report_is_a_json_array_of_objects_with_the_columns_of_the_interface(
    tool: Client,
) -> None:
    found = rows(tool, STATUS)
    assert len(found) == 9
    assert list(found[0]) == [
        "person_id",
        "name",
        "unit_id",
        "manager_id",
        "requirement",
        "requirement_version",
        "status",
        "due_date",
        "completed_at",
        "expires_at",
        "statement_id",
    ]
    assert found[0] | {"statement_id": None} == {
        "person_id": "AC1",
        "name": "Pat AC1",
        "unit_id": "ACME",
        "manager_id": None,
        "requirement": "FIRE-01",
        "requirement_version": 1,
        "status": "OVERDUE",
        "due_date": "2026-01-31",
        "completed_at": None,
        "expires_at": None,
        "statement_id": None,
    }


@pytest.mark.parametrize("name", questions())
def test_every_report_answers_or_says_why_not(tool: Client, name: str) -> None:
    # What expires does so under a requirement that begins later.
    day = "as_of=2026-07-15" if name.startswith("expir") else DAY
    answer: Any = tool.get(f"/api/v1/reports/{name}?{day}")
    if name == "training_effect":  # the groups are too small
        assert problem(answer, 400)["type"] == "urn:lrs:problem:effect-refused"
    else:
        assert answer.status_code == 200
        assert answer.get_json()


@pytest.mark.parametrize("by", ["parameter", "header"])
def test_csv_has_the_same_rows_with_formulas_made_harmless(
    tool: Client, by: str
) -> None:
    accept = {"Accept": "text/csv"} if by == "header" else {}
    path = STATUS if by == "header" else f"{STATUS}&format=csv"
    answer: Any = tool.get(path, headers=accept)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    found = {row["person_id"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    expected = {row["person_id"]: row for row in rows(tool, STATUS)}
    assert found.keys() == expected.keys()
    assert found["EVIL"]["name"] == f"'{FORMULA} [bold]Lee"
    for person, row in expected.items():
        if person != "EVIL":
            plain = {name: "" if v is None else str(v) for name, v in row.items()}
            assert found[person] == plain


def test_the_headers_say_what_the_rows_hold_for(tool: Client, company: Company) -> None:
    headers: Any = tool.get(STATUS).headers  # type: ignore[attr-defined]
    through = datetime.fromisoformat(headers["X-Report-Enriched-Through"])
    assert headers["X-Report-As-Of"] == "2026-06-30"
    assert datetime.fromisoformat(headers["X-Report-Known-At"]) == through
    assert timedelta(0) < datetime.now(UTC) - through < timedelta(minutes=5)
    statements = len(statements_of(GIVEN / "given_statements.csv"))
    assert headers["X-Report-Unresolved-Share"] == f"{1 / statements:.4f}"
    source, applied = headers["X-Report-HR-Sources"].split("=")
    assert source == "canonical"
    assert timedelta(0) < through - datetime.fromisoformat(applied)
    assert headers["X-Report-Total-Rows"] == "9"
    assert headers["X-Report-Code-Version"] == version("workforce-lrs")
    assert "Link" not in headers
    assert headers["Cache-Control"] == "no-store"


def test_links_lead_through_all_pages_in_any_format(tool: Client) -> None:
    whole = rows(tool, STATUS)
    path, found = f"{STATUS}&limit=4&unit=ACME", []
    while path:
        answer: Any = tool.get(path)
        assert answer.headers["X-Report-Total-Rows"] == "9"
        found += answer.get_json()
        link = re.match(r'<(.+)>; rel="next"', answer.headers.get("Link", ""))
        path = link[1] if link else ""
        assert not path or "known_at=" in path
    assert found == whole
    lines = csv.reader(io.StringIO(tool.get(f"{STATUS}&limit=4&format=csv").text))  # type: ignore[attr-defined]
    assert len(list(lines)) == 5


@pytest.mark.parametrize("by", ["parameter", "header"])
def test_parquet_and_xlsx_have_the_same_rows(tool: Client, by: str) -> None:
    expected = rows(tool, STATUS)

    def fetched(name: str, kind: str) -> Any:
        accept = {"Accept": kind} if by == "header" else {}
        path = STATUS if by == "header" else f"{STATUS}&format={name}"
        answer: Any = tool.get(path, headers=accept)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == kind
        return io.BytesIO(answer.get_data())

    table = pq.read_table(fetched("parquet", "application/vnd.apache.parquet"))
    assert json.loads(json.dumps(table.to_pylist(), default=str)) == expected
    assert table.schema.metadata[b"As of (end of the day)"] == b"2026-06-30"
    sheet, about = sheets(fetched("xlsx", XLSX))
    assert sheet[0] == list(expected[0])
    assert [row[0] for row in sheet[1:]] == [row["person_id"] for row in expected]
    assert f"'{FORMULA} [bold]Lee" in {row[1] for row in sheet[1:]}
    assert ["As of (end of the day)", date(2026, 6, 30)] in about
    assert ["Code version", version("workforce-lrs")] in about


# -- who may ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/reports", STATUS])
def test_without_a_valid_credential_it_is_401_with_a_challenge(
    company: Company, path: str
) -> None:
    for auth in (None, ("nobody", "nothing")):
        answer: Any = Client(company.app).get(path, auth=auth)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", ["/api/v1/reports", STATUS])
@pytest.mark.parametrize("scope", [*Scope])
def test_reports_are_for_the_scopes_that_read_them(
    company: Company, path: str, scope: Scope
) -> None:
    answer: Any = company.caller(scope).get(path)
    if scope in {Scope.ALL, Scope.REPORTS_READ}:
        assert answer.status_code == 200
    else:
        assert "reports/read" in problem(answer, 403)["detail"]


def test_a_credential_of_a_unit_sees_its_subtree_only(company: Company) -> None:
    of_ops = company.caller(Scope.REPORTS_READ, unit="OPS")
    assert {row["unit_id"] for row in rows(of_ops, STATUS)} == {
        "OPS",
        "NORTH",
        "SOUTH",
    }
    assert rows(of_ops, BY_UNIT)[0]["unit_id"] == "OPS"
    for other in ("SA1", "NOBODY"):
        problem(of_ops.get(f"{STATUS}&person={other}"), 404)
    assert len(rows(of_ops, f"{STATUS}&unit=NORTH")) == 2
    for foreign in ("SALES", "ACME", "NOWHERE"):
        problem(of_ops.get(f"{STATUS}&unit={foreign}"), 404)


def test_another_tenant_has_nothing_of_it(company: Company) -> None:
    made = company.services.credentials.add("other", [Scope.ALL])
    said = problem(Client(company.app, *made).get(STATUS), 404)
    assert "enriched" in said["detail"]


# -- what is refused ----------------------------------------------------------------

WRONG = [
    "as_of=31.03.2026",
    "as_of=",
    "known_at=2026-03-31T12:00:00",
    "known_at=noon",
    "known_at=2099-01-01T00:00:00Z",
    "colour=red",
    "format=pdf",
    "limit=0",
    "limit=many",
    "after=2",
    "days=45",
    "requirement=NONE",
    "status=overdue",
    "activity=https://courses.example.com/fire",
    f"{DAY}&as_of=2026-01-01",
]


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_parameter_is_400(tool: Client, query: str) -> None:
    said = problem(tool.get(f"/api/v1/reports/compliance_status?{query}"), 400)
    assert said["detail"].endswith(".")


@pytest.mark.parametrize(
    "path",
    ["/api/v1/reports/no_such_report", f"{STATUS}&unit=NOWHERE", "/api/v1/nowhere"]
    + [f"{STATUS}&{name}=NOWHERE" for name in ("location", "job", "manager")],
)
def test_what_does_not_exist_is_404(tool: Client, path: str) -> None:
    problem(tool.get(path), 404)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_reports_can_only_be_read(tool: Client, method: str) -> None:
    answer: Any = getattr(tool, method)(STATUS)
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_known_at_shows_what_was_known_before_anything_was(tool: Client) -> None:
    assert rows(tool, f"{STATUS}&known_at=2020-01-01T00:00:00Z") == []


# -- OpenAPI ------------------------------------------------------------------------


def test_openapi_lists_every_route_of_the_api_with_its_parameters(
    company: Company,
) -> None:
    answer: Any = company.app.test_client().get("/api/openapi.json")
    described = answer.get_json()
    assert described["openapi"] == "3.1.0"
    assert described["info"]["title"] == "Workforce LRS"
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in company.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = {
        (path, method)
        for path, item in described["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert listed == routes
    assert ("/api/v1/reports/{name}", "get") in routes
    operation = described["paths"]["/api/v1/reports/{name}"]["get"]
    assert {"as_of", "known_at", "unit", "person", "format"} <= {
        item["name"] for item in operation["parameters"]
    }
    assert described["security"] == [{"basic": []}]


def test_openapi_holds_together(company: Company) -> None:
    answer: Any = company.app.test_client().get("/api/openapi.json")
    described = answer.get_json()
    ids = []
    for path, item in described["paths"].items():
        shared = item.pop("parameters", [])
        for operation in item.values():
            ids.append(operation.get("operationId", len(ids)))
            assert operation["responses"]
            found = [*shared, *operation.get("parameters", [])]
            in_path = {one["name"] for one in found if one.get("in") == "path"}
            assert all(f"{{{name}}}" in path for name in in_path)
            assert path.count("{") == len(in_path)
    assert len(ids) == len(set(ids))
    for pointer in references(described):
        node = described
        for step in pointer.removeprefix("#/").split("/"):
            node = node[step]


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_the_readable_page_names_every_report(company: Company) -> None:
    page = company.app.test_client().get("/api/docs").text
    assert all(name in page for name in questions())
