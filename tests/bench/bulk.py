"""The bulk path: millions of generated Statements into a store, by several processes.

Each Statement goes through our own preparation, rules included, and our own document
and indexes (lrs.recording, lrs.store.statements). What is left out is the transaction
and the timeline: nobody else writes, so the stamps are given here, one block after the
other, as if a Statement had come every six seconds up to now. Nothing but a benchmark
may do that.
"""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pymongo.collection import Collection
from pymongo.write_concern import WriteConcern

from config import settings as configuration
from config.settings import Settings
from lrs import logs
from lrs.access import Principal
from lrs.feed import STEP
from lrs.group_commit import Place
from lrs.recording import Recording
from lrs.services import opened
from lrs.store.statements import MongoStatements
from lrs.xapi import known_parts, text
from lrs.xapi.text import Received
from lrs.xapi.versions import Version
from tests.bench.errors import BenchError
from tests.bench.statements import BLOCK, Statements

T = TypeVar("T")

SPACING = 6_000_000  # microseconds for each Statement; a block's come in one burst
RARE = 100  # one of so many is the rare writer's
EARLY_BLOCKS, EARLY = 20, 10  # the early writer's: so many in each of the first blocks


@dataclass(frozen=True, slots=True)
class Writers:
    """Whose Statements they are: nearly all, a share that stays, some at the start."""

    main: Principal
    rare: Principal
    early: Principal


@dataclass(frozen=True, slots=True)
class Filling:
    """What a process needs to do its part."""

    uri: str
    data_dir: str
    seed: int
    blocks: int
    begin: int
    writers: Writers
    first: int = 0  # of the blocks: those before stand there already
    spacing: int = SPACING


class BulkWrites:
    """Gives the stamps it is told to, without a transaction (lrs.group_commit)."""

    def __init__(self, statements: Collection[dict[str, Any]]) -> None:
        self._statements = statements
        self.next = 0

    def together(self, work: Callable[[Any, Place], None], count: int) -> None:
        """Run ``work`` with a session that has no transaction."""
        place = self._place(count)
        with self._statements.database.client.start_session() as session:
            work(session, place)

    def each(
        self, make: Callable[[Place, int], dict[str, Any]], count: int
    ) -> list[Exception | None]:
        """Insert the documents."""
        documents = [make(self._place(1), at) for at in range(count)]
        self._statements.insert_many(documents)
        return [None] * count

    def _place(self, count: int) -> Place:
        stamp = self.next
        self.next = stamp + count * STEP
        return Place(stamp, b"")


def settings_for(uri: str, data_dir: str) -> Settings:
    """Return settings for this MongoDB and nothing of our environment."""
    return configuration.load(
        {
            "LRS_MONGODB_URI": uri,
            "LRS_DATA_DIR": data_dir,
            "LRS_SECRET_KEY": "of a benchmark",
        }
    )


def stored_at(begin: int, block: int, at: int = 0, spacing: int = SPACING) -> int:
    """Return the stamp (microseconds) of the block's Statement at about this place."""
    return begin + block * BLOCK * spacing + at * STEP


def fill(filling: Filling, processes: int, report: Callable[[int], None]) -> float:
    """Fill the store; return the seconds it took. Raises BenchError."""
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    started = time.monotonic()
    workers = [
        context.Process(
            target=_fill_part, args=(filling, part, processes, told), daemon=True
        )
        for part in range(processes)
    ]
    for worker in workers:
        worker.start()
    try:
        left = filling.blocks - filling.first
        while left:
            try:
                report(told.get(timeout=1))
                left -= 1
            except queue.Empty:
                if any(worker.exitcode for worker in workers):
                    raise BenchError("A process that fills the store failed.") from None
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
    return time.monotonic() - started


def _fill_part(filling: Filling, part: int, of: int, told: Any) -> None:
    logs.configure("error")
    statements = Statements(filling.seed)
    with opened(settings_for(filling.uri, filling.data_dir)) as services:
        # Written down at the end; a store half filled is thrown away.
        hasty = services.database.with_options(write_concern=WriteConcern(1))
        writes = BulkWrites(hasty["statements"])
        recording = Recording(writes, MongoStatements(hasty), services.tenants)
        for block in range(filling.first + part, filling.blocks, of):
            body = ",".join([item.text for item in statements.block(block)])
            received, _ = text.split(f"[{body}]".encode(), None, known_parts.MEMORY)
            writes.next = stored_at(filling.begin, block, spacing=filling.spacing)
            for writer, items in _shared_out(received, block, filling.writers):
                recording.record(writer, items, Version.V1_0_3)
            told.put(BLOCK)


def _shared_out(
    received: list[Received], block: int, writers: Writers
) -> list[tuple[Principal, list[Received]]]:
    """Return who writes which Statements of the block."""
    early = EARLY if block < EARLY_BLOCKS else 0
    rare, main = BLOCK // RARE + early, received
    return [
        (writers.main, main[rare:]),
        (writers.rare, main[early:rare]),
        *([(writers.early, main[:early])] if early else []),
    ]
