"""Octets that are no HTTP, or hardly: an answer to each, and the server goes on.

RFC 9110 (9, 10.1.1, 15.5), 9112 (2.2, 3, 5, 6, 7.1, 11.2); xAPI-Communication 1.1, 1.3.
After every one of them a usual request is answered by the same processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from tests.integration import wire
from tests.integration.wire import (
    AUTHORIZATION,
    CHUNKED,
    CLOSE,
    HOST,
    JSON,
    MARK,
    STATEMENT,
    USUAL,
    VERSION,
    Live,
    chunks,
    one,
    problem,
    request,
    talk,
    usual,
)

LENGTH = b"Content-Length: %d" % len(STATEMENT)
GET, POST = b"GET /xapi/statements?limit=1", b"POST /xapi/statements"
STATE = "/xapi/activities/state?" + urlencode(
    {
        "activityId": "http://a.example/a",
        "agent": f'{{"mbox":"mailto:{MARK}@b.example"}}',
        "stateId": "s",
    }
)


@pytest.fixture(autouse=True)
def _goes_on(wired: Live) -> Iterator[None]:
    with wire.goes_on(wired):
        yield


# -- request lines and headers --------------------------------------------------------

ABOUT = b"GET /xapi/about"
NO_HTTP: dict[str, bytes] = {
    "no version": b"GET /xapi/about\r\nHost: x\r\n\r\n",
    "a blank for the version": b"GET /xapi/about \r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /xapi/about HTTP/0.9\r\nHost: x\r\n\r\n",
    "HTTP/2.0": b"GET /xapi/about HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/9.9": b"GET /xapi/about HTTP/9.9\r\nHost: x\r\n\r\n",
    "http in small letters": b"GET /xapi/about http/1.1\r\nHost: x\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 99 + b"\r\n\r\n",
    "noise": bytes(range(256)) * 4 + b"\r\n\r\n",
    "two blanks": request(b"GET  /xapi/about", HOST),
    "a tab": request(b"GET\t/xapi/about", HOST),
    "a blank in the address": request(b"GET /xapi/a bout", HOST),
    "no address": request(b"GET", HOST),
    "a method in small letters": request(b"get /xapi/about", HOST),
    "a method that is no token": request(b"G@T /xapi/about", HOST),
    "a method of 300 letters": request(b"G" * 300 + b" /xapi/about", HOST),
    "octets in the address": request(b"GET /xapi/\xc3\xa9", HOST),
    "NUL in the address": request(b"GET /xapi/\x00", HOST),
    "an address without a slash": request(b"GET xapi/about", HOST),
    "an asterisk": request(b"GET *", HOST),
    "an authority that is none": request(b"GET http://[::1/xapi/about", HOST),
    "line feeds for line breaks": b"GET /xapi/about HTTP/1.1\nHost: x\n\n",
    "two hosts": request(ABOUT, HOST, HOST),
    "NUL in a header": request(ABOUT, HOST, b"X: a\x00b"),
    "a carriage return in a header": request(ABOUT, HOST, b"X: a\rb"),
    "a folded header": request(ABOUT, HOST, b"X: a\r\n b"),
    "a blank before the colon": request(ABOUT, HOST, b"X : a"),
    "no colon": request(ABOUT, HOST, b"geheim"),
    "no name": request(ABOUT, HOST, b": geheim"),
    "a name that is no token": request(ABOUT, HOST, b"X(geheim): a"),
    "a name in another script": request(ABOUT, HOST, b"\xc3\xa9: a"),
    "two types": usual(POST, JSON, JSON, body=STATEMENT),
    "two types that differ": usual(POST, JSON, b"Content-Type: a/b", body=STATEMENT),
    "contradicting schemes": request(
        ABOUT, HOST, b"X-Forwarded-Proto: https", b"X-Forwarded-Ssl: off"
    ),
}


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_request_is_refused_and_the_connection_closed(
    wired: Live, name: str
) -> None:
    answer = one(wired, NO_HTTP[name])
    found = problem(answer, 400)
    assert found["detail"].endswith(".")
    assert MARK not in str(answer)
    assert "geheim" not in str(answer)
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-experience-api-version"] == "0.95"


TOO_LARGE: dict[str, tuple[bytes, int]] = {
    "10,000 headers": (usual(GET, *(b"X-%d: a" % n for n in range(10_000))), 431),
    "101 headers": (request(GET, *[b"X: a"] * 101), 431),
    "a header of 100 kB": (usual(GET, b"X: " + b"a" * 100_000), 431),
    "a header of 8 kB and more": (usual(GET, b"X: " + b"a" * 8200), 431),
    "a name of 100 kB": (usual(GET, b"X" * 100_000 + b": a"), 431),
    "headers without end": (request(GET, b"X: " + b"a" * 2_000_000), 431),
    "an address of 8 kB and more": (usual(GET + b"&verb=" + b"a" * 8200), 414),
    "an address of a megabyte": (usual(GET + b"&verb=" + b"a" * 1_000_000), 414),
    "a line without end": (b"A" * 1_000_000, 414),
    "a path of 8 kB": (usual(b"GET /xapi/" + b"a" * 8200), 414),
    "another expectation": (usual(GET, b"Expect: 200-maybe"), 417),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused_as_such(wired: Live, name: str) -> None:
    sent, status = TOO_LARGE[name]
    problem(one(wired, sent), status)


TAKEN: dict[str, bytes] = {
    "HTTP/1.0": b"\r\n".join([GET + b" HTTP/1.0", *USUAL, b"", b""]),
    "an empty line first": b"\r\n" + usual(GET, CLOSE),
    "the absolute form": usual(b"GET http://other.example/xapi/about", CLOSE),
    "two slashes first": usual(b"GET //xapi/about", CLOSE),
    "a fragment": usual(GET + b"#part", CLOSE),
    "no host": request(ABOUT, VERSION, CLOSE),
    "a host that is none": request(ABOUT, b"Host: a b]c[@:99999999", CLOSE),
    "names in any case": request(GET, *(it.upper() for it in (HOST, VERSION)), CLOSE)
    .replace(b"\r\n\r\n", b"\r\n" + AUTHORIZATION + b"\r\n\r\n")
    .replace(b"VERSION: 1.0.3", b"vErSiOn:1.0.3"),
    "no blank behind the colon": usual(GET, b"Connection:close"),
    "octets beyond ASCII in a header": usual(GET, CLOSE, b"X: \xff\xfe\xe2\x98\x83"),
    "99 headers": usual(GET, CLOSE, *(b"X-%d: a" % n for n in range(90))),
    "a header of almost 8 kB": usual(GET, CLOSE, b"X: " + b"a" * 8000),
    "a body where none belongs": usual(GET, CLOSE, body=b"x" * 999),
    "an upgrade to HTTP/2": usual(
        GET, CLOSE, b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"
    ),
    "headers that name WSGI": usual(
        GET, CLOSE, b"SCRIPT_NAME: /x", b"PATH_INFO: /x", b"REMOTE_USER: x"
    ),
    "an underscore for a hyphen": usual(
        GET, CLOSE, b"X_Experience_API_Version: 9", b"CONTENT_LENGTH: 9"
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_odd_but_right_is_answered(wired: Live, name: str) -> None:
    assert one(wired, TAKEN[name]).status == 200


REPEATED: dict[str, tuple[bytes, int]] = {
    "the version": (usual(GET, CLOSE, VERSION), 400),
    "the version, another": (usual(GET, CLOSE, VERSION[:-5] + b"2.0.0"), 400),
    "the authorization": (usual(GET, CLOSE, AUTHORIZATION), 401),
    "a content coding": (
        usual(POST, JSON, CLOSE, *[b"Content-Encoding: gzip"] * 2, body=STATEMENT),
        415,
    ),
    "If-Match": (
        usual(f"PUT {STATE}".encode(), CLOSE, *[b'If-Match: "a"'] * 2, body=b"x"),
        412,
    ),
    "If-Match with an asterisk": (
        usual(f"PUT {STATE}".encode(), CLOSE, *[b"If-Match: *"] * 2, body=b"x"),
        400,
    ),
    "a parameter": (usual(GET + b"&limit=1", CLOSE), 400),
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_stands_twice_is_refused(wired: Live, name: str) -> None:
    sent, status = REPEATED[name]
    answer = one(wired, sent)
    problem(answer, status)
    assert answer.headers["x-experience-api-version"] == "1.0.3"


# -- addresses and methods ------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/xapi/../xapi/about",
            "/xapi/%2e%2e/xapi/about",
            "/xapi//about",
            "/xapi/a%2Fb",
        ),
        *("/xapi/about/", "/xapi/%00", "/xapi/%0d%0aSet-Cookie:%20a=b", "/xapi/%FF"),
        *(
            "/XAPI/about",
            "/xapi/about;x",
            "/xapi/%zz",
            "/api/v1//reports",
            "/xapi/\\about",
        ),
    ],
)
def test_an_address_beside_the_right_one_is_not_found(wired: Live, path: str) -> None:
    answer = one(wired, usual(b"GET " + path.encode(), CLOSE))
    problem(answer, 404)
    assert not {"location", "set-cookie"} & set(answer.headers)


@pytest.mark.parametrize(
    "path",
    ["/xapi/statements", "/xapi/activities/state", "/api/v1/statements/validate"],
)
@pytest.mark.parametrize("method", ["TRACE", "PATCH", "CONNECT", "PROPFIND", "BREW"])
def test_an_unusual_method_is_told_the_usual_ones(
    wired: Live, method: str, path: str
) -> None:
    sent = usual(f"{method} {path}".encode(), CLOSE, b"X: geheim")
    answer = one(wired, sent)
    problem(answer, 405)
    assert "POST" in answer.headers["allow"]
    assert "geheim" not in str(answer)  # TRACE gives nothing back


def test_a_tunnel_is_not_opened(wired: Live) -> None:
    through = request(b"CONNECT other.example:443", HOST)
    problem(one(wired, through, usual(GET)), 404)


def test_a_long_agent_goes_into_a_form_where_an_address_cannot_hold_it(
    wired: Live,
) -> None:
    agent = f'{{"account":{{"homePage":"http://h.example","name":"{"n" * 20_000}"}}}}'
    sent = usual(b"GET /xapi/statements?agent=" + quote(agent).encode(), CLOSE)
    assert "form" in problem(one(wired, sent), 414)["detail"]
    form = urlencode({"agent": agent, "limit": "1"}).encode()
    kind = b"Content-Type: application/x-www-form-urlencoded"
    sent = usual(POST + b"?method=GET", kind, CLOSE, body=form)
    assert one(wired, sent).json == {"statements": [], "more": ""}


# -- HEAD -----------------------------------------------------------------------------

PROFILE = "/xapi/activities/profile?activityId=http://a.example/a&profileId=p"
RESOURCES = (
    *("/xapi/statements?limit=1", "/xapi/statements?limit=1&attachments=true", STATE),
    *(
        "/xapi/statements?statementId=fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
        "/xapi/none",
    ),
    *("/xapi/statements?limit=x", "/xapi/activities?activityId=http://a.example/a"),
    *(
        "/xapi/about",
        "/api/v1/reports",
        "/api/openapi.json",
        STATE.split("&stateId")[0],
    ),
    *(PROFILE, PROFILE.split("&profileId")[0]),
    "/xapi/agents/profile?agent=%7B%22mbox%22:%22mailto:a@b.example%22%7D",
    "/xapi/agents?agent=%7B%22mbox%22:%22mailto:a@b.example%22%7D",
    "/api/v1/statements/cmi5-violations",
)
# These differ from one moment, or request, to the next.
_OF_THE_MOMENT = {"date", "x-request-id", "x-experience-api-consistent-through"}


@pytest.mark.parametrize("address", RESOURCES)
def test_head_is_get_without_the_body(wired: Live, address: str) -> None:
    for where in (STATE, PROFILE):
        post = usual(f"POST {where}".encode(), CLOSE, JSON, body=b"{}")
        assert one(wired, post).status == 204
    get = one(wired, usual(f"GET {address}".encode(), CLOSE))
    head = one(wired, usual(f"HEAD {address}".encode(), CLOSE))
    assert head.body == b""
    assert head.status == get.status
    assert head.headers.keys() == get.headers.keys()
    for name in head.headers.keys() - _OF_THE_MOMENT:
        if name == "content-type" and "boundary" in get.headers[name]:
            continue  # random
        assert head.headers[name] == get.headers[name], name


def test_after_head_the_connection_goes_on(wired: Live) -> None:
    twice = [usual(b"HEAD /xapi/about"), usual(b"HEAD /xapi/none"), usual(ABOUT, CLOSE)]
    found = talk(wired, *twice)
    assert [answer.status for answer in found] == [200, 404, 200]
    assert found[2].json["version"]


# -- expectations ---------------------------------------------------------------------


def test_who_waits_is_told_to_continue(wired: Live) -> None:
    wait = b"Expect: 100-continue"
    with wired.connect() as line:
        line.sendall(request(ABOUT, *USUAL, LENGTH, wait, CLOSE))
        assert line.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(STATEMENT)
        assert wire.answers(line)[0].status == 200
    huge = request(POST, *USUAL, JSON, b"Content-Length: 999999999", wait, CLOSE)
    assert [answer.status for answer in talk(wired, huge)] == [100, 413]


def test_a_body_in_chunks_is_read_to_its_end_and_no_further(wired: Live) -> None:
    validate = b"POST /api/v1/statements/validate"
    sent = request(validate, *USUAL, JSON, CHUNKED, body=chunks(STATEMENT, 7))
    found = talk(wired, sent, usual(ABOUT, CLOSE))
    assert [answer.status for answer in found] == [200, 200]
    assert found[0].json["totals"]["valid"] == 1
