"""xAPI-Communication 2.3: the parameters of the State resource.

XAPI-00194, XAPI-00216 (DELETE of one, of many), XAPI-00196 to XAPI-00199 (agent is
JSON: XAPI-00197, XAPI-00198), XAPI-00200 to XAPI-00203 (registration is a UUID:
XAPI-00201, XAPI-00202), XAPI-00204 (since), XAPI-00206 to XAPI-00213, XAPI-00215 (what
is required: XAPI-00207, XAPI-00208, XAPI-00209, XAPI-00210, XAPI-00211, XAPI-00212),
XAPI-00217 to XAPI-00220, XAPI-00227 (stateId, registration: XAPI-00218, XAPI-00219).
What all documents have in common: ``test_communication_2_2_documents``.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.documents import a_state
from tests.conformance.full_statement import IFIS, someone, something

RESOURCE = "activities/state"
METHODS = ("GET", "PUT", "POST", "DELETE")
BODIES = {"PUT": {"a": 1}, "POST": {"a": 1}}


def _without(method: str) -> list[str]:
    """Return the parameters that a request of this method cannot do without."""
    many = method in ("GET", "DELETE")  # without stateId they mean all of them
    return ["activityId", "agent"] + ([] if many else ["stateId"])


@pytest.mark.parametrize(
    ("method", "name"),
    [(method, name) for method in METHODS for name in _without(method)],
)
def test_a_required_parameter_is_missing(lrs: Lrs, method: str, name: str) -> None:
    """XAPI-00206 to XAPI-00213, XAPI-00215."""
    given = a_state().parameters
    del given[name]
    refused(lrs.ask(method, RESOURCE, BODIES.get(method), **given), 400)


WRONG: dict[str, tuple[str, Any]] = {
    "agent that is no JSON": ("agent", "lena"),
    "agent that is broken JSON": ("agent", "{"),
    "agent that is a text": ("agent", '"lena"'),
    "agent that is an array": ("agent", [{"mbox": "mailto:a@b.c"}]),
    "agent without IFI": ("agent", {"name": "Lena"}),
    "agent with two IFIs": ("agent", {"mbox": "mailto:a@b.c", "openid": "x:y"}),
    "agent with a wrong mbox": ("agent", {"mbox": "a@b.c"}),
    "agent with a wrong type": (
        "agent",
        {"objectType": "agent", "mbox": "mailto:a@b.c"},
    ),
    "agent with more": ("agent", {"mbox": "mailto:a@b.c", "age": 7}),
    "anonymous Group": ("agent", {"objectType": "Group", "member": [someone()]}),
    "empty agent": ("agent", ""),
    "activityId that is no IRI": ("activityId", "ladders"),
    "empty activityId": ("activityId", ""),
    "registration that is no UUID": ("registration", "123"),
    "empty registration": ("registration", ""),
    "registration in braces": ("registration", f"{{{uuid.uuid4()}}}"),
    "empty stateId": ("stateId", ""),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("name", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_parameter_is_wrong(lrs: Lrs, method: str, name: str, value: Any) -> None:
    """XAPI-00196 to XAPI-00203."""
    given = a_state().parameters | {name: value}
    refused(lrs.ask(method, RESOURCE, BODIES.get(method), **given), 400)


@pytest.mark.parametrize("name", ["agent", "registration", "activityId"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_parameter_of_many_is_wrong(lrs: Lrs, method: str, name: str) -> None:
    """XAPI-00196, XAPI-00197, XAPI-00200, XAPI-00201."""
    given = a_state().context | {name: "wrong"}
    refused(lrs.ask(method, RESOURCE, **given), 400)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_takes_a_registration(lrs: Lrs, method: str) -> None:
    """XAPI-00218, XAPI-00219, XAPI-00220, XAPI-00227."""
    place = a_state().within(registration=str(uuid.uuid4()))
    if method in ("GET", "DELETE"):
        place.create(lrs, {"a": 1})
    answer = place.ask(lrs, method, BODIES.get(method))
    assert answer.status_code == (200 if method == "GET" else 204), told(answer)
    assert (place.content(lrs) is None) == (method == "DELETE")


def test_a_registration_has_documents_of_its_own(lrs: Lrs) -> None:
    """XAPI-00220."""
    bare = a_state()
    one = bare.within(registration=str(uuid.uuid4()))
    other = bare.within(registration=str(uuid.uuid4())).named("other")
    bare.create(lrs, {"of": "none"})
    assert one.content(lrs) is None
    one.create(lrs, {"of": "one"})
    other.create(lrs, {"of": "other"})
    assert bare.content(lrs) == b'{"of": "none"}'
    assert one.content(lrs) == b'{"of": "one"}'
    assert one.ids(lrs) == ["bookmark"]
    assert other.ids(lrs) == ["other"]
    assert "bookmark" in bare.ids(lrs)
    upper = bare.within(registration=one.context["registration"].upper())
    assert upper.content(lrs) == b'{"of": "one"}'


@pytest.mark.parametrize("ifi", IFIS)
def test_a_state_is_that_of_an_agent_by_any_ifi(lrs: Lrs, ifi: str) -> None:
    """XAPI-00217; the Agent's name and objectType change nothing."""
    place = a_state().within(agent={ifi: IFIS[ifi]})
    place.create(lrs, {"a": 1})
    named = {"objectType": "Agent", "name": "Lena", ifi: IFIS[ifi]}
    assert place.within(agent=named).content(lrs) == b'{"a": 1}'


