"""Speed, measured side by side: the contenders in turns under the same loads.

Every contender has a MongoDB of its own and runs during the whole benchmark; at any
time one of them is driven. A round drives each of them once, in an order that changes
from round to round, so that what the machine does meanwhile falls on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from lrs.terminal import console
from tests.bench.consumption import children, proportional_bytes
from tests.bench.contenders import Server
from tests.bench.driver import Driver
from tests.bench.driving import Stretch
from tests.bench.loads import ALONE, BATCHES, BESIDE, STARVATION, Load
from tests.bench.mongod import Mongod, mongod

Serve = Callable[[Mongod, Path], AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; times in seconds."""

    loads: Sequence[Load]
    starvation: bool
    rounds: int
    seconds: float
    warm_up: float
    stored: int
    cache_gb: float
    stored_for_writes: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One stretch: ``rate`` a second, latencies in seconds.

    ``processor`` are microseconds of server, mongod and generator for one of what the
    rate counts.
    """

    load: str
    contender: str
    round: int
    rate: float
    requests: int
    p50: float
    p99: float
    longest: float
    processor: dict[str, float]


@dataclass(slots=True)
class Measured:
    """All that a run found. ``memory`` is the PSS (bytes) of each one's workers."""

    samples: list[Sample] = field(default_factory=list)
    filled: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)


def measure(plan: Plan, contenders: Mapping[str, Serve], folder: Path) -> Measured:
    """Start the contenders in this folder, drive them, stop them.

    What only writes is measured first, on fresh stores (``plan.stored_for_writes``
    else); what reads, on others that are filled. Raises BenchError where one does not
    start or refuses a request.
    """
    found = Measured()
    writes = [load.name for load in plan.loads if not load.reads]
    reads = [load.name for load in plan.loads if load.reads]
    if plan.starvation:
        reads.append(STARVATION)
    phases = (
        ("writes", writes, plan.stored_for_writes),
        ("reads", reads, plan.stored),
    )
    for name, loads, stored in phases:
        if loads:
            part = replace(plan, stored=stored)
            _measure(part, loads, contenders, folder / name, found)
    return found


def _measure(
    plan: Plan,
    loads: Sequence[str],
    contenders: Mapping[str, Serve],
    folder: Path,
    found: Measured,
) -> None:
    with ExitStack() as stack:
        driver = stack.enter_context(Driver())
        servers = []
        for name, serve in contenders.items():
            with console.status(f"Starting {name}"):
                own = folder / name
                its = stack.enter_context(mongod(own, cache_gb=plan.cache_gb))
                servers.append(stack.enter_context(serve(its, own)))
        if plan.stored:
            for server in servers:
                found.filled[server.name] = _fill(driver, server, plan.stored)
        with _progress() as progress:
            steps = len(loads) * plan.rounds * len(servers)
            task = progress.add_task("", total=steps)
            for load in loads:
                for number in range(plan.rounds):
                    for server in _in_turns(servers, number):
                        title = f"{load}, round {number + 1}, {server.name}"
                        progress.update(task, description=title)
                        found.samples += _sampled(driver, server, plan, load, number)
                        progress.advance(task)
        for server in servers:
            took = proportional_bytes(children(server.pid))
            found.memory[server.name] = max(took, found.memory.get(server.name, 0))


def _sampled(
    driver: Driver, server: Server, plan: Plan, load: str, number: int
) -> list[Sample]:
    stored, times = plan.stored, (plan.warm_up, plan.seconds)
    if load == STARVATION:
        alone = driver.call("drive_seven", server, stored, *times)
        mixed = driver.call("drive_mixed", server, stored, *times)
        _settle(server)
        return [
            _sample(alone, ALONE, server, number),
            _sample(mixed["by_id"], BESIDE, server, number),
            _sample(mixed["post500"], BATCHES, server, number),
        ]
    stretch = driver.call("drive", server, load, stored, *times)
    if load.startswith("post"):
        _settle(server)
    return [_sample(stretch, load, server, number)]


def _sample(stretch: Stretch, load: str, server: Server, number: int) -> Sample:
    requests = len(stretch.latencies)
    counted = stretch.statements or requests
    return Sample(
        load=load,
        contender=server.name,
        round=number,
        rate=counted / stretch.seconds,
        requests=requests,
        p50=stretch.percentile(0.5),
        p99=stretch.percentile(0.99),
        longest=stretch.longest,
        processor={
            name: seconds / counted * 1e6 if counted else 0.0
            for name, seconds in stretch.processor.items()
        },
    )


def _fill(driver: Driver, server: Server, count: int) -> float:
    """Fill a store by the contender's own door; return Statements a second."""
    with _progress() as progress:
        task = progress.add_task(f"Filling {server.name}", total=count)
        seconds: float = driver.call(
            "fill", server, count, report=lambda some: progress.advance(task, some)
        )
    _settle(server)
    return count / seconds


def _settle(server: Server) -> None:
    """Let its mongod write down what it holds, before the next one's turn."""
    with MongoClient[dict[str, Any]](server.mongod.uri) as client:
        client.admin.command("fsync")


def _in_turns(servers: Sequence[Server], number: int) -> list[Server]:
    """Return them in the order of this round: all begin as often as the others."""
    at = number // 2 % len(servers)
    order = [*servers[at:], *servers[:at]]
    return order[::-1] if number % 2 else order


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
