"""What analytics knows of its own freshness, as metrics: of sources, of enrichment.

In: the records of runs, walks and passes in MongoDB, and the mapping files; each is one
question whose answer has a row for each source or tenant. Out: metric families with
labels ``tenant``, ``source``, ``kind``; counts and ages, never content or a person.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from pymongo.database import Database

from analytics.enrichment.runs import MongoRuns
from analytics.workforce.schedules import Due, Schedules
from analytics.workforce.source_records import SourceRecord, SourceRecords
from analytics.workforce.walks import LastWalk, Walks

_OUTCOMES = {
    "added": "added",
    "changed": "changed",
    "unchanged": "unchanged",
    "set_aside": "quarantined",
    "skipped": "skipped",
}
_OF_SOURCE = ("tenant", "source")
_OF_RUN = ("tenant", "kind", "source")


@dataclass(slots=True)
class _Source:
    """When a delivery was last applied, and the source last tried; how that ended."""

    good: datetime.datetime | None = None
    tried: datetime.datetime | None = None
    failed: bool = False

    def note(
        self,
        good: datetime.datetime | None,
        tried: datetime.datetime | None,
        failed: bool,
    ) -> None:
        """Take one more record of it; the newest counts."""
        if good is not None:
            self.good = max(self.good or good, good)
        if tried is not None and tried >= (self.tried or tried):
            self.tried, self.failed = tried, failed


class AnalyticsMetrics:
    """The metrics of workforce sources and of the enrichment, of all tenants."""

    def __init__(self, database: Database[dict[str, Any]], hris_dir: Path) -> None:
        self._runs = MongoRuns(database)
        self._walks = Walks(database)
        self._records = SourceRecords(database["ledger_sources"])
        self._schedules = Schedules(hris_dir)

    def collect(self, now: datetime.datetime, through: int) -> Iterator[Metric]:
        """Yield the families as of ``now``; ``through`` is consistent-through.

        Raises PyMongoError.
        """
        yield from self._of_enrichment(now, through)
        records, walks = self._records.all(), self._walks.all()
        scheduled = list(self._schedules.due(walks, now))
        yield from _of_sources(now, records, walks, scheduled)
        yield from _of_runs(records)

    def _of_enrichment(self, now: datetime.datetime, through: int) -> Iterator[Metric]:
        lag = GaugeMetricFamily(
            "lrs_enrichment_lag_seconds",
            "How far the lake is behind what may be read of the truth.",
            labels=["tenant"],
        )
        age = GaugeMetricFamily(
            "lrs_enrichment_age_seconds",
            "Since the last enrichment pass ended.",
            labels=["tenant"],
        )
        for tenant, last in self._runs.all().items():
            lag.add_metric([tenant], max(through - last.through, 0) / 1e6)
            age.add_metric([tenant], _age(now, last.finished))
        yield lag
        yield age


def _of_sources(
    now: datetime.datetime,
    records: list[SourceRecord],
    walks: dict[tuple[str, str], LastWalk],
    scheduled: list[Due],
) -> Iterator[Metric]:
    good = GaugeMetricFamily(
        "lrs_workforce_source_age_seconds",
        "Since a delivery was last applied, or a system said that nothing changed.",
        labels=_OF_SOURCE,
    )
    tried = GaugeMetricFamily(
        "lrs_workforce_source_tried_age_seconds",
        "Since a source was last tried, or a file of it.",
        labels=_OF_SOURCE,
    )
    failed = GaugeMetricFamily(
        "lrs_workforce_source_failed",
        "1 where the last try failed, or the newest delivery was refused.",
        labels=_OF_SOURCE,
    )
    overdue = GaugeMetricFamily(
        "lrs_workforce_source_overdue",
        "1 where its schedule's time has come and it has not been taken since.",
        labels=_OF_SOURCE,
    )
    for (tenant, source), found in sorted(_joined(records, walks, scheduled).items()):
        if found.good is not None:
            good.add_metric([tenant, source], _age(now, found.good))
        if found.tried is not None:
            tried.add_metric([tenant, source], _age(now, found.tried))
            failed.add_metric([tenant, source], found.failed)
    for one in scheduled:
        overdue.add_metric([one.tenant, one.source or one.name], one.at <= now)
    yield from (good, tried, failed, overdue)


def _joined(
    records: list[SourceRecord],
    walks: dict[tuple[str, str], LastWalk],
    scheduled: list[Due],
) -> dict[tuple[str, str], _Source]:
    """Return what runs and walks say of each source, by tenant and name."""
    called = {(one.tenant, one.name): one.source for one in scheduled if one.source}
    found: dict[tuple[str, str], _Source] = {}
    for record in records:
        source = found.setdefault((record.tenant, record.source), _Source())
        if record.fresh_at is not None:
            source.note(record.fresh_at, record.fresh_at, failed=False)
        if record.failed is not None:
            source.note(None, record.failed, failed=True)
    for (tenant, name), walk in walks.items():
        named = called.get((tenant, name), name)
        source = found.setdefault((tenant, named), _Source())
        # To find no new file makes no data younger.
        source.note(None, walk.ended or walk.began, failed=walk.why is not None)
    return found


def _of_runs(records: list[SourceRecord]) -> Iterator[Metric]:
    last = GaugeMetricFamily(
        "lrs_workforce_last_run_records",
        "The records of a source's last applied run, by what became of them.",
        labels=[*_OF_RUN, "outcome"],
    )
    waiting = GaugeMetricFamily(
        "lrs_workforce_quarantine_records",
        "Set aside since the last full delivery, and not replayed.",
        labels=_OF_RUN,
    )
    for record in records:
        if record.recorded is None:
            continue
        labels = [record.tenant, record.kind, record.source]
        for outcome, name in _OUTCOMES.items():
            last.add_metric([*labels, outcome], record.counts.get(name, 0))
        waiting.add_metric(labels, max(record.open, 0))
    yield from (last, waiting)


def _age(now: datetime.datetime, moment: datetime.datetime) -> float:
    """Return an age in seconds; none is negative, whoever's clock it was."""
    return round(max((now - moment).total_seconds(), 0.0), 3)
