"""Records set aside: the person's own go as the mapping reads them, namesakes stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.identity.decisions import Signed
from analytics.workforce.engine.importing import import_file
from analytics.workforce.mapping import load_mapping
from config.settings import Settings
from lrs.services import opened
from tests.conftest import run_lrs
from tests.integration.anonymous_company import Company, settings_of

pytestmark = pytest.mark.long
SO = Signed("dpo@example.com", "Retention is over")
KLINIK = """
kind = "workforce"
name = "klinik"
[fields]
Vorname = "given_name"
Nachname = "family_name"
Mail = "email"
Eintritt = "hire_date"
Austritt = "termination_date"
Station = "org_unit_id"
[columns]
employee_id = { from = "PersNr", strip_zeros = true, prefix = "K" }
manager_id = { from = "Leitung", strip_zeros = true, prefix = "K" }
"""
HEAD = "PersNr;Vorname;Nachname;Mail;Eintritt;Austritt;Station;Leitung"
GOOD = (
    "0500004;Jana;Brandt;jana.brandt@klinik.example;2024-02-01;2025-06-30;S1;",
    "0500005;Jana;Brandt;jbrandt2@klinik.example;2024-02-01;;S1;0500006",
    "0500006;Timo;Falk;t.falk@klinik.example;2024-02-01;;S1;",
)
BAD = (
    # line 2: hers, another spelling and another address
    "0500004;Janna;Brand-Kuhl;jbk@private.example;2024-13-01;;S2;0500006",
    # line 3: another's, whom she manages
    "0500006;Timo;Falk;t.falk@klinik.example;2024-13-01;;S2;0500004",
    # line 4: a namesake's; her address has the name in it too
    "0500005;Jana;Brandt;jana.brandt@other.example;2024-13-01;;S2;0500006",
    # lines 5, 6: no number stands in it; the name is hers, or another's
    ";Jana;Brandt;;2024-13-01;;S2;",
    ";Kim;Roth;;2024-13-01;;S3;",
    # line 7: a namesake's record of which she is the manager, with her address
    "0500005;Jana;Brandt;jana.brandt@klinik.example;2024-14-01;;S2;500004",
)


@pytest.fixture
def klinik(settings: Settings, tmp_path: Path) -> Iterator[Company]:
    folder = tmp_path / "company"
    (folder / "hris").mkdir(parents=True)
    (folder / "hris" / "klinik.toml").write_text(KLINIK)
    own = replace(settings_of(settings, folder), hris_dir=folder / "hris")
    with opened(own) as services:
        yield Company(services, folder)


def deliver(company: Company, name: str, *lines: str) -> Any:
    path = company.folder / name
    path.write_text("\n".join((HEAD, *lines)).replace(";", ",") + "\n")
    mapping = load_mapping(company.folder / "hris" / "klinik.toml")
    ledger = company.services.analytics().ledger
    return import_file(ledger, "default", "workforce", path, mapping)


def kept(company: Company, run: str) -> dict[int, tuple[Any, Any]]:
    """Return what is kept of a run's records by line: values and cells."""
    found = company.services.database["quarantine"].find({"_id.run": run})
    return {
        one["line"]: (one["values"], json.loads(one.get("cells", "null")))
        for one in found
    }


def anonymize(company: Company, number: str = "K500004") -> Any:
    acting = company.services.analytics().anonymizing
    preview = acting.preview("default", [number], employed=False)
    removed = acting.remove("default", [number], SO, employed=False)
    company.services.analytics().decisions.veils.finish("default", removed.people)
    assert preview.counts == removed.counts
    return preview


def test_a_record_is_whose_the_mapping_says_and_a_namesake_keeps_hers(
    klinik: Company,
) -> None:
    deliver(klinik, "good.csv", *GOOD)
    run = deliver(klinik, "bad.csv", *BAD).run
    before = kept(klinik, run)
    assert len(before) == len(BAD)
    preview = anonymize(klinik)
    after = kept(klinik, run)
    assert after[2] == after[5] == ({}, None)
    assert (after[4], after[6]) == (before[4], before[6])
    assert after[3] == without(before[3], "Leitung", "manager_id")
    fewer = without(before[7], "Leitung", "manager_id")
    assert after[7] == without(fewer, "Mail", "email")
    told = {record: what for name, record, what in preview.told if name == run}
    assert told == {
        "2": "loses its content",
        "3": "is another's: loses Leitung",
        "5": "loses its content",
        "7": "is another's: loses Mail, Leitung",
    }
    assert preview.unread == []
    again = deliver(klinik, "again.csv", *BAD[:2])
    assert {line: cells for line, (_, cells) in kept(klinik, again.run).items()} == {
        2: None,
        3: None,  # names her
    }


def without(said: tuple[Any, Any], field: str, column: str) -> tuple[Any, Any]:
    values, cells = said
    return (
        {name: cell for name, cell in values.items() if name != column},
        {name: cell for name, cell in cells.items() if name != field},
    )


def test_without_the_mapping_the_digits_tell_and_a_dry_run_says_so(
    klinik: Company,
) -> None:
    deliver(klinik, "good.csv", *GOOD)
    run = deliver(klinik, "bad.csv", *BAD).run
    before = kept(klinik, run)
    (klinik.folder / "hris" / "klinik.toml").unlink()
    settings = klinik.services.settings
    asked = ("workforce", "anonymize", "K500004", "--dry-run")
    shown = run_lrs(settings, *asked).stderr
    assert f"run {run[:12]}, record 2: loses its content" in shown
    assert "No mapping of the source klinik is in LRS_HRIS_DIR" in shown
    assert kept(klinik, run) == before
    preview = anonymize(klinik)
    assert preview.unread == ["klinik"]
    after = kept(klinik, run)
    assert after[2] == after[3] == after[5] == ({}, None)
    assert after[6] == before[6]


def test_a_mapping_that_reads_another_number_now_does_not_hide_hers(
    klinik: Company,
) -> None:
    deliver(klinik, "good.csv", *GOOD)
    run = deliver(klinik, "bad.csv", *BAD).run
    file = klinik.folder / "hris" / "klinik.toml"
    file.write_text(KLINIK.replace('prefix = "K"', 'prefix = "N"'))
    anonymize(klinik)
    after = kept(klinik, run)
    assert after[2] == ({}, None)
    assert "0500004" not in str(after)


def test_a_short_number_without_its_mapping_is_found_in_its_column(
    klinik: Company,
) -> None:
    good = "0017;Ida;Berg;;2024-02-01;2025-06-30;S1;"
    deliver(klinik, "good.csv", good)
    short = ("17;I.;B.;;2024-13-01;;S2;", "18;K.;R.;;2024-13-01;;17;")
    run = deliver(klinik, "bad.csv", *short).run
    before = kept(klinik, run)
    (klinik.folder / "hris" / "klinik.toml").unlink()
    anonymize(klinik, "K17")
    after = kept(klinik, run)
    assert (after[2], after[3]) == (({}, None), before[3])
