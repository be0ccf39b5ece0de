"""xAPI-Data 2.4.7 to 2.4.10: timestamp, stored, authority and version.

XAPI-00022 (timestamp), XAPI-00023, XAPI-00097 (stored), XAPI-00024, XAPI-00098,
XAPI-00099, XAPI-00100 (authority), XAPI-00101, XAPI-00332 (version).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.caller import Lrs, told
from tests.conformance.conftest import ONLY_2_0
from tests.conformance.full_statement import (
    AGENTS,
    HOME,
    IFIS,
    a_statement,
    a_substatement,
)

Json = dict[str, Any]
APP = {"account": {"homePage": f"{HOME}/oauth/token", "name": "consumer-7"}}
OMAR = {"mbox": "mailto:omar@example.org"}
CLEO = {"mbox": "mailto:cleo@example.org"}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


TIMES: dict[str, tuple[Any, int]] = {
    "UTC": ("2024-05-01T10:00:00Z", 200),
    "milliseconds": ("2024-05-01T10:00:00.123Z", 200),
    "nanoseconds": ("2024-05-01T10:00:00.123456789Z", 200),
    "offset": ("2024-05-01T10:00:00+02:00", 200),
    "long ago": ("1776-07-04T16:00:45.123Z", 200),
    "text": ("should fail", 400),
    "date of another kind": ("01/011/2015", 400),
    "date": ("2024-05-01", 400),
    "no offset": ("2024-05-01T10:00:00", 400),
    "no such day": ("2023-02-29T10:00:00Z", 400),
    "no such hour": ("2023-02-28T25:00:00Z", 400),
    "-00": ("2008-09-15T15:53:00.601-00", 400),
    "-0000": ("2008-09-15T15:53:00.601-0000", 400),
    "-00:00": ("2008-09-15T15:53:00.601-00:00", 400),
    "number": (1714557600, 400),
    "null": (None, 400),
    "object": ({}, 400),
    "empty": ("", 400),
}


@pytest.mark.parametrize(("moment", "status"), TIMES.values(), ids=TIMES.keys())
def test_a_timestamp_is_one(lrs: Lrs, moment: Any, status: int) -> None:
    """XAPI-00022."""
    lrs.takes(a_statement() | {"timestamp": moment}, status)
    inner = a_substatement() | {"timestamp": moment}
    lrs.takes(a_statement(object=inner), status)


@pytest.mark.parametrize(("moment", "status"), TIMES.values(), ids=TIMES.keys())
def test_a_stored_that_is_sent_is_one_too(lrs: Lrs, moment: Any, status: int) -> None:
    """XAPI-00097."""
    lrs.takes(a_statement() | {"stored": moment}, status)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=1)])
def test_a_timestamp_in_the_future_is_no_reason_to_refuse(
    lrs: Lrs, ahead: timedelta
) -> None:
    moment = (datetime.now(UTC) + ahead).isoformat()
    lrs.takes(a_statement(timestamp=moment), 200)


def test_a_missing_timestamp_is_that_of_storage(lrs: Lrs) -> None:
    [found] = lrs.store(a_statement())
    read = lrs.read(found)
    assert read["timestamp"] == read["stored"]


def test_a_timestamp_means_the_same_instant_when_it_is_returned(lrs: Lrs) -> None:
    [found] = lrs.store(a_statement(timestamp="2023-05-04T12:00:00.125-05:00"))
    assert _moment(lrs.read(found)["timestamp"]) == datetime(
        2023, 5, 4, 17, 0, 0, 125_000, UTC
    )


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_stored_is_set_by_the_lrs(lrs: Lrs, method: str) -> None:
    """XAPI-00023, XAPI-00097: a stored that is sent is taken and overwritten."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    statement = a_statement(stored="2001-01-01T00:00:00Z")
    given = {"statementId": statement["id"]} if method == "PUT" else {}
    answer = lrs.ask(method, "statements", statement, **given)
    assert answer.status_code == (204 if method == "PUT" else 200), told(answer)
    stored = lrs.read(statement["id"])["stored"]
    assert stored.endswith("Z")
    assert len(stored.partition(".")[2]) >= len("000Z")  # milliseconds at least
    assert before < _moment(stored) < datetime.now(UTC) + timedelta(seconds=2)


def test_every_statement_of_a_page_has_what_the_lrs_sets(empty_lrs: Lrs) -> None:
    """XAPI-00023."""
    empty_lrs.store(a_statement(), a_statement(), a_statement())
    found = empty_lrs.find()
    moments = [_moment(item["stored"]) for item in found]
    assert len(set(moments)) == 3
    assert moments == sorted(moments, reverse=True)
    for item in found:
        assert {"id", "stored", "timestamp", "authority", "version"} <= set(item)


