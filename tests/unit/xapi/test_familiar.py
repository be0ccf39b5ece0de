"""Familiar Statements come out as they do the long way, whatever is done to them."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.cmi5_violations import flagged
from lrs.preparation import InvalidStatements, prepare
from lrs.xapi import known_parts, text
from lrs.xapi.certificate_chain import TrustedCertificates
from lrs.xapi.completion import members
from lrs.xapi.context import PROPERTIES
from lrs.xapi.familiar import LEARNED, Memory, recognized
from lrs.xapi.statement import RULES
from lrs.xapi.versions import Version
from tests.builders import VOIDED, a_statement
from tests.integration.peer import WRITER
from tests.mutations import fitting
from tests.strategies import statements, written
from tests.strategies.profile import examples

BOTH = pytest.mark.parametrize("version", Version)
REGISTRATION = "EC531277-b57b-4c15-8d91-d292c5b2b8f7"
PERSON = {"objectType": "Agent", "name": "Ann", "mbox": "mailto:ann@example.com"}
COURSE = {"id": "http://e.example/c", "definition": {"name": {"en": "Course"}}}
USUAL = a_statement() | {
    "actor": PERSON,
    "timestamp": "2026-03-01T10:00:00Z",
    "result": {"score": {"scaled": 0.85}, "success": True, "duration": "PT5M"},
    "context": {
        "registration": REGISTRATION,
        "instructor": {"mbox": "mailto:ben@example.com"},
        "team": {"objectType": "Group", "member": [PERSON, {"openid": "http://o.e"}]},
        "contextActivities": {"parent": [COURSE], "grouping": [{"id": "http://g.e"}]},
        "platform": "LMS",
        "language": "en-US",
        "extensions": {"http://e.example/x": {"a": [1, {"b": None}]}},
    },
}


def outcome(body: bytes, version: Version, memory: Memory[Any] | None) -> Any:
    """Return all that comes of a body: why it is refused, or what is kept."""
    try:
        received, _ = text.split(body, None, memory)
        made = prepare(
            WRITER, received, version, contents={}, trusted=TrustedCertificates()
        )
    except text.NotJson as error:
        return str(error)
    except InvalidStatements as error:
        return error.violations
    return [
        {
            **{name: getattr(item, name) for name in item.__struct_fields__},
            "received": (item.received.text, repr(item.received.value)),
            "statement_id": item.received.value.get("id"),  # else one is drawn
            "properties": {**item.properties, "id": None},
            "text": item.text(1_700_000_000_000_000)
            if "id" in item.received.value
            else 0,
        }
        for item in flagged(made)
    ]


def same(body: bytes, version: Version) -> Any:
    """Return the outcome, the same for who has learned and for who has not."""
    learned = outcome(body, version, known_parts.MEMORY)
    assert learned == outcome(body, version, None)
    return learned


def familiar(body: bytes) -> bool:
    return recognized(body, known_parts.MEMORY) is not None


@BOTH
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["js", "python"])
def test_what_was_learned_is_recognized(
    version: Version, separators: tuple[str, str]
) -> None:
    body = json.dumps(USUAL, separators=separators).encode()
    assert isinstance(same(body, version), list)
    assert familiar(body)
    keys = same(body, version)[0]["keys"]
    assert keys.related_agents == (
        "mbox mailto:ann@example.com",
        "mbox mailto:ben@example.com",
        "openid http://o.e",
    )
    assert keys.related_activities == (*keys.activities, COURSE["id"], "http://g.e")
    assert keys.registration == REGISTRATION.lower()
    assert COURSE["id"] in same(body, version)[0]["definitions"]


@pytest.mark.parametrize("name", sorted(LEARNED))
def test_rules_of_what_is_learned_are_the_same_in_all_versions(name: str) -> None:
    pieces = recognized(json.dumps(USUAL).encode(), Memory(known_parts.part_of))
    assert pieces is not None
    assert name in pieces.learned
    assert all(known_parts.judge(pieces, version) for version in Version)
    inside, _, own = name.rpartition(".")
    rules = PROPERTIES if inside else RULES
    if name != "object":
        assert rules[Version.V1_0_3][own] is rules[Version.V2_0_0][own]


@pytest.mark.parametrize("name", sorted(LEARNED))
def test_a_part_that_is_not_valid_is_not_learned(name: str) -> None:
    for wrong in (
        b'{"id": 5}',
        b"[]",
        b"5",
        b'{"id":"http://e.example","id":""}',
        b"{",
    ):
        memory: Memory[Any] = Memory(known_parts.part_of)
        with contextlib.suppress(ValueError):
            assert memory.get(name, wrong) is None
        assert memory.known == 0


def test_a_part_too_deep_for_a_statement_is_not_learned() -> None:
    deep = b'{"id":"http://e.example/x","definition":{"extensions":{"http://x.e":%b}}}'
    memory: Memory[Any] = Memory(known_parts.part_of)
    assert memory.get("object", deep % (b"[" * 90 + b"]" * 90)) is not None
    assert memory.get("object", deep % (b"[" * 110 + b"]" * 110)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": {"id": VOIDED}},
        {"object": {"objectType": "StatementRef", "id": USUAL["id"]}},
        {"object": PERSON},
        {"authority": PERSON},
        {"stored": "2026-03-01T10:00:00Z"},
        {"attachments": []},
        {"context": {"contextActivities": {"category": [COURSE]}}},
        {"context": {"contextActivities": {"parent": COURSE}}},
        {"context": {"contextAgents": []}},
    ],
    ids=str,
)
def test_what_touches_more_than_itself_goes_the_long_way(
    changes: dict[str, Any],
) -> None:
    body = json.dumps(USUAL | changes).encode()
    for _ in range(2):
        same(body, Version.V2_0_0)
    pieces = recognized(body, known_parts.MEMORY)
    assert pieces is None or known_parts.judge(pieces, Version.V2_0_0) is None


@BOTH
@examples(150)
@given(st.data(), st.booleans())
def test_a_generated_statement_comes_out_the_same(
    version: Version, data: st.DataObject, spaced: bool
) -> None:
    statement = data.draw(statements(version))
    body = written(statement).encode()
    if spaced:
        body = msgspec.json.format(body, indent=0)  # as Python's json
    outcome(body, version, None)
    assert isinstance(same(body, version), list)


@BOTH
@examples(100)
@given(st.data())
def test_a_broken_rule_is_told_the_same(version: Version, data: st.DataObject) -> None:
    outcome(json.dumps(USUAL).encode(), version, None)
    mutation, place = data.draw(st.sampled_from(list(fitting(USUAL, version))))
    broken, _ = mutation.broken(copy.deepcopy(USUAL), place)
    body = written(broken).encode()
    same(body, version)
    same(msgspec.json.format(body, indent=0), version)


def damaged(body: str, rng: random.Random) -> str:
    """Return the text with a few changes of any kind."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        at, end = sorted(rng.randrange(len(body) + 1) for _ in range(2))
        kind = rng.randrange(5)
        if kind == 0:  # a member once more, or what looks like one
            names = [at for at, one in enumerate(body) if one == '"']
            at, end = sorted(rng.choice(names) for _ in range(2))
            body = body[:at] + body[at:end] + body[at:]
        elif kind == 1:
            body = body[:at] + body[at + 1 :]
        elif kind == 2:
            body = body[:at] + rng.choice(' \n"\\{}[],:0-1eE.\x00é') + body[at:]
        elif kind == 3:
            body = body.replace(body[at:end][:12], body[at:end][:12] * 2)
        else:
            body = (
                body[:at] + rng.choice(('"id":"x",', '"actor":{},', ", ")) + body[at:]
            )
    return body


