"""xAPI-Data 2.6: signed Statements. XAPI-00115, XAPI-00116 (JWS), XAPI-00117 (RS*)."""

from __future__ import annotations

import hashlib
import hmac
import json
from copy import deepcopy
from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.full_statement import (
    ANONYMOUS,
    MEMBERS,
    a_result,
    a_statement,
    an_activity,
)
from tests.conformance.multipart import (
    a_request,
    body_of,
    content_part,
    content_type,
    described,
    json_part,
    parts_of,
)
from tests.signing import SIGNATURE, a_chain, a_jws, a_key, encoded

OCTETS = "application/octet-stream"


def _statement() -> dict[str, Any]:
    return a_statement(
        actor=deepcopy(ANONYMOUS),
        object=an_activity(),
        result=a_result() | {"duration": "PT1.23S"},
        timestamp="2024-05-01T10:00:00Z",
    )


def _send(
    lrs: Lrs, statement: dict[str, Any], jws: bytes, kind: str = OCTETS, **changes: Any
) -> Any:
    """Send a Statement with this signature."""
    listed = described(jws, usageType=SIGNATURE, contentType=kind, **changes)
    signed = statement | {"attachments": [listed]}
    parts = [json_part(signed), content_part(jws, Content_Type=kind)]
    given = {"Content-Type": content_type()}
    return lrs.ask("POST", "statements", body_of(parts), headers=given)


def _with_hmac(statement: dict[str, Any], key: bytes) -> bytes:
    head = encoded(b'{"alg":"HS256"}') + b"." + encoded(json.dumps(statement).encode())
    return head + b"." + encoded(hmac.digest(key, head, hashlib.sha256))


@pytest.mark.parametrize("chain", [(), a_chain()], ids=["bare", "x5c"])
@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_a_signed_statement_is_taken(lrs: Lrs, algorithm: str, chain: Any) -> None:
    """XAPI-00115, XAPI-00117."""
    statement = _statement()
    jws = a_jws(statement, alg=algorithm, certificates=chain)
    answer = _send(lrs, statement, jws)
    assert answer.status_code == 200, told(answer)
    answer = lrs.ask(
        "GET", "statements", statementId=statement["id"], attachments="true"
    )
    assert parts_of(answer)[1].content == jws


@pytest.mark.parametrize(
    "make",
    [
        lambda statement: _with_hmac(statement, b"secret"),
        lambda statement: a_jws(statement, alg="HS256"),
        lambda statement: a_jws(statement, alg="none", signature=b""),
        lambda statement: a_jws(statement, alg="ES256"),
        lambda statement: a_jws(statement, alg="PS256"),
        lambda statement: a_jws(statement, alg="rs256"),
        lambda statement: a_jws(statement, raw_header=b'{"typ":"JWT"}'),
    ],
    ids=["HS256", "named HS256", "none", "ES256", "PS256", "rs256", "no alg"],
)
def test_another_algorithm_is_refused(lrs: Lrs, make: Any) -> None:
    """XAPI-00117."""
    statement = _statement()
    refused(_send(lrs, statement, make(statement)), 400)
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


@pytest.mark.parametrize(
    "make",
    [
        lambda _: b"",
        lambda _: b"no signature",
        lambda _: b"a.b",
        lambda _: b"a.b.c.d",
        lambda jws: jws.replace(b".", b"..", 1),
        lambda jws: b"!" + jws,
        lambda jws: jws.rpartition(b".")[0],
        lambda jws: json.dumps({"payload": jws.split(b".")[1].decode()}).encode(),
    ],
    ids=["empty", "text", "two", "four", "blank part", "no base64", "cut", "JSON form"],
)
def test_a_malformed_signature_is_refused(lrs: Lrs, make: Any) -> None:
    """XAPI-00115: it is a JWS in compact serialization."""
    statement = _statement()
    refused(_send(lrs, statement, make(a_jws(statement))), 400)


