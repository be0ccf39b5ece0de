"""The lake in an object store: what stands and is read there is what a folder holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics.health import lake_health
from analytics.identity.decisions import Signed
from analytics.lake.lake import Lake, LakeConflict
from analytics.lake.pass_tables import PassTables
from analytics.lake.published import published
from analytics.lake.upkeep import Upkeep
from analytics.lake.vacuuming import vacuum
from config.settings import Settings
from lrs.services import Services, opened
from tests.integration import s3_server
from tests.integration.anonymous_company import Company, settings_of, traces
from tests.integration.anonymous_company import fill as fill_company
from tests.integration.lakes import (
    DyingLake,
    Killed,
    content,
    enrichment,
    fill,
    rebuilt,
)
from tests.integration.test_lake import rows

pytestmark = pytest.mark.long

DAY = date(2026, 11, 1)
LATER = date(2999, 1, 1)  # when what is recorded now has happened


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server.served(tmp_path_factory.mktemp("s3")) as address:
        yield address


def asked(services: Services, lake: Lake) -> list[object]:
    reports = replace(services.analytics().reports, lake=lake)
    found: list[object] = []
    for name in ("compliance_by_unit", "compliance_status", "unresolved_actors"):
        found += reports.run(name, "default", as_of=DAY).rows
    for name in ("evidence", "transcript"):  # pages of some people's rows
        page = reports.run(name, "default", as_of=LATER, limit=2)
        assert page.rows
        assert page.after
        found += page.rows
    return found


def test_tables_and_reports_are_those_of_a_folder_through_compaction_and_vacuum(
    services: Services, bucket: str, tmp_path: Path
) -> None:
    lake = Lake(f"{bucket}/whole")
    for turn in range(2):
        fill(services, tmp_path, turn)
        passed = enrichment(
            services, lake, chunk=2, batch=2, upkeep=Upkeep(few=2 if turn else 20)
        )
        passed.run("default")
    facts = lake.open("default", "facts")
    assert facts
    assert len(facts.file_uris()) <= 2
    begun = published(lake, "default")
    begun.rows("facts")
    tables = PassTables(lake, "default")
    removed = vacuum(tables, timedelta(days=7))
    assert removed == 0
    found = asked(services, lake)
    assert vacuum(PassTables(lake, "default"), timedelta(0)) > 0
    assert asked(services, lake) == found
    folder = tmp_path / "folder"
    assert content(lake) == rebuilt(services, folder)
    assert asked(services, Lake(str(folder))) == found
    enrichment(services, lake).rebuild("default")
    assert content(lake) == content(Lake(str(folder)))


def test_killed_before_a_commit_the_next_pass_completes_the_tables(
    services: Services, bucket: str, tmp_path: Path
) -> None:
    fill(services, tmp_path, 0)
    expected = rebuilt(services, tmp_path / "anew")
    for commits in (9, 18):
        lake = DyingLake(f"{bucket}/killed-{commits}", [commits])
        with pytest.raises(Killed):
            enrichment(services, lake, chunk=2, batch=2).run("default")
        assert not asked_if_any(services, lake)
        lake.left[0] = 1000
        enrichment(services, lake).run("default")
        assert content(lake) == expected, f"killed after {commits} commits"


def asked_if_any(services: Services, lake: Lake) -> bool:
    manifest = published(lake, "default").manifest
    return manifest is None or bool(manifest.versions)


def test_who_is_overtaken_before_the_commit_is_refused(bucket: str) -> None:
    """The server refuses to put what stands there already (If-None-Match)."""
    lake = Lake(f"{bucket}/overtaken")
    lake.append("t", "voids", rows(1), before=0, position=1)
    late = lake.open("t", "voids")
    assert late
    lake.append("t", "voids", rows(2), before=1, position=2)
    with pytest.raises(LakeConflict):
        lake._write("voids", late, rows(3), "append", 3)
    assert lake.position("t", "voids") == 2


def test_who_is_made_anonymous_leaves_no_trace_in_the_bucket(
    settings: Settings, bucket: str, tmp_path: Path
) -> None:
    folder = tmp_path / "company"
    folder.mkdir()
    there = replace(settings_of(settings, folder), lake_url=f"{bucket}/company")
    with opened(there) as services:
        company = Company(services, folder)
        fill_company(company)
        assert lake_health(there.lake_url)[0]

        def found(name: str) -> list[str]:
            copy = s3_server.fetched("company", tmp_path / name)
            local = replace(services, settings=replace(there, lake_url=str(copy)))
            return [one for one in traces(local) if "parquet" in one or "json" in one]

        assert found("before")
        parts = services.analytics()
        signed = Signed("dpo@example.com", "Retention is over")
        removed = parts.anonymizing.remove("default", ["W4711"], signed, employed=False)
        parts.enrichment.forget("default")
        parts.decisions.veils.finish("default", removed.people)
        assert not found("after")
        assert parts.reports.run("compliance_status", "default", as_of=DAY).rows
