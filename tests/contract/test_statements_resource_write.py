"""Statements come in: POST and PUT, their ids, repeats, conflicts, batches."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, one, page, post, problem, put


def an_id() -> str:
    return str(uuid.uuid4())


def test_post_of_one_answers_with_its_id(shared: Client) -> None:
    statement = a_statement()
    answer = post(shared, statement)
    assert answer.json == [statement["id"]]
    assert one(shared, statement["id"]).json["actor"] == statement["actor"]


def test_post_of_many_answers_with_their_ids_in_order(shared: Client) -> None:
    statements = [a_statement() for _ in range(5)]
    ids = [item["id"] for item in statements]
    assert post(shared, *statements).json == ids
    stored = [one(shared, item).json["stored"] for item in ids]
    assert stored == sorted(set(stored))


def test_post_of_an_array_of_none_or_one_is_a_batch(fresh: Client) -> None:
    answer: Any = fresh.post(STATEMENTS, json=[])
    assert (answer.status_code, answer.json) == (200, [])
    assert page(fresh) == []
    answer = fresh.post(STATEMENTS, json=[statement := a_statement()])
    assert answer.json == [statement["id"]]


def test_a_statement_without_id_gets_one(shared: Client) -> None:
    first, second = a_statement(with_id=False), a_statement(with_id=False)
    made = post(shared, first, second).json
    assert len({uuid.UUID(item) for item in made}) == 2
    assert one(shared, made[1]).json["id"] == made[1]


def test_an_equal_repeat_without_id_is_another_statement(fresh: Client) -> None:
    statement = a_statement(with_id=False)
    assert post(fresh, statement).json != post(fresh, statement).json
    assert len(page(fresh)) == 2


def test_the_properties_of_the_lrs_are_set(shared: Client) -> None:
    made = post(shared, a_statement()).json[0]
    found = one(shared, made).json
    assert found["version"] == "1.0.0"
    assert found["timestamp"] == found["stored"]
    assert found["stored"].endswith("Z")
    assert found["authority"]["account"]["name"] == shared.auth[0]


def test_version_and_timestamp_of_the_sender_are_kept(shared: Client) -> None:
    when = "2020-02-29T12:00:00.123456789+05:30"
    made = post(shared, a_statement(version="1.0.2", timestamp=when)).json[0]
    found = one(shared, made).json
    assert (found["version"], found["timestamp"]) == ("1.0.2", when)


def test_a_statement_of_2_0_says_so(shared: Client) -> None:
    made = post(shared, a_statement(), version="2.0.0").json[0]
    assert one(shared, made).json["version"] == "2.0.0"


def test_the_text_is_read_back_as_it_was_sent(shared: Client) -> None:
    made = an_id()
    body = (
        f'{{ "id":"{made}","verb":{{"id":"http://v.example/\\u0061"}} ,\n '
        '"actor":{"mbox":"mailto:a@b.example","name":"\\u0000\\ud83d\\ude00"},"object":{"id":'
        '"http://a.example/1"},"result":{"score":{"raw":1.10,"max":1E400},'
        '"extensions":{"http://e.example/n":[123456789012345678901234567890,1E2,-0]}}}'
    )
    answer: Any = shared.post(STATEMENTS, data=body, content_type="application/json")
    assert answer.status_code == 200, answer.json
    assert one(shared, made).get_data(as_text=True).startswith(body[:-1] + ",")


def test_put_stores_under_the_id_of_the_address(shared: Client) -> None:
    made = an_id()
    answer = put(shared, made, a_statement(with_id=False))
    assert (answer.status_code, answer.data) == (204, b"")
    assert one(shared, made).json["id"] == made


def test_put_takes_the_same_id_in_the_statement_in_any_case(shared: Client) -> None:
    made = an_id()
    statement = a_statement(id=made.upper())
    assert put(shared, made, statement).status_code == 204
    assert one(shared, made).json["id"] == made.upper()


@pytest.mark.parametrize("inner", [an_id(), "", None, 7, {}])
def test_put_refuses_another_id_in_the_statement(shared: Client, inner: Any) -> None:
    made = an_id()
    problem(put(shared, made, {**a_statement(), "id": inner}), 400)
    problem(one(shared, made), 404)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?statementId=",
        "?statementId=1",
        f"?statementId={an_id()}&x=1",
        f"?statementId={an_id()}&statementId={an_id()}",
        f"?StatementId={an_id()}",
        f"?statementId={an_id()}&agent=%7B%7D",
    ],
)
def test_put_refuses_other_parameters_than_one_id(shared: Client, query: str) -> None:
    problem(shared.put(STATEMENTS + query, json=a_statement(with_id=False)), 400)


@pytest.mark.parametrize("body", [[], [a_statement(with_id=False)], 1, None, "x"])
def test_put_refuses_what_is_not_one_object(shared: Client, body: Any) -> None:
    data = json.dumps(body)
    kind = "application/json"
    address = f"{STATEMENTS}?statementId={an_id()}"
    problem(shared.put(address, data=data, content_type=kind), 400)


def test_post_takes_no_parameters(shared: Client) -> None:
    problem(shared.post(f"{STATEMENTS}?statementId={an_id()}", json=a_statement()), 400)
    problem(shared.post(f"{STATEMENTS}?x=1", json=a_statement()), 400)


def test_an_equal_repeat_changes_nothing(fresh: Client) -> None:
    statement = a_statement()
    post(fresh, statement)
    before = one(fresh, statement["id"]).data
    assert post(fresh, statement).json == [statement["id"]]
    assert put(fresh, statement["id"], statement).status_code == 204
    assert one(fresh, statement["id"]).data == before
    assert page(fresh) == [statement["id"]]


def test_a_repeat_that_is_equal_by_the_specification_is_taken(shared: Client) -> None:
    statement = a_statement(timestamp="2020-01-01T00:00:00Z", id=an_id().upper())
    statement["result"] = {"score": {"raw": 1}, "duration": "PT1.004S"}
    post(shared, statement)
    other = statement | {
        "timestamp": "2020-01-01T01:00:00.000+01:00",
        "id": statement["id"].lower(),
        "result": {"duration": "PT1S", "score": {"raw": 1.0}},
        "verb": {**statement["verb"], "display": {"en": "passed"}},
    }
    assert post(shared, other).json == [other["id"]]


@pytest.mark.parametrize("number", ["1E400", "123456789012345678901234567890"])
def test_a_repeat_with_a_number_beyond_a_double_is_taken(
    shared: Client, number: str
) -> None:
    body = json.dumps(a_statement(result={"score": {"raw": 0}}))
    for text in (body.replace('"raw": 0', f'"raw":{number}'),) * 2 + (
        body.replace('"raw": 0', f'"raw": {number}'),
    ):
        answer: Any = shared.post(
            STATEMENTS, data=text, content_type="application/json"
        )
        assert answer.status_code == 200, answer.json


@pytest.mark.parametrize(
    "change",
    [
        {"verb": {"id": "http://other.example/verb"}},
        {"actor": {"mbox": "mailto:other@example.com"}},
        {"result": {"success": False}},
        {"timestamp": "2020-01-01T00:00:00.001Z"},
    ],
)
def test_a_differing_repeat_is_a_conflict(
    shared: Client, change: dict[str, Any]
) -> None:
    statement = a_statement(timestamp="2020-01-01T00:00:00Z", result={"success": True})
    post(shared, statement)
    before = one(shared, statement["id"]).data
    problem(shared.post(STATEMENTS, json=statement | change), 409)
    problem(put(shared, statement["id"], statement | change), 409)
    assert one(shared, statement["id"]).data == before


def test_one_invalid_among_fifty_stores_none(fresh: Client) -> None:
    batch = [a_statement() for _ in range(50)]
    batch[37]["actor"] = {"mbox": "nobody"}
    found = problem(fresh.post(STATEMENTS, json=batch), 400)
    assert [item["path"] for item in found["violations"]] == ["[37].actor.mbox"]
    assert page(fresh) == []


def test_a_conflicting_id_among_fifty_stores_none(fresh: Client) -> None:
    batch = [a_statement() for _ in range(50)]
    post(fresh, batch[41] | {"verb": {"id": "http://other.example/verb"}})
    found = problem(fresh.post(STATEMENTS, json=batch), 409)
    assert "41" in found["detail"]
    assert page(fresh) == [batch[41]["id"]]


def test_equal_ones_among_fifty_do_not_keep_the_rest_out(fresh: Client) -> None:
    batch = [a_statement() for _ in range(50)]
    post(fresh, *batch[10:20])
    assert post(fresh, *batch).json == [item["id"] for item in batch]
    assert sorted(page(fresh)) == sorted(item["id"] for item in batch)


@pytest.mark.parametrize("change", [str, str.upper])
def test_two_equal_ids_in_a_batch_are_refused(fresh: Client, change: Any) -> None:
    first = a_statement()
    problem(
        fresh.post(STATEMENTS, json=[first, first | {"id": change(first["id"])}]), 400
    )
    assert page(fresh) == []


def test_concurrent_equal_posts_store_one(fresh: Client) -> None:
    statement, statuses = a_statement(), []

    def send() -> None:
        answer: Any = fresh.post(STATEMENTS, json=[statement, a_statement()])
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 6
    ids = page(fresh)
    assert (len(ids), ids.count(statement["id"])) == (7, 1)