def test_delete_without_state_id_deletes_the_context(lrs: Lrs) -> None:
    """XAPI-00194."""
    place = a_state()
    elsewhere = place.within(agent=someone())
    for name in ("a", "b"):
        place.named(name).create(lrs, {"a": 1})
        elsewhere.named(name).create(lrs, {"a": 1})
    answer = lrs.ask("DELETE", RESOURCE, **place.context)
    assert (answer.status_code, answer.data) == (204, b"")
    assert place.ids(lrs) == []
    assert sorted(elsewhere.ids(lrs)) == ["a", "b"]


def test_delete_with_a_registration_keeps_the_other_ones(lrs: Lrs) -> None:
    """XAPI-00194, XAPI-00219."""
    bare = a_state()
    registration = str(uuid.uuid4())
    one = bare.within(registration=registration)
    bare.create(lrs, {"a": 1})
    one.create(lrs, {"a": 1})
    answer = lrs.ask("DELETE", RESOURCE, **one.context)
    assert answer.status_code == 204
    assert one.content(lrs) is None
    assert bare.content(lrs) == b'{"a": 1}'


def test_delete_of_one_keeps_the_other_ones(lrs: Lrs) -> None:
    """XAPI-00216."""
    place = a_state()
    for name in ("a", "b"):
        place.named(name).create(lrs, {"a": 1})
    assert place.named("a").ask(lrs, "DELETE").status_code == 204
    assert place.ids(lrs) == ["b"]


def test_since_goes_with_a_registration(lrs: Lrs) -> None:
    """XAPI-00204, XAPI-00221."""
    place = a_state().within(registration=str(uuid.uuid4()))
    place.create(lrs, {"a": 1})
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert place.ids(lrs, since=past) == ["bookmark"]
    refused(lrs.ask("GET", RESOURCE, **place.context, since="yesterday"), 400)


def test_state_is_put_without_a_precondition_in_1_0_3(lrs: Lrs) -> None:
    """3.1 exempts State; 2.0 does not: 409 where a document would be overwritten."""
    place = a_state()
    assert place.ask(lrs, "PUT", {"a": 1}).status_code == 204
    again = place.ask(lrs, "PUT", {"a": 2})
    if lrs.version == "1.0.3":
        assert again.status_code == 204
        assert place.content(lrs) == b'{"a": 2}'
    else:
        refused(again, 409)
        assert place.content(lrs) == b'{"a": 1}'


def test_a_state_needs_no_known_agent_or_activity(lrs: Lrs) -> None:
    place = a_state().within(agent=someone(), activityId=something())
    assert place.ask(lrs, "POST", {"a": 1}).status_code == 204
    assert place.content(lrs) == b'{"a": 1}'
