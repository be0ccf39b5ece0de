"""Refusals: a delivery that was refused before a run of it began is a run of its own.

In: a mapping, the delivery's name, and why. Out: a record in ``ledger_runs`` of state
``refused``, with neither rows nor counts. What lies there unmoved is refused at every
poll, and stands there once.
"""

from __future__ import annotations

import datetime
from hashlib import blake2b

from pymongo.errors import DuplicateKeyError

from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping
from analytics.workforce.source_records import SourceRecords

_DIGEST = 16  # octets: as many as other runs' ids have


def note_refused(
    ledger: Ledger,
    tenant: str,
    mapping: Mapping,
    *,
    file: str,
    why: str,
    mode: str | None,
    seen: str,
) -> None:
    """Record a refusal; ``seen`` tells the delivery from another of that name.

    ``mode`` None: nothing that can be read says it.
    """
    what = "\n".join((mapping.name, file, seen, why)).encode()
    run = blake2b(what, digest_size=_DIGEST).hexdigest()
    now, kind = datetime.datetime.now(datetime.UTC), mapping.table.kind
    about = {"file": file, "source": mapping.name, "mode": mode or "unknown"}
    ended = {"began": now, "ended": now, "why": why, "counts": {}}
    place = {"_id": {"t": tenant, "run": run}}
    try:
        ledger.collections.runs.insert_one(
            place | {"kind": kind, "state": "refused"} | about | ended
        )
    except DuplicateKeyError:
        return
    SourceRecords(ledger.collections.sources).failed(tenant, kind, mapping.name, now)
