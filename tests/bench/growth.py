"""Growth: what each query costs in a large store beside what it costs in a small one.

Both stores stand at the same time, each on a MongoDB of its own, and are asked in
turns, so that the ratios hold on a machine that others use as well. Asked is
lrs.retrieval in this process, and a few kinds through HTTP; MongoDB's profiler says how
many keys and documents a query looked at, which no other load of the machine changes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from lrs.access import Principal, Scope
from lrs.retrieval import StatementQuery
from lrs.services import Services, opened
from lrs.terminal import console
from tests.bench import bulk, questions
from tests.bench.bulk import Filling, Writers, settings_for
from tests.bench.contenders import ours
from tests.bench.errors import BenchError
from tests.bench.mongod import Mongod, mongod
from tests.bench.questions import Contents, Question
from tests.bench.statements import BLOCK, Statements
from tests.bench.stores import TENANT, bytes_per_statement, feed_rate
from tests.bench.wire import ask_over_http

MOST_GROWTH = 1.5
LEAST_FEED = 100_000  # Statements a second
SMALL, LARGE = "small", "large"
_PROFILED = 5  # questions of a kind that the profiler watches
_OVER_HTTP = ("by_id", "agent + verb", "until", "related_activities, parent")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; ``small`` and ``large`` are Statements, a multiple of 1,000."""

    small: int
    large: int
    questions: int
    processes: int
    cache_gb: float
    seed: int = 4


@dataclass(frozen=True, slots=True)
class Store:
    """A filled store, and the services over it."""

    name: str
    mongod: Mongod
    services: Services
    contents: Contents
    seconds: float  # to fill it


@dataclass(slots=True)
class Cost:
    """What a kind of query cost in one store: seconds, keys and documents looked at."""

    seconds: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    keys: float = 0.0
    documents: float = 0.0

    @property
    def median(self) -> float:
        """Return the median cost in seconds."""
        return statistics.median(self.seconds)


@dataclass(slots=True)
class Found:
    """All that a growth run found; costs by kind, then by store."""

    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    promised: tuple[str, ...] = ()
    over_http: dict[str, dict[str, float]] = field(default_factory=dict)
    sizes: dict[str, dict[str, Any]] = field(default_factory=dict)
    filled: dict[str, float] = field(default_factory=dict)
    feed: float = 0.0


def measure(plan: Plan, folder: Path) -> Found:
    """Fill both stores in this folder and measure; raises BenchError."""
    found = Found()
    with ExitStack() as stack:
        stores = [
            stack.enter_context(_store(name, count, plan, folder / name))
            for name, count in ((SMALL, plan.small), (LARGE, plan.large))
        ]
        for store in stores:
            found.filled[store.name] = store.contents.blocks * BLOCK / store.seconds
            found.sizes[store.name] = bytes_per_statement(
                store.services, store.contents
            )
        with console.status("Choosing what to ask for"):
            common = questions.Common(Statements(plan.seed), plan.small)
            asked = {
                store.name: questions.kinds(common, store.contents, plan.questions)
                for store in stores
            }
            found.promised = tuple(asked[SMALL])
            for store in stores:
                asked[store.name] |= questions.beyond(
                    common, store.contents, plan.questions
                )
        with _progress() as progress:
            task = progress.add_task("", total=len(asked[SMALL]))
            for kind in asked[SMALL]:
                progress.update(task, description=kind)
                found.costs[kind] = _costs(stores, kind, asked)
                progress.advance(task)
        with console.status("Asking through HTTP"):
            found.over_http = _over_http(stores, asked, folder)
        with console.status("Reading the feed"):
            found.feed = feed_rate(stores[-1].services, stores[-1].contents)
    return found


@contextmanager
def _store(name: str, count: int, plan: Plan, folder: Path) -> Iterator[Store]:
    with ExitStack() as stack:
        its = stack.enter_context(mongod(folder, cache_gb=plan.cache_gb))
        settings = settings_for(its.uri, str(folder / "data"))
        services = stack.enter_context(opened(settings))
        blocks = count // BLOCK
        begin = time.time_ns() // 1000 - (blocks + 1) * BLOCK * bulk.SPACING
        who = writers(services)
        filling = Filling(its.uri, str(folder / "data"), plan.seed, blocks, begin, who)
        with _progress() as progress:
            task = progress.add_task(f"Filling the {name} store", total=count)
            seconds = bulk.fill(
                filling, plan.processes, lambda some: progress.advance(task, some)
            )
        services.client.admin.command("fsync")
        contents = Contents(Statements(plan.seed), blocks, begin, who)
        yield Store(name, its, services, contents, seconds)


def writers(services: Services) -> Writers:
    """Return three new credentials that write."""

    def add(*scopes: Scope) -> Principal:
        pair = services.credentials.add(TENANT, scopes)
        made = services.credentials.verify(*pair)
        if made is None:
            raise BenchError("A credential that was just made is refused.")
        return made

    mine = (Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ_MINE)
    main = add(Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ, Scope.DEFINE)
    return Writers(main, add(*mine), add(*mine))


def _costs(
    stores: Sequence[Store], kind: str, asked: Mapping[str, Mapping[str, Any]]
) -> dict[str, Cost]:
    costs = {store.name: Cost() for store in stores}
    for store in stores:  # unmeasured, for caches; and what the profiler says of them
        few = asked[store.name][kind][:_PROFILED]
        examined = _profiled(store, few)
        costs[store.name].keys, costs[store.name].documents = examined
    for at in range(len(asked[SMALL][kind])):
        for store in stores if at % 2 else stores[::-1]:
            cost = costs[store.name]
            for seconds, count in _ask(store, asked[store.name][kind][at]):
                cost.seconds.append(seconds)
                cost.found.append(count)
    return costs


def _ask(store: Store, question: Question) -> Iterator[tuple[float, int]]:
    """Yield the seconds of each request and how many Statements it gave."""
    retrieval, clock = store.services.retrieval, time.perf_counter
    query = question.query
    for _ in range(question.pages):
        began = clock()
        if question.statement_id:
            retrieval.one(question.principal, question.statement_id, StatementQuery())
            yield clock() - began, 1
            return
        page = retrieval.page(question.principal, query)
        yield clock() - began, len(page.texts)
        if page.after is None:
            return
        query = replace(query, after=page.after)


def _profiled(store: Store, some: Sequence[Question]) -> tuple[float, float]:
    """Return the keys and the documents that a request looks at, on average."""
    database = store.services.database
    database.command("profile", 2)
    requests = sum(1 for question in some for _ in _ask(store, question))
    database.command("profile", 0)
    of_statements = {"ns": f"{database.name}.statements"}
    seen = list(database["system.profile"].find(of_statements))
    database["system.profile"].drop()
    return (
        sum(one.get("keysExamined", 0) for one in seen) / requests,
        sum(one.get("docsExamined", 0) for one in seen) / requests,
    )


def _over_http(
    stores: Sequence[Store], asked: Mapping[str, Mapping[str, Any]], folder: Path
) -> dict[str, dict[str, float]]:
    """Return median seconds of a few kinds, one request at a time."""
    taken: dict[str, dict[str, float]] = {kind: {} for kind in _OVER_HTTP}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(ours(store.mongod, folder / store.name))
            for store in stores
        ]
        for kind in _OVER_HTTP:
            lists = [asked[store.name][kind] for store in stores]
            medians = ask_over_http(servers, lists)
            for store, seconds in zip(stores, medians, strict=True):
                taken[kind][store.name] = seconds
    return taken


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
