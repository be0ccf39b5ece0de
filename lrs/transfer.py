"""Statements in and out as files: NDJSON or a JSON array, plain or gzip.

An import goes through the same door as a request (lrs.recording), in batches. It can
be stopped anywhere and started again: a Statement that is stored already is equal to
itself, and one without an id gets the same id from its file and line every time. What
is refused goes to a file beside it, with the line and the reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from lrs.access import Principal
from lrs.errors import TooLarge
from lrs.feed import Feed
from lrs.preparation import InvalidStatements
from lrs.recording import ConflictingStatements, Recording
from lrs.records import Record
from lrs.statement_files import Rejects, batches, records, sha256
from lrs.xapi import text
from lrs.xapi.completion import complete
from lrs.xapi.text import Received
from lrs.xapi.versions import Version, of_statement

_NAMESPACE = uuid.UUID("6f1d3c0a-8f0e-5a3c-9d55-7d5f3e1b2a10")
Progress = Callable[[int], None]


class ImportLog(Protocol):
    """Remembers how far the import of a file has come."""

    def done(self, tenant: str, sha256: str) -> int:
        """Return how many records of this file are settled."""
        ...

    def settle(self, tenant: str, sha256: str, file: str, records: int) -> None:
        """Note that so many records of this file are settled."""
        ...


@dataclass(slots=True)
class ImportCounts:
    """What became of a file's records; they add up to ``read``."""

    read: int = 0
    new: int = 0
    repeated: int = 0
    refused: int = 0
    skipped: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def import_file(
    recording: Recording,
    log: ImportLog,
    principal: Principal,
    path: Path,
    rejects: Path,
    *,
    progress: Progress | None = None,
) -> ImportCounts:
    """Import a file; refused records go to ``rejects`` as NDJSON.

    Raises BadRequest when the file cannot be read as a whole.
    """
    digest = sha256(path)
    counts = ImportCounts()
    done = log.done(principal.tenant, digest)
    writer = Rejects(rejects, append=bool(done))
    try:
        for batch in batches(path):
            counts.read += len(batch)
            if batch[-1].number <= done:
                counts.skipped += len(batch)
            else:
                _import_batch(recording, principal, digest, batch, counts, writer)
                log.settle(principal.tenant, digest, path.name, batch[-1].number)
            if progress:
                progress(len(batch))
    finally:
        writer.close()
    return counts


def count_records(path: Path) -> int:
    """Return how many records a file has, for a progress bar."""
    return sum(1 for _ in records(path))


def export_file(
    feed: Feed, tenant: str, out: IO[bytes], *, progress: Progress | None = None
) -> int:
    """Write the tenant's Statements as NDJSON in stored order, voided ones too.

    Returns how many. The text is what the LRS would answer, character for character;
    line breaks between its parts become blanks, since a line is a Statement.
    """
    count = 0
    for batch in feed.read(tenant, 0, feed.consistent_through()):
        for item in batch:
            out.write(_one_line(item.text).encode() + b"\n")
        count += len(batch)
        if progress:
            progress(len(batch))
    return count


def _one_line(statement: str) -> str:
    # JSON has no raw line break inside a string, so these stand between the parts.
    return statement.replace("\r", " ").replace("\n", " ")


def _import_batch(
    recording: Recording,
    principal: Principal,
    digest: str,
    batch: list[Record],
    counts: ImportCounts,
    rejects: Rejects,
) -> None:
    read: dict[Version, list[tuple[Record, Received]]] = {}
    for record in batch:
        try:
            received = _identified(record, digest)
        except text.NotJson as error:
            _refuse(record, [error.violation.as_dict()], counts, rejects)
        else:
            read.setdefault(of_statement(received.value), []).append((record, received))
    for version, items in read.items():
        while items:
            # An id that stands twice waits for the next round: it is then compared.
            seen: set[str] = set()
            later = [item for item in items if _is_repeated(item, seen)]
            now = [item for item in items if item not in later] if later else items
            _import_round(recording, principal, version, now, counts, rejects)
            items = later


def _is_repeated(item: tuple[Record, Received], seen: set[str]) -> bool:
    value = item[1].value
    given = value.get("id") if isinstance(value, dict) else None
    if not isinstance(given, str) or given.lower() not in seen:
        seen.add(str(given).lower())
        return False
    return True


def _import_round(
    recording: Recording,
    principal: Principal,
    version: Version,
    items: list[tuple[Record, Received]],
    counts: ImportCounts,
    rejects: Rejects,
) -> None:
    """Store what can be stored; what cannot is taken out and the rest tried again."""
    while items:
        refused: dict[int, list[dict[str, str]]] = {}
        try:
            recorded = recording.record(
                principal, [item for _, item in items], version, keep_former=True
            )
        except InvalidStatements as error:
            for at, found in error.broken.items():
                refused[at] = [item.as_dict() for item in found]
        except ConflictingStatements as error:
            reason = "Another Statement is stored under this id."
            for at in error.positions:
                refused[at] = [
                    {"path": "id", "rule": "xapi-data:2.3.1", "message": reason}
                ]
        except TooLarge as error:
            if len(items) > 1:  # one by one, to find the one that is
                for item in items:
                    _import_round(
                        recording, principal, version, [item], counts, rejects
                    )
                return
            refused[0] = [{"path": "", "rule": error.type, "message": error.message}]
        else:
            counts.new += recorded.new
            counts.repeated += len(items) - recorded.new
            return
        for at, reasons in refused.items():
            _refuse(items[at][0], reasons, counts, rejects)
        items = [item for at, item in enumerate(items) if at not in refused]


def _refuse(
    record: Record,
    reasons: list[dict[str, str]],
    counts: ImportCounts,
    rejects: Rejects,
) -> None:
    counts.refused += 1
    first = reasons[0]
    told = f"{first['rule']} at {first['path'] or 'the Statement'}"
    counts.reasons[told] = counts.reasons.get(told, 0) + 1
    rejects.write(record, reasons)


def _identified(record: Record, digest: str) -> Received:
    received, batch = text.split(record.raw)
    if batch:
        raise text.NotJson("A line holds one Statement, as an object.")
    value = received[0].value
    if isinstance(value, dict) and "id" not in value:
        made = str(uuid.uuid5(_NAMESPACE, f"{digest}:{record.number}"))
        marked = complete(received[0], {"id": f'"{made}"'})
        return Received(marked, {**value, "id": made})
    return received[0]
