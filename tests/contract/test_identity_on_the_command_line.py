"""``lrs identity``: links, merges and undos from a shell, and their list."""

from __future__ import annotations

import csv
import getpass
import io
import json
import subprocess
from pathlib import Path

import pytest

from lrs.services import Services
from tests.builders import a_statement
from tests.conftest import run_lrs
from tests.integration.lakes import deliver, record

pytestmark = pytest.mark.long


@pytest.fixture
def lrs(services: Services, tmp_path: Path):  # type: ignore[no-untyped-def]
    row = {"hire_date": "2025-01-01", "org_unit_id": "OPS"}
    people = [row | {"employee_id": who} for who in ("E1", "E2")]
    deliver(services, tmp_path, people)
    record(services, "default", [a_statement(actor="ann@home.example")])

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return run_lrs(services.settings, *command, check=False)

    return run


def test_a_decision_from_the_queue_to_the_list_and_back(lrs) -> None:  # type: ignore[no-untyped-def]
    assert lrs("enrich").returncode == 0
    queue = ("report", "unresolved_actors", "--format", "json")
    (waiting,) = json.loads(lrs(*queue).stdout)
    done = lrs(
        *("identity", "link", waiting["actor"], "E1", "--reason", "She told us"),
        *("--by", "clerk@example.com"),
    )
    assert done.returncode == 0, done.stderr
    assert "Decision 1: mailto:ann@home.example is E1." in done.stderr
    assert lrs("identity", "merge", "E1", "E2", "--reason", "One").returncode == 0
    assert lrs("enrich").returncode == 0
    assert json.loads(lrs(*queue).stdout) == []
    assert lrs("identity", "undo", "1", "--reason", "=Not her").returncode == 0
    listed = json.loads(lrs("identity", "list", "--format", "json").stdout)
    assert [item["kind"] for item in listed] == ["link", "merge", "undo"]
    assert [item["undone_by"] for item in listed] == [3, None, None]
    assert listed[0]["by"] == "clerk@example.com"
    assert listed[1]["by"] == getpass.getuser()
    assert listed[0]["recorded"].endswith("Z")
    lines = list(
        csv.DictReader(io.StringIO(lrs("identity", "list", "--format", "csv").stdout))
    )
    assert [line["says"] for line in lines] == [
        "mailto:ann@home.example is E1",
        "E1 is E2",
        "decision 1 no longer holds",
    ]
    assert lines[2]["reason"] == "'=Not her"  # no formula for a spreadsheet
    assert "She told us" in lrs("identity", "list").stdout


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        (("link", "ann", "E1", "--reason", "x"), 1, "An actor is written"),
        (("link", "mailto:a@b.c", "E9", "--reason", "x"), 1, "no employee E9"),
        (("link", "mailto:a@b.c", "E1"), 2, "--reason"),
        (("link", "mailto:a@b.c", "E1", "--reason", " "), 1, "needs a reason"),
        (("merge", "E1", "E1", "--reason", "x"), 1, "into themselves"),
        (("undo", "9", "--reason", "x"), 1, "no decision 9"),
        (("undo", "x", "--reason", "x"), 2, "not a valid integer"),
    ],
)
def test_what_cannot_be_decided_is_said_in_one_sentence(  # type: ignore[no-untyped-def]
    lrs, command: tuple[str, ...], status: int, says: str
) -> None:
    done = lrs("identity", *command)
    assert done.returncode == status
    assert says in done.stderr
    assert not done.stdout
