"""Equality: whether two Statements are the same one.

Spec: xAPI-Data 2.3.1 (what immutability does not cover, Statement comparison), 2.6
(signatures), 4.6; IEEE 9274.1.1 s23 to s25. In: two valid Statements. Out: a bool.

Ignored are ``stored``, ``authority``, ``version`` and ``attachments``, the display
of Verbs and the definitions of Activities, and an ``id`` or ``timestamp`` that one
side lacks, as the LRS may have set it. Compared by meaning are timestamps (the
instant), durations (cut to 0.01 s), UUIDs, language tags and mail domains (letter
case), members of Groups (order), a lone context Activity (an array of one), implied
objectTypes and numbers (1.0 is 1). Everything else must be the same, the order of
context Activities included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from lrs.xapi.context import CONTEXT_TYPES
from lrs.xapi.keys import fold_mbox
from lrs.xapi.values import duration_key, timestamp_us

_Fold = Callable[[Any], Any]

_SET_BY_LRS = frozenset({"stored", "authority", "version", "attachments"})
_EITHER_MAY_LACK = ("id", "timestamp")


def equal(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Tell whether two valid Statements are equal by the specification."""
    one, other = _statement(a), _statement(b)
    for name in _EITHER_MAY_LACK:
        if name not in one or name not in other:
            one.pop(name, None)
            other.pop(name, None)
    return _same(one, other)


def _same(a: object, b: object) -> bool:
    """Compare JSON values without recursion: extensions may be nested at will."""
    pending = [(a, b)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pending.extend((value, other[key]) for key, value in one.items())
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pending.extend(zip(one, other, strict=True))
        elif not _same_scalar(one, other):
            return False
    return True


def _same_scalar(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other  # True == 1 in Python, not in JSON
    if isinstance(one, Decimal) and isinstance(other, float):
        return float(one) == other
    if isinstance(one, float) and isinstance(other, Decimal):
        return one == float(other)
    # NaN, where a parser let it in, is at least itself.
    return one == other or (one != one and other != other)


def _apply(value: Mapping[str, Any], folds: Mapping[str, _Fold]) -> dict[str, Any]:
    return {
        name: folds[name](item) if name in folds else item
        for name, item in value.items()
    }


def _agent(agent: Mapping[str, Any]) -> dict[str, Any]:
    folded = {"objectType": "Agent"} | _apply(agent, _AGENT)
    if "member" in folded:
        folded["member"].sort(key=_order)
    return folded


def _order(agent: dict[str, Any]) -> str:
    """Return what members of a Group can be sorted by: all that they say."""
    account = agent.get("account")
    flat = agent | {"account": sorted(account.items())} if account else agent
    return repr(sorted(flat.items()))


def _activity(activity: Mapping[str, Any]) -> dict[str, Any]:
    return {"objectType": "Activity", "id": activity["id"]}


def _object(target: Mapping[str, Any]) -> dict[str, Any]:
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        return _activity(target)
    if kind == "StatementRef":
        return _apply(target, {"id": str.lower})
    if kind == "SubStatement":
        return _statement(target)
    return _agent(target)


def _context_activities(by_type: Mapping[str, Any]) -> dict[str, Any]:
    return _apply(by_type, dict.fromkeys(CONTEXT_TYPES, _activity_list))


def _activity_list(listed: Any) -> list[dict[str, Any]]:
    return [_activity(a) for a in ([listed] if isinstance(listed, dict) else listed)]


def _agent_list(agents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_agent(agent) for agent in agents]


def _related(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_apply(item, {"agent": _agent, "group": _agent}) for item in items]


def _context(context: Mapping[str, Any]) -> dict[str, Any]:
    return _apply(context, _CONTEXT)


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in statement.items() if k not in _SET_BY_LRS}
    return _apply(kept, _STATEMENT)


_AGENT: dict[str, _Fold] = {
    "mbox": fold_mbox,
    "mbox_sha1sum": str.lower,
    "member": _agent_list,
}
_CONTEXT: dict[str, _Fold] = {
    "registration": str.lower,
    "language": str.lower,
    "statement": _object,
    "instructor": _agent,
    "team": _agent,
    "contextActivities": _context_activities,
    "contextAgents": _related,
    "contextGroups": _related,
}
_STATEMENT: dict[str, _Fold] = {
    "id": str.lower,
    "timestamp": timestamp_us,
    "actor": _agent,
    "verb": lambda verb: {"id": verb["id"]},
    "object": _object,
    "context": _context,
    "result": lambda result: _apply(result, {"duration": duration_key}),
}
