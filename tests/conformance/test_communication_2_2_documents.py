"""xAPI-Communication 2.2: what is the same for State, Agent and Activity Profiles.

XAPI-00182 (a refusal changes nothing), XAPI-00183, XAPI-00184 (the merge); for State,
Agent Profile and Activity Profile: XAPI-00187 to XAPI-00190, XAPI-00230, XAPI-00231,
XAPI-00271 to XAPI-00274, XAPI-00282, XAPI-00283, XAPI-00285 to XAPI-00287, XAPI-00290
to XAPI-00293, XAPI-00311, XAPI-00312 (the methods: XAPI-00188, XAPI-00189,
XAPI-00272, XAPI-00273, XAPI-00286, XAPI-00291, XAPI-00292), XAPI-00191, XAPI-00192,
XAPI-00259, XAPI-00269, XAPI-00288 (one document), XAPI-00193, XAPI-00270, XAPI-00289
(their ids), XAPI-00195, XAPI-00221, XAPI-00268, XAPI-00275, XAPI-00294, XAPI-00303
(since), XAPI-00229, XAPI-00232 to XAPI-00235, XAPI-00278 to XAPI-00281, XAPI-00284,
XAPI-00308 to XAPI-00310, XAPI-00313, XAPI-00314 (POST: XAPI-00233, XAPI-00234,
XAPI-00279, XAPI-00280, XAPI-00309).
"""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.caller import JSON, Lrs, refused, told
from tests.conformance.documents import MAKERS, Place, each_resource
from tests.conformance.full_statement import someone, something

