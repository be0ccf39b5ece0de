"""Reach: since when this process knows of no MongoDB that takes writes.

The driver watches its servers in the background and tells of each change; nothing is
asked here. So a request need not wait for a server of which it is known that it is not
there, and the log says once that it is gone and once that it is back.
"""

from __future__ import annotations

import time

import structlog
from pymongo.monitoring import (
    TopologyClosedEvent,
    TopologyDescriptionChangedEvent,
    TopologyListener,
    TopologyOpenedEvent,
)

_log = structlog.get_logger("lrs.database")


class Reach(TopologyListener):
    """What one client's driver tells of its servers; to be given to ``connect``."""

    def __init__(self) -> None:
        self._away: float | None = time.monotonic()
        self._was_there = False
        self._left = False

    def leave(self) -> None:
        """Say no more: the client is about to be closed."""
        self._left = True

    @property
    def seconds_away(self) -> float:
        """Return for how long no server has taken writes; 0 while one does."""
        away = self._away
        return 0.0 if away is None else time.monotonic() - away

    def opened(self, event: TopologyOpenedEvent) -> None:
        """Do nothing: nothing is known yet."""

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        """Note whether a server takes writes."""
        if self._left:
            return
        servers = event.new_description.server_descriptions().values()
        if not any(server.is_writable for server in servers):
            if self._away is None:
                self._away = time.monotonic()
                _log.warning("database unreachable")
            return
        seconds, self._away = self.seconds_away, None
        if self._was_there and seconds:
            _log.info("database reached", after_seconds=round(seconds, 1))
        self._was_there = True

    def closed(self, event: TopologyClosedEvent) -> None:
        """Do nothing: the process ends."""
