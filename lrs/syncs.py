"""Syncs: the configured sources that ``lrs worker`` takes by their schedules.

They are taken one after another in a thread of their own, beside the worker's other
jobs, the longest overdue first. One that takes longer than PATIENCE (a file system that
hangs, say) is left alone, and the next ones are taken beside it. Each is held by a
lease for its tenant and source, so that no two walk over it.
"""

from __future__ import annotations

import datetime
import threading
import time
from contextlib import suppress
from typing import Any

import structlog
from pymongo.errors import ConnectionFailure, PyMongoError

from analytics.services import Analytics
from analytics.workforce.engine.syncing import configured, sync
from analytics.workforce.schedules import Due, Schedules
from lrs.errors import LrsError, Unavailable
from lrs.services import Services
from lrs.store.leases import LeaseTaken

PATIENCE = 600.0  # seconds that one walk may hold up the others
_ENDING = 20.0  # seconds for the walk in hand to clear up, when the worker ends
_log = structlog.get_logger("lrs.worker")


class _EndingError(Unavailable):
    """The worker is to end."""


class Syncs:
    """The walks over configured sources that one worker makes."""

    def __init__(
        self,
        services: Services,
        analytics: Analytics,
        stop: threading.Event,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._services = services
        self._analytics = analytics
        self._stop = stop
        self._patience = patience
        self._schedules = Schedules(services.settings.hris_dir)
        self.at_work: set[tuple[str, str]] = set()  # tenant and source, hanging or not
        self._thread: threading.Thread | None = None
        self._began = 0.0  # the walk in hand (monotonic)
        self._said: dict[str, str] = {}

    @property
    def is_at_work(self) -> bool:
        """Tell whether a walk goes on, beside those that hang."""
        return self._thread is not None and self._thread.is_alive()

    def turn(self) -> None:
        """See that what is due is taken; returns at once."""
        if self.is_at_work:
            if time.monotonic() - self._began < self._patience:
                return
            _log.warning("sync hangs", sources=sorted(map("/".join, self.at_work)))
        if waiting := self._due():
            self._began = time.monotonic()
            # A daemon: one that hangs must not keep the worker from ending.
            self._thread = threading.Thread(
                target=self._take, args=(waiting,), name="syncs", daemon=True
            )
            self._thread.start()

    def end(self) -> None:
        """Wait a while for the walk in hand, which ends as soon as it is asked."""
        if self._thread is not None:
            self._thread.join(_ENDING)

    def _due(self) -> list[Due]:
        """Return what is to be taken now, the longest overdue first."""
        now = datetime.datetime.now(datetime.UTC)
        waiting = []
        for source in self._schedules.due(self._analytics.walks.all(), now):
            if source.wrong is not None:
                self._say_once(source.name, source.wrong)
                continue
            self._said.pop(source.name, None)
            if source.at <= now and (source.tenant, source.name) not in self.at_work:
                waiting.append(source)
        return sorted(waiting, key=lambda source: source.at)

    def _say_once(self, name: str, wrong: str) -> None:
        """Log what is wrong with a mapping once, until it is another thing."""
        if self._said.get(name) != wrong:
            self._said[name] = wrong
            _log.warning("mapping is wrong", source=name, reason=wrong)

    def _take(self, waiting: list[Due]) -> None:
        for source in waiting:
            # Who has hung, and been left alone, goes no further than its own walk.
            if self._stop.is_set() or self._thread is not threading.current_thread():
                return
            self._began = time.monotonic()
            place = source.tenant, source.name
            self.at_work.add(place)
            try:
                self._walk(source.tenant, source.name)
            except (PyMongoError, _EndingError):
                # The other jobs meet a database that is gone too, and say so. The
                # walk has no end: so it is due again at once.
                return
            finally:
                self.at_work.discard(place)

    def _walk(self, tenant: str, name: str) -> None:
        began, walks, why = time.perf_counter(), self._analytics.walks, None
        ended: dict[str, Any] = {}
        folder = self._services.settings.hris_dir
        try:
            with self._services.leases.hold(f"workforce/{tenant}/{name}"):
                walks.begin(tenant, name)
                mapping, source, _ = configured(
                    *(folder, name, self._analytics.hris_secrets, tenant),
                    cursors=self._analytics.cursors,
                )
                walk = sync(
                    self._analytics.ledger,
                    tenant,
                    mapping,
                    source,
                    progress=self._go_on,
                )
        except LeaseTaken:
            return
        except _EndingError:
            _log.info("sync interrupted", tenant=tenant, source=name)
            raise
        except LrsError as error:
            why = error.message
        except Exception as error:
            if is_gone(error):
                raise
            why = type(error).__name__  # its text could hold a value
        else:
            ended = walk.outcome(mapping)
            _log.info(
                "synced",
                tenant=tenant,
                source=name,
                applied=len(walk.applied),
                refused=len(walk.refused),
                remarks=list(getattr(source, "remarks", ())),
                ms=round((time.perf_counter() - began) * 1000),
            )
        if reason := why or ended.get("refused"):
            _log.warning("sync failed", tenant=tenant, source=name, reason=reason)
        with suppress(ConnectionFailure):
            walks.end(tenant, name, why, **ended)

    def _go_on(self, _step: str, _done: int, _total: int | None) -> None:
        if self._stop.is_set():
            raise _EndingError("lrs worker was told to end.")


def is_gone(error: Exception) -> bool:
    """Tell whether it is the database itself that fails."""
    return isinstance(error, PyMongoError) and (
        error.timeout or isinstance(error, ConnectionFailure)
    )
