"""Analytics, wired over what the LRS offers: feed, timeline, database and settings."""

from __future__ import annotations

import datetime
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from analytics.enrichment.enrichment import Enrichment
from analytics.enrichment.runs import MongoRuns
from analytics.lake.lake import Lake
from analytics.reports.reports import Reports
from analytics.workforce.ledger import Ledger
from lrs.feed import Feed, Timeline

_LEAST_FREE = 100 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Analytics:
    """The parts of analytics."""

    ledger: Ledger
    lake: Lake
    runs: MongoRuns
    enrichment: Enrichment
    reports: Reports

    def lake_health(self) -> tuple[bool, dict[str, object]]:
        """Tell whether the lake can be reached and, where it is a folder, written."""
        if "://" in self.lake.url:
            try:
                self.lake.open("health", "facts")
            except OSError as error:
                return False, {"reason": type(error).__name__}
            return True, {}
        folder = Path(self.lake.url)
        standing = next(item for item in (folder, *folder.parents) if item.exists())
        if not os.access(standing, os.W_OK):
            return False, {"reason": "the lake's folder cannot be written"}
        free = shutil.disk_usage(standing).free
        return free > _LEAST_FREE, {"free_mb": free >> 20}

    def enrichment_health(self) -> tuple[bool, dict[str, object]]:
        """Tell how long ago the last pass ended, in seconds, at most."""
        try:
            runs = self.runs.all()
        except PyMongoError as error:
            return False, {"reason": type(error).__name__}
        now = datetime.datetime.now(datetime.UTC)
        ages = [(now - last.finished).total_seconds() for last in runs.values()]
        return True, {"tenants": len(ages), "age_seconds": round(max(ages, default=0))}


def build(
    database: Database[dict[str, Any]],
    timeline: Timeline,
    feed: Feed,
    *,
    lake_url: str,
    requirements_dir: Path,
    effects_file: Path,
) -> Analytics:
    """Wire analytics; opens nothing until it is asked."""
    ledger = Ledger(database, timeline)
    lake = Lake(lake_url)
    runs = MongoRuns(database)
    return Analytics(
        ledger=ledger,
        lake=lake,
        runs=runs,
        enrichment=Enrichment(feed, ledger, lake, runs),
        reports=Reports(lake, ledger, runs, requirements_dir, effects_file),
    )
