"""Terms: what a Statement's document is found by, as an inverted index has it.

Spec: xAPI-Communication 2.1.3 (the filters of GET Statements). In: the Keys of a
Statement, or a query. Out: for each key a term of 16 octets, a hash of its kind, the
tenant and the value; so one index over the field ``terms`` and ``stored`` answers
every filter in the order of a page, whatever the length of the IRIs.

An Activity or a person can have very many Statements and yet few of a certain verb:
these pairs have terms of their own. The pair of a person and an Activity has none: what
lies all over an index costs most to write. Instead each key of the index also has
``about``, a short hash of the Statement's one Activity, by which the index itself skips
those about others.

An Agent or Activity that is only related (by context, SubStatement or authority) has a
term of another kind; a question for related ones asks for all kinds at once.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Any

from lrs.retrieval import StatementQuery
from lrs.xapi.keys import Keys

# The kinds. A pair's hash is of two terms, each of which stands for one meaning.
_VERB, _AGENT, _ACTIVITY, _REGISTRATION = "v", "a", "o", "r"
_RELATED_AGENT, _RELATED_ACTIVITY, _WRITTEN_BY = "A", "O", "w"
_AGENT_VERB, _ACTIVITY_VERB = b"av", b"ov"
_OCTETS = 16  # nobody finds two values with the same
_NO_ACTIVITY = 0  # of its own; through a StatementRef it can be about many
_REMEMBERED, _LONG = 50_000, 200  # values, and the characters of a long one


def _hash(kind: str, tenant: str, value: str) -> bytes:
    text = f"{kind}{len(tenant)}:{tenant}{value}"
    return blake2b(text.encode(), digest_size=_OCTETS).digest()


_remembered = functools.lru_cache(_REMEMBERED)(_hash)


def _term(kind: str, tenant: str, value: str) -> bytes:
    # Verbs, Activities and people come again and again; what is long fills the memory.
    if len(value) > _LONG:
        return _hash(kind, tenant, value)
    return _remembered(kind, tenant, value)


@functools.lru_cache(_REMEMBERED)
def _pair(kind: bytes, one: bytes, other: bytes) -> bytes:
    return blake2b(kind + one + other, digest_size=_OCTETS).digest()


def of_statement(tenant: str, keys: Keys, authority: str) -> list[bytes]:
    """Return the terms of a Statement; ``authority`` is the key of who wrote it."""
    verb = _term(_VERB, tenant, keys.verb)
    terms = [verb, _term(_WRITTEN_BY, tenant, authority)]
    for item in keys.activities:
        activity = _term(_ACTIVITY, tenant, item)
        terms += (activity, _pair(_ACTIVITY_VERB, activity, verb))
    for item in keys.agents:
        agent = _term(_AGENT, tenant, item)
        terms += (agent, _pair(_AGENT_VERB, agent, verb))
    for item in keys.related_agents[len(keys.agents) :]:
        terms.append(_term(_RELATED_AGENT, tenant, item))
    for item in keys.related_activities[len(keys.activities) :]:
        terms.append(_term(_RELATED_ACTIVITY, tenant, item))
    if keys.registration is not None:
        terms.append(_hash(_REGISTRATION, tenant, keys.registration))
    return terms


def about(tenant: str, keys: Keys) -> int:
    """Return the short hash of what a Statement is about."""
    if not keys.activities:
        return _NO_ACTIVITY
    return _about(_term(_ACTIVITY, tenant, keys.activities[0]))


def _about(activity: bytes) -> int:
    return int.from_bytes(activity[:4], signed=True) or 1


def inherited(tenant: str, terms: Collection[bytes], authority: str) -> set[bytes]:
    """Return what a Statement's terms are for one that refers to it.

    Who wrote it is related to the other, but has not written that.
    """
    written_by = _term(_WRITTEN_BY, tenant, authority)
    related = _term(_RELATED_AGENT, tenant, authority)
    return {related if term == written_by else term for term in terms}


def of_agent(tenant: str, agent: str) -> list[bytes]:
    """Return the terms of which a Statement with this Agent anywhere has one."""
    kinds = (_AGENT, _RELATED_AGENT, _WRITTEN_BY)
    return [_term(kind, tenant, agent) for kind in kinds]


def of_activity(tenant: str, activity: str) -> list[bytes]:
    """Return the terms of which a Statement with this Activity anywhere has one."""
    return [_term(kind, tenant, activity) for kind in (_ACTIVITY, _RELATED_ACTIVITY)]


def question(
    tenant: str, query: StatementQuery, authority: str | None
) -> dict[str, Any]:
    """Return the conditions that a query's filters are, but for times.

    ``authority`` limits it to what this one wrote. A term knows its tenant.
    """
    asked, sharp = _asked(tenant, query)
    if not asked:
        if authority is None:
            return {"_id.t": tenant}
        return {"terms": _term(_WRITTEN_BY, tenant, authority)}
    conditions: list[dict[str, Any]] = [{"terms": _any_of(asked[0])}]
    for others in asked[1:]:
        # Where the first finds few, the rest is compared with what it has found. Else
        # the database tries which of them finds fewest.
        conditions.append(
            {"$expr": {"$or": [{"$in": [term, "$terms"]} for term in others]}}
            if sharp
            else {"terms": _any_of(others)}
        )
    if sharp and query.activity and not query.related_activities:
        its = _about(_term(_ACTIVITY, tenant, query.activity))
        conditions.append({"about": {"$in": [_NO_ACTIVITY, its]}})
    if authority is not None:
        conditions.append({"authority": authority})
    return {"$and": conditions} if len(conditions) > 1 else conditions[0]


def _asked(tenant: str, query: StatementQuery) -> tuple[list[Sequence[bytes]], bool]:
    """Return for each filter the terms of which one is wanted, the sharpest first.

    And whether that one is so sharp that it needs no comparing: a person does not have
    millions of Statements.
    """
    verb = _term(_VERB, tenant, query.verb) if query.verb else None
    asked: list[Sequence[bytes]] = []
    if query.registration:
        asked.append([_hash(_REGISTRATION, tenant, query.registration)])
    if query.agent and not query.related_agents:
        agent = _term(_AGENT, tenant, query.agent)
        asked.append([_pair(_AGENT_VERB, agent, verb) if verb else agent])
    sharp, paired = bool(asked), query.agent and not query.related_agents
    if query.activity and not query.related_activities:
        activity = _term(_ACTIVITY, tenant, query.activity)
        asked.append([_pair(_ACTIVITY_VERB, activity, verb) if verb else activity])
        paired = True
    if query.agent and query.related_agents:
        asked.append(of_agent(tenant, query.agent))
    if query.activity and query.related_activities:
        asked.append(of_activity(tenant, query.activity))
    if verb and not paired:
        asked.append([verb])
    return asked, sharp


def _any_of(terms: Sequence[bytes]) -> Any:
    return terms[0] if len(terms) == 1 else {"$in": list(terms)}
