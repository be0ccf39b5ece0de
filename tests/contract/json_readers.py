"""Everything that reads JSON from outside: who sends it there, and what is sent.

A ``Reader`` sends a JSON text to one of the places. Its ``text`` is valid there and has
one free value, which a test chooses; ``sent`` may be anything at all.
"""

from __future__ import annotations

import gzip
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_from_bytes

from tests.conftest import Client
from tests.contract.answers import STATEMENTS
from tests.contract.document_requests import JSON

MARK = "geheim-4711"  # stands in everything that is sent; must stand in no refusal
FORM = "application/x-www-form-urlencoded"
VALIDATE = "/api/v1/statements/validate"
VERSIONS = ("1.0.3", "2.0.0")
_WHERE = quote("https://courses.example.com/fire-safety", safe="")


def a_statement(value: bytes) -> bytes:
    """A Statement, compact; the value stands in an extension."""
    return (
        b'{"actor":{"mbox":"mailto:%b@example.com"},"verb":{"id":"http://v.example/v"},'
        b'"object":{"id":"http://a.example/a"},"result":{"extensions":'
        b'{"http://e.example/e":%b}}}' % (MARK.encode(), value)
    )


def an_agent(value: bytes) -> bytes:
    """An Agent; the value is its name."""
    return b'{"mbox":"mailto:%b@example.com","name":%b}' % (MARK.encode(), value)


def a_document(value: bytes) -> bytes:
    """A document that is a JSON object."""
    return b'{"%b":%b}' % (MARK.encode(), value)


@dataclass(frozen=True)
class Reader:
    """A place that reads JSON: what is valid there, and how it is sent."""

    text: Callable[[bytes], bytes]
    send: Callable[[Client, bytes, str], Any]  # (client, JSON text, version)
    versions: tuple[str, ...] = VERSIONS


def _headers(version: str, **more: str) -> dict[str, str]:
    given = {name.replace("_", "-"): value for name, value in more.items()}
    return {"X-Experience-API-Version": version, **given}


def _body(
    method: str, address: str, kind: str = JSON, **headers: str
) -> Callable[[Client, bytes, str], Any]:
    def send(client: Client, body: bytes, version: str) -> Any:
        to = address.replace("NEW", str(uuid.uuid4()))
        return getattr(client, method)(
            to, data=body, content_type=kind, headers=_headers(version, **headers)
        )

    return send


def _packed(
    method: str, pack: Callable[[bytes], bytes], coding: str
) -> Callable[[Client, bytes, str], Any]:
    send = _body(method, STATEMENTS, Content_Encoding=coding)
    return lambda client, body, version: send(client, pack(body), version)


def _in_array(client: Client, body: bytes, version: str) -> Any:
    good = a_statement(b"1")
    whole = b"[%b,%b]" % (good, body)
    return _body("post", STATEMENTS)(client, whole, version)


def _in_parts(client: Client, body: bytes, version: str) -> Any:
    whole = b"--b\r\nContent-Type: application/json\r\n\r\n%b\r\n--b--\r\n" % body
    return _body("post", STATEMENTS, "multipart/mixed; boundary=b")(
        client, whole, version
    )


def _form(
    method: str, address: str, field: str, more: str = ""
) -> Callable[[Client, bytes, str], Any]:
    """Send it in a field of a form (1.0.3, xAPI-Communication 1.3)."""

    def send(client: Client, body: bytes, version: str) -> Any:
        form = f"{field}={quote_from_bytes(body, safe='')}{more}"
        return client.post(
            f"{address}?method={method}",
            data=form.replace("NEW", str(uuid.uuid4())),
            content_type=FORM,
            headers=_headers(version),
        )

    return send


def _merging(address: str) -> Callable[[Client, bytes, str], Any]:
    def send(client: Client, body: bytes, version: str) -> Any:
        to = address.replace("NEW", str(uuid.uuid4()))
        made = _body("put", to, If_None_Match="*")(client, b"{}", version)
        assert made.status_code == 204
        return _body("post", to)(client, body, version)

    return send


