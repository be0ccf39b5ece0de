"""Actor: Agents and Groups, wherever they stand, and the authority.

Spec: xAPI-Data 2.4.2 (Agent 2.4.2.1, Group 2.4.2.2, IFI 2.4.2.3, account 2.4.2.4),
2.4.9 (authority). In: the value. Out: Violations.
"""

from __future__ import annotations

from lrs.xapi.checks import each, formatted, iri, one_of, properties, refuse, text
from lrs.xapi.values import is_mailto, is_sha1
from lrs.xapi.violations import Violation

_AGENT = "xapi-data:2.4.2.1"
_GROUP = "xapi-data:2.4.2.2"
_IFI = "xapi-data:2.4.2.3"
_ACCOUNT = "xapi-data:2.4.2.4"
_AUTHORITY = "xapi-data:2.4.9"

IFIS = ("mbox", "mbox_sha1sum", "openid", "account")

_COMMON = {
    "name": text("xapi-data:2.4.2"),
    "mbox": formatted(is_mailto, _IFI, "This must be mailto: and one mail address."),
    "mbox_sha1sum": formatted(is_sha1, _IFI, "This must be 40 hexadecimal digits."),
    "openid": iri(_IFI),
    "account": properties(
        {"homePage": iri(_ACCOUNT), "name": text(_ACCOUNT)},
        _ACCOUNT,
        required=("homePage", "name"),
    ),
}

_agent_properties = properties(
    {"objectType": one_of(frozenset({"Agent"}), _AGENT), **_COMMON}, _AGENT
)


def _count_ifis(value: dict[str, object]) -> int:
    return (
        ("mbox" in value)
        + ("mbox_sha1sum" in value)
        + ("openid" in value)
        + ("account" in value)
    )


def agent(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand an Agent with exactly one IFI (2.4.2.1)."""
    _agent_properties(value, prefix, key, found)
    if isinstance(value, dict) and _count_ifis(value) != 1:
        message = f"An Agent must have exactly one of: {', '.join(IFIS)}."
        found.append(Violation(prefix + key, _IFI, message))


_group_properties = properties(
    {
        "objectType": one_of(frozenset({"Group"}), _GROUP),
        "member": each(agent, _GROUP),
        **_COMMON,
    },
    _GROUP,
    required=("objectType",),
)


def group(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand a Group: with one IFI, or anonymous and with members (2.4.2.2)."""
    _group_properties(value, prefix, key, found)
    if not isinstance(value, dict):
        return
    ifis = _count_ifis(value)
    if ifis > 1:
        message = f"A Group must have no more than one of: {', '.join(IFIS)}."
        found.append(Violation(prefix + key, _IFI, message))
    elif ifis == 0 and value.get("member", []) == []:
        message = "A Group without an identifier must list its members."
        found.append(Violation(f"{prefix}{key}.member", _GROUP, message))


def actor(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand an Agent or a Group; it is an Agent unless it says otherwise."""
    if not isinstance(value, dict):
        message = "This must be an Agent or a Group, an object."
        refuse(found, prefix + key, value, "xapi-data:2.4.2", message)
        return
    kind = value.get("objectType", "Agent")
    if kind == "Agent":
        agent(value, prefix, key, found)
    elif kind == "Group":
        group(value, prefix, key, found)
    else:
        message = "This must be Agent or Group."
        refuse(found, f"{prefix}{key}.objectType", kind, "xapi-data:2.4.2", message)


def authority(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand an Agent, or the two Agents of 3-legged OAuth as anonymous Group."""
    actor(value, prefix, key, found)
    if not isinstance(value, dict) or value.get("objectType") != "Group":
        return
    if _count_ifis(value):
        message = "A Group as authority must have no identifier of its own."
        found.append(Violation(prefix + key, _AUTHORITY, message))
    members = value.get("member")
    if isinstance(members, list) and len(members) != 2:
        message = "A Group as authority must have exactly two members."
        found.append(Violation(f"{prefix}{key}.member", _AUTHORITY, message))
