"""Sifting: telling the good records of a delivery from the bad.

Bad is a record that is wrong in itself, that contradicts another one, or that closes
a circle of units. Two records of one key that say different things are all bad: the
order of a file means nothing, so none can be told to be the right one, and what was
known before stands. Two that say the same count once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

import orjson

from analytics.workforce.files import Delivery
from analytics.workforce.mapping import FieldError, Mapped, Mapping
from analytics.workforce.model import Row, Table
from analytics.workforce.rules import broken_rule
from analytics.workforce.staging import Entry, SetAside
from analytics.workforce.unit_tree import Link, circular_links
from lrs.errors import BadRequest

Progress = Callable[[str, int, int | None], None]
"""Called with a step (``read``, ``compare``, ``store``), the records done, and of how
many (None: not known yet)."""

EVERY = 1_000  # records between two calls of Progress
RETRACTED = b"retracted"  # the digest of a row that holds no more


@dataclass(frozen=True, slots=True)
class Placed:
    """An Entry and the line it came from."""

    line: int
    entry: Entry


@dataclass(slots=True)
class Sifted:
    """The ``read`` records of a file: good ones and their repeats by key, bad ones.

    ``skipped``: records that the mapping does not ask for.
    """

    good: dict[str, Placed] = field(default_factory=dict)
    repeats: dict[str, list[Placed]] = field(default_factory=dict)
    bad: list[SetAside] = field(default_factory=list)
    read: int = 0
    skipped: int = 0

    def expel(self, key: str, column: str, reason: str) -> None:
        """Make every record of that key a bad one."""
        for placed in (self.good.pop(key), *self.repeats.pop(key, ())):
            values = placed.entry.values
            self.bad.append(SetAside(placed.line, column, reason, values))


def check_fields(delivery: Delivery, mapping: Mapping) -> tuple[str, ...]:
    """Return the file's fields that the mapping does not name.

    Raises BadRequest where a field is missing without which no record can be whole.
    """
    missing = mapping.missing(delivery.fields)
    if missing and delivery.fields:
        hint = (
            " Are its cells separated by commas?" if len(delivery.fields) == 1 else ""
        )
        raise BadRequest(
            f"{delivery.file} has no field {', '.join(missing)}, which every "
            f"{mapping.table.kind} record needs.{hint} Nothing was imported."
        )
    return mapping.unnamed(delivery.fields)


def sift(delivery: Delivery, mapping: Mapping, report: Progress) -> Sifted:
    """Read every record; the bad ones come out in the file's order."""
    table = mapping.table
    out = Sifted()
    contradictory: set[str] = set()
    for record in delivery.records:
        out.read += 1
        if out.read % EVERY == 0:
            report("read", out.read, None)
        try:
            if record.fault:
                raise FieldError("", record.fault)
            mapped = mapping.mapped(record.cells)
            if mapped.skipped:
                out.skipped += 1
                continue
            entry = _entry(table, mapped)
        except FieldError as error:
            kept = mapping.kept(record.cells)
            out.bad.append(SetAside(record.line, error.field, error.reason, kept))
            continue
        placed = Placed(record.line, entry)
        former = out.good.setdefault(entry.key, placed)
        if former is not placed:
            out.repeats.setdefault(entry.key, []).append(placed)
            if former.entry.digest != entry.digest:
                contradictory.add(entry.key)
    for key in contradictory:
        reason = f"contradicts another record of the same {', '.join(table.key)}"
        out.expel(key, "", reason)
    if table.kind == "workforce":
        _expel_circles(out)
    out.bad.sort(key=lambda bad: bad.line)
    report("read", out.read, out.read)
    return out


def _entry(table: Table, mapped: Mapped) -> Entry:
    row = mapped.row
    if mapped.retracts:
        return Entry(table.key_of(row), RETRACTED, row, retracted=True)
    broken = broken_rule(table.kind, row)
    if broken is not None:
        raise FieldError(*broken)
    # Sorted, so that a column's place in the model is no part of its value.
    content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    digest = blake2b(content, digest_size=16).digest()
    return Entry(table.key_of(row), digest, row)


def _expel_circles(records: Sifted) -> None:
    links = {
        key: _link(item.entry.values)
        for key, item in records.good.items()
        if not item.entry.retracted
    }
    circular = circular_links(links.values())
    for key, link in links.items():
        if link in circular:
            reason = "puts a unit below itself, through other units of the file"
            records.expel(key, "org_parent_id", reason)


def _link(row: Row) -> Link:
    parent = row.get("org_parent_id")
    return Link(
        str(row["effective_date"]),
        str(row["org_unit_id"]),
        None if parent is None else str(parent),
    )