def _parameter(method: str, address: str) -> Callable[[Client, bytes, str], Any]:
    """Send it as the parameter ``agent``, at the end of the address."""

    def send(client: Client, body: bytes, version: str) -> Any:
        to = address.replace("NEW", str(uuid.uuid4()))
        given = {"data": b"{}", "content_type": JSON} if method != "get" else {}
        more = {"If_None_Match": "*"} if method == "put" else {}
        return getattr(client, method)(
            f"{to}{quote_from_bytes(body, safe='')}",
            headers=_headers(version, **more),
            **given,
        )

    return send


_AGENT = quote('{"mbox":"mailto:ann@example.com"}', safe="")
_STATE = f"/xapi/activities/state?activityId={_WHERE}&agent={_AGENT}&stateId=NEW"
_DOCUMENTS = {
    "State": _STATE,
    "Activity Profile": f"/xapi/activities/profile?activityId={_WHERE}&profileId=NEW",
    "Agent Profile": f"/xapi/agents/profile?agent={_AGENT}&profileId=NEW",
}
_ONLY_1_0_3 = ("1.0.3",)

STATEMENT_READERS = {
    "POST statements": Reader(a_statement, _body("post", STATEMENTS)),
    "POST statements, an array": Reader(a_statement, _in_array),
    "POST statements, gzip": Reader(
        a_statement, _packed("post", gzip.compress, "gzip")
    ),
    "POST statements, deflate": Reader(
        a_statement, _packed("post", zlib.compress, "deflate")
    ),
    "POST statements, in parts": Reader(a_statement, _in_parts),
    "PUT statements": Reader(
        a_statement, _body("put", f"{STATEMENTS}?statementId=NEW")
    ),
    "POST statements in a form": Reader(
        a_statement, _form("POST", STATEMENTS, "content"), _ONLY_1_0_3
    ),
    "PUT statements in a form": Reader(
        a_statement,
        _form("PUT", STATEMENTS, "content", "&statementId=NEW"),
        _ONLY_1_0_3,
    ),
}
DOCUMENT_READERS = {
    **{
        f"{method.upper()} {name}": Reader(
            a_document, _body(method, address, If_None_Match="*")
        )
        for name, address in _DOCUMENTS.items()
        for method in ("put", "post")
    },
    **{
        f"POST {name}, merging": Reader(a_document, _merging(address))
        for name, address in _DOCUMENTS.items()
    },
    "PUT State in a form": Reader(
        a_document,
        _form(
            "PUT",
            _STATE.partition("?")[0],
            "content",
            f"&{_STATE.partition('?')[2]}&Content-Type=application/json",
        ),
        _ONLY_1_0_3,
    ),
}
AGENT_READERS = {
    "agent of GET statements": Reader(
        an_agent, _parameter("get", f"{STATEMENTS}?limit=1&agent=")
    ),
    **{
        f"agent of {method.upper()} State": Reader(
            an_agent,
            _parameter(
                method,
                f"/xapi/activities/state?activityId={_WHERE}&stateId=NEW&agent=",
            ),
        )
        for method in ("get", "put", "post", "delete")
    },
    **{
        f"agent of {method.upper()} Agent Profile": Reader(
            an_agent, _parameter(method, "/xapi/agents/profile?profileId=NEW&agent=")
        )
        for method in ("get", "put", "post", "delete")
    },
    "agent of the list of State": Reader(
        an_agent,
        _parameter("get", f"/xapi/activities/state?activityId={_WHERE}&agent="),
    ),
    "agent of GET agents": Reader(an_agent, _parameter("get", "/xapi/agents?agent=")),
    "agent of GET statements in a form": Reader(
        an_agent, _form("GET", STATEMENTS, "agent", "&limit=1"), _ONLY_1_0_3
    ),
    "agent of GET agents in a form": Reader(
        an_agent, _form("GET", "/xapi/agents", "agent"), _ONLY_1_0_3
    ),
    "agent of DELETE State in a form": Reader(
        an_agent,
        _form(
            "DELETE",
            "/xapi/activities/state",
            "agent",
            f"&activityId={_WHERE}&stateId=NEW",
        ),
        _ONLY_1_0_3,
    ),
}
JUDGES = {
    "validate": Reader(a_statement, _body("post", VALIDATE)),
    "validate, an array": Reader(
        a_statement,
        lambda client, body, version: _body("post", VALIDATE)(
            client, b"[%b,%b]" % (a_statement(b"1"), body), version
        ),
    ),
    "validate, lines": Reader(
        a_statement, _body("post", VALIDATE, "application/x-ndjson")
    ),
}
