"""Term tables: ``[delivery]``, ``[valves]``, ``[schedule]`` of a mapping file.

``[format]`` and ``[source]`` are handed on as they stand. Contradictions are refused:
a delta that would miss somebody, a schedule without a source, a valve for people in a
file that has none.
"""

from __future__ import annotations

from collections.abc import Collection

from analytics.workforce.mapping.schedule import Schedule, check_cron
from analytics.workforce.mapping.terms import DeliveryTerms, Terms, Valves
from analytics.workforce.mapping.toml_tables import TomlTable
from analytics.workforce.model import Table
from analytics.workforce.values import time_zone

TERM_KEYS = ("format", "source", "delivery", "valves", "schedule")


def read_terms(file: TomlTable, table: Table, columns: Collection[str]) -> Terms:
    """Return the terms of a mapping that fills these columns of the table."""
    source = file.table("source").content if "source" in file.content else None
    if source is not None and not source:
        raise file.refusal("source", "is empty")
    schedule = _schedule(file)
    if schedule is not None and source is None:
        raise file.refusal("schedule", "has nothing to fetch: there is no [source]")
    return Terms(
        delivery=_delivery(file.table("delivery"), table, columns),
        valves=_valves(file.table("valves"), table, columns),
        schedule=schedule,
        format=file.table("format").content,
        source=source,
    )


def _delivery(
    entry: TomlTable, table: Table, columns: Collection[str]
) -> DeliveryTerms:
    entry.only(("mode", "missing_person", "missing_row"))
    person = ("keep", "terminate", "retract")
    out = DeliveryTerms(
        mode=entry.choice("mode", ("delta", "full"), "delta"),
        missing_person=entry.choice("missing_person", person, "keep"),
        missing_row=entry.choice("missing_row", ("keep", "retract"), "keep"),
    )
    for name in ("missing_person", "missing_row"):
        if out.mode == "delta" and getattr(out, name) != "keep":
            reason = 'contradicts mode = "delta": what a delta lacks stays as it is'
            raise entry.refusal(name, reason)
    if out.missing_person == "terminate" and table.column("termination_date") is None:
        raise entry.refusal("missing_person", f"ends nobody in a {table.kind} file")
    return out


def _valves(entry: TomlTable, table: Table, columns: Collection[str]) -> Valves:
    known = ("max_terminated_share", "max_fill_rate_drop", "fill_rate_drops")
    entry.only((*known, "min_people"))
    people = table.column("termination_date") is not None
    for name in entry.has("max_terminated_share", "min_people"):
        if not people:
            raise entry.refusal(name, f"is not for {table.kind} files")
    drops = entry.table("fill_rate_drops")
    for name in drops.content:
        if name not in columns:
            raise drops.refusal(name, "is no column that this mapping fills")
    out = Valves()
    limits = [
        entry.number(name, 0, 1) if name in entry.content else default
        for name, default in (
            ("max_terminated_share", out.max_terminated_share),
            ("max_fill_rate_drop", out.max_fill_rate_drop),
        )
    ]
    least = out.min_people
    if "min_people" in entry.content:
        least = entry.whole("min_people", 0, 1_000_000)
    each = {name: drops.number(name, 0, 1) for name in drops.content}
    return Valves(limits[0], limits[1], each, least)


def _schedule(file: TomlTable) -> Schedule | None:
    if "schedule" not in file.content:
        return None
    entry = file.table("schedule")
    entry.only(("cron", "time_zone"))
    if "cron" not in entry.content:
        raise entry.refusal("", "has no cron")
    cron = entry.text("cron", check_cron)
    zone = entry.text("time_zone", time_zone) if "time_zone" in entry.content else "UTC"
    return Schedule(cron, zone)
