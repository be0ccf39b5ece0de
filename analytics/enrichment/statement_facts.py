"""From the feed's Statements to columns: facts, voids and actors, without context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from analytics.identity.keys import actor_id, sent_id
from analytics.lake.tables import ACTORS, STATEMENT_COLUMNS, VOIDS
from analytics.workforce.anonymity.veil import Veil
from lrs.feed import StoredStatement
from lrs.xapi.keys import ifi_key
from lrs.xapi.text import parse
from lrs.xapi.values import timestamp_us

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
_FIRST = -62_135_424_000_000_000  # microseconds: 0001-01-03T00:00:00Z
_LAST = 253_402_128_000_000_000  # 9999-12-30T00:00:00Z
_SCHEMA = pa.schema(list(STATEMENT_COLUMNS.items()))


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a batch of Statements holds, as Arrow tables."""

    statements: pa.Table
    voids: pa.Table
    actors: pa.Table


def extract(batch: Sequence[StoredStatement], veil: Veil | None = None) -> Extracted:
    """Return the batch's columns; an anonymous Group has no actor id.

    Of an actor that the veil hides there are a digest and the kind of its IFI.
    """
    rows: list[tuple[object, ...]] = []
    voids: list[tuple[str, str, int]] = []
    actors: dict[str, tuple[str, str | None, int]] = {}
    for stored in batch:
        statement = _parsed(stored.text)
        key = ifi_key(statement["actor"])
        actor = actor_id(key) if key else None
        ifi_kind = key.split(" ", 1)[0] if key else None
        mbox = statement["actor"].get("mbox")
        sent = sent_id(mbox) if mbox else None
        if veil is not None and key and actor and veil.hides(key, sent):
            actor, sent = veil.hidden_id(actor), veil.sent_id(sent)
            veil.ifis.setdefault(actor, key)
            key = None
        if actor and actor not in actors:
            actors[actor] = (ifi_kind or "", key, stored.stored)
        rows.append(_row(stored, statement, actor, ifi_kind, sent))
        if statement["verb"]["id"] == VOIDED:
            target = statement["object"]["id"].lower()
            voids.append((target, stored.statement_id, stored.stored))
    return Extracted(
        _table(rows, _SCHEMA),
        _table(voids, VOIDS),
        _table([(key, *rest) for key, rest in actors.items()], ACTORS),
    )


def joined(parts: Sequence[Extracted]) -> Extracted:
    """Return several batches as one; an actor's first row stays."""
    return Extracted(
        pa.concat_tables([part.statements for part in parts]),
        pa.concat_tables([part.voids for part in parts]),
        unseen(pa.concat_tables([part.actors for part in parts]), set()),
    )


def unseen(actors: pa.Table, seen: set[str]) -> pa.Table:
    """Return the first row of each actor not in ``seen``, and add them to it."""
    keep = []
    for actor in actors.column("actor_id").to_pylist():
        keep.append(actor not in seen)
        seen.add(actor)
    return actors.filter(pa.array(keep, pa.bool_()))


def _parsed(stored: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(stored)
    except orjson.JSONDecodeError:  # a number that only the strict reader can hold
        found = parse(stored.encode())
    return found


def _instant(timestamp: str) -> int:
    """Return microseconds; the first and the last days a table can hold bound it."""
    return min(max(timestamp_us(timestamp), _FIRST), _LAST)


def _row(
    stored: StoredStatement,
    statement: dict[str, Any],
    actor: str | None,
    ifi_kind: str | None,
    sent: str | None,
) -> tuple[object, ...]:
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    context = statement.get("context") or {}
    result = statement.get("result") or {}
    return (
        stored.statement_id,
        stored.stored,
        _instant(statement["timestamp"]),
        actor,
        ifi_kind,
        statement["verb"]["id"],
        kind,
        thing["id"] if kind == "Activity" else None,
        _parents(context),
        context.get("registration"),
        _text((context.get("extensions") or {}).get(_SESSION)),
        result.get("success"),
        result.get("completion"),
        *_numbers(result.get("score")),
        result.get("duration"),
        sent,
    )


def _parents(context: dict[str, Any]) -> list[str]:
    parents = (context.get("contextActivities") or {}).get("parent") or []
    listed = [parents] if isinstance(parents, dict) else parents
    return [parent["id"] for parent in listed]


def _numbers(score: dict[str, Any] | None) -> tuple[float | None, ...]:
    """Return scaled, raw, min and max."""
    if not score:
        return (None, None, None, None)
    found = map(score.get, ("scaled", "raw", "min", "max"))
    return tuple(None if one is None else float(one) for one in found)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns: list[Sequence[object]] = list(zip(*rows, strict=True))
    columns = columns or [()] * len(schema)
    named = zip(schema.names, columns, strict=True)
    return pa.table({name: list(values) for name, values in named}, schema=schema)
