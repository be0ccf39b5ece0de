"""``lrs report``: the same rows as the API's, in every format, and its refusals."""

from __future__ import annotations

import csv
import io
import json
import subprocess

import pyarrow.parquet as pq
import pytest

from tests import programs
from tests.conftest import Client, environment_of, run_lrs
from tests.contract.company import (
    DAY,
    FORMULA,
    Company,
    company,
    rows,
    tool,
)
from tests.workbook_reader import sheets

pytestmark = pytest.mark.long

__all__ = ["company", "tool"]  # fixtures
REPORT = ("report", "compliance_status", "--as-of", "2026-06-30")


def lrs(company: Company, *command: str) -> subprocess.CompletedProcess[str]:
    return run_lrs(company.services.settings, *command, check=False)


@pytest.mark.parametrize(
    ("name", "options", "query"),
    [
        ("compliance_status", ("--status", "OVERDUE"), "&status=OVERDUE"),
        ("compliance_by_unit", ("--unit", "OPS"), "&unit=OPS"),
        ("evidence", ("--person", "NO1"), "&person=NO1"),
        ("training_effect_by_month", (), ""),
    ],
)
def test_json_is_the_rows_of_the_api_and_nothing_else(
    company: Company, tool: Client, name: str, options: tuple[str, ...], query: str
) -> None:
    done = lrs(
        company, "report", name, "--as-of", "2026-06-30", *options, "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found
    assert found == rows(tool, f"/api/v1/reports/{name}?{DAY}{query}")


def test_csv_is_that_of_the_api(company: Company, tool: Client) -> None:
    done = lrs(company, *REPORT, "--format", "csv")
    path = f"/api/v1/reports/compliance_status?{DAY}&format=csv"
    answer = tool.get(path)
    lines = list(csv.reader(io.StringIO(done.stdout)))
    assert lines == list(csv.reader(io.StringIO(answer.text)))  # type: ignore[attr-defined]
    assert len(lines) == 10


def test_pages_and_xlsx_are_those_of_the_api(company: Company, tool: Client) -> None:
    first = lrs(company, *REPORT, "--limit", "6", "--format", "json")
    assert "6 of 9 rows" in first.stderr
    after = first.stderr.split("--after ")[1].split()[0]
    done = programs.run_with(
        (*REPORT, "--limit", "6", "--after", after, "--format=xlsx"),
        environment_of(company.services.settings),
    )
    done.check_returncode()
    sheet, _about = sheets(io.BytesIO(done.stdout))
    people = [row["person_id"] for row in json.loads(first.stdout)]
    people += [row[0] for row in sheet[1:]]
    path = f"/api/v1/reports/compliance_status?{DAY}"
    assert people == [row["person_id"] for row in rows(tool, path)]


@pytest.mark.parametrize("status", ["OVERDUE", "EXEMPT"])
def test_parquet_has_the_rows_with_types_also_where_there_are_none(
    company: Company, tool: Client, status: str
) -> None:
    done = programs.run_with(
        (*REPORT, "--status", status, "--format=parquet"),
        environment_of(company.services.settings),
    )
    done.check_returncode()
    table = pq.read_table(io.BytesIO(done.stdout))
    path = f"/api/v1/reports/compliance_status?{DAY}&status={status}"
    expected = rows(tool, path)
    assert bool(expected) == (status == "OVERDUE")
    found = json.loads(json.dumps(table.to_pylist(), default=str))
    assert found == expected
    types = {field.name: str(field.type) for field in table.schema}
    assert types["due_date"] == types["completed_at"] == "date32[day]"
    assert types["requirement_version"] == "int32"
    assert types["person_id"] == "string"


def test_the_table_has_every_cell_as_it_is_and_the_rest_is_on_standard_error(
    company: Company,
) -> None:
    done = lrs(company, *REPORT)
    assert "person_id" in done.stdout
    assert f"{FORMULA} [bold]Lee" in done.stdout
    assert done.stdout.count("FIRE-01") == 9
    assert "as of 2026-06-30" in done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("report", "no_such_report"), "There is no such report."),
        ((*REPORT, "--unit", "NOWHERE"), "no such unit"),
        ((*REPORT, "--known-at", "2099-01-01T00:00:00Z"), "known_at lies after"),
        ((*REPORT, "--tenant", "other"), "run lrs enrich"),
        ((*REPORT, "--tenant", "A B"), "A tenant's name"),
    ],
)
def test_a_failure_ends_with_1_and_one_sentence_on_standard_error(
    company: Company, command: tuple[str, ...], said: str
) -> None:
    done = lrs(company, *command)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line
    assert line.endswith(".")
