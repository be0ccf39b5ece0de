"""The metrics of the whole program, joined: release, database, timeline, analytics.

A composition module. What MongoDB knows is asked for at the scrape, within a time
limit; where it is away the metrics say that, and what they cannot know is left out.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pymongo.errors import PyMongoError

from lrs.errors import LrsError
from lrs.services import Services
from lrs.store.clock import microseconds
from lrs.store.mongo import within

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_SECONDS = 3  # that the database has for all of it
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Metrics:
    """Collects the metrics of these services; any process gives the same."""

    def __init__(self, services: Services, release: str) -> None:
        self._services = services
        self._release = release

    def __call__(self) -> Iterator[Metric]:
        """Yield the families; the database being away is one of the answers."""
        from prometheus_client.core import GaugeMetricFamily

        build = GaugeMetricFamily(
            "lrs_build_info", "1; the label says which release.", labels=["version"]
        )
        build.add_metric([self._release], 1)
        yield build
        found = self._of_database()
        up = GaugeMetricFamily(
            "lrs_database_up",
            "1 where MongoDB answers and is raised to this release's schema.",
            value=bool(found),
        )
        yield from (up, *found)

    def _of_database(self) -> list[Metric]:
        """Return what MongoDB knows; nothing where it cannot be asked for all of it."""
        if self._services.readiness.reason():
            return []
        try:
            with within(_SECONDS):
                return list(self._asked())
        except (PyMongoError, LrsError):
            return []

    def _asked(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        from analytics.metrics import AnalyticsMetrics

        services = self._services
        began = time.perf_counter()
        hello = services.database.client.admin.command("hello")
        took = time.perf_counter() - began
        now = microseconds(hello["localTime"])
        through = services.timeline.consistent_through()
        yield GaugeMetricFamily(
            "lrs_database_answer_seconds",
            "How long MongoDB took for the simplest answer.",
            value=took,
        )
        yield GaugeMetricFamily(
            "lrs_consistent_through_lag_seconds",
            "How far consistent-through is behind the database's clock.",
            value=max(now - through, 0) / 1e6,
        )
        moment = _EPOCH + datetime.timedelta(microseconds=now)
        analytics = AnalyticsMetrics(services.database, services.settings.hris_dir)
        yield from analytics.collect(moment, through)
