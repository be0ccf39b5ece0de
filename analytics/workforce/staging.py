"""Staging: how a run's rows get into the ledger, all of them or none.

One import of a kind is at work for a tenant at a time, by its lock (``run_lock``). One
that was only stopped, and wakes after another took its place, finds itself fenced off:
its last transaction touches both its lock and its run's state.

A run's state goes staging -> applied, or staging -> clearing -> abandoned
(``clearing``).
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson
from pymongo.client_session import ClientSession

from analytics.workforce.clearing import clear_killed, clear_run
from analytics.workforce.former import Former
from analytics.workforce.interruption import told_of_interruption
from analytics.workforce.known_links import LedgerLinks
from analytics.workforce.ledger import Document, Ledger, chunks
from analytics.workforce.model import Row, table_of
from analytics.workforce.personal import Personal
from analytics.workforce.refused import Refused
from analytics.workforce.run_lock import LEASE_SECONDS, RunLock
from analytics.workforce.source_records import SourceRecords
from analytics.workforce.staged_rows import Entry, SetAside
from lrs.errors import BadRequest, LrsError

_AHEAD = 1  # inserts under way while the next rows are read
CHUNK = 2_000  # rows in one insert, and keys in one comparison


@contextmanager
def staged_run(
    ledger: Ledger,
    tenant: str,
    kind: str,
    *,
    file: str,
    sha256: str,
    source: str = "",
    mode: str = "delta",
    about: Mapping[str, str] | None = None,
    lease_seconds: float = LEASE_SECONDS,
) -> Iterator[StagedRun]:
    """Yield a new run; what it has not applied at the end is cleared away.

    ``about`` is what else its record says: of a replay the run whose records, set aside
    then, come in once more, who corrected them and why.

    Its record keeps why, where that is known. Waits while another import of that kind
    is alive, and raises Conflict where that one is still at work after three leases.
    Raises Interrupted where KeyboardInterrupt comes, or came too late.
    """
    run = StagedRun(ledger, tenant, kind, lease_seconds)
    run.lock.wait()
    with told_of_interruption(file, lambda: run.applied), _closing(run):
        run.clear_killed()
        said = {"file": file, "sha256": sha256, "source": source, "mode": mode}
        run.announce(**said, **(about or {}))
        yield run


@contextmanager
def _closing(run: StagedRun) -> Iterator[None]:
    try:
        yield
    except LrsError as error:
        run.why = error.message
        run.valve = isinstance(error, Refused)
        run.refused = run.valve or isinstance(error, BadRequest)
        raise
    except KeyboardInterrupt:
        run.why = "It was interrupted."
        raise
    except BaseException as error:
        run.why = type(error).__name__  # its text could hold a value
        raise
    finally:
        run.close()


class StagedRun:
    """One run in the making. Only ``staged_run`` makes one."""

    def __init__(
        self, ledger: Ledger, tenant: str, kind: str, lease_seconds: float
    ) -> None:
        self.run = uuid4().hex
        self.staged = 0
        self.former = Former(ledger, tenant, kind)
        self.links = LedgerLinks(ledger, tenant, self.former)
        self._store = ThreadPoolExecutor(1, thread_name_prefix="staging")
        self._storing: deque[Future[Any]] = deque()
        self._taken_back = 0
        self.applied = False  # known when it is closed
        self.why = "It was stopped."  # where it does not end in order
        self.refused = self.valve = False  # by what it holds; by a valve
        self._set_aside = 0
        self._ledger = ledger
        self._at = ledger.collections
        self.table = table_of(kind)
        self._personal = Personal(self._at.people, tenant, self.run)
        self._sources = SourceRecords(self._at.sources)
        self._begun: Document = {}
        self._tenant = tenant
        self._kind = kind
        self._id = {"_id": {"t": tenant, "run": self.run}}
        self.lock = RunLock(self._at, tenant, kind, self.run, lease_seconds)

    def clear_killed(self) -> None:
        """Remove what earlier imports left: with the lock held, they are all dead."""
        clear_killed(self._at, self._tenant, self._kind, self.stay_alive)

    def announce(self, **about: str) -> None:
        """Record that the run has begun, before the first row is written."""
        self.former = Former(self._ledger, self._tenant, self._kind)
        self.links = LedgerLinks(self._ledger, self._tenant, self.former)
        began = {"began": datetime.datetime.now(datetime.UTC)}
        self._begun = {"kind": self._kind, "state": "staging", **about, **began}
        self._at.runs.insert_one(self._id | self._begun)

    def stage(self, entries: Iterable[Entry]) -> None:
        """Write rows that nobody sees until ``apply``."""
        for chunk in chunks(entries, CHUNK):
            self.stay_alive()
            parted = self._personal.part(self.table, [it.values for it in chunk])
            documents = []
            for n, (entry, (values, who)) in enumerate(
                zip(chunk, parted, strict=True), start=self.staged
            ):
                row: Document = {
                    "key": entry.key,
                    "digest": entry.digest,
                    "values": values,
                }
                if who is not None:
                    row["who"] = who
                if entry.retracted:
                    row["retracted"] = True
                documents.append(self._row_id(n) | row)
            # While the database stores these, the next ones are read.
            self._settle(_AHEAD)
            self._storing.append(
                self._store.submit(self._at.rows.insert_many, documents, ordered=False)
            )
            self.staged += len(chunk)

    def _settle(self, most: int = 0) -> None:
        """Wait until at most so many inserts are under way; raises what they raise."""
        while len(self._storing) > most:
            self._storing.popleft().result()

    def take_back(self, numbers: list[int]) -> dict[int, Row]:
        """Remove rows that were staged; return their values, by number."""
        self._settle()
        held: dict[int, Row] = {}
        for chunk in chunks(numbers, CHUNK):
            self.stay_alive()
            rows = {"_id": {"$in": [self._row_id(n)["_id"] for n in chunk]}}
            found = list(self._at.rows.find(rows, {"values": 1, "who": 1}))
            for item, values in zip(found, self._personal.joined(found), strict=True):
                held[item["_id"]["n"]] = values
            self._at.rows.delete_many(rows)
            self._taken_back += len(chunk)
        return held

    def read_back(self, numbers: Iterable[int]) -> Iterator[tuple[int, Row]]:
        """Yield the values of rows that were staged, as the database has them."""
        self._settle()
        for chunk in chunks(numbers, CHUNK):
            rows = {"_id": {"$in": [self._row_id(n)["_id"] for n in chunk]}}
            found = list(self._at.rows.find(rows, {"values": 1, "who": 1}))
            for item, values in zip(found, self._personal.joined(found), strict=True):
                yield item["_id"]["n"], values

    def set_aside(self, records: Iterable[SetAside]) -> None:
        """Write records to the run's quarantine."""
        for chunk in chunks(records, CHUNK):
            self.stay_alive()
            self._at.quarantine.insert_many(
                [
                    self._row_id(n)
                    | {"line": record.line, "field": record.field}
                    | {"reason": record.reason, "values": dict(record.values)}
                    | _told(record)
                    for n, record in enumerate(chunk, start=self._set_aside)
                ],
                ordered=False,
            )
            self._set_aside += len(chunk)

    def apply(
        self,
        counts: Mapping[str, int],
        then: Callable[[ClientSession], None] | None = None,
        **notes: object,
    ) -> int:
        """Make the run visible; return its recorded time (microseconds, UTC).

        ``notes`` stay in its record; ``then`` goes into the transaction. Raises
        Conflict where another import has taken this one for dead.
        """
        self._settle()

        def switch(session: Any, stamp: int) -> int:
            held = self._at.locks.update_one(
                self.lock.mine, {"$set": {"applied": stamp}}, session=session
            )
            applied = {
                "state": "applied",
                "recorded": stamp,
                "counts": dict(counts),
                "rows": self.staged - self._taken_back,
                "span": self.staged,
                "ended": datetime.datetime.now(datetime.UTC),
                **notes,
            }
            switched = self._at.runs.update_one(
                self._id | {"state": "staging"}, {"$set": applied}, session=session
            )
            if not held.matched_count or not switched.matched_count:
                raise self.lock.fenced()
            self._sources.applied(self._tenant, self._begun | applied, session)
            if then is not None:
                then(session)
            return stamp

        return self._ledger.timeline.transact(switch)

    def close(self) -> None:
        """Clear what was not applied, and let the next import begin."""
        self._store.shutdown(cancel_futures=True)  # or rows would follow the clearing
        # Its lock runs out meanwhile: the next import need not wait for all of it.
        noted = {"refused": self.refused, "valve": self.valve}
        cleared = clear_run(self._at, self._tenant, self.run, self.why, noted=noted)
        self.applied = not cleared
        self.lock.release()

    def _row_id(self, n: int) -> Document:
        return {
            "_id": {"t": self._tenant, "run": self.run, "n": n},
            "kind": self._kind,
        }

    def stay_alive(self) -> None:
        """Keep the lock; raises Conflict where another import has taken it."""
        self.lock.stay_alive()


def _told(record: SetAside) -> Document:
    told: Document = {}
    if record.cells is not None:
        # As text: the names and values of a source may be no document's.
        told["cells"] = orjson.dumps(record.cells).decode()
    if record.fault:
        told["fault"] = True
    if record.file is not None:
        told["file"] = record.file
    if record.beside:
        told["beside"] = list(record.beside)
    return told
