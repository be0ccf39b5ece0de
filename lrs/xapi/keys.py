"""Keys: what a stored Statement is found by.

Spec: xAPI-Communication 2.1.3 (GET Statements: agent, verb, activity, registration,
related_agents, related_activities), xAPI-Data 2.4.2.3 (equality of IFIs).
In: a valid Statement. Out: ``Keys``. The authority is not among them: the LRS sets it,
and whoever keeps the Statement adds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lrs.xapi.verb import VOIDED

Json = Mapping[str, Any]  # an object of a Statement that was found valid


class Keys(msgspec.Struct, frozen=True):
    """Typed keys of one Statement, without repetition, in order of appearance.

    Agents and Groups are IFI keys (see ``ifi_key``), ids of Statements and the
    registration are lower case. ``target`` is the Statement that the object refers
    to, ``voiding`` says that it is voided by this one.
    """

    verb: str
    agents: tuple[str, ...]
    related_agents: tuple[str, ...]
    activities: tuple[str, ...]
    related_activities: tuple[str, ...]
    registration: str | None
    target: str | None
    voiding: bool


def ifi_key(agent: Json) -> str | None:
    """Return the IFI of an Agent or Group as one string, None for an anonymous Group.

    The shapes are ``mbox mailto:<address>``, ``mbox_sha1sum <hex>``, ``openid <iri>``
    and ``account <homePage> <name>``. The name stands last and an IRI has no space,
    so two keys are equal only where the IFIs are. The domain of an address and the
    digits of a hash are case insensitive and become lower case; all else is kept.
    """
    account = agent.get("account")
    if account is not None:
        return f"account {account['homePage']} {account['name']}"
    mbox: str | None = agent.get("mbox")
    if mbox is not None:
        return f"mbox {fold_mbox(mbox)}"
    digest: str | None = agent.get("mbox_sha1sum")
    if digest is not None:
        return f"mbox_sha1sum {digest.lower()}"
    openid: str | None = agent.get("openid")
    return None if openid is None else f"openid {openid}"


def fold_mbox(mbox: str) -> str:
    """Return a mailto IRI with its domain, and only that, in lower case."""
    local, at, domain = mbox.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def extract(statement: Json) -> Keys:
    """Return the keys of a valid Statement."""
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    context = statement.get("context", {})
    verb = statement["verb"]["id"]

    agents: list[str] = []
    add_agent(statement["actor"], agents)
    activities: list[str] = []
    if kind == "Activity":
        activities.append(target["id"])
    elif kind == "Agent" or kind == "Group":
        add_agent(target, agents)
    related, around = agents.copy(), activities.copy()
    if context:
        _add_context(context, related, around)
    if kind == "SubStatement":
        _add_substatement(target, related, around)

    registration = context.get("registration")
    return Keys(
        verb=verb,
        agents=distinct(agents),
        related_agents=distinct(related),
        activities=tuple(activities),
        related_activities=distinct(around),
        registration=None if registration is None else registration.lower(),
        target=target["id"].lower() if kind == "StatementRef" else None,
        voiding=verb == VOIDED and kind == "StatementRef",
    )


def distinct(keys: Sequence[str]) -> tuple[str, ...]:
    """Return them without repetitions, in this order."""
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)


def add_agent(agent: Json, into: list[str]) -> None:
    """Add an Agent; or a Group and its members, as who looks for one finds both."""
    key = ifi_key(agent)
    if key is not None:
        into.append(key)
    for member in agent.get("member", ()):
        add_agent(member, into)


def _add_context(context: Json, agents: list[str], activities: list[str]) -> None:
    for name in ("instructor", "team"):
        if name in context:
            add_agent(context[name], agents)
    for item in context.get("contextAgents", ()):
        add_agent(item["agent"], agents)
    for item in context.get("contextGroups", ()):
        add_agent(item["group"], agents)
    by_type = context.get("contextActivities")
    if not by_type:
        return
    for listed in by_type.values():
        if isinstance(listed, dict):
            activities.append(listed["id"])
        else:
            activities += [activity["id"] for activity in listed]


def _add_substatement(inner: Json, agents: list[str], activities: list[str]) -> None:
    add_agent(inner["actor"], agents)
    target = inner["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        activities.append(target["id"])
    elif kind != "StatementRef":
        add_agent(target, agents)
    _add_context(inner.get("context", {}), agents, activities)