@pytest.mark.parametrize(
    "payload",
    [b"", b"text", b"{", b"[]", b"null", b'{"actor":1}', b'{"a":1,"a":2}', b"\xff"],
)
def test_a_payload_that_is_no_statement_is_refused(lrs: Lrs, payload: bytes) -> None:
    """XAPI-00116."""
    refused(_send(lrs, _statement(), a_jws(payload)), 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/jose", "text/plain; charset=ascii"]
)
def test_a_signature_is_octets(lrs: Lrs, kind: str) -> None:
    """XAPI-00115."""
    statement = _statement()
    refused(_send(lrs, statement, a_jws(statement), kind), 400)


def test_a_signature_has_to_come(lrs: Lrs) -> None:
    """XAPI-00115: neither its description nor a fileUrl is one."""
    statement = _statement()
    jws = a_jws(statement)
    listed = described(jws, usageType=SIGNATURE, contentType=OCTETS, fileUrl="x:y")
    signed = statement | {"attachments": [listed]}
    lrs.takes(signed, 400)
    body, headers = a_request(signed)
    refused(lrs.ask("POST", "statements", body, headers=headers), 400)


CHANGES: dict[str, tuple[dict[str, Any], int]] = {
    "nothing": ({}, 200),
    "order of the members": ({"actor": ANONYMOUS | {"member": MEMBERS[::-1]}}, 200),
    "display of the verb": (
        {"verb": {"id": "http://verbs.example.org/examined", "display": {"en": "x"}}},
        200,
    ),
    "definition of the Activity": (
        {"object": {"id": "http://lessons.example.org/quiz/choice"}},
        200,
    ),
    "offset of the timestamp": ({"timestamp": "2024-05-01T11:00:00+01:00"}, 200),
    "duration beyond 0.01 s": ({"result": a_result() | {"duration": "PT1.237S"}}, 200),
    "version": ({"version": "1.0.0"}, 200),
    "actor": ({"actor": {"mbox": "mailto:omar@example.org"}}, 400),
    "verb": ({"verb": {"id": "x:y"}}, 400),
    "object": ({"object": {"id": "x:y"}}, 400),
    "result": ({"result": {"success": False}}, 400),
    "duration": ({"result": a_result() | {"duration": "PT1.24S"}}, 400),
    "timestamp": ({"timestamp": "2024-05-01T10:00:01Z"}, 400),
    "context": ({"context": {"language": "en"}}, 400),
    "id": ({"id": "7a3f0b1c-5a4e-4b8e-9c36-40b1c0de0001"}, 400),
}


@pytest.mark.parametrize(("changes", "status"), CHANGES.values(), ids=CHANGES.keys())
def test_the_payload_is_the_statement_by_the_equality_of_2_3_1(
    lrs: Lrs, changes: dict[str, Any], status: int
) -> None:
    """XAPI-00116; 2.0 too cuts durations to 0.01 s before it compares."""
    statement = _statement()
    answer = _send(lrs, statement | changes, a_jws(statement))
    assert answer.status_code == status, told(answer)


def test_with_certificates_the_first_key_must_have_signed(lrs: Lrs) -> None:
    statement = _statement()
    forged = a_jws(statement, certificates=a_chain(), key=a_key("somebody else"))
    refused(_send(lrs, statement, forged), 400)
    good = a_jws(statement, certificates=a_chain())
    head, _, signature = good.split(b".")
    other = encoded(json.dumps(statement | {"verb": {"id": "x:y"}}).encode())
    refused(_send(lrs, statement, b".".join([head, other, signature])), 400)
    assert _send(lrs, statement, good).status_code == 200


def test_an_attachment_of_another_usage_is_no_signature(lrs: Lrs) -> None:
    statement = a_statement(attachments=[described(b"no signature")])
    body, headers = a_request(statement, b"no signature")
    assert lrs.ask("POST", "statements", body, headers=headers).status_code == 200