AUTHORITIES: dict[str, tuple[Any, int]] = {
    **{name: (who, 200) for name, who in AGENTS.items()},
    "two Agents": ({"objectType": "Group", "member": [APP, OMAR]}, 200),
    "text": ("should fail", 400),
    "null": (None, 400),
    "array": ([OMAR], 400),
    "empty": ({}, 400),
    "Agent without IFI": ({"objectType": "Agent", "name": "Omar"}, 400),
    "Agent with two": ({**OMAR, **APP}, 400),
    "agent": ({**OMAR, "objectType": "agent"}, 400),
    "group": ({"objectType": "group", "member": [APP, OMAR]}, 400),
    "Activity": ({"objectType": "Activity", "id": "x:y"}, 400),
    "no member": ({"objectType": "Group"}, 400),
    "empty members": ({"objectType": "Group", "member": []}, 400),
    "one member": ({"objectType": "Group", "member": [OMAR]}, 400),
    "three members": ({"objectType": "Group", "member": [APP, OMAR, CLEO]}, 400),
    "a member without IFI": ({"objectType": "Group", "member": [APP, {}]}, 400),
    "a Group as member": (
        {
            "objectType": "Group",
            "member": [APP, {"objectType": "Group", "member": [OMAR]}],
        },
        400,
    ),
    **{
        f"Group by {name}": (
            {"objectType": "Group", "member": [APP, OMAR], name: value},
            400,
        )
        for name, value in IFIS.items()
    },
    "Group by mbox without members": ({"objectType": "Group", **OMAR}, 400),
}


@pytest.mark.parametrize(("who", "status"), AUTHORITIES.values(), ids=AUTHORITIES)
def test_an_authority_is_an_agent_or_an_anonymous_group_of_two(
    lrs: Lrs, who: Any, status: int
) -> None:
    """XAPI-00024, XAPI-00098."""
    lrs.takes(a_statement() | {"authority": who}, status)


def test_a_group_without_an_oauth_consumer_is_never_the_authority(lrs: Lrs) -> None:
    """XAPI-00100: one of three Agents is refused; of two, it is never believed."""
    three = [OMAR, CLEO, {"mbox": "mailto:ben@example.org"}]
    lrs.takes(a_statement(authority={"objectType": "Group", "member": three}), 400)
    statement = a_statement(authority={"objectType": "Group", "member": [OMAR, CLEO]})
    if lrs.ask("POST", "statements", statement).status_code == 200:
        assert "member" not in lrs.read(statement["id"])["authority"]


@pytest.mark.parametrize("sent", [None, OMAR], ids=["none", "another's"])
def test_the_authority_is_who_sent_the_statement(lrs: Lrs, sent: Json | None) -> None:
    """XAPI-00099."""
    [found] = lrs.store(a_statement(authority=sent))
    authority = lrs.read(found)["authority"]
    assert authority["account"]["name"] == lrs.client.auth[0]
    assert authority != OMAR
    lrs.takes(a_statement(authority=authority), 200)


def test_the_authority_of_a_stored_statement_finds_it(lrs: Lrs) -> None:
    """It is an Agent like any other: related_agents looks at it."""
    [found] = lrs.store(a_statement())
    authority = lrs.read(found)["authority"]
    authority.pop("name", None)
    assert found in lrs.find_ids(agent=authority, related_agents="true")


# The version of a Statement: status under 1.0.3, under 2.0.
STATEMENT_VERSIONS: dict[str, tuple[Any, int, int]] = {
    "1.0": ("1.0", 200, 200),
    "1.0.0": ("1.0.0", 200, 200),
    "1.0.3": ("1.0.3", 200, 200),
    "1.0.9": ("1.0.9", 200, 200),
    "2.0.0": ("2.0.0", 400, 200),
    "text": ("should fail", 400, 400),
    "empty": ("", 400, 400),
    "0.9.9": ("0.9.9", 400, 400),
    "0.95": ("0.95", 400, 400),
    "1.1.0": ("1.1.0", 400, 400),
    "1": ("1", 400, 400),
    "10.0": ("10.0", 400, 400),
    "3.0.0": ("3.0.0", 400, 400),
    "number": (1.0, 400, 400),
    "null": (None, 400, 400),
}


@pytest.mark.parametrize(
    ("sent", "old", "new"), STATEMENT_VERSIONS.values(), ids=STATEMENT_VERSIONS.keys()
)
def test_a_version_is_kept_or_refused(lrs: Lrs, sent: Any, old: int, new: int) -> None:
    """XAPI-00101, XAPI-00332."""
    statement = a_statement() | {"version": sent}
    status = old if lrs.version == "1.0.3" else new
    lrs.takes(statement, status)
    if status == 200:
        assert lrs.read(statement["id"])["version"] == sent


def test_a_missing_version_is_that_of_the_request(lrs: Lrs) -> None:
    """XAPI-00332: 1.0.3 says 1.0.0 (2.4.10)."""
    [found] = lrs.store(a_statement())
    expected = {"1.0.3": "1.0.0", "2.0.0": "2.0.0"}[lrs.version]
    assert lrs.read(found)["version"] == expected


@ONLY_2_0
def test_a_reader_of_1_0_3_gets_a_newer_statement_unchanged(lrs: Lrs) -> None:
    context = {"contextAgents": [{"objectType": "contextAgent", "agent": OMAR}]}
    [found] = lrs.store(a_statement(context=context))
    read = Lrs(lrs.client, "1.0.3").read(found)
    assert read == lrs.read(found)
    assert read["version"] == "2.0.0"
    assert read["context"] == context
