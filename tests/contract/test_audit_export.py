"""``lrs export audit``: what stands in the file, held against API and database."""

from __future__ import annotations

import csv
import getpass
import hashlib
import io
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from analytics.audit.export import AuditExport, Request
from lrs.errors import Interrupted
from tests import programs
from tests.conftest import ROOT, Client, environment_of
from tests.contract.audited import (
    AUDIT,
    BY,
    CERTIFICATE,
    SO,
    Exported,
    exported,
    known_at,
    lived,
    lrs,
)
from tests.contract.company import DAY, Company, company, rows, tool
from tests.integration.lakes import written

pytestmark = pytest.mark.long

__all__ = ["company", "exported", "lived", "tool"]  # fixtures


def test_the_digest_and_nothing_else_goes_to_standard_output(
    exported: Exported,
) -> None:
    assert json.loads(exported.files["MANIFEST.json"])["digest"] == exported.digest
    assert hashlib.sha256(exported.files["SHA256SUMS"]).hexdigest() == exported.digest
    assert "ops.zip: 5 people, 9 Statements, as of 2026-06-30" in exported.told
    assert exported.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["compliance_status", "compliance_by_unit", "evidence", "compliance_trend"]
)
def test_reports_are_those_of_the_api(
    exported: Exported, tool: Client, name: str
) -> None:
    path = f"/api/v1/reports/{name}?{DAY}&unit=OPS&known_at={known_at(exported)}"
    found = exported.lines(f"reports/{name}.ndjson")
    assert found
    assert found == rows(tool, path)
    answer: Any = tool.get(f"{path}&format=csv")
    table = csv.reader(io.StringIO(exported.files[f"reports/{name}.csv"].decode()))
    assert list(table) == list(csv.reader(io.StringIO(answer.text)))


def test_every_statement_of_the_evidence_is_there_as_it_is_stored(
    exported: Exported, lived: Company
) -> None:
    lines = exported.files["statements/statements.ndjson"].decode().split("\n")[:-1]
    about = exported.lines("statements/about.ndjson")
    evidence = {
        row["statement_id"] for row in exported.lines("reports/evidence.ndjson")
    }
    kept = {
        str(row["_id"]["s"]): row
        for row in lived.services.database["statements"].find({"_id.t": "default"})
    }
    assert len(lines) == len(about) == 9
    for at, (line, said) in enumerate(zip(lines, about, strict=True)):
        stored = kept[said["statement_id"]]
        text = json.loads(line) if said["text_is"] == "string" else line
        assert text == stored["statement"]
        assert said["line"] == at + 1
        assert said["authority"] == stored["authority"]
        assert said["sha256_as_stored"] == hashlib.sha256(text.encode()).hexdigest()
        assert said["sha256_as_sent"] == stored["digest"].hex()
    assert [said["stored"] for said in about] == sorted(row["stored"] for row in about)
    by_id = {said["statement_id"]: said for said in about}
    done, void = str(uuid.UUID(int=21)), str(uuid.UUID(int=22))
    assert by_id.keys() == evidence | {done, void}
    assert by_id[done]["voided_by"] == [void]
    assert by_id[done]["requirements"] == ["FIRE-01"]
    assert by_id[void]["voids"] == [done]
    assert by_id[str(uuid.UUID(int=23))]["text_is"] == "string"
    (attached,) = by_id[str(uuid.UUID(int=24))]["attachments"]
    assert attached["octets_held"] == len(CERTIFICATE)


