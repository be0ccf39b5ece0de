"""``lrs worker``: background jobs, each under a lease, never inside the web server.

A failed pass is logged and tried again at the next turn; a signal ends the loop after
the pass in hand. Without its database the worker waits until that is there: that it is
gone, and that it is back, the log says once (``lrs.store.reach``).
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

import structlog
from pymongo.errors import PyMongoError

from analytics.identity.rules import WrongRules
from analytics.workforce.clearing import clear_every_killed
from lrs.errors import Unavailable
from lrs.preparing import Preparing
from lrs.services import Services
from lrs.store.leases import LeaseTaken
from lrs.syncs import Syncs, is_gone

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
    syncs = Syncs(services, analytics, stop)
    preparing = Preparing(analytics.reports, stop)
    failing = ""
    while not stop.is_set():
        began = time.monotonic()
        try:
            _turn(services, analytics, syncs, preparing, stop)
            failing = ""
        except PyMongoError as error:
            # Said once, however long it lasts: the next turn tries again.
            if failing != (failing := type(error).__name__):
                _log.warning("database", error=failing)
        spent = time.monotonic() - began
        stop.wait(max(0.5, services.settings.enrich_seconds - spent))
    syncs.end()


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


def _turn(
    services: Services,
    analytics: Analytics,
    syncs: Syncs,
    preparing: Preparing,
    stop: threading.Event,
) -> None:
    """Do each job once; raises PyMongoError where the database fails."""
    syncs.turn()
    # Before its first Statement a tenant may have people already.
    tenants = {*services.feed.tenants(), *analytics.ledger.tenants()}
    for tenant in sorted(tenants):
        if not stop.is_set():
            changed = _enrich(services, analytics.enrichment, tenant)
            preparing.turn(tenant, changed=changed)
    if not stop.is_set():
        _clean(services)
        if cleared := clear_every_killed(analytics.ledger):
            _log.info("cleared", imports=cleared)


_shared = threading.Event()  # it was said that another one is at work too
_said: dict[str, str] = {}  # by tenant: what is wrong with the identity file


def _enrich(services: Services, enrichment: Enrichment, tenant: str) -> bool:
    """Run a pass; tell whether it changed anything."""
    began = time.perf_counter()
    try:
        with services.leases.hold(f"enrichment/{tenant}") as lost:
            result = enrichment.run(tenant, lost=lost)
        _said.pop(tenant, None)
    except LeaseTaken:
        if not _shared.is_set():  # or a second worker would wait without a word
            _shared.set()
            _log.info("another process holds the enrichment lease", tenant=tenant)
        return False
    except WrongRules as error:
        # Of a file of settings: it names the place and the rule. Said once.
        if _said.get(tenant) != error.message:
            _said[tenant] = error.message
            _log.warning("enrichment waits", tenant=tenant, reason=error.message)
        return False
    except Exception as error:
        if is_gone(error):
            raise  # it would fail for the other tenants too
        # Whatever it is (the lake's libraries have errors of their own): the other
        # tenants go on, and the next turn tries again. Its text could hold content.
        _log.warning("enrichment failed", tenant=tenant, error=type(error).__name__)
        return False
    if any(result.rows.values()):
        _log.info(
            "enriched",
            tenant=tenant,
            rows=result.rows,
            ms=round((time.perf_counter() - began) * 1000),
        )
        return True
    return False


def _clean(services: Services) -> None:
    """Remove what requests that were cut off left of their attachments."""
    try:
        with services.leases.hold("attachments"):
            removed = services.attachments.clean()
    except LeaseTaken:
        return
    except PyMongoError as error:
        if is_gone(error):
            raise
        _log.warning("cleaning failed", error=type(error).__name__)
        return
    if removed:
        _log.info("cleaned", uploads=removed)
