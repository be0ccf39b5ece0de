"""The ledger: HR rows, performance figures and exemptions as the truth keeps them.

Append-only and bitemporal: a row's valid time stands in its values, its recorded time
is its run's (microseconds since 1970, UTC, from the Timeline). A correction is another
row of the same key in a later run; nothing is overwritten.

A run is atomic at any size. Its rows are staged under its id while its document in
``ledger_runs`` says ``staging``; one small transaction then makes that ``applied``.
Readers go by applied runs, so a killed import leaves nothing to be seen, and the next
import of that kind clears it away. Every ``_id`` begins with the tenant ``t``:

- ``ledger_runs``  {_id: {t, run}, kind, state, recorded, file, sha256, counts, rows}
- ``ledger_rows``  {_id: {t, run, n}, kind, key, digest, values}
- ``quarantine``   {_id: {t, run, n}, kind, line, field, reason, values}
- ``ledger_locks`` {_id: {t, kind}, owner, expires}: one import of a kind at a time
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import uuid4

from bson import MaxKey, MinKey
from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from analytics.workforce.model import Row, table_of
from lrs.errors import Conflict
from lrs.feed import Timeline

Document = dict[str, Any]  # BSON is a JSON edge
T = TypeVar("T")

CHUNK = 2_000  # rows in one insert, and keys in one comparison
BATCH = 5_000  # rows in one batch for a reader
END_OF_TIME = (1 << 63) - 1
DURABLE = WriteConcern(w="majority", j=True)


@dataclass(frozen=True, slots=True)
class Run:
    """An applied import: ``recorded`` in microseconds, ``rows`` it added."""

    run: str
    kind: str
    recorded: int
    file: str
    sha256: str
    counts: dict[str, int]
    rows: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A canonical row on its way in: its key and the digest of its values."""

    key: str
    digest: bytes
    values: Row


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record for the quarantine: where it stood, what is wrong, what it held."""

    line: int
    field: str
    reason: str
    values: Mapping[str, object]


def ensure_indexes(database: Database[Document]) -> None:
    """Create what the ledger's queries need beside ``_id``; safe to repeat."""
    database["ledger_runs"].create_index(
        [(name, ASCENDING) for name in ("_id.t", "kind", "state", "recorded")]
    )
    # Ends with what a comparison reads, so that it never fetches a row.
    database["ledger_rows"].create_index(
        [(name, ASCENDING) for name in ("_id.t", "kind", "key", "_id.run", "digest")]
    )


