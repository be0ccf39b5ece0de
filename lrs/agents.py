"""Agents: the Agents resource (xAPI-Communication 2.4), from an Agent to a Person.

In: a Principal and an Agent. Out: a Person with the identifier that was asked for, and
the names under which Statements know the Agent with it, the latest first. The Person
has no other identifier: which of them belong to one human is not for an LRS to guess.

Who may ask (4.2): the same as of Activities (lrs.activities). A Person tells names
only as far as the asker may read the Statements that they stand in: all of them
(statements/read, all/read), its own (statements/read/mine), or none, since define,
state and profile let nobody read Statements. Without names it is no more than what was
asked, and content gets it rather than a refusal.

Only the latest Statements are looked at, so that an Agent with a million of them costs
no more than another; nothing is written for it when Statements come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lrs.access import Principal, Scope
from lrs.activities import READERS
from lrs.xapi import person, text
from lrs.xapi.actor import IFIS
from lrs.xapi.keys import ifi_key

_MOST_NAMES = 100


class AgentStore(Protocol):
    """What agents need of the store."""

    def statements(
        self, tenant: str, agent: str, authority: str | None
    ) -> Iterable[str]:
        """Return texts of Statements with this IFI key, the latest first.

        A bounded number and size of them; not of the voided; where an authority's
        key is given, of that one only.
        """
        ...


class Agents:
    """Answers who an Agent is; one for the whole process."""

    def __init__(self, store: AgentStore) -> None:
        self._store = store

    def person(self, principal: Principal, agent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the Person of a valid Agent; raises Forbidden."""
        principal.require(*READERS)
        names = self._names(principal, agent)
        if agent.get("name"):  # who asks knows it already
            names.setdefault(agent["name"])
        found: dict[str, Any] = {"objectType": "Person"}
        if names:
            found["name"] = list(names)
        return found | {name: [agent[name]] for name in IFIS if name in agent}

    def _names(self, principal: Principal, agent: Mapping[str, Any]) -> dict[str, None]:
        """Return the names as keys, in their order."""
        key, authority = ifi_key(agent) or "", None
        if not principal.may(Scope.ALL_READ, Scope.STATEMENTS_READ):
            if not principal.may(Scope.STATEMENTS_READ_MINE):
                return {}
            authority = ifi_key(principal.authority) or principal.key
        names: dict[str, None] = {}
        for statement in self._store.statements(principal.tenant, key, authority):
            for name in person.names(text.parse(statement.encode()), key):
                names.setdefault(name)
            if len(names) >= _MOST_NAMES:
                break
        return names
