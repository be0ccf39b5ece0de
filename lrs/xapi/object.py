"""Object: what a Statement's ``object`` may be, told apart by ``objectType``.

Spec: xAPI-Data 2.4.4. In: the value of ``object``. Out: Violations.
The rules of each kind live with their noun: activity, actor, statement_ref,
substatement.
"""

from __future__ import annotations

from lrs.xapi.activity import activity
from lrs.xapi.actor import agent, group
from lrs.xapi.checks import Rule, Rules, refuse
from lrs.xapi.statement_ref import statement_ref
from lrs.xapi.violations import Violation

_SECTION = "xapi-data:2.4.4"

PLAIN_KINDS: Rules = {
    "Activity": activity,
    "Agent": agent,
    "Group": group,
    "StatementRef": statement_ref,
}


def object_of(kinds: Rules) -> Rule:
    """Demand an object of one of these kinds; it is an Activity unless it says so."""
    message = f"This must be one of: {', '.join(sorted(kinds))}."

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, dict):
            refuse(found, prefix + key, value, _SECTION, "This must be an object.")
            return
        kind = value.get("objectType", "Activity")
        rule = kinds.get(kind) if isinstance(kind, str) else None
        if rule is None:
            refuse(found, f"{prefix}{key}.objectType", kind, _SECTION, message)
        else:
            rule(value, prefix, key, found)

    return check
