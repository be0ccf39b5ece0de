"""Rules: what the columns of one canonical row ask of each other.

A rule takes a Row and returns (column, reason), or None where it holds. Not asked:
that effective_date lies within the employment. Systems deliver former rows of a
rehired person with the newest hire_date, and a terminated row may take effect at any
later day; employment is decided by hire_date and termination_date alone.
"""

from __future__ import annotations

from collections.abc import Callable

from analytics.workforce.model import Row

Broken = tuple[str, str] | None
Rule = Callable[[Row], Broken]


_BEFORE, _SAME = "is before ", "is the same as "


def _not_before(later: str, earlier: str) -> Rule:
    def rule(row: Row) -> Broken:
        first, last = row.get(earlier), row.get(later)
        # ISO days sort as text.
        if first is not None and last is not None and str(last) < str(first):
            return later, f"{_BEFORE}{earlier}"
        return None

    return rule


def _differs(one: str, other: str) -> Rule:
    def rule(row: Row) -> Broken:
        if one in row and row[one] == row.get(other):
            return one, f"{_SAME}{other}"
        return None

    return rule


RULES: dict[str, tuple[Rule, ...]] = {
    "workforce": (
        _not_before("termination_date", "hire_date"),
        _differs("org_parent_id", "org_unit_id"),
        _differs("manager_id", "employee_id"),
    ),
    "kpi": (_not_before("period_end", "period_start"),),
    "exemptions": (_not_before("to", "from"),),
}


def broken_rule(kind: str, row: Row) -> Broken:
    """Return the first broken rule of a row as (column, reason), or None."""
    for rule in RULES[kind]:
        broken = rule(row)
        if broken is not None:
            return broken
    return None


def is_broken_rule(reason: str) -> bool:
    """Tell whether a reason is of one of these rules: no mapping is why."""
    return reason.startswith((_BEFORE, _SAME))
