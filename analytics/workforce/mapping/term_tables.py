"""Term tables: ``[delivery]``, ``[valves]`` and ``[schedule]`` of a mapping file.

They become Terms and a Schedule. Contradictions are refused: a delta that would miss
somebody, a schedule without a source, a valve for people in a file that has none.
"""

from __future__ import annotations

from collections.abc import Collection

from analytics.workforce.engine.terms import Terms
from analytics.workforce.mapping.schedule import Schedule, check_cron
from analytics.workforce.mapping.toml_tables import TomlTable
from analytics.workforce.model import WORKFORCE, Table
from analytics.workforce.values import time_zone

TERM_KEYS = ("format", "source", "delivery", "valves", "schedule")
_PERSON = ("keep", "terminate", "retract")
_ROW = ("keep", "retract", "retract_later")
_SHARES = ("max_terminated_share", "max_fill_rate_drop")


def read_terms(file: TomlTable, table: Table, columns: Collection[str]) -> Terms:
    """Return the terms of a mapping that fills these columns of the table."""
    delivery, valves = file.table("delivery"), file.table("valves")
    usual = Terms()
    _check_delivery(delivery, table)
    valves.only((*_SHARES, "fill_rate_drops", "always_allowed"))
    for name in valves.has("max_terminated_share", "always_allowed"):
        if table is not WORKFORCE:
            raise valves.refusal(name, "is for workforce files")
    drops = valves.table("fill_rate_drops")
    for name in drops.content:
        if name not in columns:
            raise drops.refusal(name, "is no column that this mapping fills")
    terminated, drop = (
        valves.number(name, 0, 1) if name in valves.content else getattr(usual, name)
        for name in _SHARES
    )
    allowed = usual.always_allowed
    if "always_allowed" in valves.content:
        allowed = valves.whole("always_allowed", 0, 1_000_000)
    return Terms(
        mode=delivery.choice("mode", ("delta", "full"), usual.mode),
        missing_person=delivery.choice("missing_person", _PERSON, usual.missing_person),
        missing_row=delivery.choice("missing_row", _ROW, usual.missing_row),
        max_terminated_share=terminated,
        max_fill_rate_drop=drop,
        fill_rate_drops={name: drops.number(name, 0, 1) for name in drops.content},
        always_allowed=allowed,
    )


def _check_delivery(entry: TomlTable, table: Table) -> None:
    entry.only(("mode", "missing_person", "missing_row"))
    if entry.choice("mode", ("delta", "full"), "delta") == "full":
        if table is not WORKFORCE:
            raise entry.refusal("mode", f"is always delta for {table.kind} files")
        return
    for name, known in (("missing_person", _PERSON), ("missing_row", _ROW)):
        if entry.choice(name, known, "keep") != "keep":
            reason = 'contradicts mode = "delta": what a delta lacks stays as it is'
            raise entry.refusal(name, reason)


def read_schedule(file: TomlTable) -> Schedule | None:
    """Return when the source is fetched, None where nothing is said of it."""
    if "source" in file.content and not file.table("source").content:
        raise file.refusal("source", "is empty")
    if "schedule" not in file.content:
        return None
    entry = file.table("schedule")
    if "source" not in file.content:
        raise entry.refusal("", "has nothing to fetch: there is no [source]")
    entry.only(("cron", "time_zone"))
    if "cron" not in entry.content:
        raise entry.refusal("", "has no cron")
    cron = entry.text("cron", check_cron)
    zone = entry.text("time_zone", time_zone) if "time_zone" in entry.content else "UTC"
    return Schedule(cron, zone)
