"""A Statement that comes again: the same one is a success, another one a conflict.

Whatever the answer, what is stored stays as it is (xAPI-Communication 2.1.1, 2.1.2).
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from lrs.access import Scope
from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, ask, one, page, post, problem, put
from tests.repeats import REPEATS, Repeat

V2 = {"X-Experience-API-Version": "2.0.0"}


def an_id() -> str:
    return str(uuid.uuid4())


def send(client: Client, method: str, statement: dict[str, Any]) -> Any:
    """Send a Statement of 2.0 by POST or PUT, its keys in the order they have."""
    address = STATEMENTS
    if method == "put":
        address += f"?statementId={statement['id']}"
    return getattr(client, method)(
        address,
        data=json.dumps(statement),
        content_type="application/json",
        headers=V2,
    )


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("repeat", REPEATS, ids=lambda repeat: repeat.name)
def test_a_repeat_is_taken_or_refused_and_changes_nothing(
    shared: Client, repeat: Repeat, method: str
) -> None:
    first, again = repeat.statements()
    mine = an_id()
    first["id"], again["id"] = mine, (mine.upper() if repeat.path == "id" else mine)
    stored = 200 if method == "post" else 204
    assert send(shared, method, first).status_code == stored
    kept = one(shared, mine).data
    answer = send(shared, method, again)
    if repeat.same:
        assert answer.status_code == stored, answer.json
    else:
        problem(answer, 409)
    assert one(shared, mine).data == kept


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"raw": "1"}, {"raw": "1.0"}),
        ({"raw": "1.10"}, {"raw": "1.1"}),
        ({"raw": "1E2"}, {"raw": "100"}),
        ({"raw": "1E400"}, {"raw": "10E399"}),
        ({"raw": "-0.0"}, {"raw": "0"}),
        ({"raw": "0E-99999999999999999999"}, {"raw": "0"}),
    ],
)
def test_numbers_are_compared_by_their_value_and_kept_as_they_came(
    shared: Client, first: dict[str, str], again: dict[str, str]
) -> None:
    mine = an_id()
    texts = [
        json.dumps(a_statement(id=mine))[:-1] + f', "result": {{"score": {score}}}}}'
        for score in (f'{{"raw": {given["raw"]}}}' for given in (first, again))
    ]
    for text in texts:
        answer: Any = shared.post(
            STATEMENTS, data=text, content_type="application/json"
        )
        assert answer.status_code == 200
    assert f'"raw": {first["raw"]}}}'.encode() in one(shared, mine).data


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("9007199254740992", "9007199254740993"),
        ("0.1", "0.10000000000000001e1"),
        ("1E400", "1E401"),
        ("1E-400", "0"),
        ("0.1", "0.1000000000000000055511151231257827"),
        ("123456789012345678901234567890", "123456789012345678901234567891"),
    ],
)
def test_numbers_that_differ_are_a_conflict(
    shared: Client, first: str, again: str
) -> None:
    mine = an_id()
    for number, status in ((first, 200), (again, 409)):
        text = json.dumps(a_statement(id=mine))[:-1]
        text += f', "result": {{"score": {{"raw": {number}}}}}}}'
        answer: Any = shared.post(
            STATEMENTS, data=text, content_type="application/json"
        )
        assert answer.status_code == status, answer.json


def test_a_repeat_with_another_credential_keeps_the_first_authority(
    fresh: Client, common: Any
) -> None:
    statement = a_statement()
    post(fresh, statement)
    kept = one(fresh, statement["id"]).data
    row = common.database["credentials"].find_one({"_id": fresh.auth[0]})
    other = fresh.signed_in_as(*common.credentials.add(row["tenant"], [Scope.ALL]))
    post(other, statement)
    assert one(other, statement["id"]).data == kept
    assert page(fresh) == [statement["id"]]


def test_a_repeat_under_the_other_version_is_the_same_statement(
    shared: Client,
) -> None:
    statement = a_statement()
    post(shared, statement, version="1.0.3")
    kept = one(shared, statement["id"]).data
    post(shared, statement, version="2.0.0")
    assert one(shared, statement["id"]).data == kept
    assert one(shared, statement["id"]).json["version"] == "1.0.0"


def test_the_answer_of_an_lrs_can_be_sent_back_to_it(shared: Client) -> None:
    statement = a_statement(
        with_id=False,
        context={"contextActivities": {"parent": {"id": "https://a.example/course"}}},
    )
    (mine,) = post(shared, statement).json
    kept = one(shared, mine).data
    answer = put(shared, mine, json.loads(kept))
    assert answer.status_code == 204
    assert one(shared, mine).data == kept


def test_a_repeat_among_new_ones_keeps_its_place_in_the_answer(fresh: Client) -> None:
    old, new = [a_statement() for _ in range(3)], [a_statement() for _ in range(3)]
    post(fresh, *old)
    before = ask(fresh, ascending="true").json["statements"]
    mixed = [item for pair in zip(new, old, strict=True) for item in pair]
    mixed[1] = mixed[1] | {"stored": "2020-01-01T00:00:00Z"}
    assert post(fresh, *mixed).json == [item["id"] for item in mixed]
    after = ask(fresh, ascending="true").json["statements"]
    assert after[:3] == before
    assert [item["id"] for item in after[3:]] == [item["id"] for item in new]


def test_a_conflict_names_the_places_in_the_batch(fresh: Client) -> None:
    old = [a_statement() for _ in range(3)]
    post(fresh, *old)
    other = [item | {"actor": {"mbox": "mailto:bo@example.com"}} for item in old]
    sent = [a_statement(), other[2], old[0], a_statement(), other[1]]
    answer = problem(fresh.post(STATEMENTS, json=sent), 409)
    assert "1, 4" in answer["detail"]
    assert "mailto" not in json.dumps(answer)
    assert sorted(page(fresh)) == sorted(item["id"] for item in old)
