"""GET statements a second time, slowly: every Statement looked at for every query.

Reads xAPI-Communication 2.1.3 and 2.1.4 on its own: no keys, no indexes, nothing of
lrs. A Statement meets a parameter when it, or one that it refers to over any number of
steps, meets it. Reading: each parameter may be met by another one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.builders import VOIDED

Statement = dict[str, Any]
Query = dict[str, Any]


def answer(everything: list[Statement], query: Query) -> list[str]:
    """Return the ids that the query must find, of Statements as an LRS returns them.

    ``everything`` is in the order in which it was stored; the times of ``query`` are
    texts as ``stored`` has them.
    """
    by_id = {item["id"].lower(): item for item in everything}
    voided = {item["object"]["id"].lower() for item in everything if is_voiding(item)}
    found = [
        item["id"]
        for item in everything
        if (is_voiding(item) or item["id"].lower() not in voided)
        and (not query.get("since") or item["stored"] > query["since"])
        and (not query.get("until") or item["stored"] <= query["until"])
        and all(
            any(meets(each, name, query) for each in chain(item, by_id))
            for name in ("agent", "verb", "activity", "registration")
            if name in query
        )
    ]
    return found if query.get("ascending") else found[::-1]


def is_voiding(item: Statement) -> bool:
    return item["verb"]["id"] == VOIDED and is_reference(item["object"])


def is_reference(target: Any) -> bool:
    return bool(target.get("objectType") == "StatementRef")


def chain(item: Statement, by_id: dict[str, Statement]) -> list[Statement]:
    """Return a Statement and all that it refers to."""
    found = [item]
    while is_reference(item["object"]):
        following = by_id.get(item["object"]["id"].lower())
        if following is None or following in found:
            break
        item = following
        found.append(item)
    return found


def meets(item: Statement, name: str, query: Query) -> bool:
    wanted = query[name]
    if name == "verb":
        return bool(item["verb"]["id"] == wanted)
    if name == "registration":
        given = item.get("context", {}).get("registration", "")
        return bool(given.lower() == wanted.lower())
    if name == "activity":
        related = bool(query.get("related_activities"))
        return wanted in set(activities(item, related=related))
    related = bool(query.get("related_agents"))
    return any(same(who, wanted) for who in people(item, related=related))


def same(one: Any, other: Any) -> bool:
    """Tell whether two Agents or Groups have the same identifier."""
    return identifier(one) is not None and identifier(one) == identifier(other)


def identifier(who: Any) -> Any:
    if "mbox" in who:
        local, domain = who["mbox"].rsplit("@", 1)
        return ("mbox", local, domain.lower())
    if "mbox_sha1sum" in who:
        return ("sha1", who["mbox_sha1sum"].lower())
    if "openid" in who:
        return ("openid", who["openid"])
    if "account" in who:
        return ("account", who["account"]["homePage"], who["account"]["name"])
    return None


def people(item: Statement, *, related: bool) -> Iterator[Any]:
    """Yield every Agent and Group that the parameter looks at, and Groups' members."""
    listed = [item["actor"]]
    target = item["object"]
    kind = target.get("objectType", "Activity")
    if kind in ("Agent", "Group"):
        listed.append(target)
    if related:
        listed += surrounding_people(item)
        if "authority" in item:
            listed.append(item["authority"])
        if kind == "SubStatement":
            listed += [target["actor"], *surrounding_people(target)]
            if target["object"].get("objectType") in ("Agent", "Group"):
                listed.append(target["object"])
    for who in listed:
        yield who
        yield from who.get("member", [])


def surrounding_people(item: Statement) -> list[Any]:
    context = item.get("context", {})
    named = [context[name] for name in ("instructor", "team") if name in context]
    named += [each["agent"] for each in context.get("contextAgents", [])]
    return named + [each["group"] for each in context.get("contextGroups", [])]


def activities(item: Statement, *, related: bool) -> Iterator[str]:
    target = item["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        yield target["id"]
    if related:
        parts = [item, target] if kind == "SubStatement" else [item]
        for part in parts:
            for listed in part.get("context", {}).get("contextActivities", {}).values():
                for each in listed if isinstance(listed, list) else [listed]:
                    yield each["id"]
        if kind == "SubStatement":
            yield from activities(target, related=False)
