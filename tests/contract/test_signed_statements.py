"""Signed Statements over HTTP: stored, refused and read again, in both versions.

Spec: xAPI-Data 2.6, xAPI-Communication 1.5.2; IEEE 9274.1.1 s13, s23 to s25.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from config.settings import Settings
from lrs.access import Scope
from lrs.app import create_app
from lrs.errors import SetupError
from lrs.services import Services, opened
from tests.builders import a_statement, a_void
from tests.conftest import KEY, SECRET, Client
from tests.contract.answers import STATEMENTS, Enter, one, post, problem
from tests.signing import (
    DAY,
    NOW,
    a_certificate,
    a_chain,
    a_jws,
    a_key,
    an_attachment,
    pem,
    with_signatures,
)

BOTH = pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])


def send(
    client: Client,
    statements: Any,
    *contents: bytes,
    version: str = "1.0.3",
    method: str = "post",
    address: str = STATEMENTS,
) -> Any:
    """Send Statements with the content of their attachments."""
    parts = [
        b"Content-Type: application/json\r\n\r\n" + json.dumps(statements).encode()
    ]
    for content in contents:
        sha2 = an_attachment(content)["sha2"].encode()
        parts.append(
            b"Content-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: binary\r\n"
            b"X-Experience-API-Hash: " + sha2 + b"\r\n\r\n" + content
        )
    body = (
        b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    )
    return getattr(client, method)(
        address,
        data=body,
        content_type="multipart/mixed; boundary=limit",
        headers={"X-Experience-API-Version": version},
    )


def send_signed(
    client: Client, statement: dict[str, Any], content: bytes, **given: Any
) -> Any:
    return send(client, with_signatures(statement, content), content, **given)


def signatures(client: Client, statement_id: str, *, status: int = 200) -> Any:
    """Return the records of a Statement's signatures."""
    answer = client.get(f"/api/v1/statements/{statement_id}/signatures")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json["signatures"] if status == 200 else problem(answer, status)


def refusals(answer: Any) -> list[tuple[str, str]]:
    """Return path and sentence of each violation of 2.6 in an answer of 400."""
    found = problem(answer, 400)["violations"]
    assert {item["rule"] for item in found} == {"xapi-data:2.6"}
    return [(item["path"], item["message"]) for item in found]


@BOTH
@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512"])
def test_a_signed_statement_is_stored_and_its_signature_told(
    shared: Client, alg: str, version: str
) -> None:
    statement = a_statement()
    content = a_jws(statement, alg=alg, certificates=a_chain())
    assert send_signed(shared, statement, content, version=version).status_code == 200
    [kept] = signatures(shared, statement["id"])
    assert kept["algorithm"] == alg
    assert kept["verified"] is True
    assert kept["certificate"]["subject"] == "CN=signer"
    assert kept["chain"] == "untrusted"
    assert kept["covers_attachments"] is True


@BOTH
def test_a_signature_without_certificates_is_stored_and_not_verified(
    shared: Client, version: str
) -> None:
    statement = a_statement()
    answer = send_signed(shared, statement, a_jws(statement), version=version)
    assert answer.status_code == 200
    [kept] = signatures(shared, statement["id"])
    assert (kept["verified"], kept["certificate"], kept["chain"]) == (None, None, None)


def test_the_signature_is_read_again_as_it_was_sent(shared: Client) -> None:
    statement = a_statement()
    content = a_jws(statement, certificates=a_chain())
    send_signed(shared, statement, content)
    address = f"{STATEMENTS}?statementId={statement['id']}&attachments=true"
    assert content in shared.get(address).get_data()


def test_a_statement_that_is_put_takes_the_id_of_the_address(shared: Client) -> None:
    statement = a_statement()
    unnamed = {name: item for name, item in statement.items() if name != "id"}
    content = a_jws(statement)
    address = f"{STATEMENTS}?statementId={statement['id']}"
    sent = with_signatures(unnamed, content)
    answer = send(shared, sent, content, method="put", address=address)
    assert answer.status_code == 204
    assert len(signatures(shared, statement["id"])) == 1


DURATION = {"duration": "P1DT12H36M0.1237S"}


