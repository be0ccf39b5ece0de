"""Replaying: what a run set aside is imported again, by a mapping that was mended.

In: an applied run. Out: another run, of the records that could be mapped again; those
that are still wrong stand in its quarantine. Of what a later run has spoken since, the
former record says nothing any more. Records that contradicted each other are not
replayed: only their source can say which of them is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from analytics.workforce.engine.importing import ImportResult, import_delivery
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.former import Former
from analytics.workforce.ledger import Ledger, all_of, chunks
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.run_records import RunRecord
from analytics.workforce.source_records import SourceRecords
from analytics.workforce.sources.records import Delivery, Record
from analytics.workforce.staging import CHUNK
from lrs.errors import BadRequest


def replay(
    ledger: Ledger,
    tenant: str,
    run: RunRecord,
    mapping: Mapping,
    progress: Progress | None = None,
) -> ImportResult:
    """Import what an applied run set aside; raises BadRequest where that is nothing.

    It adds, whatever the run was, and corrects what was known then; what was replayed
    is not again.
    """
    if mapping.table.kind != run.kind or mapping.name != run.source:
        raise BadRequest(
            f"This run was of {run.source}, {run.kind}; the mapping is "
            f"{mapping.name}, {mapping.table.kind}."
        )
    quarantine = ledger.collections.quarantine
    waiting: dict[str, Any] = {
        "_id": all_of(tenant, run.run),
        "cells": {"$exists": True},
        "replayed": {"$exists": False},
    }
    fields: dict[str, None] = {}
    for item in quarantine.find(waiting, {"cells": 1}):
        fields.update(dict.fromkeys(orjson.loads(item["cells"])))
    if not fields:
        raise BadRequest("This run set nothing aside that can be replayed.")

    former = Former(ledger, tenant, run.kind)

    def records() -> Iterator[Record]:
        held = quarantine.find(waiting).sort("line", 1).allow_disk_use(True)
        for chunk in chunks(held, CHUNK):
            found = [Record(it["line"], orjson.loads(it["cells"])) for it in chunk]
            keys = [_key(mapping, record) for record in found]
            said = former.recorded_behind(run.run, [key for key in keys if key])
            for record, key in zip(found, keys, strict=True):
                if key not in said:
                    yield record

    delivery = Delivery(f"quarantine of {run.file}", "", tuple(fields), records())
    terms = replace(mapping.terms, mode="delta")
    result = import_delivery(ledger, tenant, delivery, mapping, terms, progress)
    done = quarantine.update_many(waiting, {"$set": {"replayed": result.run}})
    SourceRecords(ledger.collections.sources).replayed(
        tenant, run.kind, run.source, run.recorded or 0, done.modified_count
    )
    return result


def _key(mapping: Mapping, record: Record) -> str | None:
    """Return the key of what a record says; None where it is wrong, or says nothing."""
    try:
        mapped = mapping.mapped(record.cells)
    except FieldError:
        return None
    return None if mapped.skipped else mapping.table.key_of(mapped.row)
