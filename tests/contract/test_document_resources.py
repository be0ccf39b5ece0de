"""What the three document resources have in common (xAPI-Communication 2.2)."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import Any

import pytest

from lrs.services import Services
from lrs.xapi.values import isoformat
from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.document_requests import (
    RESOURCES,
    Address,
    a_state,
    an_activity,
    an_agent,
    create,
    delete,
    each_resource,
    each_version,
    etag,
    get,
    ids,
    post,
    put,
    send,
)

Make = Callable[..., Address]

CONTENTS = {
    "json": (b'{"a": 1.10, "b":1e400}\n', "application/json"),
    "json array": (b"[1]", "application/json"),
    "json with a charset": (b'"\xc3\xa9"', 'application/json; charset="utf-8"'),
    "text": ("żółć 😀".encode(), "text/plain;charset=UTF-8"),
    "every byte": (bytes(range(256)), "application/octet-stream"),
    "no utf-8": (b"\xff\xfe\x00", "image/png"),
    "a form": (b"a=1&b=2", "application/x-www-form-urlencoded"),
    "multipart": (b"--x\r\n\r\n--x--", "multipart/mixed; boundary=x"),
    "a type with a dollar": (b"$x", "$type/$$NOW"),
    "a page": (b"<script>alert(1)</script>", "text/html"),
    "nothing": (b"", "text/plain"),
    "a megabyte": (b"\x00" * (1 << 20), "application/x-zeros"),
}


@each_resource
@each_version
@pytest.mark.parametrize(("body", "kind"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_document_is_kept_byte_for_byte_with_its_type(
    shared: Client, make: Make, version: str, body: bytes, kind: str
) -> None:
    at = make()
    done = put(shared, at, body, kind, version=version, If_None_Match="*")
    assert (done.status_code, done.data) == (204, b"")
    assert done.headers["ETag"] == etag(body)
    assert "Content-Type" not in done.headers
    found = get(shared, at, version=version)
    assert (found.status_code, found.data) == (200, body)
    assert found.headers["Content-Type"] == kind
    assert found.headers["ETag"] == etag(body)


@each_resource
@each_version
def test_without_a_type_it_is_a_stream_of_bytes(
    shared: Client, make: Make, version: str
) -> None:
    for body in (b"{", b""):
        at = make()
        done = put(shared, at, body, None, version=version, If_None_Match="*")
        assert done.status_code == 204
        found = get(shared, at, version=version)
        assert found.headers["Content-Type"] == "application/octet-stream"
        assert found.data == body


@each_resource
@each_version
def test_post_stores_what_is_new_of_any_type(
    shared: Client, make: Make, version: str
) -> None:
    for body, kind in CONTENTS.values():
        at = make()
        done = post(shared, at, body, kind, version=version)
        assert (done.status_code, done.headers["ETag"]) == (204, etag(body))
        found = get(shared, at, version=version)
        assert (found.data, found.headers["Content-Type"]) == (body, kind)


@each_resource
@each_version
def test_a_stored_page_cannot_act_in_the_name_of_this_server(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at, b"<script>alert(1)</script>", "text/html")
    for address in (at, at.context):
        headers = get(shared, address, version=version).headers
        assert "sandbox" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-cache"


@each_resource
@each_version
def test_what_is_not_there_is_not_found(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    problem(get(shared, at, version=version), 404)
    assert ids(shared, at, version=version) == []
    create(shared, at)
    problem(get(shared, at.named("another"), version=version), 404)


@each_resource
@each_version
def test_delete_takes_one_document_away(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at)
    create(shared, at.named("other"))
    done = delete(shared, at, version=version)
    assert (done.status_code, done.data) == (204, b"")
    problem(get(shared, at, version=version), 404)
    assert ids(shared, at, version=version) == ["other"]
    assert delete(shared, at, version=version).status_code == 204
    create(shared, at, b"[]")
    assert get(shared, at, version=version).data == b"[]"


@each_resource
@each_version
def test_head_answers_as_get_without_the_body(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at, b'{"a":1}')
    for address in (at, at.context, at.named("missing"), at.but(stateid="x")):
        read = get(shared, address, version=version)
        head = send(shared, "head", address, version=version)
        assert head.status_code == read.status_code
        assert head.data == b""
        differing = {"X-Request-Id"}
        if read.status_code >= 400:  # the body tells the request's id
            differing |= {"Content-Length"}
        assert {
            name: value for name, value in head.headers if name not in differing
        } == {name: value for name, value in read.headers if name not in differing}


@each_resource
@each_version
def test_a_list_has_every_id_of_its_context_sorted(
    shared: Client, make: Make, version: str
) -> None:
    at, other = make(), make()
    named = ["a", "B", "ä", "😀", "a b", "a/b?c=d&e", '"quoted"', "\x00", "$x", "a.b"]
    for item in named:
        create(shared, at.named(item), item.encode(), "text/plain")
    create(shared, other.named("elsewhere"))
    answer = get(shared, at.context, version=version)
    assert answer.json == sorted(named, key=str.encode)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["ETag"] == etag(answer.data)
    for item in named:
        assert get(shared, at.named(item), version=version).data == item.encode()


@each_resource
@each_version
def test_last_modified_is_the_time_of_the_last_change(
    shared: Client, make: Make, version: str
) -> None:
    at = make()

    def modified(address: Address) -> float:
        header = get(shared, address, version=version).headers["Last-Modified"]
        assert header.endswith(" GMT")
        return email.utils.parsedate_to_datetime(header).timestamp()

    assert "Last-Modified" not in get(shared, at.context, version=version).headers
    create(shared, at, b'{"a":1}')
    first = modified(at)
    assert abs(time.time() - first) < 30
    time.sleep(1.1)
    create(shared, at.named("other"))
    assert modified(at.context) == modified(at.named("other")) > first
    assert modified(at) == first
    time.sleep(1.1)
    assert post(shared, at, b'{"b":2}', version=version).status_code == 204
    assert modified(at.context) == modified(at) > modified(at.named("other"))


def updated(common: Services, at: Address) -> int:
    """When a document was last changed, to the microsecond."""
    row = common.database["documents"].find_one(
        {"_id.a": at.parameters.get("activityId"), "_id.d": at.parameters[at.id_name]}
        if "activityId" in at.parameters
        else {"_id.g": f"mbox {at.parameters['agent']['mbox']}"}
    )
    assert row
    return int(row["updated"])


@each_resource
@each_version
def test_since_leaves_out_what_was_changed_up_to_then(
    common: Services, shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at)
    moment = updated(common, at)
    for shift, expected in ((-1, [at.parameters[at.id_name]]), (0, []), (1, [])):
        since = at.but(since=isoformat(moment + shift))
        assert ids(shared, since, version=version) == expected
    assert ids(shared, at.but(since="0001-01-01T00:00:00Z"), version=version)
    assert ids(shared, at.but(since="9999-12-31T23:59:59Z"), version=version) == []
    # One that is written again, the same, has been updated.
    again = put(shared, at, b"{}", version=version, If_Match=etag(b"{}"))
    assert again.status_code == 204
    assert updated(common, at) > moment
    assert ids(shared, at.but(since=isoformat(moment)), version=version)


def test_the_time_of_a_document_never_goes_back(
    common: Services, shared: Client
) -> None:
    at = a_state()
    create(shared, at)
    ahead = updated(common, at) + 3_600_000_000  # another server's clock was fast
    common.database["documents"].update_one(
        {"_id.a": at.parameters["activityId"]}, {"$set": {"updated": ahead}}
    )
    for change in (put, post):
        assert change(shared, at, b'{"a":1}').status_code == 204
    assert updated(common, at) == ahead + 2


@each_resource
def test_since_may_stand_in_any_time_zone(shared: Client, make: Make) -> None:
    at = make()
    create(shared, at)
    for since, there in (
        ("2020-01-01T00:00:00Z", True),
        ("2020-01-01T00:00:00+05:30", True),
        ("2020-01-01T00:00:00.123456789-08:00", True),
        ("2100-01-01T00:00:00+14:00", False),
    ):
        assert bool(ids(shared, at.but(since=since))) is there


def test_the_three_resources_are_apart(fresh: Client, make_all: list[Address]) -> None:
    for number, at in enumerate(make_all):
        create(fresh, at, b"%d" % number)
    for number, at in enumerate(make_all):
        assert get(fresh, at).data == b"%d" % number
        assert ids(fresh, at) == ["same"]
    delete(fresh, make_all[0])
    assert [get(fresh, at).status_code for at in make_all] == [404, 200, 200]


@pytest.fixture
def make_all() -> list[Address]:
    """Give an address in each resource, all with the same id, agent and activity."""
    common: dict[str, Any] = {"activityId": an_activity(), "agent": an_agent()}
    made = []
    for make in RESOURCES.values():
        at = make()
        mine = {name: common[name] for name in common if name in at.parameters}
        made.append(at.but(**mine).named("same"))
    return made


@each_resource
@pytest.mark.parametrize("method", ["patch", "trace"])
def test_other_methods_are_not_allowed(shared: Client, make: Make, method: str) -> None:
    answer = send(shared, method, make())
    problem(answer, 405)
    assert {"GET", "HEAD", "PUT", "POST", "DELETE"} <= set(
        answer.headers["Allow"].split(", ")
    )