@BOTH
@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ({"result": {"duration": "P1DT12H36M0.12S"}}, {"result": DURATION}),
        (
            {"timestamp": "2024-01-01T12:00:00-05:00"},
            {"timestamp": "2024-01-01T17:00:00.000Z"},
        ),
        ({"id": None}, {}),
        ({}, {"timestamp": "2024-01-01T00:00:00Z"}),
        ({"version": "1.0.0"}, {}),
    ],
    ids=["duration", "time zone", "no id", "no timestamp", "version"],
)
def test_what_equality_ignores_may_differ(
    shared: Client, version: str, signed: Any, sent: Any
) -> None:
    statement = a_statement()
    payload = {**statement, **signed}
    payload = {name: item for name, item in payload.items() if item is not None}
    content = a_jws(dict(reversed(payload.items())), certificates=a_chain())
    answer = send_signed(shared, statement | sent, content, version=version)
    assert answer.status_code == 200, answer.get_data(as_text=True)


@BOTH
@pytest.mark.parametrize(
    ("signed", "named"),
    [
        ({"id": str(uuid4())}, "id"),
        ({"actor": {"mbox": "mailto:bob@example.com"}}, "actor"),
        ({"result": {"duration": "P1DT12H36M0.13S"}}, "result"),
        ({"result": {"score": {"scaled": 1}}}, "result"),
        ({"timestamp": "2024-01-01T00:00:00Z"}, "timestamp"),
    ],
    ids=["id", "actor", "duration", "score", "timestamp not sent"],
)
def test_what_equality_does_not_ignore_is_refused(
    shared: Client, version: str, signed: Any, named: str
) -> None:
    statement = a_statement(result=DURATION)
    content = a_jws({**statement, **signed}, certificates=a_chain())
    answer = send_signed(shared, statement, content, version=version)
    [(path, message)] = refusals(answer)
    assert path == "attachments[0]"
    assert message.endswith(f"they differ in: {named}.")
    assert one(shared, statement["id"]).status_code == 404


@BOTH
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no signature", "three parts"),
        (a_jws({}, alg="HS256"), "alg must be"),
        (a_jws({}, alg="none"), "alg must be"),
        (a_jws({}, crit=["b64"], b64=False), "extensions"),
        (a_jws(b"{'id': 1}"), "not JSON"),
        (b"A" * ((1 << 20) + 5), "more than 1048576 octets"),
    ],
    ids=["text", "HS256", "none", "crit", "payload", "large"],
)
def test_malformed_signatures_are_refused(
    shared: Client, version: str, content: bytes, said: str
) -> None:
    answer = send_signed(shared, a_statement(), content, version=version)
    [(path, message)] = refusals(answer)
    assert path == "attachments[0]"
    assert said in message


@BOTH
def test_a_signature_by_another_key_is_refused(shared: Client, version: str) -> None:
    statement = a_statement()
    content = a_jws(statement, certificates=a_chain(), key=a_key("somebody else"))
    answer = send_signed(shared, statement, content, version=version)
    assert "by the key of the first certificate" in refusals(answer)[0][1]


@BOTH
def test_a_signature_of_another_content_type_is_refused(
    shared: Client, version: str
) -> None:
    statement = a_statement()
    content = a_jws(statement)
    sent = statement | {"attachments": [an_attachment(content, contentType="a/b")]}
    answer = send(shared, sent, content, version=version)
    found = problem(answer, 400)["violations"]
    assert ("attachments[0]", "xapi-data:2.6") in {
        (item["path"], item["rule"]) for item in found
    }


@BOTH
def test_a_signature_that_stands_elsewhere_is_refused(
    shared: Client, version: str
) -> None:
    statement = a_statement()
    attachment = an_attachment(
        a_jws(statement), fileUrl="https://courses.example.com/signature"
    )
    sent = statement | {"attachments": [attachment]}
    as_json = shared.post(
        STATEMENTS, json=sent, headers={"X-Experience-API-Version": version}
    )
    for answer in (as_json, send(shared, sent, version=version)):
        [(path, message)] = refusals(answer)
        assert path == "attachments[0]"
        assert "as a part" in message


def test_each_signature_of_a_batch_is_checked_and_told_with_its_place(
    shared: Client,
) -> None:
    first, second, third = (a_statement() for _ in range(3))
    good, wrong = a_jws(first, certificates=a_chain()), a_jws(first)
    sent = [with_signatures(first, good), second, with_signatures(third, good, wrong)]
    answer = send(shared, sent, good, wrong)
    found = refusals(answer)
    assert [path for path, _ in found] == ["[2].attachments[0]", "[2].attachments[1]"]
    assert one(shared, first["id"]).status_code == 404

    sent[2] = third
    assert send(shared, sent, good).status_code == 200
    assert len(signatures(shared, first["id"])) == 1
    assert signatures(shared, second["id"]) == []


