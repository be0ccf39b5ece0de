"""Before a requirement goes live: whom it covers, and what it changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.reports.proposals.coverage import Coverage, coverage
from analytics.reports.proposals.proposal import proposal
from analytics.reports.reports import Reports
from analytics.requirements import WrongRequirement
from lrs.errors import BadRequest, NotFound
from tests.requirement_files import a_file
from tests.sql.world import the_world_of

WORLD = Path(__file__).parents[2] / "sql" / "compliance_by_unit"
DAY = date(2026, 6, 30)
FIRE = {
    "activities": '["https://courses.example.com/fire"]',
    "initial_days": "30",
    "validity_days": "365",
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return the_world_of(WORLD, tmp_path_factory.mktemp("proposals"))


def covered(reports: Reports, path: Path | None, **given: Any) -> Coverage:
    asked = proposal(reports.requirements_dir, path)
    return coverage(reports, "default", asked, as_of=DAY, **given)


def test_the_folder_in_use_covers_whom_the_reports_show(reports: Reports) -> None:
    found = covered(reports, None)
    rows = reports.run("compliance_status", "default", as_of=DAY).rows
    assert len(found.rows) == len(rows)
    assert {row["change"] for row in found.rows} == {"stays"}
    said = found.summary("HAZ-01")
    assert (said["covered"], said["by_unit_id"]) == (2, {"NORTH": 2})
    assert said["statuses"] == said["statuses_before"]


def test_a_file_is_held_against_the_version_in_force(
    reports: Reports, tmp_path: Path
) -> None:
    more = {
        "version": "2",
        "version_from": "2026-06-01",
        "audience__org_unit": '["OPS"]',
    }
    path = a_file(tmp_path, **FIRE | more | {"initial_days": "10"})
    found = covered(reports, path)
    said = found.summary("FIRE-01")
    assert {row["requirement"] for row in found.rows} == {"FIRE-01"}
    assert (said["covered"], said["covered_before"]) == (21, 28)
    assert (said["new"], said["gone"], said["due_date_moved"]) == (0, 7, 21)
    (gone,) = (row for row in found.rows if row["person_id"] == "X5")
    assert (gone["change"], gone["status"], gone["status_before"]) == (
        *("gone", None),
        "EXEMPT",
    )


def test_a_new_requirement_tells_since_when_and_until_when(
    reports: Reports, tmp_path: Path
) -> None:
    path = a_file(
        tmp_path,
        code='"NEW-01"',
        initial_days="20",
        effective_from="2026-07-01",
        audience__org_unit='["SALES"]',
    )
    asked = proposal(reports.requirements_dir, path)
    day = asked.first_day(DAY)
    found = coverage(reports, "default", asked, as_of=day)
    assert day == date(2026, 7, 1)
    row = found.rows[0]
    assert (row["change"], row["person_id"], row["unit_id"]) == ("new", "X1", "SALES")
    assert (row["since"], row["due_date"]) == (date(2026, 1, 1), date(2026, 7, 21))
    assert row["status_before"] is None


def test_a_unit_narrows_it_and_one_that_is_not_there_is_told(reports: Reports) -> None:
    rows = covered(reports, None, unit="NORTH").rows
    assert {row["unit_id"] for row in rows} == {"NORTH"}
    with pytest.raises(NotFound, match="no such unit"):
        covered(reports, None, unit="NOWHERE")


def test_what_looks_like_a_slip_is_told(reports: Reports, tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        code='"NEW-01"',
        audience__org_unit='["OPS", "OSP"]',
        audience__job_code='["HZ", "ZH"]',
        effective_from="2027-01-01",
        activities='["https://courses.example.com/fire", "https://courses.example.com/fier"]',
    )
    assert covered(reports, path).warnings == [
        "Version 1 of NEW-01 is not in force on 2026-06-30: no version is.",
        "NEW-01: job_code ZH stands in no row of HR.",
        "NEW-01: org_unit OSP stands in no row of HR.",
        "NEW-01: no Statement was ever about https://courses.example.com/fier.",
    ]


def test_exemptions_from_what_is_no_requirement_are_told(
    reports: Reports, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    a_file(folder, code='"HAZ-01"')
    assert (
        "1 exemptions are from FIRE-01, which is no requirement."
        in covered(reports, folder).warnings
    )


def test_known_at_after_what_is_enriched_is_refused(reports: Reports) -> None:
    late = reports.run("evidence", "default").meta.known_at.replace(year=2099)
    with pytest.raises(BadRequest, match="after what is enriched"):
        covered(reports, None, known_at=late)


def test_every_wrong_file_of_a_folder_is_told(tmp_path: Path) -> None:
    a_file(tmp_path, "a.toml", basis='"x"')
    a_file(tmp_path, "b.toml", grace_days="-1")
    with pytest.raises(WrongRequirement, match=r"(?s)a\.toml, line 5.*b\.toml, line 7"):
        proposal(tmp_path, None)
