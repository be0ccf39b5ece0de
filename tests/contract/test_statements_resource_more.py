"""GET statements page by page: limit, and the addresses in ``more``."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.builders import COMPLETED, PASSED, a_statement, a_void
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, ask, page, post, problem, walk

MAX_PAGE = 50  # LRS_MAX_PAGE of the common services


def token_of(more: str) -> str:
    """Return what a more address carries."""
    return urlsplit(more).query.removeprefix("more=")


def forged(*content: Any) -> str:
    """Make a token of any content."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def flat(pages: list[list[str]]) -> list[str]:
    """Return the ids of all pages in one list."""
    return list(itertools.chain.from_iterable(pages))


@pytest.mark.parametrize("limit", [1, 3, 49])
def test_limit_is_the_size_of_a_page(fresh: Client, limit: int) -> None:
    ids = post(fresh, *(a_statement() for _ in range(limit + 1))).json
    pages = walk(fresh, limit=str(limit))
    assert [len(part) for part in pages] == [limit, 1]
    assert flat(pages) == ids[::-1]


@pytest.mark.parametrize("limit", [None, "0", "51", "100000000"])
def test_no_limit_and_too_big_a_limit_are_the_most_that_is_given(
    fresh: Client, limit: str | None
) -> None:
    ids = post(fresh, *(a_statement() for _ in range(MAX_PAGE + 1))).json
    pages = walk(fresh, **({"limit": limit} if limit else {}))
    assert [len(part) for part in pages] == [MAX_PAGE, 1]
    assert flat(pages) == ids[::-1]


def test_a_page_that_is_just_full_has_no_more(fresh: Client) -> None:
    post(fresh, *(a_statement() for _ in range(4)))
    assert ask(fresh, limit="4").json["more"] == ""
    assert ask(fresh, limit="3").json["more"].startswith("/xapi/statements?more=")


@pytest.mark.parametrize("ascending", ["true", "false"])
@pytest.mark.parametrize("limit", ["1", "2", "7"])
def test_pages_add_up_to_the_whole(fresh: Client, ascending: str, limit: str) -> None:
    ids = []
    for size in (1, 6, 4):
        ids += post(fresh, *(a_statement() for _ in range(size))).json
    whole = flat(walk(fresh, ascending=ascending, limit=limit))
    assert whole == (ids if ascending == "true" else ids[::-1])


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_pages_add_up_while_new_ones_arrive(fresh: Client, ascending: str) -> None:
    ids = post(fresh, *(a_statement() for _ in range(7))).json
    answer = ask(fresh, ascending=ascending, limit="2")
    found, arrived = [], []
    while True:
        found += [item["id"] for item in answer.json["statements"]]
        if not answer.json["more"]:
            break
        if len(arrived) < 3:
            arrived += post(fresh, a_statement()).json
        answer = fresh.get(answer.json["more"])
    expected = ids + arrived if ascending == "true" else ids[::-1]
    assert found == expected


def test_more_keeps_the_whole_query(fresh: Client) -> None:
    verbs = [PASSED, COMPLETED] * 5
    statements = [
        a_statement(verb=verb, actor=f"{name}@example.com")
        for name in ("ann", "ben")
        for verb in verbs
    ]
    for item in statements:
        item["verb"]["display"] = {"en": "x", "de": "y"}
    ids = post(fresh, *statements).json
    agent = {"mbox": "mailto:ben@example.com"}
    query = {"agent": agent, "verb": COMPLETED, "limit": "2", "ascending": "true"}
    assert flat(walk(fresh, **query)) == ids[11::2]
    query |= {"format": "ids"}
    more = ask(fresh, **query).json["more"]
    assert "display" not in fresh.get(more).json["statements"][0]["verb"]  # type: ignore[attr-defined]


def test_more_goes_on_after_a_statement_that_has_been_voided(fresh: Client) -> None:
    ids = post(fresh, *(a_statement() for _ in range(5))).json
    answer = ask(fresh, limit="2", ascending="true")
    post(fresh, a_void(ids[1]))
    following: Any = fresh.get(answer.json["more"])
    assert [item["id"] for item in following.json["statements"]] == ids[2:4]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "====",
        "%00",
        "%FF%FE",
        "é",
        "a" * 3000,
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 2000).decode(),
        forged(),
        forged({}, 1),
        forged({}, 1, "x"),
        forged({}, 1, None),
        forged({}, "1", "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({}, True, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({}, 1.5, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({}, -1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({}, 2**63, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({}, 2**64, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({}, 10**40, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged([], 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged(None, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({"limit": 5}, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({"limit": "x"}, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({"agent": "{"}, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({"tenant": "other"}, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({"after": "1"}, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
        forged({"more": "x"}, 1, "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"),
    ],
)
def test_a_foreign_token_is_refused(shared: Client, token: str) -> None:
    problem(shared.get(f"{STATEMENTS}?more={token}"), 400)


def test_a_damaged_token_is_never_a_fault(fresh: Client) -> None:
    post(fresh, *(a_statement() for _ in range(3)))
    token = token_of(ask(fresh, limit="1", verb=PASSED).json["more"])
    for at in range(0, len(token), 3):
        for damaged in (token[:at], token[:at] + "A" + token[at + 1 :], token[at:]):
            answer: Any = fresh.get(f"{STATEMENTS}?more={damaged}")
            assert answer.status_code in (200, 400), damaged


def test_more_stands_alone(fresh: Client) -> None:
    post(fresh, a_statement(), a_statement())
    more = ask(fresh, limit="1").json["more"]
    problem(fresh.get(f"{more}&limit=1"), 400)
    problem(fresh.get(f"{more}&more=x"), 400)
    assert len(page(fresh)) == 2