def test_two_signatures_of_one_statement_are_both_told(shared: Client) -> None:
    statement = a_statement()
    first, second = a_jws(statement), a_jws(statement, certificates=a_chain())
    sent = with_signatures(statement, first, second)
    assert send(shared, sent, first, second).status_code == 200
    found = signatures(shared, statement["id"])
    assert [item["verified"] for item in found] == [None, True]


def test_a_signed_statement_is_repeated_with_the_same_signature_and_without(
    shared: Client,
) -> None:
    statement = a_statement()
    content = a_jws(statement, certificates=a_chain())
    for _ in range(2):
        assert send_signed(shared, statement, content).status_code == 200
    post(shared, statement)
    assert len(signatures(shared, statement["id"])) == 1


def test_a_refusal_quotes_nothing_of_the_statement(shared: Client) -> None:
    statement = a_statement(actor="secret@example.com")
    content = a_jws(a_statement(actor="hidden@example.com"))
    text = send_signed(shared, statement, content).get_data(as_text=True)
    assert "secret" not in text
    assert "hidden" not in text


# -- reading the records ------------------------------------------------------------


def test_the_signatures_of_a_voided_statement_can_be_read(shared: Client) -> None:
    statement = a_statement()
    send_signed(shared, statement, a_jws(statement))
    post(shared, a_void(statement["id"]))
    assert len(signatures(shared, statement["id"].upper())) == 1


def test_there_are_no_signatures_of_statements_that_are_not_there(
    shared: Client,
) -> None:
    unknown = str(uuid4())
    signatures(shared, unknown, status=404)
    post(shared, a_void(unknown))
    signatures(shared, unknown, status=404)
    problem(shared.get("/api/v1/statements/1/signatures"), 404)
    problem(shared.get(f"/api/v1/statements/{unknown}/signatures?a=1"), 400)


def test_signatures_are_for_who_may_read_the_statement(enter: Enter) -> None:
    tenant = f"t{uuid4().hex[:12]}"
    writer = enter(tenant, Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ_MINE)
    statement = a_statement()
    send_signed(writer, statement, a_jws(statement))
    assert len(signatures(writer, statement["id"])) == 1
    for scope in (Scope.ALL, Scope.ALL_READ, Scope.STATEMENTS_READ):
        assert len(signatures(enter(tenant, scope), statement["id"])) == 1
    mine = enter(tenant, Scope.STATEMENTS_READ_MINE)
    signatures(mine, statement["id"], status=404)
    signatures(enter("another"), statement["id"], status=404)
    for scope in (Scope.STATEMENTS_WRITE, Scope.REPORTS_READ, Scope.PROFILE):
        signatures(enter(tenant, scope), statement["id"], status=403)
    stranger = Client(writer.app, "nobody", "nothing")
    signatures(stranger, statement["id"], status=401)


# -- the setting --------------------------------------------------------------------


def with_trusted(settings: Settings, path: Path) -> Settings:
    return replace(settings, trusted_certificates=path)


def test_a_chain_is_trusted_by_the_file_of_the_setting(
    services: Services, tmp_path: Path
) -> None:
    signer, authority, root = a_chain()
    path = tmp_path / "trusted.pem"
    path.write_bytes(b"# ours\n" + pem(a_certificate("another", ca=True), root))
    with opened(with_trusted(services.settings, path)) as trusting:
        client = Client(create_app(trusting), KEY, SECRET)
        expired = a_certificate(
            "signer",
            "authority",
            before=NOW - 9 * DAY,
            after=NOW - DAY,
        )
        for certificates, word in (
            ((signer, authority), "trusted"),
            ((signer, root, authority), "broken"),
            ((a_certificate("signer"),), "self-signed"),
            ((expired, authority), "expired"),
        ):
            statement = a_statement()
            content = a_jws(statement, certificates=certificates)
            assert send_signed(client, statement, content).status_code == 200
            assert signatures(client, statement["id"])[0]["chain"] == word


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_a_file_without_certificates_is_told_at_the_start(
    settings: Settings, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "trusted.pem"
    if content is not None:
        path.write_bytes(content)
    with (
        pytest.raises(SetupError, match="LRS_TRUSTED_CERTIFICATES"),
        opened(with_trusted(settings, path)),
    ):
        pass
