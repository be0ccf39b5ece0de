"""What a readiness probe asks of analytics, without loading what reports need.

Out: (is it well, what there is to say) for the lake and for the enrichment. A lake in a
folder is looked at as a folder; only an object store needs the library that knows how
to speak to one.
"""

from __future__ import annotations

import datetime
import os
import shutil
from pathlib import Path

from pymongo.errors import PyMongoError

from analytics.enrichment.runs import MongoRuns
from analytics.workforce.walks import Walks

_LEAST_FREE = 100 << 20  # bytes
Health = tuple[bool, dict[str, object]]


def lake_health(url: str) -> Health:
    """Tell whether the lake can be reached and, where it is a folder, written."""
    if "://" in url:
        return _store_health(url)
    folder = Path(url)
    standing = next(item for item in (folder, *folder.parents) if item.exists())
    if not os.access(standing, os.W_OK):
        return False, {"reason": "the lake's folder cannot be written"}
    free = shutil.disk_usage(standing).free
    if free > _LEAST_FREE:
        return True, {"free_mb": free >> 20}
    return False, {"free_mb": free >> 20, "reason": "the lake's disk is all but full"}


def enrichment_health(runs: MongoRuns) -> Health:
    """Tell how long ago the last pass ended, in seconds, at most."""
    try:
        found = runs.all()
    except PyMongoError as error:
        return False, {"reason": type(error).__name__}
    now = datetime.datetime.now(datetime.UTC)
    ages = [(now - last.finished).total_seconds() for last in found.values()]
    return True, {"tenants": len(ages), "age_seconds": round(max(ages, default=0))}


def workforce_health(walks: Walks) -> Health:
    """Tell how long ago each configured source was taken, and what failed last.

    Old people's data make no server unfit: it is told, and that is all.
    """
    now = datetime.datetime.now(datetime.UTC)
    try:
        found = walks.all()
    except PyMongoError as error:
        return False, {"reason": type(error).__name__}
    told: dict[str, object] = {
        f"{tenant}/{name}": {
            "age_seconds": round((now - walk.began).total_seconds()),
            "failed": walk.why is not None,
        }
        for (tenant, name), walk in found.items()
    }
    return True, {"sources": told}


def _store_health(url: str) -> Health:
    from analytics.lake.lake import Lake

    try:
        Lake(url).open("health", "facts")
    except OSError as error:
        return False, {"reason": type(error).__name__}
    return True, {}
