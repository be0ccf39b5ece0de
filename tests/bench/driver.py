"""The load generator: a process of its own that drives one contender at a time.

In, through a pipe: which load at which contender for how long. Out: what was measured
(Stretch).
"""

from __future__ import annotations

import multiprocessing
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from typing import Any

from tests.bench.connection import Connection
from tests.bench.consumption import family, processor_seconds
from tests.bench.contenders import Server
from tests.bench.driving import Line, Stretch, drive
from tests.bench.errors import BenchError
from tests.bench.sources import (
    Asking,
    Batch,
    Filling,
    FreshIds,
    Head,
    Known,
    Paging,
    Posting,
    Source,
)
from tests.bench.statements import BLOCK, Statements

CONNECTIONS = 8
POOL = 40_000  # Statements whose texts are posted again and again
_FIRST_OF_POOL = 10_000  # the block where they begin: far from those that fill
_BATCHES = {"post1": 1, "post50": 50, "post500": 500}
_STOCK = 150_000  # ids made before each stretch


class Load:
    """Everything that can be sent, and the sending of it."""

    def __init__(self, seed: int, report: Callable[[int], None]) -> None:
        self._statements = Statements(seed)
        self._report = report
        self._ids = FreshIds()
        self._pool: list[Any] = []
        self._batches: dict[int, list[Batch]] = {}
        self._known: dict[int, Known] = {}
        self._questions: dict[tuple[str, str, int], list[bytes]] = {}

    def fill(self, server: Server, count: int) -> float:
        """Post the first ``count`` Statements; return the seconds it took."""
        source = Filling(_head(server), self._statements, count)
        lines = [_line(server, source, "fill") for _ in range(CONNECTIONS)]
        began = time.perf_counter()
        found = drive(lines, 0.0, float("inf"), report=self._report)
        _raise_refused(server, "fill", found["fill"])
        return time.perf_counter() - began

    def drive(
        self, server: Server, load: str, stored: int, warm_up: float, seconds: float
    ) -> Stretch:
        """Drive one load over 8 connections; measure after the warm-up."""
        lines = [
            _line(server, self._source(server, load, stored, at, CONNECTIONS), load)
            for at in range(CONNECTIONS)
        ]
        self._prepare(load)
        found = drive(lines, warm_up, warm_up + seconds, watch=_watch(server))
        _raise_refused(server, load, found[load])
        return found[load]

    def drive_mixed(
        self, server: Server, stored: int, warm_up: float, seconds: float
    ) -> dict[str, Stretch]:
        """Post batches of 500 over one connection, read by id over the 7 others."""
        lines = [
            _line(server, self._source(server, "by_id", stored, at, 7), "by_id")
            for at in range(7)
        ]
        batch = self._source(server, "post500", stored, 0, 1)
        lines.append(_line(server, batch, "post500"))
        self._prepare("post500")
        found = drive(lines, warm_up, warm_up + seconds, watch=_watch(server))
        for kind, stretch in found.items():
            _raise_refused(server, kind, stretch)
        return found

    def drive_seven(
        self, server: Server, stored: int, warm_up: float, seconds: float
    ) -> Stretch:
        """Read by id over 7 connections alone: what ``drive_mixed`` is held against."""
        lines = [
            _line(server, self._source(server, "by_id", stored, at, 7), "by_id")
            for at in range(7)
        ]
        found = drive(lines, warm_up, warm_up + seconds, watch=_watch(server))
        _raise_refused(server, "by_id", found["by_id"])
        return found["by_id"]

    def _prepare(self, load: str) -> None:
        if load in _BATCHES:
            self._ids.stock(_STOCK if load != "post1" else _STOCK // 5)

    def _source(
        self, server: Server, load: str, stored: int, at: int, of: int
    ) -> Source:
        head = _head(server)
        if load in _BATCHES:
            # Each connection has batches of its own: none changes while it is sent.
            return Posting(head, self._batch(_BATCHES[load])[at::of], self._ids)
        if load == "get100":
            return Paging(head)
        questions = self._asked(server, head, load, stored)
        return Asking(questions, at * len(questions) // of)

    def _batch(self, size: int) -> list[Batch]:
        if size not in self._batches:
            if not self._pool:
                blocks = range(_FIRST_OF_POOL, _FIRST_OF_POOL + POOL // BLOCK)
                self._pool = [
                    item for number in blocks for item in self._statements.block(number)
                ]
            self._batches[size] = [
                Batch(self._pool[start : start + size], array=size > 1)
                for start in range(0, len(self._pool), size)
            ]
        return self._batches[size]

    def _asked(self, server: Server, head: Head, load: str, stored: int) -> list[bytes]:
        key = (server.name, load, stored)
        if key not in self._questions:
            if stored not in self._known:
                self._known[stored] = Known(self._statements, stored)
            known = self._known[stored]
            make = known.by_id if load == "by_id" else known.by_agent_and_verb
            self._questions[key] = make(head)
        return self._questions[key]


def _head(server: Server) -> Head:
    return Head(server.port, server.path, server.headers)


def _line(server: Server, source: Source, kind: str) -> Line:
    return Line(Connection(server.port), source, kind)


def _raise_refused(server: Server, load: str, stretch: Stretch) -> None:
    if stretch.refused:
        told = ", ".join(f"{count} x {one}" for one, count in stretch.refused.items())
        raise BenchError(
            f"{server.name} answered {load} with {told}: {stretch.first_refusal}"
        )


def _watch(server: Server) -> Callable[[], dict[str, float]]:
    """Return what reads the processor time of everyone who works for this load."""
    of_server = family(server.pid)

    def read() -> dict[str, float]:
        return {
            "server": processor_seconds(of_server),
            "mongod": processor_seconds([server.mongod.pid]),
            "generator": time.process_time(),
        }

    return read


class Driver:
    """The process that holds a Load, as the supervisor sees it; a context manager."""

    def __init__(self, seed: int = 4) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, seed), daemon=True)
        self._process.start()
        theirs.close()
        self.pid = self._process.pid or 0

    def call(
        self, name: str, *given: Any, report: Callable[[int], None] | None = None
    ) -> Any:
        """Call a method of the Load; ``report`` is told of the Statements sent."""
        self._pipe.send((name, given))
        while True:
            kind, value = self._pipe.recv()
            if kind == "progress":
                if report:
                    report(value)
            elif kind == "done":
                return value
            else:
                raise BenchError(value)

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.terminate()


def _serve(pipe: Pipe, seed: int) -> None:
    load = Load(seed, lambda count: pipe.send(("progress", count)))
    while True:
        try:
            name, given = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(("done", getattr(load, name)(*given)))
        except BenchError as error:
            pipe.send(("failed", str(error)))
        except OSError as error:
            told = str(error) or type(error).__name__
            pipe.send(("failed", f"{given[0].name}: {told}"))
        except Exception:
            pipe.send(("failed", traceback.format_exc()))
