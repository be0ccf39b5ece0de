"""The ledger: HR rows, performance figures and exemptions as the truth keeps them.

Append-only and bitemporal: a row's valid time stands in its values, its recorded time
is its run's (microseconds since 1970, UTC, from the Timeline). A correction is another
row of the same key in a later run; nothing is overwritten.

A run is atomic at any size. Its rows are staged under its id while its document in
``ledger_runs`` says ``staging``; one small transaction then makes that ``applied``.
Readers go by applied runs, so a killed import leaves nothing to be seen, and the next
import of that kind clears it away. Every ``_id`` begins with the tenant ``t``:

- ``ledger_runs``  {_id: {t, run}, kind, state, recorded, file, sha256, counts, rows}
- ``ledger_rows``  {_id: {t, run, n}, kind, key, digest, values, who, retracted}; what
  is retracted holds no more (its values are those of the key)
- ``ledger_people`` {_id: {t, p, d}, values, run}: what ``who`` points at (``personal``)
- ``quarantine``   {_id: {t, run, n}, kind, line, field, reason, values, cells, tries}:
  what is set aside, and what replays have made of it (``quarantine``)
- ``ledger_sources`` what the runs left of each source (``source_records``)
- ``ledger_unit_pairs`` {_id: {t, unit, parent}} of all rows (``known_links``)
- ``ledger_locks`` {_id: {t, kind}, owner, expires}: one import of a kind at a time
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from analytics.workforce.model import table_of
from analytics.workforce.personal import Personal
from lrs.feed import Timeline

Document = dict[str, Any]  # BSON is a JSON edge
T = TypeVar("T")

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
    span: int = 0  # their numbers lie below
    source: str = ""  # the mapping's name
    mode: str = "delta"
    open_people: int | None = None  # employments that are open since (None: not noted)
    fill: dict[str, float] = field(default_factory=dict)  # shares of filled cells
    shapes: dict[str, str] = field(default_factory=dict)  # of the source's fields
    by: str = ""  # who brought it in, where that is kept


@dataclass(frozen=True, slots=True)
class Collections:
    """Where the ledger stands; what is written is journaled on a majority."""

    runs: Collection[Document]
    rows: Collection[Document]
    people: Collection[Document]
    quarantine: Collection[Document]
    locks: Collection[Document]
    sources: Collection[Document]
    unit_pairs: Collection[Document]

    @classmethod
    def of(cls, database: Database[Document]) -> Collections:
        """Return the ledger's collections of a database."""
        safe = database.with_options(
            write_concern=DURABLE, read_concern=ReadConcern("majority")
        )
        return cls(
            runs=safe["ledger_runs"],
            rows=safe["ledger_rows"],
            people=safe["ledger_people"],
            quarantine=safe["quarantine"],
            locks=safe["ledger_locks"],
            sources=safe["ledger_sources"],
            unit_pairs=safe["ledger_unit_pairs"],
        )


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

    def __init__(self, database: Database[Document], timeline: Timeline) -> None:
        """Read and write in ``database``, by the clock of ``timeline``."""
        self.database = database
        self.collections = Collections.of(database)
        self.timeline = timeline

    def tenants(self) -> list[str]:
        """Return the tenants that have applied runs."""
        return sorted(self.collections.runs.distinct("_id.t", {"state": "applied"}))

    def runs(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> list[Run]:
        """Return the applied runs with after < recorded <= through, oldest first."""
        found = self.collections.runs.find(
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
                span=item.get("span") or item["rows"],
                source=item.get("source", ""),
                mode=item.get("mode", "delta"),
                open_people=item.get("open_people"),
                fill=item.get("fill", {}),
                shapes=dict(item.get("shapes", ())),
                by=item.get("by", ""),
            )
            for item in found
        ]

    def rows(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> Iterator[list[Document]]:
        """Yield batches of the rows with after < recorded <= through.

        A row is a dict of every column (absent: None; days as ``YYYY-MM-DD``) plus
        ``recorded`` (microseconds), ``run``, ``n`` (its place in the run),
        ``retracted`` and, where it is kept, ``by`` (who brought it in), in the order of
        recorded, then n. Each key's newest row is the one that holds; where that is
        retracted, none does.
        """
        blank = dict.fromkeys(column.name for column in table_of(kind).columns)
        people = Personal(self.collections.people, tenant)
        for run in self.runs(tenant, kind, after, through):
            cursor = self.collections.rows.find(
                {"_id": all_of(tenant, run.run)},
                {"values": 1, "who": 1, "retracted": 1},
                sort=[("_id", ASCENDING)],
                batch_size=BATCH,
            )
            for batch in chunks(cursor, BATCH):
                yield [
                    blank
                    | values
                    | {"retracted": item.get("retracted", False)}
                    | {"recorded": run.recorded, "run": run.run, "n": item["_id"]["n"]}
                    | ({"by": run.by} if run.by else {})
                    for item, values in zip(batch, people.joined(batch), strict=True)
                ]

    def count(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> int:
        """Return how many rows ``rows`` would yield."""
        return sum(run.rows for run in self.runs(tenant, kind, after, through))

    def quarantined(self, tenant: str, run: str) -> Iterator[Document]:
        """Yield what a run set aside: line, field, reason and the cells (personal)."""
        found = self.collections.quarantine.find({"_id": all_of(tenant, run)})
        in_order = [("line", ASCENDING), ("_id", ASCENDING)]
        for item in found.sort(in_order).allow_disk_use(True):
            yield {name: item[name] for name in ("line", "field", "reason", "values")}


def all_of(tenant: str, run: str) -> Document:
    """Return the range of ``_id`` that holds every row of a run."""
    first = {"t": tenant, "run": run, "n": 0}
    return {"$gte": first, "$lte": first | {"n": END_OF_TIME}}


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