class Ledger:
    """The ledger of all tenants in one database."""

    def __init__(
        self,
        database: Database[Document],
        timeline: Timeline,
        *,
        lease_seconds: float = 10,
    ) -> None:
        """Take the lead's clock; an import silent for ``lease_seconds`` is dead."""
        safe = database.with_options(
            write_concern=DURABLE, read_concern=ReadConcern("majority")
        )
        self.runs_ = safe["ledger_runs"]
        self.rows_ = safe["ledger_rows"]
        self.quarantine_ = safe["quarantine"]
        self.locks_ = safe["ledger_locks"]
        self.timeline = timeline
        self.lease_seconds = lease_seconds

    def runs(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> list[Run]:
        """Return the applied runs with after < recorded <= through, oldest first."""
        found = self.runs_.find(
            {
                "_id.t": tenant,
                "kind": kind,
                "state": "applied",
                "recorded": {"$gt": after, "$lte": through},
            }
        ).sort("recorded", ASCENDING)
        return [
            Run(
                run=item["_id"]["run"],
                kind=item["kind"],
                recorded=item["recorded"],
                file=item["file"],
                sha256=item["sha256"],
                counts=item["counts"],
                rows=item["rows"],
            )
            for item in found
        ]

    def rows(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> Iterator[list[Document]]:
        """Yield batches of the rows with after < recorded <= through.

        A row is a dict of every column (absent: None; days as ``YYYY-MM-DD``) plus
        ``recorded`` (microseconds), ``run`` and ``n`` (its place in the run), in the
        order of recorded, then n. Each key's newest row is the one that holds.
        """
        blank = dict.fromkeys(column.name for column in table_of(kind).columns)
        for run in self.runs(tenant, kind, after, through):
            cursor = self.rows_.find(
                {"_id": _all_of(tenant, run.run)},
                {"values": 1},
                sort=[("_id", ASCENDING)],
                batch_size=BATCH,
            )
            for batch in _chunks(cursor, BATCH):
                yield [
                    blank
                    | item["values"]
                    | {"recorded": run.recorded, "run": run.run, "n": item["_id"]["n"]}
                    for item in batch
                ]

    def count(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> int:
        """Return how many rows ``rows`` would yield."""
        return sum(run.rows for run in self.runs(tenant, kind, after, through))

    def quarantined(self, tenant: str, run: str) -> Iterator[Document]:
        """Yield what a run set aside: line, field, reason and the cells (personal)."""
        for item in self.quarantine_.find({"_id": _all_of(tenant, run)}).sort("_id", 1):
            yield {name: item[name] for name in ("line", "field", "reason", "values")}

    @contextmanager
    def writing(
        self, tenant: str, kind: str, file: str, sha256: str
    ) -> Iterator[Writer]:
        """Yield the Writer of a new run; what it has not applied at the end is gone.

        Waits while another import of that kind is alive; raises Conflict where that
        one is still at work after three leases.
        """
        writer = Writer(self, tenant, kind)
        writer.lock()
        try:
            writer.clear_dead_runs()
            self.runs_.insert_one(
                {
                    "_id": {"t": tenant, "run": writer.run},
                    "kind": kind,
                    "state": "staging",
                    "file": file,
                    "sha256": sha256,
                }
            )
            yield writer
        finally:
            writer.close()


class Writer:
    """One run in the making. Only ``Ledger.writing`` makes one."""

    def __init__(self, ledger: Ledger, tenant: str, kind: str) -> None:
        self.ledger = ledger
        self.tenant = tenant
        self.kind = kind
        self.run = uuid4().hex
        self.staged = 0
        self._set_aside = 0
        self._renewed = 0.0
        self._applied = False
        self._lock = {"_id": {"t": tenant, "kind": kind}}

    def lock(self) -> None:
        """Become the one import of this kind, or raise Conflict."""
        locks = self.ledger.locks_
        deadline = monotonic() + 3 * self.ledger.lease_seconds
        try:
            locks.update_one(
                self._lock,
                {"$setOnInsert": {"owner": None, "expires": MinKey()}},
                upsert=True,
            )
        except DuplicateKeyError:
            pass  # another import made it at this moment
        # The server's clock decides, so that hosts need not agree on theirs.
        free = self._lock | {"$expr": {"$lt": ["$expires", "$$NOW"]}}
        while not locks.update_one(free, self._lease(self.run)).matched_count:
            if monotonic() > deadline:
                raise Conflict(
                    f"Another {self.kind} import is at work for this tenant; "
                    "try again when it is done."
                )
            sleep(min(0.2, self.ledger.lease_seconds / 5))
        self._renewed = monotonic()

    def newest(self, keys: Iterable[str]) -> Iterator[dict[str, bytes]]:
        """Yield, chunk by chunk of keys, the digests of their newest recorded rows."""
        ledger = self.ledger
        recorded = {
            run.run: run.recorded for run in ledger.runs(self.tenant, self.kind)
        }
        for chunk in _chunks(keys, CHUNK):
            self._stay_alive()
            known: dict[str, tuple[int, bytes]] = {}
            if recorded:
                for item in ledger.rows_.find(
                    {"_id.t": self.tenant, "kind": self.kind, "key": {"$in": chunk}},
                    {"_id.run": 1, "key": 1, "digest": 1},
                    batch_size=BATCH,
                ):
                    when = recorded.get(item["_id"]["run"])
                    if when and when > known.get(item["key"], (0, b""))[0]:
                        known[item["key"]] = when, item["digest"]
            yield {key: digest for key, (_, digest) in known.items()}

    def stage(self, entries: Sequence[Entry]) -> None:
        """Write rows that nobody sees until ``apply``."""
        for chunk in _chunks(entries, CHUNK):
            self._stay_alive()
            self.ledger.rows_.insert_many(
                [
                    {
                        "_id": {"t": self.tenant, "run": self.run, "n": n},
                        "kind": self.kind,
                        "key": entry.key,
                        "digest": entry.digest,
                        "values": entry.values,
                    }
                    for n, entry in enumerate(chunk, start=self.staged)
                ],
                ordered=False,
            )
            self.staged += len(chunk)

    def set_aside(self, records: Iterable[SetAside]) -> None:
        """Write records to the run's quarantine."""
        for chunk in _chunks(records, CHUNK):
            self._stay_alive()
            self.ledger.quarantine_.insert_many(
                [
                    {
                        "_id": {"t": self.tenant, "run": self.run, "n": n},
                        "kind": self.kind,
                        "line": record.line,
                        "field": record.field,
                        "reason": record.reason,
                        "values": dict(record.values),
                    }
                    for n, record in enumerate(chunk, start=self._set_aside)
                ]
            )
            self._set_aside += len(chunk)

    def apply(self, counts: Mapping[str, int]) -> int:
        """Make the run visible; return its recorded time in microseconds.

        Raises Conflict where another import took this one for dead: the transaction
        touches the lock, so that the two can never both apply.
        """

        def switch(session: Any, stamp: int) -> int:  # noqa: ANN401  # pymongo's
            held = self.ledger.locks_.update_one(
                self._lock | {"owner": self.run}, {"$set": {"used": stamp}}, session
            )
            if not held.matched_count:
                raise self._lost()
            self.ledger.runs_.update_one(
                {"_id": {"t": self.tenant, "run": self.run}},
                {
                    "$set": {
                        "state": "applied",
                        "recorded": stamp,
                        "counts": dict(counts),
                        "rows": self.staged,
                    }
                },
                session=session,
            )
            return stamp

        recorded = self.ledger.timeline.transact(switch)
        self._applied = True
        return recorded
