"""Person: who stands in a Statement, with all that is said of them.

Spec: xAPI-Communication 2.4 (Person), xAPI-Data 2.4.2. In: a valid Statement. Out: its
Agents, also those within Groups and SubStatements.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrs.xapi.keys import Json, ifi_key


def agents(statement: Json) -> Iterator[Json]:
    """Yield every Agent of a Statement; a Group's members, not the Group."""
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    context = statement.get("context", {})
    for who in (
        statement["actor"],
        *((target,) if kind in ("Agent", "Group") else ()),
        *(context[name] for name in ("instructor", "team") if name in context),
        *(item["agent"] for item in context.get("contextAgents", ())),
        *(item["group"] for item in context.get("contextGroups", ())),
        *((statement["authority"],) if "authority" in statement else ()),
    ):
        yield from who.get("member", ()) if who.get("objectType") == "Group" else (who,)
    if kind == "SubStatement":
        yield from agents(target)


def names(statement: Json, key: str) -> Iterator[str]:
    """Yield the names of the Agents that have this IFI key."""
    for agent in agents(statement):
        if agent.get("name") and ifi_key(agent) == key:
            yield agent["name"]
