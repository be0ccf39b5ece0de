"""xAPI-Communication 3.1: entity tags, If-Match and If-None-Match. XAPI-00322.

1.0.3 exempts State from the rule of PUT and speaks of PUT alone; 2.0 (IEEE 9274.1.1
s50, s52) has one rule for the three resources, and If-Match for POST and DELETE too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.documents import Place, each_resource, tag_of

Make = Callable[[], Place]
BODY, NEXT = b'{"a": 1}', b'{"b": 2}'
WRONG = '"1234567890123456789012345678901234567890"'
MERGED = b'{"a": 1, "b": 2}'


@each_resource
def test_get_tells_the_entity_tag_in_quotes(lrs: Lrs, make: Make) -> None:
    """The SHA-1 of the content, in hexadecimal, as 1.0.3 asks."""
    place = make()
    place.create(lrs, BODY)
    etag = place.etag(lrs)
    assert re.fullmatch(r'"[0-9a-f]{40}"', etag)
    assert etag == tag_of(BODY)
    assert place.ask(lrs, "HEAD").headers["ETag"] == etag


@each_resource
def test_the_entity_tag_changes_with_the_content(lrs: Lrs, make: Make) -> None:
    place = make()
    place.create(lrs, BODY)
    before = place.etag(lrs)
    assert place.ask(lrs, "PUT", NEXT, If_Match=before).status_code == 204
    assert place.etag(lrs) != before
    assert place.ask(lrs, "PUT", BODY, If_Match=tag_of(NEXT)).status_code == 204
    assert place.etag(lrs) == before


RIGHT: dict[str, Callable[[str], str]] = {
    "the tag": lambda etag: etag,
    "any": lambda _: "*",
    "one of several": lambda etag: f"{WRONG}, {etag}",
}
AFTER = {"PUT": NEXT, "POST": MERGED, "DELETE": None}


@each_resource
@pytest.mark.parametrize("header", RIGHT.values(), ids=RIGHT.keys())
@pytest.mark.parametrize("method", AFTER)
def test_if_match_lets_the_right_tag_pass(
    lrs: Lrs, make: Make, method: str, header: Callable[[str], str]
) -> None:
    place = make()
    place.create(lrs, BODY)
    body = None if method == "DELETE" else NEXT
    answer = place.ask(lrs, method, body, If_Match=header(place.etag(lrs)))
    assert (answer.status_code, answer.data) == (204, b""), told(answer)
    stored = place.content(lrs)
    if method == "POST":
        assert stored is not None
        assert stored.replace(b" ", b"") == MERGED.replace(b" ", b"")
    else:
        assert stored == AFTER[method]


@each_resource
@pytest.mark.parametrize("header", [WRONG, f'W/{WRONG}, "a"', '"' + "a" * 64 + '"'])
@pytest.mark.parametrize("method", AFTER)
def test_if_match_stops_a_wrong_tag(
    lrs: Lrs, make: Make, method: str, header: str
) -> None:
    """412, and nothing is changed."""
    place = make()
    place.create(lrs, BODY)
    body = None if method == "DELETE" else NEXT
    refused(place.ask(lrs, method, body, If_Match=header), 412)
    assert place.content(lrs) == BODY


@each_resource
@pytest.mark.parametrize("method", AFTER)
def test_a_weak_tag_does_not_match(lrs: Lrs, make: Make, method: str) -> None:
    """RFC 9110 13.1.1: If-Match compares strongly."""
    place = make()
    place.create(lrs, BODY)
    body = None if method == "DELETE" else NEXT
    weak = f"W/{place.etag(lrs)}"
    refused(place.ask(lrs, method, body, If_Match=weak), 412)
    assert place.content(lrs) == BODY


@each_resource
@pytest.mark.parametrize("header", [WRONG, "*"])
@pytest.mark.parametrize("method", AFTER)
def test_if_match_stops_where_nothing_is(
    lrs: Lrs, make: Make, method: str, header: str
) -> None:
    place = make()
    body = None if method == "DELETE" else NEXT
    refused(place.ask(lrs, method, body, If_Match=header), 412)
    assert place.content(lrs) is None


@each_resource
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_if_none_match_any_lets_a_new_document_pass(
    lrs: Lrs, make: Make, method: str
) -> None:
    place = make()
    answer = place.ask(lrs, method, BODY, If_None_Match="*")
    assert answer.status_code == 204, told(answer)
    assert place.content(lrs) == BODY


@each_resource
@pytest.mark.parametrize("method", AFTER)
def test_if_none_match_any_stops_where_one_is(
    lrs: Lrs, make: Make, method: str
) -> None:
    place = make()
    place.create(lrs, BODY)
    body = None if method == "DELETE" else NEXT
    refused(place.ask(lrs, method, body, If_None_Match="*"), 412)
    assert place.content(lrs) == BODY


@each_resource
def test_put_without_a_precondition_overwrites_nothing(lrs: Lrs, make: Make) -> None:
    """409 with a sentence; of State in 1.0.3 nothing is demanded."""
    place = make()
    place.create(lrs, BODY)
    answer = place.ask(lrs, "PUT", NEXT)
    if place.is_state and lrs.version == "1.0.3":
        assert answer.status_code == 204, told(answer)
        assert place.content(lrs) == NEXT
        return
    assert "If-Match" in refused(answer, 409)["detail"]
    assert place.content(lrs) == BODY


@each_resource
def test_a_first_put_without_a_precondition(lrs: Lrs, make: Make) -> None:
    """1.0.3 refuses that of a Profile, since it cannot be known to be the first."""
    place = make()
    answer = place.ask(lrs, "PUT", BODY)
    if lrs.version == "1.0.3" and not place.is_state:
        refused(answer, 400)
        assert place.content(lrs) is None
    else:
        assert answer.status_code == 204, told(answer)
        assert place.content(lrs) == BODY


@each_resource
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_post_and_delete_work_without_a_precondition(
    lrs: Lrs, make: Make, method: str
) -> None:
    place = make()
    place.create(lrs, BODY)
    body = NEXT if method == "POST" else None
    assert place.ask(lrs, method, body).status_code == 204
    assert (place.content(lrs) is None) == (method == "DELETE")


@each_resource
@pytest.mark.parametrize("name", ["If_Match", "If_None_Match"])
@pytest.mark.parametrize("value", ['"', '""a', '"a" "b"', ","])
def test_a_header_that_is_no_entity_tag_is_refused(
    lrs: Lrs, make: Make, name: str, value: str
) -> None:
    place = make()
    place.create(lrs, BODY)
    refused(place.ask(lrs, "PUT", NEXT, **{name: value}), 400)
    assert place.content(lrs) == BODY


@each_resource
def test_get_answers_304_where_the_reader_has_it(lrs: Lrs, make: Make) -> None:
    """RFC 9110 13.1.2."""
    place = make()
    place.create(lrs, BODY)
    etag = place.etag(lrs)
    answer = place.ask(lrs, "GET", If_None_Match=etag)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert place.ask(lrs, "GET", If_None_Match=WRONG).data == BODY
