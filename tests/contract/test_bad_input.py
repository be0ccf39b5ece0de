"""Bad input: never a fault, always a problem with its status, never in a log."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from lrs.services import Services
from tests.builders import a_statement, a_void
from tests.conftest import KEY, SECRET, Client
from tests.contract.answers import STATEMENTS, ask, log_of, one, page, post, problem
from tests.contract.bad_statements import BODIES, CHANGES, MARK


def send(client: Client, body: bytes, kind: str = "application/json") -> Any:
    """Post bytes."""
    return client.post(STATEMENTS, data=body, content_type=kind)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_is_refused(shared: Client, body: bytes) -> None:
    answer = send(shared, body)
    found = problem(answer, 400)
    assert found["violations"]
    assert MARK not in answer.get_data(as_text=True)


def test_the_refused_left_nothing_behind(fresh: Client) -> None:
    for body in BODIES.values():
        send(fresh, body)
    assert page(fresh) == []


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_a_violation_names_the_place(shared: Client, version: str) -> None:
    headers = {"X-Experience-API-Version": version}
    for name, (path, _) in CHANGES.items():
        answer: Any = shared.post(
            STATEMENTS,
            data=BODIES[name],
            content_type="application/json",
            headers=headers,
        )
        paths = [item["path"] for item in problem(answer, 400)["violations"]]
        top = path.split(".")[0]
        assert any(item.startswith(top) or item == "" for item in paths), name


def test_too_many_violations_are_counted_but_not_all_told(shared: Client) -> None:
    bad = a_statement(actor="x") | {
        "actor": {"objectType": "Group", "member": [0] * 999}
    }
    found = problem(shared.post(STATEMENTS, json=bad), 400)
    assert (len(found["violations"]), found["violations_total"]) == (200, 999)


def test_a_batch_with_very_many_violations_is_not_judged_to_its_end(
    shared: Client,
) -> None:
    bad = {"actor": {"objectType": "Group", "member": [0] * 5000}}
    batch = [a_statement() | bad for _ in range(20)]
    found = problem(shared.post(STATEMENTS, json=batch), 400)
    assert found["detail"].startswith("At least 10 of 20 Statements break the rules")
    assert found["violations_total"] == 10_000


def test_too_many_statements_are_too_large(shared: Client) -> None:
    answer: Any = shared.post(STATEMENTS, json=[a_statement() for _ in range(201)])
    assert "200" in problem(answer, 413)["detail"]
    answer = shared.post(STATEMENTS, json=[a_statement() for _ in range(200)])
    assert answer.status_code == 200


def test_a_statement_larger_than_a_document_is_too_large(fresh: Client) -> None:
    whole = a_statement(result={"response": "x" * (17 << 20)})
    problem(fresh.post(STATEMENTS, json=whole), 413)
    mails = [f"mailto:{n}@{'x' * 60}.{'y' * 30}.example.com" for n in range(90_000)]
    members = [{"mbox": mail} for mail in mails]
    group = a_statement() | {"actor": {"objectType": "Group", "member": members}}
    problem(fresh.post(STATEMENTS, json=group), 413)
    post(fresh, void := a_void(whole["id"]))
    problem(fresh.post(STATEMENTS, json=whole), 413)
    problem(fresh.post(STATEMENTS, json=[a_statement(), whole]), 413)
    assert page(fresh) == [void["id"]]


def test_a_statement_of_ten_megabytes_is_taken(fresh: Client) -> None:
    whole = a_statement(result={"response": "x" * (10 << 20)})
    post(fresh, whole)
    assert one(fresh, whole["id"]).json["result"] == whole["result"]


def test_a_body_over_the_limit_is_too_large(shared: Client) -> None:
    problem(send(shared, b" " * (33 << 20)), 413)


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999999-23:59",
        "1969-12-31T23:59:59.999Z",
        "2016-12-31T23:59:60Z",
        "9999-12-31T23:59:60Z",
        "2020-01-01T00:00:00." + "1" * 300 + "Z",
    ],
)
def test_an_absurd_but_valid_timestamp_is_kept(shared: Client, when: str) -> None:
    made = post(shared, a_statement(timestamp=when)).json[0]
    assert one(shared, made).json["timestamp"] == when


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/mixed",
        "multipart/mixed; boundary=x",
        "multipart/mixed; boundary=" + "x" * 5000,
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-99",
        "application/json;;;=",
        "text/html",
        "/",
        ";",
        "application/octet-stream",
    ],
)
def test_no_media_type_is_a_fault(shared: Client, kind: str) -> None:
    problem(send(shared, BODIES["multipart"], kind), 400, 415)


NASTY = ["%00", "%FF%FE", "%ED%A0%80", "a" * 7000, "%F0%9F%98%80", "$where", "[]", "{}"]
NAMES = [
    *("agent", "verb", "activity", "registration", "since", "until", "limit"),
    *("format", "ascending", "attachments", "related_agents", "statementId", "more"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", NASTY)
def test_a_nasty_parameter_is_refused(shared: Client, name: str, value: str) -> None:
    problem(shared.get(f"{STATEMENTS}?{name}={value}"), 400)


@pytest.mark.parametrize("value", NASTY)
def test_a_nasty_name_or_path_is_refused(shared: Client, value: str) -> None:
    problem(shared.get(f"{STATEMENTS}?{value}=1"), 400)
    problem(shared.get(f"{STATEMENTS}/{value}"), 404)


@pytest.mark.parametrize("deep", [300, 1000, 100_000])
def test_a_deeply_nested_agent_is_refused(shared: Client, deep: int) -> None:
    problem(ask(shared, agent='{"account":' * deep + "1" + "}" * deep), 400)


# -- over the network -----------------------------------------------------------


@pytest.fixture
def remote(server: str) -> Iterator[httpx.Client]:
    """Give a client of the live server."""
    headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
    with httpx.Client(
        base_url=server, auth=(KEY, SECRET), headers=headers, timeout=30
    ) as client:
        yield client


def remote_problem(answer: httpx.Response, *statuses: int) -> None:
    """Check that an answer is a problem with one of these statuses."""
    assert answer.status_code in statuses, answer.text[:500]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


def raw(server: str, request: bytes) -> bytes:
    """Send bytes; return the first line of the answer."""
    place = urlsplit(server)
    with socket.create_connection((place.hostname, place.port), timeout=10) as line:
        line.sendall(request)
        return line.makefile("rb").readline()


def test_the_live_server_refuses_and_says_nothing_of_it_in_its_log(
    server: str, remote: httpx.Client, services: Services, tmp_path: Path
) -> None:
    big = 50 << 20
    remote_problem(remote.post(STATEMENTS, content=b" " * big), 413)
    chunks = (b" " * (1 << 20) for _ in range(50))
    remote_problem(remote.post(STATEMENTS, content=chunks), 413)
    for body in BODIES.values():
        remote_problem(remote.post(STATEMENTS, content=body), 400)
    stored = a_statement(actor=f"{MARK}@example.com", result={"response": MARK})
    for body in (stored, stored, {**stored, "result": {"response": MARK + "x"}}):
        answer = remote.post(STATEMENTS, content=json.dumps(body).encode())
        assert answer.status_code in (200, 409)
    remote.get(STATEMENTS, params={"agent": json.dumps(stored["actor"])})
    for query in (f"{MARK}=1", f"verb={MARK}", f"agent={MARK}", f"more={MARK}"):
        remote_problem(remote.get(f"{STATEMENTS}?{query}"), 400)
    remote_problem(remote.get(f"/xapi/{MARK}"), 404)
    wrong = remote.get(STATEMENTS, auth=(KEY, f"{SECRET}-{MARK}"))
    remote_problem(wrong, 401)
    remote_problem(remote.get(STATEMENTS, auth=(f"{KEY}-{MARK}", SECRET)), 401)
    assert raw(server, b"GET /xapi/statements?x=\xff HTTP/1.1\r\nHost: x\r\n\r\n")
    assert remote.get(STATEMENTS).json()["statements"][0]["id"] == stored["id"]

    log = log_of(tmp_path, len(BODIES) + 1)
    assert log.count('"event":"request"') > len(BODIES)
    assert '"error"' not in log
    for secret in (MARK, SECRET, "ann@example.com", stored["id"]):
        assert secret not in log
    key = services.database["credentials"].find_one({"_id": KEY})
    assert key
    assert key["secret_hash"] not in log


def test_a_malformed_request_leaves_nothing_in_the_log(
    server: str, tmp_path: Path
) -> None:
    for request in (
        f"POST /xapi/statements HTTP/1.1\r\n{MARK}\r\n\r\n",
        f'GET /xapi/statements?agent={{"mbox": "{MARK}"}} HTTP/1.1\r\n\r\n',
    ):
        assert b" 400 " in raw(server, request.encode())
    assert MARK not in (tmp_path / "serve.log").read_text()


def test_a_fault_of_the_database_is_no_content_in_the_log(
    client: Client, services: Services, capfd: pytest.CaptureFixture[str]
) -> None:
    made = str(uuid.uuid4())
    services.database["statements"].insert_one(
        {
            "_id": {"t": "default", "s": uuid.UUID(made)},
            "voided": False,
            "stored": 1,
            "authority": "x",
            "statement": MARK + " is no JSON",
        }
    )
    problem(client.get(f"{STATEMENTS}?statementId={made}&format=ids"), 500)
    seen = capfd.readouterr()
    assert "fault" in seen.out + seen.err
    assert MARK not in seen.out + seen.err
