"""Wrong, foreign and repeated headers, at every resource.

xAPI-Communication 1.4, 3.1, 3.3, 4.1; RFC 9110 8.3, 11.6.2, 12.5.4, 13.1; RFC 7617.
A WSGI server joins repeated headers with a comma, and so do these tests; what the
server itself refuses is in tests/integration/test_bad_requests_on_the_wire.py.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import KEY, SECRET, Client
from tests.contract.answers import STATEMENTS, problem
from tests.contract.every_resource import API, EVERY, XAPI

VERSION = "X-Experience-API-Version"


@pytest.fixture(scope="module", autouse=True)
def _documents(shared: Client) -> None:
    """Let there be the documents that are asked for."""
    for name, good in XAPI.items():
        if name.startswith("POST"):
            assert good.send(shared).status_code in (200, 204)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_the_good_requests_are_taken(shared: Client, name: str, version: str) -> None:
    answer = EVERY[name].send(shared, version)
    assert answer.status_code in (200, 204), answer.text
    expected = version if name in XAPI else None
    assert answer.headers.get(VERSION) == expected


# -- which version --------------------------------------------------------------------

VERSIONS = {
    "none": ("", "0.95"),
    "of another line": ("1.1.0", "1.0.3"),
    "of no line": ("3.0.0", "1.0.3"),
    "with a letter before it": ("v1.0.3", "1.0.3"),
    "a word": ("latest", "1.0.3"),
    "twice": ("1.0.3,1.0.3", "1.0.3"),
    "two of them": ("1.0.3,2.0.0", "1.0.3"),
    "quoted": ('"1.0.3"', "1.0.3"),
    "with digits of another script": ("1.0.\u00b3", "1.0.3"),
    "very long": ("9" * 5000, "1.0.3"),
    "with a NUL escaped": ("1.0.3%00", "1.0.3"),
}


@pytest.mark.parametrize("name", XAPI)
@pytest.mark.parametrize("case", VERSIONS)
def test_a_wrong_version_is_refused(shared: Client, name: str, case: str) -> None:
    sent, answered = VERSIONS[case]
    answer = XAPI[name].send(shared, sent)
    assert VERSION in problem(answer, 400)["detail"]
    assert answer.headers[VERSION] == answered


# -- who it is ------------------------------------------------------------------------


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


RIGHT = f"{KEY}:{SECRET}".encode()
AUTHORIZATIONS = {
    "nothing": "",
    "no scheme": base64.b64encode(RIGHT).decode(),
    "the scheme alone": "Basic",
    "the scheme and a blank": "Basic ",
    "no base64": "Basic !!!!",
    "base64 with a hole": "Basic dGVz=dA",
    "without a colon": basic(b"test-key"),
    "an empty key": basic(b":" + SECRET.encode()),
    "an empty secret": basic(KEY.encode() + b":"),
    "nothing but the colon": basic(b":"),
    "no UTF-8": basic(b"\xff\xfe:\xff"),
    "NUL in the key": basic(b"test-key\x00:" + SECRET.encode()),
    "NUL in the secret": basic(RIGHT + b"\x00"),
    "a surrogate": basic(b"\xed\xa0\x80:x"),
    "an operator of MongoDB": basic(b'{"$ne":1}:{"$ne":1}'),
    "very long": basic(b"k" * 3000 + b":" + b"s" * 3000),
    "a line break": basic(RIGHT + b"\r\n"),
    "beyond ASCII": "Basic \xe9\xe8",
    "another scheme": "Bearer abc.def.ghi",
    "Digest": 'Digest username="test-key", realm="x", nonce="", uri="", response=""',
    "OAuth of 1.0.3": 'OAuth oauth_consumer_key="test-key"',
    "a scheme that is none": "\x01\x02 x",
    "quotes that do not end": 'Digest username="',
    "twice": f"{basic(RIGHT)},{basic(RIGHT)}",
}
# Those for which no secret is hashed, which takes its time on purpose.
QUICK = ("nothing", "no scheme", "no base64", "beyond ASCII", "another scheme", "twice")


@pytest.mark.parametrize("name", EVERY)
def test_a_wrong_authorization_is_refused(shared: Client, name: str) -> None:
    taken = {}
    for case in QUICK if name != "GET statements" else AUTHORIZATIONS:
        sent = AUTHORIZATIONS[case]
        given = {"Authorization": sent}
        answer = EVERY[name].send(shared, headers=given, auth=None)
        if answer.status_code != 401:
            taken[case] = answer.status_code
            continue
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert SECRET not in answer.text
        if name in XAPI:
            assert answer.headers[VERSION] == "1.0.3"
    assert taken == {}


# -- what it is -----------------------------------------------------------------------

KINDS = (
    *("text/plain", "application/xml", "application/jsonx", "json", "application/*"),
    *("application/json, application/json", "application/json,text/plain", "*/*"),
    *("application/json; charset=utf-16", "/", ";"),
    *(
        "multipart/mixed",
        "multipart/mixed; boundary=",
        "multipart/form-data",
        "a" * 5000,
    ),
    *(
        "multipart/mixed; boundary=a; boundary=b",
        "application/problem+json",
        "\xff/\xfe",
    ),
)


@pytest.mark.parametrize("name", ["POST statements", "PUT statements", "validate"])
def test_a_foreign_content_type_is_refused(shared: Client, name: str) -> None:
    for kind in KINDS:
        answer = EVERY[name].send(shared, content_type=kind)
        if name == "validate" and kind.startswith("application/json;"):
            continue  # whatever it is called, its bytes are read as UTF-8
        assert answer.status_code in (400, 415), kind
        problem(answer, 400, 415)


@pytest.mark.parametrize("name", [name for name in XAPI if "PUT " in name])
def test_no_content_type_is_a_fault(shared: Client, name: str) -> None:
    for kind in KINDS:
        answer = (
            XAPI[name]
            .but(headers={"If-None-Match": "*"})
            .send(shared, content_type=kind)
        )
        assert answer.status_code in (204, 400, 412, 415), kind
        if answer.status_code != 204:
            problem(answer, 400, 412, 415)


# -- on what condition ----------------------------------------------------------------

CONDITIONS = (
    *('"a', 'a"', '"a" "b"', "*, *", '*,"a"', '"a",*', '"a";"b"', "W/", 'w/"a"'),
    *(",", '"a",', "a b", "\xe9", "'a'", "<a>", '""a', 'W/ "a"', "*" * 5000, '"\\""'),
)
CONDITIONAL = [name for name in XAPI if " state" in name.replace("statements", "")]
CONDITIONAL += [name for name in XAPI if "profile" in name]


@pytest.mark.parametrize("name", [*CONDITIONAL, "GET agents", "GET activities"])
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_condition_that_is_none_is_refused(
    shared: Client, name: str, header: str
) -> None:
    taken = {}
    for sent in CONDITIONS:
        answer = XAPI[name].but(headers={}).send(shared, headers={header: sent})
        if answer.status_code != 400:
            taken[sent] = answer.status_code
        else:
            assert header in problem(answer, 400)["detail"]
    assert taken == {}


@pytest.mark.parametrize("name", CONDITIONAL)
def test_repeated_conditions_are_one_list(shared: Client, name: str) -> None:
    joined = {"If-Match": f'"{"0" * 40}","{"1" * 40}"'}
    answer: Any = XAPI[name].but(headers={}).send(shared, headers=joined)
    problem(answer, 412)


# -- what is only wished --------------------------------------------------------------

WISHES = {
    "Accept-Language": (
        *(
            "",
            "*",
            "*;q=0",
            "en;q=2",
            "en;q=-1",
            "en;q=nan",
            "en;q=1e999",
            ";;;",
            ",,,",
        ),
        *("en;q=" + "9" * 400, "\xff\xfe", "en-" * 2000, "a" * 5000, "en;q=0.5;q=0.6"),
        *(",,,", "x" * 9, "1", "en_US", "*-*", ", ".join(["en"] * 1500)),
    ),
    "Accept": ("", "text/html", "*/*;q=x", "\xff", ",;,", "a" * 5000),
    "Accept-Encoding": ("", "*", "gzip;q=x", "identity;q=0", "\xff"),
    "Range": ("bytes=0-0", "bytes=9-1", "bytes=-", "x", "bytes=" + "9" * 400 + "-"),
    "If-Modified-Since": ("x", "Thu, 99 Foo 9999 99:99:99 GMT", "\xff", "0"),
    "If-Range": ('"a"', "x", "\xff"),
    "Cookie": ("session=x", "=;=;=", "\xff", "a=" + "b" * 5000, 'x="\\"'),
    "Origin": ("null", "http://[", "\xff", "http://a.example http://b.example"),
    "Host": ("", "a b", "[::1", "x:99999999", "\xff", "../.."),
    "X-Forwarded-Proto": ("https", "x", "\xff"),
    "X-HTTP-Method-Override": ("DELETE", "x"),
    "Forwarded": ("for=x;;;", "\xff"),
    "Traceparent": ("00-0-0-0", "\xff"),
}
READS = [name for name in EVERY if EVERY[name].method == "GET" and "report" not in name]


@pytest.mark.parametrize("name", READS)
def test_a_wish_that_is_none_changes_no_status(shared: Client, name: str) -> None:
    good = EVERY[name]
    usual = good.send(shared).status_code
    for header, values in WISHES.items():
        for value in values:
            answer = good.send(shared, headers={header: value})
            assert answer.status_code == usual, (header, value, answer.text)


@pytest.mark.parametrize("language", WISHES["Accept-Language"])
def test_no_language_is_a_fault_of_the_canonical_format(
    shared: Client, language: str
) -> None:
    answer: Any = shared.get(
        f"{STATEMENTS}?format=canonical&limit=5", headers={"Accept-Language": language}
    )
    assert answer.status_code == 200


def test_the_api_names_no_xapi_version(shared: Client) -> None:
    for good in API.values():
        assert VERSION not in good.send(shared).headers


@pytest.mark.parametrize(
    "header", ["Authorization", "Content-Type", "If-Match", VERSION]
)
def test_a_header_in_a_form_is_no_longer_than_a_header(
    shared: Client, header: str
) -> None:
    long = {"Authorization": basic(b"k" * (1 << 20) + b":x")}.get(header, "a" * 9000)
    form = urlencode({header: long, "content": "{}"})
    kind = "application/x-www-form-urlencoded"
    answer: Any = shared.post(f"{STATEMENTS}?method=PUT", data=form, content_type=kind)
    problem(answer, 400)