def test_hr_is_there_in_every_version_with_run_and_time(exported: Exported) -> None:
    versions = [
        (row["employee_id"], row["effective_date"], row["given_name"])
        for row in exported.lines("hr/workforce_rows.ndjson")
    ]
    assert ("NO1", "2026-01-01", "Pat") in versions
    assert ("NO1", "2026-01-01", "=Pat") in versions
    assert ("NO1B", "2026-01-01", "=Pat") in versions
    assert not {"SA1", "SA2", "EVIL"} & {name for name, *_ in versions}
    assert b",'=Pat," in exported.files["hr/workforce_rows.csv"]
    people = {
        (row["person_id"], row["employee_id"])
        for row in exported.lines("hr/people.ndjson")
    }
    assert ("NO1", "NO1B") in people
    runs = {row["run"] for row in exported.lines("hr/runs.ndjson")}
    (exempt,) = exported.lines("hr/exemptions.ndjson")
    assert exempt["approver"] == "AC1"
    assert exempt["reason"] == "Works from home"
    assert exempt["run"] in runs
    by = {row["run"]: row["by"] for row in exported.lines("hr/runs.ndjson")}
    assert {run for run, who in by.items() if who} == {exempt["run"]}
    assert by[exempt["run"]] == BY
    (merge,) = [
        row
        for row in exported.lines("hr/identity_decisions.ndjson")
        if row["kind"] != "rules"
    ]
    assert (merge["kind"], merge["employee_id"], merge["into"]) == (
        "merge",
        "NO1B",
        "NO1",
    )
    assert merge["reason"] == SO.reason
    units = {row["unit_id"] for row in exported.lines("hr/units.ndjson")}
    assert units >= {"ACME", "OPS", "NORTH", "SOUTH"}


def test_requirement_files_are_there_octet_for_octet(
    exported: Exported, lived: Company
) -> None:
    folder = lived.services.settings.requirements_dir
    for row in exported.lines("requirements/versions.ndjson"):
        name = row["file"].rpartition("/")[2]
        assert exported.files[row["file"]] == (folder / name).read_bytes()
    in_force = {
        (row["requirement"], row["version"])
        for row in exported.lines("requirements/versions.ndjson")
        if row["in_force"]
    }
    used = {
        (row["requirement"], row["requirement_version"])
        for row in exported.lines("reports/compliance_status.ndjson")
    }
    assert used
    assert used <= in_force


def test_an_auditor_needs_no_program_of_ours(
    exported: Exported, tmp_path: Path
) -> None:
    with ZipFile(exported.path) as found:
        found.extractall(tmp_path)
    readme = (tmp_path / "README.txt").read_text()
    assert "unit OPS with everything below it" in readme
    assert "{" not in readme
    assert "compliant" not in readme.replace("compliance", "")
    for command in ("sha256sum -c SHA256SUMS", "sha256sum SHA256SUMS"):
        assert command in readme
        done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True)
        assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0].decode() == exported.digest
    (line,) = [line for line in readme.splitlines() if "python3 -c" in line]
    checked = subprocess.run(
        ["sh", "-c", line.replace("python3", sys.executable)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert checked.stdout.split() == ["True", exported.digest], checked.stderr


def test_contents_of_attachments_come_where_they_are_asked_for(
    exported: Exported, lived: Company, tmp_path: Path
) -> None:
    path = tmp_path / "ops.zip"
    options = ("--known-at", known_at(exported), "--with-attachments")
    done = lrs(lived, *AUDIT, *options, "-o", str(path))
    assert done.returncode == 0, done.stderr
    name = f"attachments/{hashlib.sha256(CERTIFICATE).hexdigest()}"
    with ZipFile(path) as found:
        assert found.read(name) == CERTIFICATE
    compared = lrs(
        lived, "export", "verify", str(exported.path), "--against", str(path)
    )
    assert compared.returncode == 1
    assert compared.stdout.splitlines() == [
        "attachments: hashes and contents",
        "README.txt: differs",
        f"{name}: only in the second",
        "parameters.json: differs",
    ]


def test_another_machine_gives_the_same_octets(
    exported: Exported, lived: Company, tmp_path: Path
) -> None:
    path = tmp_path / "again.zip"
    machine = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    command = ("--known-at", known_at(exported), "-o", str(path))
    done = subprocess.run(
        [sys.executable, "-m", "lrs", *AUDIT, *command],
        env=environment_of(lived.services.settings) | machine,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == exported.digest, done.stderr
    assert path.read_bytes() == exported.path.read_bytes()


def test_verifying_needs_no_database(exported: Exported, tmp_path: Path) -> None:
    environment = {"LRS_MONGODB_URI": "mongodb://127.0.0.1:9/", "PATH": os.defpath}

    def verify(path: Path) -> subprocess.CompletedProcess[str]:
        command = ("export", "verify", str(path))
        return programs.run(command, environment, check=False, timeout=120)

    done = verify(exported.path)
    assert (done.returncode, done.stdout.strip()) == (0, exported.digest)
    assert "whole, " in done.stderr
    altered = tmp_path / "ops.zip"
    altered.write_bytes(exported.path.read_bytes() + b"\0")
    done = verify(altered)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("Error: ")]
    assert "ops.zip is not as it was exported" in line
    assert verify(tmp_path / "missing.zip").returncode == 2


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--unit", "NOWHERE", "-o", "new.zip"), 1, "no such unit"),
        (("--known-at", "2099-01-01T00:00:00Z", "-o", "new.zip"), 1, "lies after"),
        (("--tenant", "other", "-o", "new.zip"), 1, "run lrs enrich"),
        (("-o", "taken.zip"), 1, "exists already; --force"),
        (("-o", "."), 1, "is a folder"),
        (("-o", "missing/new.zip"), 2, "There is no folder"),
        ((), 2, "--output"),
    ],
)
def test_a_refusal_leaves_nothing(
    lived: Company, tmp_path: Path, options: tuple[str, ...], status: int, said: str
) -> None:
    (tmp_path / "taken.zip").write_bytes(b"mine")
    placed = [str(tmp_path / it) if "zip" in it or it == "." else it for it in options]
    done = lrs(lived, "export", "audit", "--as-of", "2026-06-30", *placed)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["taken.zip"]
    assert (tmp_path / "taken.zip").read_bytes() == b"mine"


