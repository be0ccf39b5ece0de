"""``lrs worker``: background jobs, each under a lease, never inside the web server.

A failed pass is logged and tried again at the next turn; a signal ends the loop after
the pass in hand.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

import structlog
from pymongo.errors import PyMongoError

from lrs.services import Services
from lrs.store.leases import LeaseTaken

if TYPE_CHECKING:
    from analytics.enrichment.enrichment import Enrichment

_log = structlog.get_logger("lrs.worker")


def work(services: Services) -> None:
    """Enrich every tenant, and clean, again and again until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    analytics = services.analytics()
    while not stop.is_set():
        began = time.monotonic()
        try:
            # Before its first Statement a tenant may have people already.
            tenants = {*services.feed.tenants(), *analytics.ledger.tenants()}
        except PyMongoError as error:
            tenants = set()
            _log.warning("database", error=type(error).__name__)
        for tenant in sorted(tenants):
            if not stop.is_set():
                _enrich(services, analytics.enrichment, tenant)
        if not stop.is_set():
            _clean(services)
        spent = time.monotonic() - began
        stop.wait(max(0.5, services.settings.enrich_seconds - spent))


def _enrich(services: Services, enrichment: Enrichment, tenant: str) -> None:
    began = time.perf_counter()
    try:
        with services.leases.hold(f"enrichment/{tenant}") as lost:
            result = enrichment.run(tenant, lost=lost)
    except LeaseTaken:
        return
    except Exception as error:
        # Whatever it is (the lake's libraries have errors of their own): the other
        # tenants go on, and the next turn tries again. Its text could hold content.
        _log.warning("enrichment failed", tenant=tenant, error=type(error).__name__)
        return
    if any(result.rows.values()):
        _log.info(
            "enriched",
            tenant=tenant,
            rows=result.rows,
            ms=round((time.perf_counter() - began) * 1000),
        )


def _clean(services: Services) -> None:
    """Remove what requests that were cut off left of their attachments."""
    try:
        with services.leases.hold("attachments"):
            removed = services.attachments.clean()
    except LeaseTaken:
        return
    except PyMongoError as error:
        _log.warning("cleaning failed", error=type(error).__name__)
        return
    if removed:
        _log.info("cleaned", uploads=removed)
