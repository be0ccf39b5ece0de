"""Figures of a whole store: what the feed reads a second, what a Statement takes."""

from __future__ import annotations

import time
from typing import Any

from lrs.services import Services
from tests.bench.errors import BenchError
from tests.bench.questions import Contents
from tests.bench.statements import BLOCK

TENANT = "default"


def feed_rate(services: Services, contents: Contents) -> float:
    """Read the whole feed as the enrichment does; return Statements a second."""
    feed = services.feed
    through = feed.consistent_through()
    began, count = time.monotonic(), 0
    for batch in feed.read(TENANT, 0, through):
        count += len(batch)
    expected = contents.blocks * BLOCK
    if count != expected:
        raise BenchError(f"The feed gave {count} Statements of {expected}.")
    return count / (time.monotonic() - began)


def bytes_per_statement(services: Services, contents: Contents) -> dict[str, Any]:
    """Return bytes a Statement: its text and keys, on disk, in each index."""
    stats = services.database.command("collStats", "statements")
    count = stats["count"]
    if count != contents.blocks * BLOCK:
        raise BenchError(f"{count} documents are stored, not one for each Statement.")
    return {
        "statements": count,
        "document": stats["size"] / count,
        "document_on_disk": stats["storageSize"] / count,
        "indexes": {
            name: size / count for name, size in sorted(stats["indexSizes"].items())
        },
        "all_on_disk": (stats["storageSize"] + stats["totalIndexSize"]) / count,
    }
