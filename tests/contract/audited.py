"""The small company with more of a life, and an export of one of its units."""

from __future__ import annotations

import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from analytics.identity.decisions import Signed
from lrs.access import Scope
from tests.builders import COMPLETED, a_statement, a_void
from tests.conftest import run_lrs
from tests.contract.company import Company
from tests.integration.lakes import deliver, record, written
from tests.multiparts import (
    BOUNDARY,
    an_attachment,
    body_of,
    content_part,
    statements_part,
    with_attachments,
)

AUDIT = ("export", "audit", "--as-of", "2026-06-30", "--unit", "OPS")
FIRE = "https://courses.example.com/fire"
CERTIFICATE = b"passed, and signed by hand\n"
BY = "hr@example.com"
SO = Signed("clerk@example.com", "One person, hired twice.")


@dataclass(frozen=True)
class Exported:
    path: Path
    digest: str
    told: str
    files: dict[str, bytes]

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[name].splitlines()]


def lrs(company: Company, *command: str) -> subprocess.CompletedProcess[str]:
    return run_lrs(company.services.settings, *command, check=False)


@pytest.fixture(scope="module")
def lived(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """More has happened: a void, an attachment, a correction, exemptions, a merge."""
    services, folder = company.services, tmp_path_factory.mktemp("lived")
    done = a_statement(
        actor="no1@example.com",
        verb=COMPLETED,
        activity=FIRE,
        id=str(uuid.UUID(int=21)),
        timestamp="2026-02-01T12:00:00Z",
    )
    record(services, "default", [done])
    record(services, "default", [a_void(done["id"], id=str(uuid.UUID(int=22)))])
    spread = a_statement(
        actor="so1@example.com",
        verb=COMPLETED,
        activity=FIRE,
        id=str(uuid.UUID(int=23)),
        timestamp="2026-02-02T12:00:00Z",
    )
    sender = company.caller(Scope.ALL)
    sent: Any = sender.put(
        f"/xapi/statements?statementId={spread['id']}",
        data=json.dumps(spread, indent=2),
        content_type="application/json",
    )
    assert sent.status_code == 204, sent.text
    proven = with_attachments(
        an_attachment(CERTIFICATE),
        actor="no2@example.com",
        verb=COMPLETED,
        activity=FIRE,
        id=str(uuid.UUID(int=24)),
        timestamp="2026-02-03T12:00:00Z",
    )
    sent = sender.post(
        "/xapi/statements",
        data=body_of(statements_part(proven), content_part(CERTIFICATE)),
        content_type=f"multipart/mixed; boundary={BOUNDARY}",
    )
    assert sent.status_code == 200, sent.text
    row = {"employee_id": "NO1", "effective_date": "2026-01-01"}
    row |= {"given_name": "=Pat", "family_name": "NO1", "email": "no1@example.com"}
    row |= {"hire_date": "2026-01-01", "org_unit_id": "NORTH", "org_parent_id": "OPS"}
    row |= {"org_unit_name": "Plant North"}
    deliver(services, folder, [row, row | {"employee_id": "NO1B", "email": ""}])
    exempt = {"employee_id": "OP1", "requirement": "FIRE-01", "from": "2026-01-01"}
    exempt |= {"reason": "Works from home", "approver": "AC1"}
    exempt_elsewhere = exempt | {"employee_id": "SA1"}
    path = written(folder / "exempt.csv", [exempt, exempt_elsewhere])
    done = lrs(company, "exemptions", "import", str(path), "--by", BY)
    assert done.returncode == 0, done.stderr
    analytics = services.analytics()
    analytics.decisions.merge("default", "NO1B", "NO1", SO)
    analytics.decisions.link("default", "mailto:x@example.com", "SA1", SO)
    analytics.enrichment.run("default")
    return company


@pytest.fixture(scope="module")
def exported(lived: Company, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    path = tmp_path_factory.mktemp("audit") / "ops.zip"
    done = lrs(lived, *AUDIT, "-o", str(path))
    assert done.returncode == 0, done.stderr
    with ZipFile(path) as found:
        files = {info.filename: found.read(info) for info in found.infolist()}
    return Exported(path, done.stdout.strip(), done.stderr, files)


def known_at(exported: Exported) -> str:
    return str(json.loads(exported.files["parameters.json"])["known_at"])
