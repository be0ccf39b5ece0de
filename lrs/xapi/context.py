"""Context: what surrounds a Statement.

Spec: xAPI-Data 2.4.6, 2.4.6.2; IEEE 9274.1.1 4.2.2.5 for contextAgents and
contextGroups, which 1.0.3 does not know. In: the value of ``context``. Out:
Violations. That revision and platform need an Activity is in ``substatement``,
where the object is at hand.
"""

from __future__ import annotations

from lrs.xapi.activity import activity
from lrs.xapi.actor import actor, agent, group
from lrs.xapi.checks import (
    Rule,
    each,
    extensions,
    formatted,
    iri,
    language_tag,
    one_of,
    properties,
    text,
)
from lrs.xapi.statement_ref import statement_ref
from lrs.xapi.values import is_uuid
from lrs.xapi.versions import Version
from lrs.xapi.violations import Violation

_SECTION = "xapi-data:2.4.6"
_ACTIVITIES = "xapi-data:2.4.6.2"
_SECTION_2_0 = "ieee-9274.1.1:4.2.2.5"

CONTEXT_TYPES = ("parent", "grouping", "category", "other")

_activity_list = each(activity, _ACTIVITIES)


def _activities(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand an array of Activities, or one alone as 0.95 had it."""
    if isinstance(value, dict):
        activity(value, prefix, key, found)
    else:
        _activity_list(value, prefix, key, found)


def _related(kind: str, name: str, rule: Rule) -> Rule:
    """Demand contextAgents or contextGroups: someone, and in which roles."""
    one = properties(
        {
            "objectType": one_of(frozenset({kind}), _SECTION_2_0),
            name: rule,
            "relevantTypes": each(iri(_SECTION_2_0), _SECTION_2_0, at_least=1),
        },
        _SECTION_2_0,
        required=("objectType", name),
    )
    return each(one, _SECTION_2_0)


_SINCE_1_0: dict[str, Rule] = {
    "registration": formatted(is_uuid, _SECTION, "This must be a UUID."),
    "instructor": actor,
    "team": group,
    "contextActivities": properties(
        dict.fromkeys(CONTEXT_TYPES, _activities), _ACTIVITIES
    ),
    "revision": text(_SECTION),
    "platform": text(_SECTION),
    "language": language_tag(_SECTION),
    "statement": statement_ref,
    "extensions": extensions,
}
_SINCE_2_0: dict[str, Rule] = {
    "contextAgents": _related("contextAgent", "agent", agent),
    "contextGroups": _related("contextGroup", "group", group),
}

# By version and name: what a property of the context has to be.
PROPERTIES: dict[Version, dict[str, Rule]] = {
    Version.V1_0_3: _SINCE_1_0,
    Version.V2_0_0: {**_SINCE_1_0, **_SINCE_2_0},
}
CONTEXTS: dict[Version, Rule] = {
    version: properties(rules, _SECTION) for version, rules in PROPERTIES.items()
}
