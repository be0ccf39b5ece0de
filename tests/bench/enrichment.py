"""What the enrichment costs: from nothing, and of 5,000 new Statements beside many.

A store is filled by the bulk path, HR tells of the 5,000 people who speak in it (three
rows each, units three deep), then one pass makes the lake from nothing and further
passes take in what was sent since; all of it twice, at a small and at a large number of
Statements. Each pass runs in a process of its own, which says what it took: seconds,
processor seconds of itself, and its peak of memory. Other load of the machine changes
seconds, hardly the others.
"""

from __future__ import annotations

import csv
import multiprocessing
import resource
import shutil
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from analytics.workforce.engine.importing import import_file
from config.settings import Settings
from lrs import logs
from lrs.feed import STEP
from lrs.services import Services, opened
from lrs.terminal import console
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.bench import bulk
from tests.bench.bulk import Filling, settings_for
from tests.bench.errors import BenchError
from tests.bench.growth import writers
from tests.bench.mongod import mongod
from tests.bench.statements import ACTORS, BLOCK, Statements, agent
from tests.bench.stores import TENANT

MOST_SECONDS, MOST_FRESH_SECONDS = 60.0, 2.0  # a million from nothing; 5,000 new ones
MOST_MEMORY = 2 << 30
FRESH_BLOCKS = 5  # of 1,000 Statements
_UNITS = 40
_ENDS = 300  # seconds for a pass to come to its end, and for a million as many more


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; ``small`` and ``large`` are Statements, a multiple of 1,000."""

    small: int
    large: int
    rounds: int
    processes: int
    cache_gb: float
    seed: int = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """What one pass took."""

    stored: int  # Statements before it
    new: int
    rows: int  # facts appended
    seconds: float
    processor: float  # seconds, of the process of the pass alone
    memory: int  # bytes, the peak of the whole process


def measure(plan: Plan, folder: Path) -> list[Cost]:
    """Fill the store and measure; raises BenchError."""
    costs: list[Cost] = []
    with ExitStack() as stack:
        its = stack.enter_context(mongod(folder, cache_gb=plan.cache_gb))
        settings = settings_for(its.uri, str(folder / "data"))
        services = stack.enter_context(opened(settings))
        _tell_of_people(services, folder)
        who, data = writers(services), str(folder / "data")
        filling = Filling(its.uri, data, plan.seed, 0, 0, who, spacing=STEP)
        stored, sent = 0, plan.large // BLOCK
        for size in (plan.small, plan.large):
            with console.status(f"Filling the store up to {size:,} Statements"):
                _fill(services, filling, stored, size, plan.processes)
            stored = size
            shutil.rmtree(settings.lake_url, ignore_errors=True)
            count = services.database["statements"].count_documents({})
            costs.append(_pass(settings, 0, count))
            for _ in range(plan.rounds):
                _send(services, plan.seed, sent)
                sent += FRESH_BLOCKS
                costs.append(_pass(settings, count, FRESH_BLOCKS * BLOCK))
                count += FRESH_BLOCKS * BLOCK
    return costs


def _fill(
    services: Services, filling: Filling, stored: int, size: int, processes: int
) -> None:
    """Store what is missing, each Statement after what HR has told."""
    begin = time.time_ns() // 1000 - stored * STEP
    part = replace(filling, first=stored // BLOCK, blocks=size // BLOCK, begin=begin)
    bulk.fill(part, processes, _nothing)
    while services.feed.consistent_through() < begin + size * STEP:
        time.sleep(0.5)


def _nothing(_: int) -> None:
    """Note no progress."""


def _tell_of_people(services: Services, folder: Path) -> None:
    path = folder / "people.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            (
                *("employee_id", "effective_date", "hire_date", "org_unit_id"),
                *("org_parent_id", "email", "identities", "job_code"),
                "location_time_zone",
            )
        )
        for number in range(ACTORS):
            rows.writerows(_rows_of(number))
    result = import_file(services.analytics().ledger, TENANT, "workforce", path)
    if result.quarantined:
        raise BenchError(f"{len(result.quarantined)} rows of HR were set aside.")


def _rows_of(number: int) -> list[tuple[str, ...]]:
    who = agent(number)
    mbox, account = who.get("mbox", ""), who.get("account")
    listed = f"account:{account['homePage']}|{account['name']}" if account else ""
    found = []
    for at, day in enumerate(("2024-01-01", "2025-03-01", "2025-09-01")):
        unit = (number + at) % _UNITS
        above = "" if unit == 0 else f"U{unit // 6 if unit > 5 else 0}"
        found.append(
            (
                *(f"E{number:05}", day, "2024-01-01", f"U{unit}", above),
                *(mbox.removeprefix("mailto:"), listed, f"J{number % 30}"),
                "Europe/Paris",
            )
        )
    return found


def _send(services: Services, seed: int, first: int) -> None:
    """Record further blocks as clients do, so that they are stored now."""
    statements = Statements(seed)
    writer = writers(services).main
    for block in range(first, first + FRESH_BLOCKS):
        body = ",".join([item.text for item in statements.block(block)])
        received, _ = text.split(f"[{body}]".encode())
        services.recording.record(writer, received, Version.V1_0_3)


def _pass(settings: Settings, stored: int, new: int) -> Cost:
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    process = context.Process(target=_run, args=(settings, told), daemon=True)
    process.start()
    process.join(_ENDS * (1 + new / 1_000_000))
    if process.exitcode != 0:
        process.kill()
        raise BenchError("A pass failed, or came to no end.")
    return Cost(stored, new, **told.get())


def _run(settings: Settings, told: Any) -> None:
    logs.configure("error")
    with opened(settings) as services:
        passed = services.analytics().enrichment  # its libraries load here
        began, busy = time.perf_counter(), time.process_time()
        result = passed.run(TENANT)
        told.put(
            {
                "rows": result.rows["facts"],
                "seconds": time.perf_counter() - began,
                "processor": time.process_time() - busy,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
            }
        )


def all_met(costs: list[Cost]) -> bool:
    """Tell whether the targets are met: they are for a million and for 5,000."""
    return all(
        cost.seconds <= (MOST_FRESH_SECONDS if cost.stored else MOST_SECONDS)
        and cost.memory <= MOST_MEMORY
        for cost in costs
    )


def show(costs: list[Cost], out: Console) -> None:
    """Print the table."""
    table = Table(box=box.SIMPLE, title="The enrichment's passes")
    for name in ("stored", "new", "facts", "seconds", "processor s", "peak MB"):
        table.add_column(name, justify="right")
    for cost in costs:
        table.add_row(
            *(f"{count:,}" for count in (cost.stored, cost.new, cost.rows)),
            *(f"{seconds:.2f}" for seconds in (cost.seconds, cost.processor)),
            f"{cost.memory >> 20:,}",
        )
    out.print(table)
    out.print(f"Targets met: {'yes' if all_met(costs) else 'NO'}")


def as_json(costs: list[Cost], plan: Plan) -> dict[str, Any]:
    """Return everything for programs."""
    return {"plan": asdict(plan), "passes": [asdict(cost) for cost in costs]}
