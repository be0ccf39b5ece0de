"""``lrs worker``: background jobs, each under a lease, never inside the web server.

A failed pass is logged and tried again at the next turn; a signal ends the loop after
the pass in hand. Without its database the worker waits until that is there: that it is
gone, and that it is back, the log says once (``lrs.store.reach``).
"""

from __future__ import annotations

import datetime
import signal
import threading
import time
from typing import TYPE_CHECKING

import structlog
from pymongo.errors import ConnectionFailure, PyMongoError

from analytics.workforce.engine.syncing import configured, sync
from analytics.workforce.schedules import due
from lrs.access import DEFAULT_TENANT
from lrs.errors import LrsError, Unavailable
from lrs.services import Services
from lrs.store.leases import LeaseTaken

if TYPE_CHECKING:
    from analytics.enrichment.enrichment import Enrichment
    from analytics.services import Analytics

_AGAIN_SECONDS = 1.0
_log = structlog.get_logger("lrs.worker")


def work(services: Services) -> None:
    """Enrich every tenant, and clean, again and again until SIGTERM or SIGINT.

    Raises SetupError where the database must be set up otherwise.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _wait_for_database(services, stop)
    analytics = services.analytics()
    failing = ""
    while not stop.is_set():
        began = time.monotonic()
        try:
            _turn(services, analytics, stop)
            failing = ""
        except PyMongoError as error:
            # Said once, however long it lasts: the next turn tries again.
            if failing != (failing := type(error).__name__):
                _log.warning("database", error=failing)
        spent = time.monotonic() - began
        stop.wait(max(0.5, services.settings.enrich_seconds - spent))


def _wait_for_database(services: Services, stop: threading.Event) -> None:
    said = ""
    while not stop.is_set():
        try:
            services.readiness.now()
        except Unavailable as error:
            if said != (said := error.message):
                _log.warning("database not ready", reason=said)
            stop.wait(_AGAIN_SECONDS)
        else:
            if said:
                _log.info("database ready")
            return


def _turn(services: Services, analytics: Analytics, stop: threading.Event) -> None:
    """Do each job once; raises PyMongoError where the database fails."""
    _sync_due(services, analytics, stop)
    # Before its first Statement a tenant may have people already.
    tenants = {*services.feed.tenants(), *analytics.ledger.tenants()}
    for tenant in sorted(tenants):
        if not stop.is_set():
            _enrich(services, analytics.enrichment, tenant)
    if not stop.is_set():
        _clean(services)


def _sync_due(services: Services, analytics: Analytics, stop: threading.Event) -> None:
    """Take the sources whose time has come; each is one walk's, by its lease."""
    now = datetime.datetime.now(datetime.UTC)
    walks = analytics.walks.of(DEFAULT_TENANT)
    for source in due(services.settings.hris_dir, walks, now):
        if source.wrong is not None:
            _say_once(source.name, source.wrong)
        elif source.at <= now and not stop.is_set():
            _sync(services, analytics, source.name)


def _sync(services: Services, analytics: Analytics, name: str) -> None:
    began, walks, why = time.perf_counter(), analytics.walks, None
    try:
        with services.leases.hold(f"workforce/{DEFAULT_TENANT}/{name}"):
            walks.begin(DEFAULT_TENANT, name)
            folder = services.settings.hris_dir
            mapping, source = configured(folder, name, analytics.hris_secrets)
            walk = sync(analytics.ledger, DEFAULT_TENANT, mapping, source)
    except LeaseTaken:
        return
    except LrsError as error:
        why = error.message
    except Exception as error:
        if _is_gone(error):
            raise
        why = type(error).__name__  # its text could hold a value
    else:
        if walk.refused:
            why = walk.refused[-1][1]
        _log.info(
            "synced",
            source=name,
            applied=len(walk.applied),
            refused=len(walk.refused),
            ms=round((time.perf_counter() - began) * 1000),
        )
    if why:
        _log.warning("sync failed", source=name, reason=why)
    walks.end(DEFAULT_TENANT, name, why)


_said: dict[str, str] = {}


def _say_once(name: str, wrong: str) -> None:
    """Log what is wrong with a mapping once, until it is another thing."""
    if _said.get(name) != wrong:
        _said[name] = wrong
        _log.warning("mapping is wrong", source=name, reason=wrong)


def _enrich(services: Services, enrichment: Enrichment, tenant: str) -> None:
    began = time.perf_counter()
    try:
        with services.leases.hold(f"enrichment/{tenant}") as lost:
            result = enrichment.run(tenant, lost=lost)
    except LeaseTaken:
        return
    except Exception as error:
        if _is_gone(error):
            raise  # it would fail for the other tenants too
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
        if _is_gone(error):
            raise
        _log.warning("cleaning failed", error=type(error).__name__)
        return
    if removed:
        _log.info("cleaned", uploads=removed)


def _is_gone(error: Exception) -> bool:
    """Tell whether it is the database itself that fails."""
    return isinstance(error, PyMongoError) and (
        error.timeout or isinstance(error, ConnectionFailure)
    )
