"""xAPI-Communication 2.1.1, 2.1.2: Statements come in by PUT and POST.

XAPI-00139 (the address), XAPI-00142 (an id is taken once), XAPI-00143, XAPI-00144,
XAPI-00145 (PUT), XAPI-00146, XAPI-00147 (POST), XAPI-00182, XAPI-00326 (a refused
request changes nothing).
"""

from __future__ import annotations

import email.utils
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conformance.caller import CONSISTENT, Lrs, refused, told
from tests.conformance.full_statement import a_statement, a_void, someone, something


def test_put_stores_a_statement(lrs: Lrs) -> None:
    """XAPI-00139, XAPI-00143, XAPI-00144: 204, and no body."""
    statement = a_statement()
    answer = lrs.ask("PUT", "statements", statement, statementId=statement["id"])
    assert answer.status_code == 204, told(answer)
    assert answer.data == b""
    assert lrs.read(statement["id"])["actor"] == statement["actor"]


@pytest.mark.parametrize("parameters", [{}, {"statementID": "HERE"}, {"id": "HERE"}])
def test_put_needs_the_parameter_statement_id(
    lrs: Lrs, parameters: dict[str, str]
) -> None:
    """XAPI-00144, XAPI-00145."""
    statement = a_statement()
    given = dict.fromkeys(parameters, statement["id"])
    refused(lrs.ask("PUT", "statements", statement, **given), 400)
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        (a_statement(), {"statementId": "no uuid"}),
        (a_statement(), {"statementId": ""}),
        (a_statement(), {"statementId": str(uuid.uuid4())}),
        (a_statement(id=None), {"statementId": str(uuid.uuid4()), "limit": "1"}),
        ([a_statement(id=None)], {"statementId": str(uuid.uuid4())}),
        ([], {"statementId": str(uuid.uuid4())}),
        ({}, {"statementId": str(uuid.uuid4())}),
        ("text", {"statementId": str(uuid.uuid4())}),
    ],
    ids=["no UUID", "empty", "another id", "more", "array", "none", "empty", "text"],
)
def test_put_takes_one_statement_of_this_id(
    lrs: Lrs, body: Any, parameters: dict[str, str]
) -> None:
    """XAPI-00145."""
    refused(lrs.ask("PUT", "statements", body, **parameters), 400)


def test_post_stores_one_statement(lrs: Lrs) -> None:
    """XAPI-00139, XAPI-00146, XAPI-00147."""
    statement = a_statement()
    answer = lrs.ask("POST", "statements", statement)
    assert (answer.status_code, answer.json) == (200, [statement["id"]])
    assert answer.headers["Content-Type"] == "application/json"


def test_post_stores_a_batch_and_tells_the_ids_in_their_order(lrs: Lrs) -> None:
    """XAPI-00146."""
    batch = [a_statement(), a_statement(id=None), a_statement()]
    ids = lrs.store(*batch)
    assert len(set(ids)) == 3
    assert (ids[0], ids[2]) == (batch[0]["id"], batch[2]["id"])
    assert [lrs.read(found)["id"] for found in ids] == ids


@pytest.mark.parametrize("name", ["statementId", "agent", "unknown"])
def test_post_takes_no_parameters(lrs: Lrs, name: str) -> None:
    statement = a_statement()
    refused(lrs.ask("POST", "statements", statement, **{name: statement["id"]}), 400)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_taken_id_is_not_overwritten(lrs: Lrs, method: str) -> None:
    """XAPI-00142."""
    statement = a_statement()
    lrs.store(statement)
    before = lrs.read(statement["id"])
    other = statement | {"actor": someone()}
    given = {"statementId": statement["id"]} if method == "PUT" else {}
    refused(lrs.ask(method, "statements", other, **given), 409)
    assert lrs.read(statement["id"]) == before
    assert lrs.find_ids(agent=other["actor"]) == []


def test_a_batch_that_repeats_an_id_is_refused(lrs: Lrs) -> None:
    """IEEE 9274.1.1 s37; in 1.0.3 nothing speaks against it."""
    statement = a_statement()
    lrs.takes([statement, a_statement(), statement], 400)
    upper = statement | {"id": statement["id"].upper()}
    lrs.takes([statement, upper], 400)
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (a_statement(verb={}), 400),
        (a_statement(timestamp="2008-09-15T15:53:00.601-00:00"), 400),
        ({}, 400),
        (None, 400),
        (1, 400),
        ([a_statement()], 400),
        ("taken", 409),
    ],
    ids=lambda item: str(item)[:40],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_batch_is_stored_whole_or_not_at_all(
    lrs: Lrs, bad: Any, status: int, at: int
) -> None:
    """XAPI-00182, XAPI-00326."""
    if bad == "taken":
        [taken] = lrs.store(a_statement())
        bad = a_statement(id=taken, actor=someone())
    good = [a_statement(), a_statement()]
    batch = [*good[:at], bad, *good[at:]]
    lrs.takes(batch, status)
    for item in good:
        refused(lrs.ask("GET", "statements", statementId=item["id"]), 404)


def test_a_refused_void_voids_nothing(lrs: Lrs) -> None:
    """XAPI-00182."""
    [target] = lrs.store(a_statement())
    lrs.takes([a_void(target), a_statement(verb={})], 400)
    assert lrs.read(target)["id"] == target


def test_the_place_in_the_batch_is_told(lrs: Lrs) -> None:
    batch = [a_statement(), a_statement(actor={"mbox": "x"}), a_statement(verb={})]
    problem = refused(lrs.ask("POST", "statements", batch), 400)
    paths = {item["path"] for item in problem["violations"]}
    assert paths == {"[1].actor.mbox", "[2].verb.id"}


def test_a_statement_is_returned_with_the_time_it_was_stored(lrs: Lrs) -> None:
    """IEEE 9274.1.1 s38: Last-Modified is stored, to the second."""
    [found] = lrs.store(a_statement())
    answer = lrs.ask("GET", "statements", statementId=found)
    stored = datetime.fromisoformat(answer.json["stored"])
    modified = email.utils.parsedate_to_datetime(answer.headers["Last-Modified"])
    assert modified == stored.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_what_is_stored_is_there_at_once(empty_lrs: Lrs, method: str) -> None:
    """XAPI-00153: and the header says so."""
    activity = something()
    statement = a_statement(object={"id": activity})
    given = {"statementId": statement["id"]} if method == "PUT" else {}
    empty_lrs.ask(method, "statements", statement, **given)
    answer = empty_lrs.ask("GET", "statements", activity=activity)
    assert [item["id"] for item in answer.json["statements"]] == [statement["id"]]
    stored = datetime.fromisoformat(answer.json["statements"][0]["stored"])
    throughs = [datetime.fromisoformat(answer.headers[CONSISTENT])]
    for _ in range(500):  # whoever polls by the header gets there, and soon
        if throughs[-1] >= stored:
            break
        time.sleep(0.01)
        later = empty_lrs.ask("GET", "statements").headers[CONSISTENT]
        throughs.append(datetime.fromisoformat(later))
    assert throughs[-1] >= stored
    assert throughs == sorted(throughs)


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_statements_cannot_be_deleted_or_patched(lrs: Lrs, method: str) -> None:
    [found] = lrs.store(a_statement())
    answer = lrs.ask(method, "statements", a_statement(), statementId=found)
    refused(answer, 405)
    assert "GET" in answer.headers["Allow"]
    assert lrs.read(found)["id"] == found
