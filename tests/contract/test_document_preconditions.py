"""Concurrency by ETags (xAPI-Communication 3.1), one writer after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.document_requests import (
    VERSIONS,
    Address,
    an_activity_profile,
    an_agent_profile,
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
STORED = b'{"a":1}'
TAG = etag(STORED)
OTHER_TAG = '"1111111111111111111111111111111111111111"'

each_profile = pytest.mark.parametrize("make", [an_activity_profile, an_agent_profile])
WRITES = {"put": put, "post": post, "delete": delete}


def write(client: Client, method: str, at: Address, **given: Any) -> Any:
    body = () if method == "delete" else (b'{"b":2}',)
    return WRITES[method](client, at, *body, **given)


HOLD = {
    "the etag": {"If_Match": TAG},
    "anything": {"If_Match": "*"},
    "one of several": {"If_Match": f'"x", {TAG}, "y"'},
    "the etag without quotes": {"If_Match": TAG.strip('"')},
    "another is not there": {"If_None_Match": OTHER_TAG},
    "both": {"If_Match": TAG, "If_None_Match": OTHER_TAG},
}
FAIL = {
    "another etag": {"If_Match": OTHER_TAG},
    "several others": {"If_Match": f'{OTHER_TAG}, "x"'},
    "a weak etag": {"If_Match": f"W/{TAG}"},
    "the etag in capitals": {"If_Match": TAG.upper()},
    "nothing may be there": {"If_None_Match": "*"},
    "not this one": {"If_None_Match": TAG},
    "not this one, weakly": {"If_None_Match": f'"x", W/{TAG}'},
    "one of both": {"If_Match": TAG, "If_None_Match": "*"},
    "the other of both": {"If_Match": OTHER_TAG, "If_None_Match": OTHER_TAG},
}


@each_resource
@each_version
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("headers", HOLD.values(), ids=HOLD.keys())
def test_a_precondition_that_holds_lets_the_change_pass(
    shared: Client, make: Make, version: str, method: str, headers: dict[str, str]
) -> None:
    at = make()
    create(shared, at, STORED)
    answer = write(shared, method, at, version=version, **headers)
    assert answer.status_code == 204, answer.get_data(as_text=True)
    if method == "delete":
        problem(get(shared, at), 404)
    else:
        changed = b'{"b":2}' if method == "put" else b'{"a":1,"b":2}'
        assert get(shared, at).data == changed
        assert answer.headers["ETag"] == etag(changed)


@each_resource
@each_version
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("headers", FAIL.values(), ids=FAIL.keys())
def test_a_precondition_that_fails_changes_nothing(
    shared: Client, make: Make, version: str, method: str, headers: dict[str, str]
) -> None:
    at = make()
    create(shared, at, STORED)
    before = get(shared, at).headers["Last-Modified"]
    problem(write(shared, method, at, version=version, **headers), 412)
    after = get(shared, at)
    assert (after.data, after.headers["Last-Modified"]) == (STORED, before)


@each_resource
@each_version
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("value", ["*", TAG])
def test_if_match_fails_where_nothing_is(
    shared: Client, make: Make, version: str, method: str, value: str
) -> None:
    at = make()
    problem(write(shared, method, at, version=version, If_Match=value), 412)
    assert ids(shared, at) == []


@each_resource
@each_version
@pytest.mark.parametrize("method", ["put", "post"])
@pytest.mark.parametrize("value", ["*", TAG])
def test_if_none_match_creates_where_nothing_is(
    shared: Client, make: Make, version: str, method: str, value: str
) -> None:
    at = make()
    answer = write(shared, method, at, version=version, If_None_Match=value)
    assert answer.status_code == 204
    assert get(shared, at).data == b'{"b":2}'


@each_resource
@each_version
@pytest.mark.parametrize("method", ["post", "delete"])
def test_post_and_delete_need_no_precondition(
    shared: Client, make: Make, version: str, method: str
) -> None:
    at = make()
    create(shared, at, STORED)
    assert write(shared, method, at, version=version).status_code == 204


@each_profile
@each_version
def test_put_over_a_profile_without_precondition_is_a_conflict(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at, STORED)
    found = problem(put(shared, at, b'{"b":2}', version=version), 409)
    assert "If-Match" in found["detail"]
    assert get(shared, at).data == STORED
    # The same content is no exception: its sender does not know what stands there.
    problem(put(shared, at, STORED, version=version), 409)


@each_profile
def test_put_of_a_new_profile_needs_a_precondition_in_1_0_3(
    shared: Client, make: Make
) -> None:
    at = make()
    found = problem(put(shared, at, STORED), 400)
    assert "If-None-Match" in found["detail"]
    assert ids(shared, at) == []


@each_profile
def test_put_of_a_new_profile_needs_none_in_2_0(shared: Client, make: Make) -> None:
    at = make()
    assert put(shared, at, STORED, version="2.0.0").status_code == 204
    assert get(shared, at).data == STORED


@each_resource
@each_version
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("value", ["*", TAG, f"W/{TAG}", f'"x",{TAG}', TAG.strip('"')])
def test_a_reader_who_has_it_gets_not_modified(
    shared: Client, make: Make, version: str, method: str, value: str
) -> None:
    at = make()
    create(shared, at, STORED)
    full = get(shared, at)
    answer = send(shared, method, at, version=version, If_None_Match=value)
    assert (answer.status_code, answer.data) == (304, b"")
    for name in ("ETag", "Cache-Control"):
        assert answer.headers[name] == full.headers[name]
    assert "Content-Type" not in answer.headers
    other = send(shared, method, at, version=version, If_None_Match=OTHER_TAG)
    assert other.status_code == 200


@each_resource
@each_version
def test_a_reader_may_ask_for_a_certain_one(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    problem(get(shared, at, version=version, If_Match="*"), 404)
    problem(get(shared, at, version=version, If_None_Match="*"), 404)
    create(shared, at, STORED)
    assert get(shared, at, version=version, If_Match=TAG).data == STORED
    problem(get(shared, at, version=version, If_Match=OTHER_TAG), 412)


@each_resource
@each_version
def test_a_list_has_an_etag_of_its_own(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at)
    known = get(shared, at.context, version=version).headers["ETag"]
    same = get(shared, at.context, version=version, If_None_Match=known)
    assert same.status_code == 304
    create(shared, at.named("more"))
    changed = get(shared, at.context, version=version, If_None_Match=known)
    assert changed.status_code == 200
    assert len(changed.json) == 2


@each_resource
def test_an_etag_is_of_the_content_alone(shared: Client, make: Make) -> None:
    at = make()
    create(shared, at, STORED, "text/plain")
    for kind in ("text/html", "application/json"):
        assert put(shared, at, STORED, kind, If_Match=TAG).status_code == 204
        found = get(shared, at)
        assert (found.headers["ETag"], found.headers["Content-Type"]) == (TAG, kind)


@each_resource
@each_version
@pytest.mark.parametrize("method", ["get", *WRITES])
@pytest.mark.parametrize("name", ["If_Match", "If_None_Match"])
@pytest.mark.parametrize("value", ['"', '"a', "a b", '*, "a"', ","])
def test_a_header_that_is_no_precondition_is_refused(
    shared: Client, make: Make, version: str, method: str, name: str, value: str
) -> None:
    at = make()
    answer = (
        get(shared, at, version=version, **{name: value})
        if method == "get"
        else write(shared, method, at, version=version, **{name: value})
    )
    assert name.replace("_", "-") in problem(answer, 400)["detail"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_repeated_header_is_one_list(shared: Client, version: str) -> None:
    at = an_agent_profile()
    create(shared, at, STORED)
    headers = [
        ("X-Experience-API-Version", version),
        ("If-Match", OTHER_TAG),
        ("If-Match", TAG),
    ]
    answer: Any = shared.app.test_client().put(  # type: ignore[attr-defined]
        str(at), data=b"1", headers=headers, auth=shared.auth
    )
    assert answer.status_code == 204