Make = Callable[[], Place]
CONTENTS = {
    "JSON": (b'{"a": 1.10, "b": [null]}', JSON),
    "JSON that is no object": (b'[1, "a"]', JSON),
    "JSON with a charset": (b"{}", "application/json; charset=utf-8"),
    "text": ("grüße\r\n".encode(), "text/plain; charset=utf-8"),
    "octets": (bytes(range(256)), "application/octet-stream"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
    "nothing": (b"", "text/plain"),
    "a type of one's own": (b"x", "application/vnd.example.org+xml"),
}


@each_resource
@pytest.mark.parametrize(("content", "kind"), CONTENTS.values(), ids=CONTENTS.keys())
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_document_of_any_type_is_kept_as_it_is(
    lrs: Lrs, make: Make, content: bytes, kind: str, method: str
) -> None:
    """2.2: POST to where none is stores it, as PUT does."""
    place = make()
    given = {"If_None_Match": "*"} if method == "PUT" else {}
    answer = place.ask(lrs, method, content, Content_Type=kind, **given)
    assert (answer.status_code, answer.data) == (204, b""), told(answer)
    read = place.ask(lrs, "GET")
    assert read.status_code == 200
    assert read.data == content
    assert read.headers["Content-Type"] == kind


@each_resource
def test_a_document_that_is_not_there_is_404(lrs: Lrs, make: Make) -> None:
    refused(make().ask(lrs, "GET"), 404)


@each_resource
def test_a_document_is_deleted(lrs: Lrs, make: Make) -> None:
    """XAPI-00187, XAPI-00191, XAPI-00271, XAPI-00285."""
    place = make()
    place.create(lrs, {"a": 1})
    place.named("other").create(lrs, {"a": 2})
    answer = place.ask(lrs, "DELETE")
    assert (answer.status_code, answer.data) == (204, b"")
    assert place.content(lrs) is None
    assert place.ids(lrs) == ["other"]
    assert place.ask(lrs, "DELETE").status_code == 204  # it is deleted already


@each_resource
def test_without_its_id_the_ids_are_returned(lrs: Lrs, make: Make) -> None:
    """XAPI-00193, XAPI-00270, XAPI-00289: an empty array for none."""
    place = make()
    assert place.ids(lrs) == []
    for name in ("b", "a", "ü/&?", "http://ids.example.org/1"):
        place.named(name).create(lrs, {"a": 1})
    assert sorted(place.ids(lrs)) == sorted(
        ["b", "a", "ü/&?", "http://ids.example.org/1"]
    )
    assert place.named("ü/&?").content(lrs) == b'{"a": 1}'
    answer = lrs.ask("GET", place.resource, **place.context)
    assert answer.headers["Content-Type"] == JSON


@each_resource
def test_documents_of_another_context_are_others(lrs: Lrs, make: Make) -> None:
    place = make()
    place.create(lrs, {"a": 1})
    for name in place.context:
        other = someone() if name == "agent" else something()
        elsewhere = place.within(**{name: other})
        assert elsewhere.content(lrs) is None
        assert elsewhere.ids(lrs) == []
        elsewhere.ask(lrs, "DELETE")
    assert place.content(lrs) == b'{"a": 1}'


@each_resource
def test_since_names_those_stored_after_it(lrs: Lrs, make: Make) -> None:
    """XAPI-00195, XAPI-00221, XAPI-00268, XAPI-00275, XAPI-00294, XAPI-00303."""
    place = make()
    past = datetime.now(UTC) - timedelta(hours=1)
    future = datetime.now(UTC) + timedelta(hours=1)
    place.create(lrs, {"a": 1})
    assert place.ids(lrs, since=past.isoformat()) == ["bookmark"]
    assert place.ids(lrs, since=past.isoformat().replace("+00:00", "Z")) == ["bookmark"]
    assert place.ids(lrs, since=future.isoformat()) == []


@each_resource
@pytest.mark.parametrize(
    "since", ["yesterday", "", "2024-13-01T00:00:00Z", "2024-01-01", "1714557600"]
)
def test_since_is_a_timestamp(lrs: Lrs, make: Make, since: str) -> None:
    """XAPI-00204, XAPI-00260, XAPI-00295."""
    place = make()
    refused(lrs.ask("GET", place.resource, **place.context, since=since), 400)


def test_a_document_has_the_time_of_its_last_change(lrs: Lrs) -> None:
    """IEEE 9274.1.1 s39 to s41: Last-Modified, and it changes on update."""
    places = [make() for make in MAKERS.values()]
    before = datetime.now(UTC).replace(microsecond=0)
    for place in places:
        place.create(lrs, {"a": 1})
    first = [_modified(place.ask(lrs, "GET")) for place in places]
    assert all(before <= moment <= datetime.now(UTC) for moment in first)
    time.sleep(1)  # seconds are all that it has
    for place, moment in zip(places, first, strict=True):
        answer = place.ask(lrs, "PUT", {"b": 2}, If_Match=place.etag(lrs))
        assert answer.status_code == 204, told(answer)
        assert _modified(place.ask(lrs, "GET")) > moment


def _modified(answer: Any) -> datetime:
    return email.utils.parsedate_to_datetime(answer.headers["Last-Modified"])


MERGES: dict[str, tuple[Any, Any, Any]] = {
    "what is new is added": ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    "what both have is replaced": ({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
    "one level deep": (
        {"a": {"x": 1, "y": 2}, "b": [1, 2]},
        {"a": {"z": 3}, "b": [3]},
        {"a": {"z": 3}, "b": [3]},
    ),
    "null is a value": ({"a": 1, "b": 2}, {"a": None}, {"a": None, "b": 2}),
    "nothing": ({"a": 1}, {}, {"a": 1}),
    "into nothing": ({}, {"a": 1}, {"a": 1}),
    "another type of value": ({"a": {"x": 1}}, {"a": "x"}, {"a": "x"}),
}


@each_resource
@pytest.mark.parametrize(("stored", "sent", "merged"), MERGES.values(), ids=MERGES)
def test_post_merges_json(
    lrs: Lrs, make: Make, stored: Any, sent: Any, merged: Any
) -> None:
    """XAPI-00183, XAPI-00184, XAPI-00234, XAPI-00279, XAPI-00308."""
    place = make()
    place.create(lrs, stored)
    answer = place.ask(lrs, "POST", sent)
    assert (answer.status_code, answer.data) == (204, b""), told(answer)
    assert json.loads(place.content(lrs) or b"") == merged
    assert place.ask(lrs, "GET").headers["Content-Type"] == JSON


@each_resource
def test_put_replaces_the_whole(lrs: Lrs, make: Make) -> None:
    place = make()
    place.create(lrs, {"a": 1, "b": 2})
    answer = place.ask(lrs, "PUT", {"b": 3}, If_Match=place.etag(lrs))
    assert answer.status_code == 204, told(answer)
    assert place.content(lrs) == b'{"b": 3}'


TEXT = "text/plain"
UNMERGEABLE: dict[str, tuple[bytes, str, bytes, str]] = {
    "what is sent is text": (b'{"a":1}', JSON, b"b", TEXT),
    "what is sent is JSON by another name": (b'{"a":1}', JSON, b'{"b":2}', TEXT),
    "what is stored is text": (b"a", TEXT, b'{"b":2}', JSON),
    "neither is JSON": (b"a", TEXT, b"b", TEXT),
    "what is sent is no object": (b'{"a":1}', JSON, b"[1]", JSON),
    "what is sent is null": (b'{"a":1}', JSON, b"null", JSON),
    "what is stored is no object": (b"[1]", JSON, b'{"b":2}', JSON),
    "what is sent is broken": (b'{"a":1}', JSON, b'{"b":', JSON),
    "what is sent is empty": (b'{"a":1}', JSON, b"", JSON),
    "what is sent repeats a key": (b'{"a":1}', JSON, b'{"b":1,"b":2}', JSON),
}


@each_resource
@pytest.mark.parametrize(
    ("stored", "kind", "sent", "type_"), UNMERGEABLE.values(), ids=UNMERGEABLE
)
def test_what_cannot_be_merged_is_refused_and_changes_nothing(
    lrs: Lrs, make: Make, stored: bytes, kind: str, sent: bytes, type_: str
) -> None:
    """XAPI-00182, XAPI-00229, XAPI-00232, XAPI-00278, XAPI-00281, XAPI-00309, 313."""
    place = make()
    place.create(lrs, stored, Content_Type=kind)
    refused(place.ask(lrs, "POST", sent, Content_Type=type_), 400)
    answer = place.ask(lrs, "GET")
    assert (answer.data, answer.headers["Content-Type"]) == (stored, kind)


@each_resource
@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("body", [b"{", b"text", b"{'a': 1}", b'{"a": 1,}', b"\xff"])
def test_what_says_that_it_is_json_is_json(
    lrs: Lrs, make: Make, method: str, body: bytes
) -> None:
    """XAPI-00235, XAPI-00284, XAPI-00314."""
    place = make()
    given = {"If_None_Match": "*"} if method == "PUT" else {}
    refused(place.ask(lrs, method, body, Content_Type=JSON, **given), 400)
    assert place.content(lrs) is None


@each_resource
@pytest.mark.parametrize("method", ["PUT", "POST", "GET", "DELETE"])
def test_a_parameter_that_is_not_known_is_refused(
    lrs: Lrs, make: Make, method: str
) -> None:
    place = make()
    place.create(lrs, {"a": 1})
    body = {"b": 2} if method in ("PUT", "POST") else None
    for name in ("unknown", place.id_name.upper(), "limit"):
        given = place.parameters | {name: "1"}
        refused(lrs.ask(method, place.resource, body, **given), 400)
    assert place.content(lrs) == b'{"a": 1}'


@each_resource
def test_documents_of_both_versions_are_the_same(lrs: Lrs, make: Make) -> None:
    place = make()
    place.create(lrs, {"a": 1})
    for version in ("1.0.3", "2.0.0"):
        other = Lrs(lrs.client, version)
        assert place.content(other) == b'{"a": 1}'
        assert place.ids(other) == ["bookmark"]
        assert place.etag(other) == place.etag(lrs)


@each_resource
@pytest.mark.parametrize("method", ["PATCH", "TRACE"])
def test_no_other_method_is_there(lrs: Lrs, make: Make, method: str) -> None:
    place = make()
    place.create(lrs, {"a": 1})
    assert place.ask(lrs, method).status_code == 405
    assert place.content(lrs) == b'{"a": 1}'
