"""The Delta tables of a tenant: their columns, as Arrow schemas.

All but those of the history (``history.py``) are append-only. ``recorded_at`` is when
the truth knew the row (the Statement's ``stored``, the HR run's recorded time): what
was known at a moment is the rows up to it, and rebuilding or compacting a table changes
nothing. Names and addresses stand in ``actors`` and ``people`` only; everywhere else
are ids.
"""

from __future__ import annotations

import pyarrow as pa

from analytics.lake.history import HISTORY, MOMENT, TEXTS

# Raised when the same truth gives other rows than before: tables that a former release
# made are then made anew by the next pass.
DERIVATION = 3


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


# One row per Statement and state of knowledge about its actor; the latest wins.
STATEMENT_COLUMNS: dict[str, pa.DataType] = {
    "statement_id": pa.string(),
    "stored": MOMENT,
    "timestamp": MOMENT,
    "actor_id": pa.string(),  # SHA-256 of the IFI key; the key itself is in actors
    "actor_kind": pa.string(),  # account | mbox | mbox_sha1sum | openid
    "verb": pa.string(),
    "object_type": pa.string(),
    "activity_id": pa.string(),  # only where the object is an Activity
    "parents": TEXTS,
    "registration": pa.string(),
    "session_id": pa.string(),  # of cmi5
    "success": pa.bool_(),
    "completion": pa.bool_(),
    "score_scaled": pa.float64(),
    "score_raw": pa.float64(),
    "score_min": pa.float64(),
    "score_max": pa.float64(),
    "duration": pa.string(),  # ISO 8601, as received
    # The id of the SHA-1 of the address as sent, where it was not sent in lower case.
    "sent_id": pa.string(),
}
CONTEXT_COLUMNS: dict[str, pa.DataType] = {
    "person_id": pa.string(),
    # account:listed | account:<scheme> | mbox | mbox:sha1sum | mbox:plus_tag |
    # mbox_sha1sum | openid | link | ambiguous | unknown
    "identity_method": pa.string(),
    # Of a person: who was merged into them, or the link's number; ambiguous: who claims
    # the actor; unknown: anonymous | unlisted | unmapped | domain |
    # no_employee <employee_id>.
    "identity_reason": pa.string(),
    "local_date": pa.date32(),  # of the timestamp, where the person worked
    "org_unit_id": pa.string(),
    "unit_path": TEXTS,  # from the top down to the unit itself, on local_date
    "job_code": pa.string(),
    "job_title": pa.string(),
    "location_id": pa.string(),
    "location_time_zone": pa.string(),
    "manager_id": pa.string(),
    "worker_type": pa.string(),
    "employment_status": pa.string(),  # of the day: active | leave | terminated
    "cost_center_id": pa.string(),
    "regulatory_classes": TEXTS,
    "tenure_days": pa.int32(),
    "hr_recorded_at": MOMENT,  # of the HR row that the context was taken from
    "path_recorded_at": MOMENT,  # since when the path was known to be this one
}
FACTS = _schema(**STATEMENT_COLUMNS, **CONTEXT_COLUMNS, recorded_at=MOMENT)

# One row per voiding Statement.
VOIDS = _schema(statement_id=pa.string(), voided_by=pa.string(), recorded_at=MOMENT)

# One row per actor and pass that met it first; ifi is null where it may lead to
# somebody who was made anonymous.
ACTORS = _schema(
    actor_id=pa.string(), kind=pa.string(), ifi=pa.string(), recorded_at=MOMENT
)

# One row per version of a person's row; identifiers as actor ids.
WORKFORCE = _schema(
    employee_id=pa.string(),
    effective_date=pa.date32(),
    identifiers=TEXTS,
    worker_type=pa.string(),
    status=pa.string(),
    hire_date=pa.date32(),
    original_hire_date=pa.date32(),
    termination_date=pa.date32(),
    job_code=pa.string(),
    job_title=pa.string(),
    job_level=pa.string(),
    org_unit_id=pa.string(),
    org_unit_name=pa.string(),
    org_parent_id=pa.string(),
    location_id=pa.string(),
    location_time_zone=pa.string(),
    manager_id=pa.string(),
    cost_center_id=pa.string(),
    fte=pa.float64(),
    regulatory_classes=TEXTS,
    retracted=pa.bool_(),  # the row of this key holds no more; absent: it does
    recorded_at=MOMENT,
)

# One row per version of a person's row: the only HR table with names.
PEOPLE = _schema(
    employee_id=pa.string(),
    effective_date=pa.date32(),
    given_name=pa.string(),
    family_name=pa.string(),
    email=pa.string(),
    retracted=pa.bool_(),
    recorded_at=MOMENT,
)

# One row per version of a performance figure.
KPI = _schema(
    employee_id=pa.string(),
    metric=pa.string(),
    period_start=pa.date32(),
    period_end=pa.date32(),
    value=pa.float64(),
    unit=pa.string(),
    recorded_at=MOMENT,
)

# One row per decision about identity: a link, a merge, an undo, or the rules in force.
DECISIONS = _schema(
    decision=pa.int64(),
    kind=pa.string(),  # link | merge | undo | rules
    actor_id=pa.string(),
    employee_id=pa.string(),
    into_id=pa.string(),  # who the employee is from then on
    undoes=pa.int64(),
    rules=pa.string(),  # JSON
    recorded_at=MOMENT,
)

TABLES: dict[str, pa.Schema] = {
    "workforce": WORKFORCE,
    "people": PEOPLE,
    "kpi": KPI,
    "decisions": DECISIONS,
    "actors": ACTORS,
    "voids": VOIDS,
    "facts": FACTS,
    **HISTORY,
}

# Delta keeps statistics of a file's first 32 columns; where a table has more, of these.
STATISTICS: dict[str, tuple[str, ...]] = {
    "facts": (
        *("recorded_at", "stored", "timestamp", "local_date"),
        *("person_id", "actor_id", "org_unit_id", "activity_id", "verb"),
    ),
}


# What a table is asked for: its files are sorted by it, so that their row groups hold
# few people each, and the statistics say which.
ORDER: dict[str, tuple[str, ...]] = {
    "facts": ("person_id", "stored", "statement_id", "recorded_at"),
    "voids": ("statement_id", "recorded_at"),
    "actors": ("actor_id", "recorded_at"),
    "workforce": ("employee_id", "effective_date", "recorded_at"),
    "people": ("employee_id", "effective_date", "recorded_at"),
    "kpi": ("employee_id", "metric", "period_start", "recorded_at"),
    "decisions": ("decision", "recorded_at"),
}


def properties(table: str) -> dict[str, str]:
    """Return the properties of a table that are not Delta's own."""
    columns = STATISTICS.get(table)
    return {"delta.dataSkippingStatsColumns": ",".join(columns)} if columns else {}
