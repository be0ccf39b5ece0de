"""What a connector costs: everybody of a large company, then a delta, from its fake.

The fake of each system stands in a process of its own and makes its answers from a
number, so that it holds little. Two companies are taken, each by a process that says
what that took: the seconds of asking (pages, joins, the spool) and of the whole sync
into a MongoDB, and its peak of memory after each. Memory is flat where asking for ten
times as many people takes about as much.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from analytics.workforce.connectors.source import ConnectorSource
from analytics.workforce.connectors.spool import Spool
from analytics.workforce.engine.syncing import configured, sync
from analytics.workforce.sources.cursors import cursors_of
from lrs import logs
from lrs.services import opened
from tests.bench import connector_fakes
from tests.bench.bulk import settings_for
from tests.bench.errors import BenchError
from tests.bench.mongod import mongod
from tests.fakes.certificates import certificates
from tests.fakes.server import served

MOST_SECONDS = 180.0  # for 100,000 people
MOST_DELTA_SECONDS = 10.0
MOST_GROWTH = 1.5  # of the peak of asking, for ten times as many people
_CHANGED = 50  # people of a delta
_ENDS = 1200  # seconds for a measurement to come to its end

Large = Callable[[int], Any]
LARGE: Mapping[str, tuple[Large, str, dict[str, str]]] = connector_fakes.LARGE


@dataclass(frozen=True, slots=True)
class Cost:
    """What one company took."""

    system: str
    people: int
    requests: int
    asking: float  # seconds
    asking_peak: int  # bytes of the whole process, when asking was done
    full: float  # seconds of a sync of everybody
    delta: float  # seconds of a sync of some that changed
    peak: int  # bytes of the process after all
    records: int


def measure(
    systems: tuple[str, ...], people: int, cache_gb: float, folder: Path
) -> list[Cost]:
    """Measure each system with a tenth of the people, and all; raises BenchError."""
    costs = []
    with mongod(folder, cache_gb=cache_gb) as its:
        for system in systems:
            for number in (max(people // 10, 100), people):
                place = folder / f"{system}-{number}"
                place.mkdir()
                costs.append(_company(system, number, its.uri, place))
    return costs


def _company(system: str, people: int, uri: str, place: Path) -> Cost:
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    end = context.Event()
    change = context.Event()
    fake = context.Process(
        target=_serve, args=(system, people, told, change, end), daemon=True
    )
    fake.start()
    try:
        url = told.get(timeout=120)
        taker = context.Process(
            target=_take, args=(system, people, url, uri, place, told, change)
        )
        taker.start()
        taker.join(_ENDS)
        if taker.exitcode != 0:
            taker.kill()
            raise BenchError(f"Taking {people:,} people of {system} failed.")
        return Cost(system, people, **told.get(timeout=10))
    finally:
        end.set()
        fake.join(20)


def _serve(system: str, people: int, told: Any, change: Any, end: Any) -> None:
    """Serve a company until the end; let some people change when that is asked."""
    fake = LARGE[system][0](people)
    with served(fake) as server:
        server.asked = connector_fakes.Forgetful()
        told.put(server.url)
        while not end.wait(0.05):
            if change.is_set():
                fake.change(_CHANGED)
                change.clear()


def _take(
    system: str, people: int, url: str, uri: str, place: Path, told: Any, change: Any
) -> None:
    logs.configure("error")
    _, mapping, secrets = LARGE[system]
    (place / f"{system}.toml").write_text(mapping.replace("{url}", url))
    certificates(place)  # for who asks for a client's
    settings = settings_for(uri, str(place / "data"))
    tenant = f"{system}-{people}"
    with opened(settings) as services:
        ledger, cursors = services.analytics().ledger, cursors_of(services.database)

        def source() -> tuple[Any, ConnectorSource]:
            own = (place, system, lambda _: secrets, tenant)
            found, made, _ = configured(*own, cursors=cursors)
            assert isinstance(made, ConnectorSource)
            return found, made

        asked, began = source()[1], time.perf_counter()
        with asked.asking() as fetch, Spool() as spool:
            spool.fill(asked.system.connector.full(fetch))
            records, requests = spool.number, fetch.session.requests
        asking, asking_peak = time.perf_counter() - began, _peak()
        began = time.perf_counter()
        _sync(ledger, tenant, *source())
        full = time.perf_counter() - began
        change.set()
        while change.is_set():
            time.sleep(0.01)
        began = time.perf_counter()
        taken = _sync(ledger, tenant, *source())
        delta = time.perf_counter() - began
        if not 0 < taken < records:
            raise BenchError(f"The delta of {system} had {taken:,} records.")
    told.put(
        {
            "requests": requests,
            "asking": asking,
            "asking_peak": asking_peak,
            "full": full,
            "delta": delta,
            "peak": _peak(),
            "records": records,
        }
    )


def _sync(ledger: Any, tenant: str, mapping: Any, source: ConnectorSource) -> int:
    walk = sync(ledger, tenant, mapping, source)
    if walk.refused or not walk.applied:
        raise BenchError(f"{source.name} was not taken: {walk.why}")
    [(_, result)] = walk.applied
    if result.set_aside:
        raise BenchError(f"{result.set_aside} records of {source.name} were set aside.")
    return result.read


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def all_met(costs: list[Cost]) -> bool:
    """Tell whether the targets are met."""
    small = {cost.system: cost for cost in reversed(costs)}
    return all(
        cost.full <= MOST_SECONDS * max(cost.people / 100_000, 0.1)
        and cost.delta <= MOST_DELTA_SECONDS
        and cost.asking_peak <= MOST_GROWTH * small[cost.system].asking_peak
        for cost in costs
    )


def show(costs: list[Cost], out: Console) -> None:
    """Print the table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        *("system", "people", "records", "requests", "asking, s"),
        *("its peak, MiB", "full sync, s", "delta, s", "peak, MiB"),
    ):
        table.add_column(name, justify="left" if name == "system" else "right")
    for cost in costs:
        table.add_row(
            *(cost.system, f"{cost.people:,}", f"{cost.records:,}"),
            *(f"{cost.requests:,}", f"{cost.asking:.1f}"),
            *(f"{cost.asking_peak >> 20:,}", f"{cost.full:.1f}"),
            *(f"{cost.delta:.1f}", f"{cost.peak >> 20:,}"),
        )
    out.print(table)


def as_json(costs: list[Cost]) -> dict[str, Any]:
    """Return everything for ``--output``."""
    return {"costs": [asdict(cost) for cost in costs]}
