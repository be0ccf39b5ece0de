"""Analytics, wired over what the LRS offers: feed, timeline, database and settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pymongo.database import Database

from analytics.enrichment.enrichment import Enrichment
from analytics.enrichment.runs import MongoRuns
from analytics.identity.decisions import Decisions
from analytics.lake.lake import Lake
from analytics.lake.upkeep import Upkeep
from analytics.reports.reports import Reports
from analytics.reports.standings.standings import Standings, folder_of
from analytics.workforce.anonymity.anonymizing import Anonymizing
from analytics.workforce.history.leavers import Leavers
from analytics.workforce.ledger import Ledger
from analytics.workforce.run_records import ended_by
from analytics.workforce.source_records import SourceRecords, ages
from analytics.workforce.sources.cursors import Cursors, cursors_of
from analytics.workforce.walks import Walks
from lrs.feed import Feed, Timeline


@dataclass(frozen=True, slots=True)
class Analytics:
    """The parts of analytics."""

    ledger: Ledger
    lake: Lake
    runs: MongoRuns
    enrichment: Enrichment
    reports: Reports
    decisions: Decisions
    walks: Walks
    leavers: Leavers
    anonymizing: Anonymizing
    hris_secrets: Callable[[str], dict[str, str]]
    cursors: Cursors


def build(
    database: Database[dict[str, Any]],
    timeline: Timeline,
    feed: Feed,
    *,
    lake_url: str,
    lake_keep_days: int,
    data_dir: Path,
    standings_bytes: int,
    former_manager_days: int,
    requirements_dir: Path,
    effects_file: Path,
    identity_file: Path,
    hris_dir: Path,
    hris_secrets: Callable[[str], dict[str, str]],
) -> Analytics:
    """Wire analytics; opens nothing until it is asked.

    Standings are kept under ``data_dir``, so many bytes of them.
    ``hris_secrets`` returns the secrets of an HR source by its name.
    """
    ledger = Ledger(database, timeline)
    lake = Lake(lake_url)
    runs = MongoRuns(database)
    sources = database["ledger_sources"]
    decisions = Decisions(database, timeline, ledger, identity_file)
    standings = Standings(folder_of(data_dir, standings_bytes))
    return Analytics(
        ledger=ledger,
        lake=lake,
        runs=runs,
        enrichment=Enrichment(
            feed,
            ledger,
            lake,
            runs,
            identity=decisions,
            veils=decisions,
            upkeep=Upkeep(timedelta(days=lake_keep_days)),
            copies=standings,
        ),
        reports=Reports(
            lake,
            ledger,
            runs,
            requirements_dir,
            effects_file,
            imports=lambda *given: ended_by(ledger, *given),
            statements=feed.some,
            sources=lambda tenant: ages(SourceRecords(sources), tenant),
            standings=standings,
            former_manager_days=former_manager_days,
        ),
        decisions=decisions,
        walks=Walks(database),
        leavers=Leavers(ledger, decisions),
        anonymizing=Anonymizing(database, ledger, decisions, hris_dir),
        hris_secrets=hris_secrets,
        cursors=cursors_of(database),
    )
