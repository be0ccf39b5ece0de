"""Actors: how the Statements of different tools name the same person.

In: a person and the day. Out: the Agent of a Statement. Some Agents belong to nobody
in the workforce file: the reports have to say so rather than guess.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from analytics.sample.people import HOME_PAGE, Person, openid, sha1

STYLES = ("account", "mbox", "mbox", "sha1")


def account_of(person: Person) -> dict[str, Any]:
    """Return the person's Agent by LMS account, the only kind cmi5 allows."""
    return {
        "objectType": "Agent",
        "account": {"homePage": HOME_PAGE, "name": person.login},
    }


def actor_of(person: Person, day: date, rng: random.Random) -> dict[str, Any]:
    """Return the person's Agent, mostly by their own style, now and then another."""
    stint = person.at(day) or person.stints[0]
    style = person.style if rng.random() < 0.94 else rng.choice(STYLES)
    if style == "account" and person.listed:
        return account_of(person)
    if style == "sha1":
        return {"objectType": "Agent", "mbox_sha1sum": sha1(stint.email)}
    if style == "openid":
        return {"objectType": "Agent", "openid": openid(person.login)}
    address = stint.email
    if style == "upper":
        address = address.upper() if rng.random() < 0.5 else address.title()
    elif style == "alias":
        address = person.alias
    agent: dict[str, Any] = {"mbox": f"mailto:{address}"}
    if rng.random() < 0.5:
        agent["name"] = f"{person.given} {stint.family}"
    return agent


def strangers(count: int, rng: random.Random) -> list[dict[str, Any]]:
    """Return Agents that no row of the workforce file claims."""
    found: list[dict[str, Any]] = []
    for number in range(count):
        kind = rng.randrange(3)
        if kind == 0:
            found.append({"mbox": f"mailto:guest{number:03d}@mail.example.org"})
        elif kind == 1:
            account = {"homePage": HOME_PAGE, "name": f"zz9{number:04d}"}
            found.append({"objectType": "Agent", "account": account})
        else:
            account = {"homePage": "https://old-lms.example.net", "name": f"{number}"}
            found.append({"account": account, "name": f"User {number}"})
    return found
