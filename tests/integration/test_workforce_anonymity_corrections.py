"""Corrections of records set aside: of somebody made anonymous nothing stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.identity.decisions import Signed
from analytics.workforce.corrections.taking_back import take_back
from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.replaying import replay
from analytics.workforce.mapping import canonical
from analytics.workforce.model import table_of
from analytics.workforce.quarantine import said_now
from analytics.workforce.run_records import record as found_run
from config.settings import Settings
from lrs.errors import BadRequest
from lrs.services import opened
from tests.integration.anonymous_company import Company, fill, settings_of, traces

pytestmark = pytest.mark.long
SO = Signed("dpo@example.com", "Retention is over")


def test_corrections_that_speak_of_her_are_emptied_too(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "company"
    folder.mkdir()
    with opened(settings_of(settings, folder)) as services:
        company = Company(services, folder)
        fill(company)
        corrected_and_anonymous(company)


def corrected_and_anonymous(company: Company) -> None:
    parts = company.services.analytics()
    ledger = parts.ledger
    shifted = company.folder / "shifted.csv"
    shifted.write_text("employee_id,hire_date,org_unit_id\nx\n")
    mapping = canonical(table_of("workforce"))
    run = import_file(ledger, "default", "workforce", shifted, mapping)
    corrected = company.folder / "corrected.csv"
    corrected.write_text("record,employee_id,hire_date\n2,W4711,never\n")
    asked = ledger, "default", found_run(ledger, "default", run.run), mapping
    signed = Signed("W4711", "said Ann Winterbottom")
    for _ in range(2):
        given = take_back(*asked, corrected)
        assert replay(*asked, corrections=given, signed=signed).set_aside == 1
        assert said_now(ledger, "default", run.run, [0])[0] is not None
    removed = parts.anonymizing.remove("default", ["W4711"], SO, employed=False)
    parts.enrichment.forget("default")
    parts.decisions.veils.finish("default", removed.people)
    company.enrich()
    assert traces(company.services) == []
    with pytest.raises(BadRequest, match="speaks of somebody anonymous"):
        take_back(*asked, corrected)
