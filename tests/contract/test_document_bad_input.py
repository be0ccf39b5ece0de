"""Bad input to the document resources: refused by name, not kept, not logged."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import settings
from lrs.errors import SetupError
from tests.conftest import KEY, SECRET, Client
from tests.contract import document_requests
from tests.contract.answers import log_of, problem
from tests.contract.document_requests import (
    RESOURCES,
    VERSIONS,
    Address,
    a_state,
    an_activity,
    create,
    each_resource,
    each_version,
    etag,
    get,
    ids,
    post,
    put,
)

Make = Callable[..., Address]
MIB = 1 << 20
LARGEST = 8 * MIB
MARK = "unmistakable-content"
METHODS = ("get", "put", "post", "delete")
NEW = {"If_None_Match": "*"}


def send(client: Client, method: str, at: Address | str, **given: Any) -> Any:
    """Send what would be taken, were it not for the address."""
    if method == "put":
        given |= NEW
    if method in ("put", "post"):
        given |= {"body": b"{}", "kind": "application/json"}
    return document_requests.send(client, method, at, **given)


# name: the parameter, what it is set to (None: left out)
PARAMETERS: dict[str, tuple[str, Any]] = {
    "activity missing": ("activityId", None),
    "activity empty": ("activityId", ""),
    "activity no iri": ("activityId", "no iri"),
    "activity relative": ("activityId", "/a/b"),
    "activity with a space": ("activityId", "http://a.example/a b"),
    "activity with half an escape": ("activityId", "http://a.example/%4"),
    "activity with a control": ("activityId", "http://a.example/\x07"),
    "activity too long": ("activityId", "http://a.example/" + "a" * 4096),
    "activity json": ("activityId", {"id": "http://a.example/"}),
    "agent missing": ("agent", None),
    "agent empty": ("agent", ""),
    "agent no json": ("agent", "not JSON"),
    "agent a string": ("agent", '"mailto:a@b.example"'),
    "agent an array": ("agent", [{"mbox": "mailto:a@b.example"}]),
    "agent null": ("agent", "null"),
    "agent true": ("agent", "true"),
    "agent without identifier": ("agent", {"name": "Ann"}),
    "agent with two": (
        "agent",
        {"mbox": "mailto:a@b.example", "openid": "http://a.example/"},
    ),
    "agent without mailto": ("agent", {"mbox": "a@b.example"}),
    "agent with an unknown key": ("agent", {"mbox": "mailto:a@b.example", "x": 1}),
    "agent of a wrong kind": ("agent", {"objectType": "Person", "openid": "http://a"}),
    "agent repeats a key": (
        "agent",
        '{"mbox":"mailto:a@b.example","mbox":"mailto:c@d.example"}',
    ),
    "agent with NaN": ("agent", '{"mbox":NaN}'),
    "agent deep": ("agent", '{"account":' * 300 + "1" + "}" * 300),
    "agent too long": ("agent", {"mbox": f"mailto:{'a' * 4096}@b.example"}),
    "agent an anonymous group": (
        "agent",
        {"objectType": "Group", "member": [{"mbox": "mailto:a@b.example"}]},
    ),
    "registration empty": ("registration", ""),
    "registration true": ("registration", "true"),
    "registration no uuid": ("registration", "c70c2b85c294464fbacacebd4fb9b348"),
    "registration in braces": (
        "registration",
        "{c70c2b85-c294-464f-baca-cebd4fb9b348}",
    ),
    "unknown": ("foo", "bar"),
    "nameless": ("", "x"),
    "a dollar": ("$where", "1"),
}
IDS = {"empty": "", "too long": "x" * 4097}


def concerned(name: str, at: Address) -> bool:
    """Tell whether a resource has this parameter, or nobody has."""
    return name in at.parameters or name in ("foo", "", "$where")


@each_resource
@each_version
@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_parameter_is_refused_by_its_name(
    shared: Client, make: Make, version: str, method: str
) -> None:
    for case, (name, value) in PARAMETERS.items():
        at = make()
        if not concerned(name, at) and not (name == "registration" and make is a_state):
            continue
        answer = send(shared, method, at.but(**{name: value}), version=version)
        assert answer.status_code == 400, case
        assert name in problem(answer, 400)["detail"], case
    for case, value in IDS.items():
        answer = send(shared, method, make().named(value), version=version)
        assert make().id_name in problem(answer, 400)["detail"], case


@each_resource
@each_version
@pytest.mark.parametrize("method", METHODS)
def test_a_parameter_in_another_letter_case_is_unknown(
    shared: Client, make: Make, version: str, method: str
) -> None:
    at = make()
    for name in at.parameters:
        moved = {name: None, name.swapcase(): at.parameters[name]}
        answer = send(shared, method, at.but(**moved), version=version)
        assert name.swapcase() in problem(answer, 400)["detail"]


@each_resource
@each_version
@pytest.mark.parametrize("method", METHODS)
def test_a_parameter_that_stands_twice_is_refused(
    shared: Client, make: Make, version: str, method: str
) -> None:
    at = make()
    for name in at.parameters:
        twice = f"{at}&{str(at.but()).partition('?')[2]}"
        problem(send(shared, method, twice, version=version), 400)
        again = f"{at}&{name}=x"
        detail = problem(send(shared, method, again, version=version), 400)["detail"]
        assert name in detail


@each_resource
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("raw", ["%FF%FE", "%ED%A0%80", "%C3", "a%80b", "%C0%AF"])
def test_parameters_that_are_no_utf_8_are_refused(
    shared: Client, make: Make, method: str, raw: str
) -> None:
    at = make()
    answer = send(shared, method, f"{at.context}&{at.id_name}={raw}")
    assert "UTF-8" in problem(answer, 400)["detail"]


@each_resource
@each_version
@pytest.mark.parametrize(
    "since",
    ["", "true", "not a timestamp", "2020-01-01", "2020-13-01T00:00:00Z", "1", "\x00"],
)
def test_a_since_that_is_no_timestamp_is_refused(
    shared: Client, make: Make, version: str, since: str
) -> None:
    answer = get(shared, make().context.but(since=since), version=version)
    assert "since" in problem(answer, 400)["detail"]


@each_resource
@each_version
@pytest.mark.parametrize("method", METHODS)
def test_since_goes_with_lists_only(
    shared: Client, make: Make, version: str, method: str
) -> None:
    at = make()
    create(shared, at)
    since = "2020-01-01T00:00:00Z"
    wrong = send(shared, method, at.but(since=since), version=version)
    assert "since" in problem(wrong, 400)["detail"]
    if method != "get":
        wrong = send(shared, method, at.context.but(since=since), version=version)
        assert "since" in problem(wrong, 400)["detail"]
    assert ids(shared, at) == [at.parameters[at.id_name]]


@each_resource
@each_version
@pytest.mark.parametrize("method", ["put", "post"])
def test_a_write_needs_the_id(
    shared: Client, make: Make, version: str, method: str
) -> None:
    at = make()
    found = problem(send(shared, method, at.context, version=version), 400)
    assert at.id_name in found["detail"]


NO_JSON = {
    "nothing": b"",
    "white space": b" \n",
    "cut off": b'{"a":',
    "two": b"{}{}",
    "trailing": b'{"a":1}[',
    "trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "a repeated key": b'{"a":1,"a":2}',
    "a repeated key inside": b'[{"a":{"b":1,"\\u0062":2}}]',
    "NaN": b'{"a":NaN}',
    "Infinity": b"[-Infinity]",
    "half of a surrogate pair": b'"\\ud800"',
    "an encoded surrogate": b'"\xed\xa0\x80"',
    "no UTF-8": b'"\xff"',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte-order mark": b"\xef\xbb\xbf{}",
    "a raw NUL": b'"\x00"',
    "a leading zero": b"01",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep and open": b"[" * 100_000,
    "a number without end": b"1" * 5000,
}


@each_resource
@each_version
@pytest.mark.parametrize("method", ["put", "post"])
@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_is_declared_as_json_must_be_json(
    shared: Client, make: Make, version: str, method: str, body: bytes
) -> None:
    at = make()
    write = put if method == "put" else post
    for kind in ("application/json", "APPLICATION/json; charset=utf-8"):
        answer = write(shared, at, body, kind, version=version, If_None_Match="*")
        problem(answer, 400)
    assert ids(shared, at) == []
    answer = write(shared, at, body, "text/plain", version=version, If_None_Match="*")
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "body",
    [b'{"n":1e400}', b"-0", b"7" * 400, b'{"a":"\\u0000"}', b" {} \n", b"[[[]]]"],
)
def test_odd_but_valid_json_is_kept(shared: Client, body: bytes) -> None:
    at = a_state()
    create(shared, at, body)
    assert get(shared, at).data == body


@each_resource
@pytest.mark.parametrize("method", ["put", "post"])
@pytest.mark.parametrize("kind", ["json", "text", "/", ";", "a b/c", "text/", "é/x"])
def test_a_type_that_is_none_is_refused(
    shared: Client, make: Make, method: str, kind: str
) -> None:
    at = make()
    write = put if method == "put" else post
    answer = write(shared, at, b"{}", kind, If_None_Match="*")
    assert "Content-Type" in problem(answer, 400)["detail"]
    assert ids(shared, at) == []


@each_resource
@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_over_the_limit_is_too_large(
    shared: Client, make: Make, version: str
) -> None:
    at, body = make(), b"x" * LARGEST
    for write in (put, post):
        answer = write(shared, at, body + b"x", "a/b", version=version, **NEW)
        assert "LRS_MAX_DOCUMENT_BYTES" in problem(answer, 413)["detail"]
    assert ids(shared, at) == []
    assert put(shared, at, body, "a/b", version=version, **NEW).status_code == 204
    assert get(shared, at).data == body


def test_a_merge_over_the_limit_is_too_large(shared: Client) -> None:
    at = a_state()
    half = b'{"%s":"' + b"x" * (LARGEST // 2) + b'"}'
    create(shared, at, half.replace(b"%s", b"a"))
    found = problem(post(shared, at, half.replace(b"%s", b"b")), 413)
    assert "LRS_MAX_DOCUMENT_BYTES" in found["detail"]
    assert post(shared, at, half.replace(b"%s", b"a")).status_code == 204


def test_a_coded_body_is_kept_as_what_it_means(shared: Client) -> None:
    body = b'{"a":1}' * 100
    coded = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}
    for coding, sent in coded.items():
        at = a_state()
        done = put(shared, at, sent, "text/plain", Content_Encoding=coding)
        assert (done.status_code, done.headers["ETag"]) == (204, etag(body))
        found = get(shared, at)
        assert found.data == body
        assert "Content-Encoding" not in found.headers
    at = a_state()
    bomb = gzip.compress(b"\x00" * (LARGEST + 1))
    problem(put(shared, at, bomb, "a/b", Content_Encoding="gzip"), 413)
    problem(put(shared, at, b"x", "a/b", Content_Encoding="gzip"), 400)
    problem(put(shared, at, b"x", "a/b", Content_Encoding="br"), 415)
    assert ids(shared, at) == []


def test_the_limit_is_a_setting_below_what_mongodb_holds() -> None:
    assert settings.load({}).max_document_bytes == LARGEST
    for value in ("1024", str(15 * MIB - 1)):
        loaded = settings.load({"LRS_MAX_DOCUMENT_BYTES": value})
        assert loaded.max_document_bytes == int(value)
    for value in ("1023", str(15 * MIB), "x", "-1", "8 MiB"):
        with pytest.raises(SetupError, match="LRS_MAX_DOCUMENT_BYTES"):
            settings.load({"LRS_MAX_DOCUMENT_BYTES": value})


def test_a_refusal_says_nothing_of_the_content(shared: Client) -> None:
    for make in RESOURCES.values():
        at = make()
        create(shared, at, b'{"a":1}')
        body = f'{{"{MARK}": {MARK}'.encode()
        for answer in (
            put(shared, at, body, If_Match="*"),
            post(shared, at, body),
            post(shared, at, f'["{MARK}"]'.encode()),
            put(shared, at, f'"{MARK}"'.encode(), If_Match='"x"'),
            get(shared, at.but(activityId=MARK, agent=MARK)),
            get(shared, at.but(since=MARK)),
        ):
            problem(answer, 400, 412)
            assert MARK not in answer.get_data(as_text=True)


def test_the_live_server_says_nothing_of_documents_in_its_log(
    server: str, tmp_path: Path
) -> None:
    at = a_state(activityId=f"{an_activity()}/{MARK}", stateId=f"{MARK}-id")
    headers = {"X-Experience-API-Version": "1.0.3"}
    with httpx.Client(
        base_url=server, auth=(KEY, SECRET), headers=headers, timeout=30
    ) as remote:
        body = {"content": f'{{"{MARK}":1}}'.encode()}
        json = {"Content-Type": "application/json"}
        assert remote.put(str(at), **body, headers=json).status_code == 204
        assert remote.post(str(at), **body, headers=json).status_code == 204
        assert remote.get(str(at)).json() == {MARK: 1}
        assert remote.get(str(at.context)).json() == [f"{MARK}-id"]
        pieces = (b"x" * MIB for _ in range(8))
        assert remote.put(str(at), content=pieces).status_code == 204
        assert len(remote.get(str(at)).content) == LARGEST
        assert remote.head(str(at)).headers["Content-Length"] == str(LARGEST)
        assert remote.delete(str(at)).status_code == 204
        assert remote.get(str(at)).status_code == 404
        # Last, since a server that did not read all of it ends the connection.
        pieces = (b"x" * MIB for _ in range(9))
        assert remote.put(str(at), content=pieces).status_code == 413
    log = log_of(tmp_path, 11)
    assert log.count('"event":"request"') >= 11
    assert MARK not in log
    assert '"error"' not in log