@BOTH
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["js", "python"])
@examples(400)
@given(st.integers(0, 2**40))
def test_damaged_text_is_judged_the_same(
    version: Version, separators: tuple[str, str], seed: int
) -> None:
    whole = json.dumps(USUAL, separators=separators)
    outcome(whole.encode(), version, None)
    same(damaged(whole, random.Random(seed)).encode(), version)


@pytest.mark.parametrize("spaced", [False, True], ids=["compact", "spaced"])
def test_no_repeated_key_gets_past(spaced: bool) -> None:
    whole = json.dumps(USUAL, separators=None if spaced else (",", ":"))
    outcome(whole.encode(), Version.V1_0_3, None)
    found = list(members(whole, 0))
    context = next(start for name, start, _ in found if name == "context")
    found += members(whole, context)
    comma = ", " if spaced else ","
    for name, start, end in found:
        begin = whole.rindex(f'"{name}"', 0, start)
        again = whole[:begin] + whole[begin:end] + comma + whole[begin:]
        assert "repeats a key" in same(again.encode(), Version.V1_0_3)
        # As long as the other form would be, so that lengths alone say nothing.
        filled = whole[:begin] + f'"{name}":1{" " * 40}'[:30] + comma + whole[begin:]
        assert isinstance(same(filled.encode(), Version.V1_0_3), str | tuple | list)


def test_the_memory_forgets_what_nobody_sends_any_more() -> None:
    taught: list[bytes] = []

    def teach(name: str, text: bytes) -> str | None:
        taught.append(text)
        return f"{name} {text.decode()}" if text != b"bad" else None

    memory = Memory(teach, 10)
    for at in range(100):
        assert memory.get("verb", b"a") == "verb a"  # in use
        assert memory.get("verb", b"%d" % at) == f"verb {at}"
        assert memory.known <= 20
    assert taught.count(b"a") == 1
    memory.get("verb", b"0")
    assert taught.count(b"0") == 2
    assert memory.get("actor", b"a") == "actor a"
    for _ in range(2):
        assert memory.get("verb", b"bad") is None
        assert memory.get("verb", b'"' + b"x" * 3_000 + b'"') is None
    assert taught.count(b"bad") == 2
    assert max(map(len, taught)) < 3_000


def test_keys_repeated_deeper_inside_are_found() -> None:
    whole = json.dumps(USUAL, separators=(",", ":"))
    outcome(whole.encode(), Version.V1_0_3, None)
    for once in ('"scaled":0.85', '"success":true', '"b":null', '"platform":"LMS"'):
        again = whole.replace(once, f"{once},{once}")
        assert "repeats a key" in same(again.encode(), Version.V1_0_3)


def test_of_one_activity_the_object_says_the_last_word() -> None:
    target = {"id": COURSE["id"], "definition": {"name": {"en": "Of the object"}}}
    body = json.dumps(USUAL | {"object": target}).encode()
    outcome(body, Version.V1_0_3, None)
    assert familiar(body)
    said = same(body, Version.V1_0_3)[0]["definitions"][COURSE["id"]]
    assert [json.loads(text)["name"]["en"] for text in said] == [
        "Course",
        "Of the object",
    ]
