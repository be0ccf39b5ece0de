"""Nothing in an export leads to somebody who was made anonymous."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest

from analytics.audit.comparing import differences
from analytics.audit.export import AuditExport, Request
from analytics.audit.verifying import Verified, verified
from config.settings import Settings
from lrs.services import opened
from tests.integration.anonymous_company import (
    TEXTS,
    Company,
    fill,
    hashes,
    settings_of,
)
from tests.integration.test_workforce_anonymity import anonymize


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Iterator[Company]:
    folder = tmp_path / "company"
    folder.mkdir()
    with opened(settings_of(settings, folder)) as services:
        yield Company(services, folder)


def export(company: Company, request: Request, path: Path) -> Verified:
    parts, services = company.services.analytics(), company.services
    AuditExport(
        parts.reports,
        parts.ledger,
        parts.decisions,
        services.originals,
        services.attachments,
    ).write(request, path)
    return verified(path)


def test_nothing_in_an_export_leads_to_somebody_anonymous(
    company: Company, tmp_path: Path
) -> None:
    request = Request("default", "ALL", date(2025, 4, 1), fill(company)[-1], months=1)
    before = export(company, request, tmp_path / "before.zip")
    with ZipFile(tmp_path / "before.zip") as found:
        assert "Winterbottom" in found.read("statements/statements.ndjson").decode()
    anonymize(company, "W4711")
    after = export(company, request, tmp_path / "after.zip")
    needles = [text.casefold() for text in TEXTS] + hashes()
    with ZipFile(tmp_path / "after.zip") as found:
        for name in found.namelist():
            text = found.read(name).decode().casefold()
            assert [one for one in needles if one in text] == [], name
        about = [
            orjson.loads(line)
            for line in found.read("statements/about.ndjson").splitlines()
        ]
    withheld = [said for said in about if said["text_is"] == "withheld"]
    assert withheld
    assert all(said["person_id"].startswith("anonymous-") for said in withheld)
    # Every figure stays; what differs is told by file.
    for name in ("reports/compliance_by_unit.csv", "requirements/versions.csv"):
        assert before.files[name] == after.files[name]
    lines = differences(before, after)
    assert any(line.startswith("hr/workforce_rows") for line in lines)
    assert not [line for line in lines if " rows and " in line], lines
    again = export(company, request, tmp_path / "again.zip")
    assert again.digest == after.digest
