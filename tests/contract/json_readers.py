"""Everything that reads JSON from outside: who sends it there, and what is sent.

A ``Reader`` sends a JSON text to one of the places. Its ``text`` is valid there and has
one free value, which a test chooses; what is sent may be anything at all.
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
ONLY_1_0_3 = ("1.0.3",)

# (client, JSON text, version, a new UUID) to the answer
Send = Callable[[Client, bytes, str, str], Any]


@dataclass(frozen=True)
class Reader:
    """A place that reads JSON: what is valid there, and how it is sent."""

    text: Callable[[bytes], bytes]
    by: Send
    versions: tuple[str, ...] = VERSIONS

    def send(self, client: Client, text: bytes, version: str, new: str = "") -> Any:
        """Send a text; what is new gets this UUID, or one of its own."""
        return self.by(client, text, version, new or str(uuid.uuid4()))


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


def headers(version: str, **more: str) -> dict[str, str]:
    """The header of the version and others, by their names in snake case."""
    given = {name.replace("_", "-"): value for name, value in more.items()}
    return {"X-Experience-API-Version": version, **given}


def _body(method: str, address: str, kind: str = JSON, **more: str) -> Send:
    def send(client: Client, body: bytes, version: str, new: str) -> Any:
        return getattr(client, method)(
            address.replace("NEW", new),
            data=body,
            content_type=kind,
            headers=headers(version, **more),
        )

    return send


def _changed(change: Callable[[bytes], bytes], send: Send) -> Send:
    return lambda client, body, version, new: send(client, change(body), version, new)


def _in_array(body: bytes) -> bytes:
    return b"[%b,%b]" % (a_statement(b"1"), body)


def _in_part(body: bytes) -> bytes:
    return b"--b\r\nContent-Type: application/json\r\n\r\n%b\r\n--b--\r\n" % body


def _merging(address: str) -> Send:
    put, post = _body("put", address, If_None_Match="*"), _body("post", address)

    def send(client: Client, body: bytes, version: str, new: str) -> Any:
        assert put(client, b"{}", version, new).status_code == 204
        return post(client, body, version, new)

    return send


def _form(method: str, address: str, field: str, more: str = "") -> Send:
    """Send it in a field of a form (1.0.3, xAPI-Communication 1.3)."""

    def send(client: Client, body: bytes, version: str, new: str) -> Any:
        return client.post(
            f"{address}?method={method}",
            data=f"{field}={quote_from_bytes(body, safe='')}&{more}".replace(
                "NEW", new
            ).rstrip("&"),
            content_type=FORM,
            headers=headers(version),
        )

    return send


def _parameter(method: str, address: str) -> Send:
    """Send it as the parameter ``agent``, at the end of the address."""

    def send(client: Client, body: bytes, version: str, new: str) -> Any:
        given = {"data": b"{}", "content_type": JSON} if method != "get" else {}
        more = {"If_None_Match": "*"} if method == "put" else {}
        return getattr(client, method)(
            address.replace("NEW", new) + quote_from_bytes(body, safe=""),
            headers=headers(version, **more),
            **given,
        )

    return send


_WHERE = quote("https://courses.example.com/fire-safety", safe="")
_AGENT = quote('{"mbox":"mailto:ann@example.com"}', safe="")
_STATE = f"activityId={_WHERE}&agent={_AGENT}&stateId=NEW"
DOCUMENTS = {
    "State": f"/xapi/activities/state?{_STATE}",
    "Activity Profile": f"/xapi/activities/profile?activityId={_WHERE}&profileId=NEW",
    "Agent Profile": f"/xapi/agents/profile?agent={_AGENT}&profileId=NEW",
}
OF_AGENTS = {
    "State": f"/xapi/activities/state?activityId={_WHERE}&stateId=NEW&agent=",
    "Agent Profile": "/xapi/agents/profile?profileId=NEW&agent=",
}
_POST, _PUT = _body("post", STATEMENTS), f"{STATEMENTS}?statementId=NEW"

STATEMENT_READERS = {
    "POST statements": Reader(a_statement, _POST),
    "POST statements, an array": Reader(a_statement, _changed(_in_array, _POST)),
    "POST statements, gzip": Reader(
        a_statement,
        _changed(gzip.compress, _body("post", STATEMENTS, Content_Encoding="gzip")),
    ),
    "POST statements, deflate": Reader(
        a_statement,
        _changed(zlib.compress, _body("post", STATEMENTS, Content_Encoding="deflate")),
    ),
    "POST statements, in parts": Reader(
        a_statement,
        _changed(_in_part, _body("post", STATEMENTS, "multipart/mixed; boundary=b")),
    ),
    "PUT statements": Reader(a_statement, _body("put", _PUT)),
    "PUT statements, in parts": Reader(
        a_statement,
        _changed(_in_part, _body("put", _PUT, "multipart/mixed;boundary=b")),
    ),
    "POST statements in a form": Reader(
        a_statement, _form("POST", STATEMENTS, "content"), ONLY_1_0_3
    ),
    "PUT statements in a form": Reader(
        a_statement, _form("PUT", STATEMENTS, "content", "statementId=NEW"), ONLY_1_0_3
    ),
}
DOCUMENT_READERS = {
    **{
        f"{method.upper()} {name}": Reader(
            a_document, _body(method, address, If_None_Match="*")
        )
        for name, address in DOCUMENTS.items()
        for method in ("put", "post")
    },
    **{
        f"POST {name}, merging": Reader(a_document, _merging(address))
        for name, address in DOCUMENTS.items()
    },
    "PUT State in a form": Reader(
        a_document,
        _form(
            "PUT",
            "/xapi/activities/state",
            "content",
            f"{_STATE}&Content-Type=application/json",
        ),
        ONLY_1_0_3,
    ),
}
AGENT_READERS = {
    "agent of GET statements": Reader(
        an_agent, _parameter("get", f"{STATEMENTS}?limit=1&agent=")
    ),
    **{
        f"agent of {method.upper()} {name}": Reader(
            an_agent, _parameter(method, address)
        )
        for name, address in OF_AGENTS.items()
        for method in ("get", "put", "post", "delete")
    },
    **{
        f"agent of the list of {name}": Reader(
            an_agent,
            _parameter(
                "get",
                address.replace("stateId=NEW&", "").replace("profileId=NEW&", ""),
            ),
        )
        for name, address in OF_AGENTS.items()
    },
    "agent of GET agents": Reader(an_agent, _parameter("get", "/xapi/agents?agent=")),
    "agent of GET statements in a form": Reader(
        an_agent, _form("GET", STATEMENTS, "agent", "limit=1"), ONLY_1_0_3
    ),
    "agent of GET agents in a form": Reader(
        an_agent, _form("GET", "/xapi/agents", "agent"), ONLY_1_0_3
    ),
    "agent of DELETE State in a form": Reader(
        an_agent,
        _form(
            "DELETE",
            "/xapi/activities/state",
            "agent",
            f"activityId={_WHERE}&stateId=NEW",
        ),
        ONLY_1_0_3,
    ),
}
_JUDGE = _body("post", VALIDATE)
JUDGES = {
    "validate": Reader(a_statement, _JUDGE),
    "validate, an array": Reader(a_statement, _changed(_in_array, _JUDGE)),
    "validate, lines": Reader(
        a_statement, _body("post", VALIDATE, "application/x-ndjson")
    ),
}
