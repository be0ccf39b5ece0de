"""xAPI-Communication 3.3: which version is spoken.

XAPI-00330 (no Statement is converted), XAPI-00331 (the header is required), XAPI-00333
(every answer has it).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.caller import VERSION_HEADER, Lrs, refused, told
from tests.conformance.conftest import ONLY_1_0_3
from tests.conformance.documents import MAKERS
from tests.conformance.full_statement import a_statement, a_void, someone, something


def test_every_answer_tells_the_version_of_the_request(lrs: Lrs) -> None:
    """XAPI-00333: whatever its status."""
    [found] = lrs.store(a_statement())
    state = MAKERS["state"]()
    answers = [
        lrs.ask("GET", "statements", statementId=found),
        lrs.ask("HEAD", "statements"),
        lrs.ask("GET", "statements", statementId=str(uuid.uuid4())),
        lrs.ask("GET", "statements", unknown="1"),
        lrs.ask("GET", "statements", auth=("nobody", "knows")),
        lrs.ask("POST", "statements", a_void(found)),
        lrs.ask("POST", "statements", {}),
        lrs.ask("PUT", "statements", a_statement(), statementId=str(uuid.uuid4())),
        lrs.ask("DELETE", "statements"),
        lrs.ask("GET", "about"),
        lrs.ask("GET", "activities", activityId=something()),
        lrs.ask("GET", "agents", agent=someone()),
        lrs.ask("GET", "nothing"),
        state.ask(lrs, "PUT", {"a": 1}, If_None_Match="*"),
        state.ask(lrs, "GET"),
        state.ask(lrs, "PUT", {"a": 1}, If_None_Match="*"),
        state.ask(lrs, "DELETE"),
    ]
    statuses = {answer.status_code for answer in answers}
    assert {200, 204, 400, 401, 404, 405, 412} <= statuses
    assert {answer.headers[VERSION_HEADER] for answer in answers} == {lrs.version}


def _requests(statement: dict[str, Any]) -> list[tuple[str, Any, dict[str, Any]]]:
    return [
        ("GET", None, {}),
        ("GET", None, {"statementId": statement["id"]}),
        ("HEAD", None, {}),
        ("POST", statement, {}),
        ("POST", [statement], {}),
        ("PUT", statement, {"statementId": statement["id"]}),
    ]


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize(
    "sent",
    [None, "", "0.8", "0.9", "0.95", "1", "1.1.0", "2.1.0", "3.0.0", "BAD", "v1.0"],
)
def test_a_request_without_a_known_version_is_refused(
    lrs: Lrs, sent: str | None, at: int
) -> None:
    """XAPI-00331: and what it brings is not stored."""
    statement = a_statement()
    method, body, parameters = _requests(statement)[at]
    answer = lrs.ask(
        method, "statements", body, headers={VERSION_HEADER: sent}, **parameters
    )
    assert answer.status_code == 400, told(answer)
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


def test_a_request_without_version_is_answered_with_one(lrs: Lrs) -> None:
    """Both suites take 0.95 there, as nothing tells which version was meant."""
    answer = lrs.ask("GET", "statements", headers={VERSION_HEADER: None})
    assert answer.headers[VERSION_HEADER] in ("0.95", "1.0.3", "2.0.0")


SPOKEN = {
    "1.0": "1.0.3",
    "1.0.0": "1.0.3",
    "1.0.1": "1.0.3",
    "1.0.2": "1.0.3",
    "1.0.9": "1.0.3",
    "2.0": "2.0.0",
    "2.0.1": "2.0.0",
}


@ONLY_1_0_3
@pytest.mark.parametrize(("sent", "answered"), SPOKEN.items())
def test_a_patch_version_is_answered_with_the_newest_of_its_line(
    lrs: Lrs, sent: str, answered: str
) -> None:
    """XAPI-00333."""
    answer = lrs.ask("GET", "statements", headers={VERSION_HEADER: sent}, limit="1")
    assert answer.status_code == 200, told(answer)
    assert answer.headers[VERSION_HEADER] == answered
    answer = lrs.ask(
        "POST", "statements", a_statement(), headers={VERSION_HEADER: sent}
    )
    assert answer.status_code == 200, told(answer)


@pytest.mark.parametrize("kept", ["1.0", "1.0.0", "1.0.1", "1.0.3"])
def test_a_statement_keeps_its_version_for_every_reader(lrs: Lrs, kept: str) -> None:
    """XAPI-00330."""
    statement = a_statement(version=kept)
    lrs.store(statement)
    for version in ("1.0.3", "2.0.0"):
        read = Lrs(lrs.client, version).read(statement["id"])
        assert read["version"] == kept
        assert {name: read[name] for name in statement} == statement


def test_both_versions_share_one_store(lrs: Lrs) -> None:
    other = Lrs(lrs.client, "2.0.0" if lrs.version == "1.0.3" else "1.0.3")
    who = someone()
    [mine] = lrs.store(a_statement(actor=who))
    [theirs] = other.store(a_statement(actor=who))
    for one in (lrs, other):
        assert one.find_ids(agent=who) == [theirs, mine]
    other.store(a_void(mine))
    refused(lrs.ask("GET", "statements", statementId=mine), 404)


def test_the_rules_are_those_of_the_request_not_of_the_statement(lrs: Lrs) -> None:
    """A Statement of 2.0 is no Statement in a request of 1.0.3."""
    status = 400 if lrs.version == "1.0.3" else 200
    lrs.takes(a_statement(version="2.0.0"), status)
