"""Step tables: the keys of an entry that say what is done to a text.

What the column cannot take, what contradicts itself and what would never act is
refused with its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analytics.workforce.mapping.days import (
    AS_WRITTEN,
    LOCATION,
    WITHOUT_WRITTEN_DAY,
    check_format,
    check_zone,
    reads_moments,
)
from analytics.workforce.mapping.steps import UNTOUCHED, Steps, pattern
from analytics.workforce.mapping.toml_tables import TomlTable
from analytics.workforce.model import Column
from analytics.workforce.values import day, number, share_of_full_time, text

TEXT_KEYS = (
    *("split", "extract", "unmatched", "case", "strip_zeros", "pad"),
    *("values", "other", "refuse_other", "yes_no", "prefix", "suffix"),
)
NUMBER_KEYS = ("decimal", "divide_by")
DAY_KEYS = ("date_format", "time_zone", "absent_from")
STEP_KEYS = (*TEXT_KEYS, *NUMBER_KEYS, *DAY_KEYS)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a reading is for: its column (None: a condition) and the zone of moments.

    ``final``: what it gives is what the column takes, nothing comes after it.
    """

    column: Column | None
    zone: str | None = None
    final: bool = True

    @property
    def many(self) -> bool:
        """Whether several texts are taken."""
        return self.column is None or self.column.joined_by is not None


def read_steps(entry: TomlTable, purpose: Purpose) -> Steps:
    """Return what an entry does to a text, UNTOUCHED where that is nothing."""
    steps = Steps(
        extract=_extract(entry),
        unmatched=entry.choice("unmatched", ("refuse", "absent", "keep"), "refuse"),
        case=entry.choice("case", ("lower", "upper"), "") or None,
        strip_zeros=entry.flag("strip_zeros"),
        pad=entry.whole("pad", 1, 100) if "pad" in entry.content else 0,
        prefix=_affix(entry, "prefix"),
        suffix=_affix(entry, "suffix"),
        **_translation(entry, purpose),
        **_number(entry, purpose),
        **_day(entry, purpose),
    )
    if "unmatched" in entry.content and steps.extract is None:
        raise entry.refusal("unmatched", "says nothing without 'extract'")
    return UNTOUCHED if steps == UNTOUCHED else steps


def _extract(entry: TomlTable) -> str | None:
    if "extract" not in entry.content:
        return None
    found = entry.text("extract", pattern)
    if pattern(found).groups != 1:
        raise entry.refusal("extract", "has not exactly one group (...)")
    return found


def _affix(entry: TomlTable, name: str) -> str:
    return entry.text(name, text) if name in entry.content else ""


def _translation(entry: TomlTable, purpose: Purpose) -> dict[str, Any]:
    column = purpose.column
    check = column.parse if column and purpose.final else None

    def target(table: TomlTable, name: str) -> str:
        found = table.text(name, text)
        if found.strip():
            table.checked(name, found, check)
        return found.strip()

    values = entry.table("values")
    out: dict[str, Any] = {
        "values": {name: target(values, name) for name in values.content},
        "refuse_other": entry.flag("refuse_other"),
    }
    if "other" in entry.content:
        out["other"] = target(entry, "other")
    for name in entry.has("other", "refuse_other"):
        if not values.content:
            raise entry.refusal(name, "says nothing without 'values'")
    if len(entry.has("other", "refuse_other")) == 2 and out["refuse_other"]:
        raise entry.refusal("other", "contradicts 'refuse_other'")
    if "yes_no" in entry.content:
        if values.content:
            raise entry.refusal("yes_no", "contradicts 'values'")
        both = entry.table("yes_no")
        both.only(("yes", "no"))
        if len(both.content) != 2:
            raise entry.refusal("yes_no", "needs both 'yes' and 'no'")
        out["yes_no"] = (target(both, "yes"), target(both, "no"))
    return out


def _number(entry: TomlTable, purpose: Purpose) -> dict[str, Any]:
    for name in entry.has(*NUMBER_KEYS):
        if not purpose.column or purpose.column.parse not in (
            number,
            share_of_full_time,
        ):
            raise entry.refusal(name, "is for numbers")
    out: dict[str, Any] = {}
    if "decimal" in entry.content:
        out["decimal"] = entry.choice("decimal", (",", "."), ",")
    if "divide_by" in entry.content:
        out["divide_by"] = entry.number("divide_by", 1e-9, 1e9)
    return out


def _day(entry: TomlTable, purpose: Purpose) -> dict[str, Any]:
    for name in entry.has(*DAY_KEYS):
        if not purpose.column or purpose.column.parse is not day:
            raise entry.refusal(name, "is for days, and this is none")
    out: dict[str, Any] = {}
    forms: tuple[str, ...] = ()
    if "date_format" in entry.content:
        forms = entry.texts("date_format", check_format)
    elif entry.has("absent_from"):
        forms = ("iso",)
    if "absent_from" in entry.content:
        out["absent_from"] = _first_absent(entry)
    moments = [form for form in forms if reads_moments(form)]
    if "time_zone" in entry.content and not moments:
        raise entry.refusal("time_zone", "says nothing: no date_format tells a moment")
    if moments:
        name = "time_zone" if "time_zone" in entry.content else "date_format"
        zone = entry.text(name, check_zone) if name == "time_zone" else purpose.zone
        if zone is None:
            raise entry.refusal(
                name,
                f'reads moments, whose day depends on a time_zone: "{LOCATION}", '
                f'"{AS_WRITTEN}" or an IANA name, here or for the whole file',
            )
        if zone == AS_WRITTEN and not WITHOUT_WRITTEN_DAY.isdisjoint(moments):
            raise entry.refusal(
                name, f'counts seconds: there is no day "{AS_WRITTEN}" in it'
            )
        out["time_zone"] = zone
    return out | {"date_format": forms}


def _first_absent(entry: TomlTable) -> str:
    found = entry.content["absent_from"]
    try:  # TOML has days of its own: 4712-12-31 without quotes
        return day(found if isinstance(found, str) else str(found))
    except ValueError as error:
        raise entry.refusal("absent_from", str(error)) from None
