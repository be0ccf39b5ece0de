"""Preparing: after a pass, the standings that readers will ask for next.

For one worker. Where passes follow each other faster than standings can be made, they
are made a fifth of the time at most; a reader who comes between makes them alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from analytics.requirements import WrongRequirement
from lrs.syncs import is_gone

if TYPE_CHECKING:
    from analytics.reports.reports import Reports

_REST = 4  # times as long as it took, until it is done again
_ANYHOW = 300  # seconds: a day has begun, or a requirement was changed
_log = structlog.get_logger("lrs.worker")


@dataclass
class _Tenant:
    changed: bool = True
    not_before: float = 0
    anyhow: float = 0


@dataclass
class Preparing:
    """Makes standings ahead in ``turn``, until ``stop`` is set."""

    reports: Reports
    stop: threading.Event
    clock: Callable[[], float] = time.monotonic
    _tenants: dict[str, _Tenant] = field(default_factory=dict)

    def turn(self, tenant: str, *, changed: bool) -> None:
        """Do it where it is time; raises PyMongoError where the database fails."""
        state = self._tenants.setdefault(tenant, _Tenant())
        state.changed |= changed
        began = self.clock()
        if began < (state.not_before if state.changed else state.anyhow):
            return
        self._prepare(tenant)
        state.changed = False
        ended = self.clock()
        state.not_before = ended + _REST * (ended - began)
        state.anyhow = max(state.not_before, ended + _ANYHOW)

    def _prepare(self, tenant: str) -> None:
        from analytics.reports.ahead import prepare_ahead

        try:
            prepare_ahead(self.reports, tenant, still=lambda: not self.stop.is_set())
        except WrongRequirement:
            return  # every report says so
        except Exception as error:
            if is_gone(error):
                raise
            # Its text could hold content; readers make standings themselves.
            failed = type(error).__name__
            _log.warning("standings not made ahead", tenant=tenant, error=failed)