def test_force_replaces_and_an_interruption_leaves_what_was_there(
    exported: Exported, lived: Company, tmp_path: Path
) -> None:
    path = tmp_path / "ops.zip"
    path.write_bytes(b"former")
    parts = lived.services.analytics()
    export = AuditExport(
        parts.reports,
        parts.ledger,
        parts.decisions,
        lived.services.originals,
        lived.services.attachments,
    )

    def interrupt(_rows: int) -> None:
        raise Interrupted("Interrupted.")

    request = Request("default", "OPS")
    with pytest.raises(Interrupted):
        export.write(request, path, force=True, progress=interrupt)
    assert [one.name for one in tmp_path.iterdir()] == ["ops.zip"]
    assert path.read_bytes() == b"former"
    options = ("--known-at", known_at(exported), "--force")
    done = lrs(lived, *AUDIT, *options, "-o", str(path))
    assert done.stdout.strip() == exported.digest
    assert path.read_bytes() == exported.path.read_bytes()


def test_who_brought_an_exemption_in_is_kept_with_it(
    exported: Exported, lived: Company, tmp_path: Path
) -> None:
    found = exported.lines("reports/evidence.ndjson")
    assert {row["exemption_recorded_by"] for row in found if row["exempt_from"]} == {BY}
    same = [{"employee_id": "OP1", "requirement": "FIRE-01", "from": "2026-01-01"}]
    same[0] |= {"reason": "Works from home", "approver": "AC1"}
    path = str(written(tmp_path / "same.csv", same))
    assert lrs(lived, "exemptions", "import", path).returncode == 0
    listed = lrs(lived, "workforce", "runs", "--limit", "1", "--format", "json")
    (run,) = json.loads(listed.stdout)
    assert (run["by"], run["counts"]["unchanged"]) == (getpass.getuser(), 1)
    again = lrs(lived, "report", "evidence", "--person", "OP1", "--format", "json")
    said = [row for row in json.loads(again.stdout) if row["exempt_from"]]
    assert {row["exemption_recorded_by"] for row in said} == {BY}
    nobody = lrs(lived, "exemptions", "import", path, "--by", " ")
    assert (nobody.returncode, "--by is a name" in nobody.stderr) == (2, True)
