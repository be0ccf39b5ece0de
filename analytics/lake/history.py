"""The Delta tables of the workforce's history: their columns, as Arrow schemas.

Bitemporal and derived: a row says what held on the days [valid_from, valid_to) as it
was known in [recorded_from, recorded_to). What has no end yet ends in 9999, what has no
known beginning begins in 1900. ``valid_from <= D AND D < valid_to AND recorded_from <=
T AND T < recorded_to`` gives the day D as known at T. Each refresh replaces a table's
content in one commit (analytics.workforce.history.publishing); what was once known
stands in every later version too, with the time in which it was believed.
"""

from __future__ import annotations

import pyarrow as pa

MOMENT = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(pa.string())
_BOTH_TIMES: dict[str, pa.DataType] = {
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
    "recorded_from": MOMENT,
    "recorded_to": MOMENT,
}


def _bitemporal(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([*columns.items(), *_BOTH_TIMES.items()])


HISTORY: dict[str, pa.Schema] = {
    # One row per person, spell of employment and stretch of recorded time.
    "employment_spells": _bitemporal(
        employee_id=pa.string(),
        spell=pa.int32(),  # from 1, in order of time, as known then
        hire_date=pa.date32(),
        original_hire_date=pa.date32(),
        termination_date=pa.date32(),  # the last day; null: open
        worker_type=pa.string(),
    ),
    # One row per person, row in force, spell and stretch of recorded time.
    "assignments": _bitemporal(
        employee_id=pa.string(),
        spell=pa.int32(),
        effective_date=pa.date32(),  # of the row used
        status=pa.string(),  # of the days: active | leave
        worker_type=pa.string(),
        job_code=pa.string(),
        job_title=pa.string(),
        job_level=pa.string(),
        org_unit_id=pa.string(),
        location_id=pa.string(),
        location_time_zone=pa.string(),
        manager_id=pa.string(),
        cost_center_id=pa.string(),
        fte=pa.float64(),
        regulatory_classes=TEXTS,
        row_recorded_at=MOMENT,  # of the row used
    ),
    # One row per person, stretch under one manager and stretch of recorded time.
    "manager_edges": _bitemporal(
        employee_id=pa.string(),
        manager_id=pa.string(),
        type=pa.string(),  # primary
        in_circle=pa.bool_(),  # the managers above come back to this person
    ),
    # One row per unit, stretch of days and stretch of recorded time.
    "org_units": _bitemporal(
        unit_id=pa.string(), name=pa.string(), parent_id=pa.string()
    ),
    # One row per unit, unit above it (itself: depth 0), days and recorded time.
    "org_unit_closure": _bitemporal(
        unit_id=pa.string(), ancestor_id=pa.string(), depth=pa.int32()
    ),
    # One row per person, unbroken leave and stretch of recorded time.
    "leave_spells": _bitemporal(employee_id=pa.string(), spell=pa.int32()),
    # One row per identifier, person, stretch of days and stretch of recorded time.
    "person_identifiers": _bitemporal(
        employee_id=pa.string(),
        identifier=pa.string(),  # an actor_id
    ),
}
