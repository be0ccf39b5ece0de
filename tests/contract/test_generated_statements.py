"""Generated Statements through the application: kept, found, paged, or refused.

The strategies are in tests/strategies, what a query must find in slow_queries. More
examples than in every run: HYPOTHESIS=20 (tests/strategies/profile.py).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lrs.services import Services
from lrs.xapi.versions import Version
from tests.builders import VOIDED
from tests.conftest import Client
from tests.contract import slow_queries
from tests.contract.answers import STATEMENTS, ask, one, page, problem, voided, walk
from tests.mutations import MUTATIONS, fitting
from tests.repeats import bases
from tests.strategies import statements, written
from tests.strategies.activities import ACTIVITIES
from tests.strategies.actors import IFIS
from tests.strategies.profile import examples
from tests.strategies.statements import REGISTRATIONS, STATEMENT_IDS, VERBS

Renew = Callable[[], Client]
SET_BY_LRS = ("id", "stored", "authority", "timestamp", "version")
BOTH = pytest.mark.parametrize("version", Version)
styles = st.integers(0, 2**32)


@pytest.fixture
def renew(common: Services, app: Flask, shared: Client) -> Renew:
    """Give what makes a client of a tenant without Statements, again and again."""
    credentials = common.database["credentials"]
    row = credentials.find_one({"_id": shared.auth[0]})
    assert row

    def make() -> Client:
        key, tenant = uuid.uuid4().hex, f"t{uuid.uuid4().hex[:12]}"
        credentials.insert_one({**row, "_id": key, "tenant": tenant})
        return Client(app, key, shared.auth[1])

    return make


def send(client: Client, body: str, version: Version) -> Any:
    return client.post(
        STATEMENTS,
        data=body.encode(),
        content_type="application/json",
        headers={"X-Experience-API-Version": version.value},
    )


def members(text: str) -> dict[str, str]:
    """Return the text of each member of an object, character for character."""
    scan, found, at = json.JSONDecoder().raw_decode, {}, 1
    while True:
        at = _to_a_sign(text, at)
        if text[at] == "}":
            return found
        if text[at] == ",":
            at = _to_a_sign(text, at + 1)
        name, at = scan(text, at)
        begins = _to_a_sign(text, _to_a_sign(text, at) + 1)
        _, at = scan(text, begins)
        found[name] = text[begins:at]


def _to_a_sign(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def in_lists(value: Any) -> Any:
    """Return what was written, with context Activities as an LRS returns them."""
    if isinstance(value, dict):
        made = {name: in_lists(part) for name, part in value.items()}
        for name, lists in made.items():
            if name == "contextActivities" and isinstance(lists, dict):
                made[name] = {
                    kind: part if isinstance(part, list) else [part]
                    for kind, part in lists.items()
                }
        return made
    return [in_lists(item) for item in value] if isinstance(value, list) else value


def read(text: str) -> Any:
    """Read JSON with its numbers as they are written."""
    return json.loads(
        text, parse_float=lambda n: ("n", n), parse_int=lambda n: ("n", n)
    )


@BOTH
@examples(80, slow=True)
@given(data=st.data(), style=styles, with_id=st.booleans())
def test_what_is_stored_is_read_back_as_it_came(
    shared: Client,
    version: Version,
    data: st.DataObject,
    style: int,
    with_id: bool,
) -> None:
    statement = data.draw(statements(version))
    if with_id:
        statement["id"] = data.draw(st.sampled_from([str.lower, str.upper]))(
            str(uuid.uuid4())
        )
    sent = written(statement, style)
    answer = send(shared, sent, version)
    assert answer.status_code == 200, answer.json
    (name,) = answer.json
    for reader in Version:
        headers = {"X-Experience-API-Version": reader.value}
        got = one(shared, name, headers=headers)
        assert got.status_code == 200
        compare(sent, got.data.decode())


def compare(sent: str, got: str) -> None:
    """Check that nothing changed but what the LRS sets."""
    came, kept = members(sent), members(got)
    added = [name for name in SET_BY_LRS if name not in came]
    assert list(kept)[: len(came)] == list(came)
    assert sorted(list(kept)[len(came) :]) == sorted(added)
    for name, text in came.items():
        if name in ("stored", "authority"):
            continue
        value = read(text)
        if in_lists(value) == value:
            assert kept[name] == text
        else:  # the one change that is asked for (XAPI-00096)
            assert read(kept[name]) == in_lists(value)


@st.composite
def some_statements(draw: st.DrawFn, version: Version) -> list[list[Any]]:
    """Make batches of Statements that refer to each other and void each other."""
    drawn = draw(st.lists(statements(version), min_size=1, max_size=20))
    ids = draw(st.permutations(STATEMENT_IDS))
    batches: list[list[Any]] = []
    for name, statement in zip(ids, drawn, strict=False):
        if not batches or draw(st.integers(0, 3)) == 0:
            batches.append([])
        if draw(st.integers(0, 2)) == 0:
            target = draw(st.sampled_from(ids[: len(drawn)]))
            change = draw(st.sampled_from([str.lower, str.upper]))
            statement = about(statement, change(target))
        batches[-1].append({**statement, "id": name})
    return batches


def about(statement: Any, target: str) -> Any:
    """Return it as a Statement about another."""
    context = dict(statement.get("context", {}))
    for name in ("revision", "platform"):  # for Activities only
        context.pop(name, None)
    reference = {"objectType": "StatementRef", "id": target}
    return {**statement, "object": reference, "context": context}


def identified(value: Any) -> list[Any]:
    """Return everybody in a Statement who can be asked for."""
    if isinstance(value, list):
        return [who for item in value for who in identified(item)]
    if not isinstance(value, dict):
        return []
    ifi = {name: value[name] for name in ("mbox", "openid", "account") if name in value}
    inner = [who for part in value.values() for who in identified(part)]
    return [ifi, *inner] if len(ifi) == 1 else inner


@st.composite
def queries(draw: st.DrawFn, everything: list[Any]) -> dict[str, Any]:
    """Make a query that finds something as often as not."""
    item = draw(st.sampled_from(everything))
    near = [slow for slow in identified({**item, "result": 0}) if slow_valid(slow)]
    around = list(slow_queries.activities(item, related=True))
    mine = item.get("context", {}).get("registration", REGISTRATIONS[0])
    times = st.sampled_from([each["stored"] for each in everything])
    wanted = {
        "agent": st.sampled_from([*IFIS, *near]),
        "verb": st.sampled_from([*VERBS, VOIDED, item["verb"]["id"]]),
        "activity": st.sampled_from([*ACTIVITIES, *around]),
        "registration": st.sampled_from([*REGISTRATIONS, mine]),
        "since": times,
        "until": times,
    }
    query = {
        name: draw(wanted[name])
        for name in draw(st.lists(st.sampled_from([*wanted, "agent"]), max_size=2))
    }
    for name in ("related_agents", "related_activities", "ascending"):
        if draw(st.booleans()):
            query[name] = True
    return query


def slow_valid(who: Any) -> bool:
    """Tell a real identifier from what looks like one inside an extension."""
    return isinstance(who.get("account", {}), dict) and all(
        isinstance(part, str) for name, part in who.items() if name != "account"
    )


@BOTH
@examples(14, slow=True)
@given(data=st.data())
def test_every_query_finds_what_a_slow_look_at_everything_finds(
    renew: Renew, version: Version, data: st.DataObject
) -> None:
    client = renew()
    batches = data.draw(some_statements(version))
    for batch in batches:
        answer = send(client, written(batch), version)
        assert answer.status_code == 200, answer.json
    sent = [item["id"] for batch in batches for item in batch]
    everything = [
        found.json
        for name in sent
        for found in (one(client, name), voided(client, name))
        if found.status_code == 200
    ]
    assert [item["id"] for item in everything] == sent
    assert [item["stored"] for item in everything] == sorted(
        {item["stored"] for item in everything}
    )
    for _ in range(25):
        query = data.draw(queries(everything))
        limit = data.draw(st.integers(1, 8))
        expected = slow_queries.answer(everything, query)
        asked = {
            name: "true" if value is True else value for name, value in query.items()
        }
        assert page(client, **asked) == expected
        pages = walk(client, limit=str(limit), **asked)
        assert [item for part in pages for item in part] == expected
        assert all(len(part) == limit for part in pages[:-1])


@BOTH
def test_a_broken_rule_is_refused_with_its_place_and_nothing_is_stored(
    fresh: Client, version: Version
) -> None:
    tried = set()
    for base in bases(version):
        statement = {name: base[name] for name in base if name != "id"}
        for mutation, place in fitting(statement, version):
            if (mutation.name, place.noun) in tried:
                continue
            tried.add((mutation.name, place.noun))
            broken, path = mutation.broken(statement, place)
            batch = [statement, broken] if len(tried) % 2 else [broken]
            answer = problem(send(fresh, written(batch), version), 400)
            paths = {found["path"] for found in answer["violations"]}
            where = f"[1].{path}".rstrip(".") if len(batch) > 1 else path
            assert where in paths, (mutation.name, place.at, paths)
    assert {name for name, _ in tried} == {
        item.name for item in MUTATIONS if item.version in (None, version)
    }
    assert ask(fresh).json["statements"] == []
