"""xAPI-Communication 1.5: Statements as JSON, and in multipart with their attachments.

XAPI-00127 (the two content types), XAPI-00128 (no part too many), XAPI-00129 (none too
few), XAPI-00130, XAPI-00131 (boundaries), XAPI-00132 (X-Experience-API-Hash),
XAPI-00133, XAPI-00134 (the first part), XAPI-00135 (Content-Transfer-Encoding),
XAPI-00161, XAPI-00167 (GET with and without attachments); IEEE 9274.1.1 s34, s35
(multipart without attachments).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.caller import JSON, Lrs, refused, told
from tests.conformance.full_statement import (
    a_statement,
    a_substatement,
    a_void,
    an_attachment,
    something,
)
from tests.conformance.multipart import (
    BOUNDARY,
    a_request,
    body_of,
    content_part,
    content_type,
    described,
    json_part,
    parts_of,
)

TEXT = b"a transcript,\r\n--with what looks like a boundary\r\n"
BINARY = bytes(range(256)) * 3
Request = tuple[Any, dict[str, str]]


def _statement(*contents: bytes, **changes: Any) -> dict[str, Any]:
    """Return a Statement that has these attachments."""
    listed = [described(content, **changes) for content in contents]
    return a_statement(attachments=listed)


def _parts(*parts: Any, boundary: str = BOUNDARY, sent: str | None = None) -> Request:
    kind = content_type(boundary) if sent is None else sent
    return body_of(parts, boundary), {"Content-Type": kind}


def _first(statement: Any, **headers: str | None) -> Request:
    return _parts(json_part(statement, **headers), content_part(TEXT))


def _second(**headers: str | None) -> Request:
    return _parts(json_part(_statement(TEXT)), content_part(TEXT, **headers))


def _raw(change: Callable[[bytes], bytes]) -> Request:
    body, headers = a_request(_statement(TEXT), TEXT)
    return change(body), headers


LINE = b"--" + BOUNDARY.encode()
OTHER = hashlib.sha256(b"other").hexdigest()

TAKEN: dict[str, Callable[[], Request]] = {
    "one content": lambda: a_request(_statement(TEXT), TEXT),
    "two contents": lambda: a_request(_statement(TEXT, BINARY), BINARY, TEXT),
    "an empty content": lambda: a_request(_statement(b""), b""),
    "no attachment": lambda: a_request(a_statement()),
    "fileUrl only": lambda: a_request(a_statement(attachments=[an_attachment()])),
    "fileUrl and content": lambda: a_request(_statement(TEXT, fileUrl="x:y"), TEXT),
    "one by fileUrl, one by content": lambda: a_request(
        a_statement(attachments=[an_attachment(), described(TEXT)]), TEXT
    ),
    "one content of two Statements": lambda: a_request(
        [_statement(TEXT), _statement(TEXT)], TEXT
    ),
    "a batch, one without": lambda: a_request([a_statement(), _statement(TEXT)], TEXT),
    "of a SubStatement": lambda: a_request(
        a_statement(object=a_substatement(attachments=[described(TEXT)])), TEXT
    ),
    "a line break before the first boundary": lambda: _raw(lambda body: b"\r\n" + body),
    "a preamble is nothing": lambda: _raw(lambda body: b"\r\n\r\n" + body),
    "an epilogue is nothing": lambda: _raw(lambda body: body + b"more\r\n"),
    "no blank after the colon": lambda: _raw(lambda body: body.replace(b": ", b":")),
    "header names in lower case": lambda: _raw(
        lambda body: body.replace(b"X-Experience-API-Hash", b"x-experience-api-hash")
    ),
    "quoted boundary": lambda: _parts(
        json_part(_statement(TEXT)),
        content_part(TEXT),
        sent=f'multipart/mixed; boundary="{BOUNDARY}"',
    ),
    "boundary of hyphens and digits": lambda: _parts(
        json_part(_statement(TEXT)), content_part(TEXT), boundary="-------31415926"
    ),
    "no Content-Type of a content": lambda: _second(Content_Type=None),
    "no Content-Transfer-Encoding": lambda: _second(Content_Transfer_Encoding=None),
    "hash in upper case": lambda: _second(
        X_Experience_API_Hash=hashlib.sha256(TEXT).hexdigest().upper()
    ),
    "charset of the first part": lambda: _first(
        _statement(TEXT), Content_Type="application/json; charset=utf-8"
    ),
    "its length in its header": lambda: _second(Content_Length=str(len(TEXT))),
    "SHA-512": lambda: _parts(
        json_part(_statement(TEXT, sha2=hashlib.sha512(TEXT).hexdigest())),
        content_part(TEXT, X_Experience_API_Hash=hashlib.sha512(TEXT).hexdigest()),
    ),
}
REFUSED: dict[str, Callable[[], Request]] = {
    "00128 a content that nobody names": lambda: a_request(
        _statement(TEXT), TEXT, BINARY
    ),
    "00128 a content for no attachment": lambda: a_request(a_statement(), TEXT),
    "00129 a content is missing": lambda: a_request(_statement(TEXT, BINARY), TEXT),
    "00129 all contents are missing": lambda: a_request(_statement(TEXT)),
    "00129 a content of one in the batch": lambda: a_request(
        [_statement(TEXT), _statement(BINARY)], TEXT
    ),
    "00129 a content of a SubStatement": lambda: a_request(
        a_statement(object=a_substatement(attachments=[described(TEXT)]))
    ),
    "00131 no boundary in the body": lambda: _raw(
        lambda body: body.replace(LINE + b"--\r\n", b"").replace(LINE + b"\r\n", b"")
    ),
    "00130 no boundary between": lambda: _raw(
        lambda body: body.replace(b"\r\n" + LINE + b"\r\nContent", b"\r\nContent")
    ),
    "00131 no boundary in the header": lambda: _parts(
        json_part(_statement(TEXT)), content_part(TEXT), sent="multipart/mixed"
    ),
    "00131 an empty boundary": lambda: _parts(
        json_part(_statement(TEXT)),
        content_part(TEXT),
        sent="multipart/mixed; boundary=",
    ),
    "00131 another boundary in the header": lambda: _parts(
        json_part(_statement(TEXT)), content_part(TEXT), sent=content_type("other")
    ),
    "00131 no last boundary": lambda: _raw(lambda body: body.removesuffix(b"--\r\n")),
    "00134 first part is text": lambda: _first(
        _statement(TEXT), Content_Type="text/plain"
    ),
    "00134 first part has no type": lambda: _first(_statement(TEXT), Content_Type=None),
    "00134 first part is the content": lambda: _parts(
        content_part(TEXT), json_part(_statement(TEXT))
    ),
    "00133 Statements in two parts": lambda: _parts(
        json_part(_statement(TEXT)), json_part(a_statement()), content_part(TEXT)
    ),
    "00132 no hash": lambda: _second(X_Experience_API_Hash=None),
    "00132 hash of something else": lambda: _second(X_Experience_API_Hash=OTHER),
    "00132 hash that is none": lambda: _second(X_Experience_API_Hash="abc"),
    "00132 hash of another attachment": lambda: _parts(
        json_part(_statement(TEXT, BINARY)),
        content_part(TEXT, X_Experience_API_Hash=hashlib.sha256(BINARY).hexdigest()),
        content_part(BINARY, X_Experience_API_Hash=hashlib.sha256(TEXT).hexdigest()),
    ),
    "00135 base64": lambda: _second(Content_Transfer_Encoding="base64"),
    "00135 quoted-printable": lambda: _second(
        Content_Transfer_Encoding="quoted-printable"
    ),
    "another length": lambda: a_request(_statement(TEXT, length=7), TEXT),
    "another length in its header": lambda: _second(Content_Length="7"),
    "another length in the Statement": lambda: _parts(
        json_part(_statement(TEXT, length=7)),
        content_part(TEXT, Content_Length=str(len(TEXT))),
    ),
    "another content type": lambda: _second(Content_Type="image/png"),
    "no parts": lambda: (LINE + b"--\r\n", {"Content-Type": content_type()}),
    "no body": lambda: (b"", {"Content-Type": content_type()}),
    "first part is no JSON": lambda: _raw(lambda body: body.replace(b'{"id"', b'{"id')),
    "a wrong Statement": lambda: a_request(_statement(TEXT) | {"verb": {}}, TEXT),
    "00127 form-data": lambda: _parts(
        json_part(_statement(TEXT)),
        content_part(TEXT),
        sent=content_type(kind="form-data"),
    ),
    "00127 related": lambda: _parts(
        json_part(_statement(TEXT)),
        content_part(TEXT),
        sent=content_type(kind="related"),
    ),
}


def _send(lrs: Lrs, request: Request, method: str = "POST", **parameters: Any) -> Any:
    body, headers = request
    return lrs.ask(method, "statements", body, headers=headers, **parameters)


@pytest.mark.parametrize("make", TAKEN.values(), ids=TAKEN.keys())
def test_a_multipart_request_is_taken(lrs: Lrs, make: Callable[[], Request]) -> None:
    answer = _send(lrs, make())
    assert answer.status_code == 200, told(answer)


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_a_multipart_request_is_refused_whole(
    lrs: Lrs, make: Callable[[], Request]
) -> None:
    body, headers = make()
    problem = refused(lrs.ask("POST", "statements", body, headers=headers), 400)
    assert problem.get("detail") or problem.get("violations")
    if (at := body.find(b'"id": "')) >= 0:  # nothing of it is stored
        sent = body[at + 7 : at + 43].decode()
        refused(lrs.ask("GET", "statements", statementId=sent), 404)


@pytest.mark.parametrize(
    ("kind", "status"),
    {
        "application/json": 200,
        "application/json; charset=utf-8": 200,
        "Application/JSON": 200,
        "text/plain": 400,
        "application/xml": 400,
        "application/x-www-form-urlencoded": 400,
        "multipart/form-data; boundary=abc": 400,
        "multipart/mixed": 400,
        "json": 400,
    }.items(),
)
@pytest.mark.parametrize("attachments", [None, [an_attachment()]], ids=["none", "one"])
def test_json_is_sent_as_json(
    lrs: Lrs, kind: str, status: int, attachments: Any
) -> None:
    """XAPI-00127: attachments by fileUrl alone need no multipart."""
    body = json.dumps(a_statement(attachments=attachments)).encode()
    answer = lrs.ask("POST", "statements", body, headers={"Content-Type": kind})
    assert answer.status_code == status, told(answer)


def test_json_brings_no_content(lrs: Lrs) -> None:
    """XAPI-00129."""
    lrs.takes(_statement(TEXT), 400)
    inner = a_substatement(attachments=[described(TEXT)])
    lrs.takes(a_statement(object=inner), 400)


def test_put_takes_multipart_too(lrs: Lrs) -> None:
    statement = _statement(TEXT)
    answer = _send(lrs, a_request(statement, TEXT), "PUT", statementId=statement["id"])
    assert answer.status_code == 204, told(answer)
    other = str(uuid.uuid4())
    refused(_send(lrs, a_request(_statement(TEXT)), "PUT", statementId=other), 400)


@pytest.mark.parametrize("asked", [None, "false"])
def test_content_is_not_returned_unasked(lrs: Lrs, asked: str | None) -> None:
    """XAPI-00161."""
    statement = _statement(TEXT)
    _send(lrs, a_request(statement, TEXT))
    given = {} if asked is None else {"attachments": asked}
    for parameters in ({"statementId": statement["id"]}, {"limit": "1"}):
        answer = lrs.ask("GET", "statements", **parameters, **given)
        assert answer.headers["Content-Type"] == JSON
        assert TEXT not in answer.data


def _contents(answer: Any) -> dict[str, bytes]:
    """Return the contents of an answer by their hash, its headers checked."""
    first, *others = parts_of(answer)
    assert first.headers["content-type"] == JSON
    for part in others:
        assert part.headers["content-transfer-encoding"] == "binary"
        sha2 = part.headers["x-experience-api-hash"]
        assert hashlib.sha256(part.content).hexdigest() == sha2
    return {part.headers["x-experience-api-hash"]: part.content for part in others}


def test_one_statement_comes_with_its_content(lrs: Lrs) -> None:
    """XAPI-00167."""
    statement = _statement(TEXT, BINARY)
    _send(lrs, a_request(statement, TEXT, BINARY))
    answer = lrs.ask(
        "GET", "statements", statementId=statement["id"], attachments="true"
    )
    assert answer.status_code == 200
    assert json.loads(parts_of(answer)[0].content)["id"] == statement["id"]
    assert sorted(_contents(answer).values()) == sorted([TEXT, BINARY])
    kinds = [part.headers["content-type"] for part in parts_of(answer)[1:]]
    assert kinds == ["text/plain", "text/plain"]


def test_a_statement_in_parts_is_another_representation(lrs: Lrs) -> None:
    """RFC 9110 8.8.3: each form has an entity tag of its own."""
    [found] = lrs.store(a_statement())
    tags = {
        lrs.ask("GET", "statements", statementId=found, attachments=asked).headers[
            "ETag"
        ]
        for asked in ("true", "false")
    }
    assert len(tags) == 2


def test_a_page_comes_with_each_content_once(lrs: Lrs) -> None:
    """XAPI-00167: also when all of them have it."""
    activity = {"id": something()}
    batch = [_statement(TEXT) | {"object": activity} for _ in range(3)]
    batch.append(_statement(TEXT, BINARY) | {"object": activity})
    _send(lrs, a_request(batch, TEXT, BINARY))
    answer = lrs.ask("GET", "statements", activity=activity["id"], attachments="true")
    found = json.loads(parts_of(answer)[0].content)
    assert {item["id"] for item in found["statements"]} == {
        item["id"] for item in batch
    }
    assert found["more"] == ""
    assert sorted(_contents(answer).values()) == sorted([TEXT, BINARY])
    assert len(parts_of(answer)) == 3


@pytest.mark.parametrize("attachments", [None, [an_attachment()]], ids=["none", "url"])
def test_an_answer_with_attachments_is_multipart_without_content_too(
    lrs: Lrs, attachments: Any
) -> None:
    statement = a_statement(attachments=attachments)
    lrs.store(statement)
    answer = lrs.ask(
        "GET", "statements", statementId=statement["id"], attachments="true"
    )
    [only] = parts_of(answer)
    assert json.loads(only.content)["id"] == statement["id"]


def test_pages_go_on_with_their_content(lrs: Lrs) -> None:
    activity = {"id": something()}
    batch = [_statement(TEXT) | {"object": activity} for _ in range(3)]
    _send(lrs, a_request(batch, TEXT))
    answer = lrs.ask(
        "GET", "statements", activity=activity["id"], attachments="true", limit="2"
    )
    more = json.loads(parts_of(answer)[0].content)["more"]
    answer = lrs.ask("GET", more)
    assert len(json.loads(parts_of(answer)[0].content)["statements"]) == 1
    assert list(_contents(answer).values()) == [TEXT]


def test_the_content_of_a_voided_statement_is_kept(lrs: Lrs) -> None:
    statement = _statement(TEXT)
    _send(lrs, a_request(statement, TEXT))
    lrs.store(a_void(statement["id"]))
    answer = lrs.ask(
        "GET", "statements", voidedStatementId=statement["id"], attachments="true"
    )
    assert list(_contents(answer).values()) == [TEXT]


def test_nobody_gets_content_by_its_hash_alone(lrs: Lrs) -> None:
    """That someone else sent the same content is no reason to believe a hash."""
    _send(lrs, a_request(_statement(TEXT), TEXT))
    refused(_send(lrs, a_request(_statement(TEXT))), 400)
