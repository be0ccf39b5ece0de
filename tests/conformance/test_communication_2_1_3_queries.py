"""xAPI-Communication 2.1.3, 2.1.4: GET statements, its parameters and what they find.

XAPI-00149 (nothing is an answer too), XAPI-00150, XAPI-00151 (parameters of a single
Statement), XAPI-00153 (Consistent-Through), XAPI-00154 to XAPI-00159 (the three forms:
XAPI-00155, XAPI-00157 voidedStatementId, XAPI-00156, XAPI-00158 statementId),
XAPI-00162, XAPI-00163 (voided Statements), XAPI-00164 (filters), XAPI-00166
(ascending), XAPI-00173 (limit), XAPI-00174 (until), XAPI-00175 (since), XAPI-00176
(related_agents), XAPI-00178 (registration), XAPI-00179 (activity), XAPI-00180 (verb),
XAPI-00181 (agent).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.conformance.caller import CONSISTENT, JSON, Lrs, refused, told
from tests.conformance.full_statement import (
    IFIS,
    REFERENCE,
    a_statement,
    a_substatement,
    a_void,
    someone,
    something,
)

# A value for each parameter of a query.
PARAMETERS: dict[str, Any] = {
    "agent": {"mbox": "mailto:a@example.org"},
    "verb": "http://verbs.example.org/examined",
    "activity": "http://lessons.example.org/ladders",
    "registration": "6f7c1a52-1f2e-4f4e-8d7c-0a9b8c7d6e5f",
    "related_activities": "true",
    "related_agents": "true",
    "since": "2012-06-01T19:09:13.245Z",
    "until": "2012-06-01T19:09:13.245Z",
    "limit": "1",
    "ascending": "true",
}
WITH_SINGLE: dict[str, Any] = {"format": "ids", "attachments": "false"}


def _reference(target: str, **changes: Any) -> dict[str, Any]:
    """Return a Statement about another, of someone and something else."""
    given = {"actor": someone(), "verb": {"id": something()}, **changes}
    return a_statement(object={**REFERENCE, "id": target}, **given)


@pytest.mark.parametrize("name", [None, *PARAMETERS, *WITH_SINGLE])
def test_each_parameter_is_taken_and_answered_with_a_result(
    lrs: Lrs, name: str | None
) -> None:
    """XAPI-00149, XAPI-00153, XAPI-00154, XAPI-00159, XAPI-00166, XAPI-00173 to 181."""
    known = PARAMETERS | WITH_SINGLE
    answer = lrs.ask("GET", "statements", **({name: known[name]} if name else {}))
    assert answer.status_code == 200, told(answer)
    assert answer.headers["Content-Type"] == JSON
    assert isinstance(answer.json["statements"], list)
    assert isinstance(answer.json["more"], str)
    through = datetime.fromisoformat(answer.headers[CONSISTENT])
    assert through.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("method", "parameters", "status"),
    [
        ("GET", {"statementId": "no uuid"}, 400),
        ("GET", {"unknown": "1"}, 400),
        ("GET", {"statementId": str(uuid.uuid4())}, 404),
        ("GET", {"voidedStatementId": str(uuid.uuid4())}, 404),
        ("POST", {}, 400),
        ("PUT", {}, 400),
    ],
)
def test_refusals_have_consistent_through_too(
    lrs: Lrs, method: str, parameters: dict[str, str], status: int
) -> None:
    """XAPI-00153: regardless of the code returned."""
    lrs.find(limit="1")
    answer = lrs.ask(method, "statements", **parameters)
    refused(answer, status)
    datetime.fromisoformat(answer.headers[CONSISTENT])


@pytest.mark.parametrize("name", ["statementId", "voidedStatementId"])
def test_a_single_statement_comes_by_itself(lrs: Lrs, name: str) -> None:
    """XAPI-00155, XAPI-00156, XAPI-00157, XAPI-00158."""
    statement = a_statement()
    lrs.store(statement)
    if name == "voidedStatementId":
        lrs.store(a_void(statement["id"]))
    answer = lrs.ask("GET", "statements", **{name: statement["id"]})
    assert answer.status_code == 200, told(answer)
    assert answer.json["id"] == statement["id"]
    assert "statements" not in answer.json


@pytest.mark.parametrize("extra", [*PARAMETERS, "statementId", "voidedStatementId"])
@pytest.mark.parametrize("name", ["statementId", "voidedStatementId"])
def test_with_a_single_statement_no_filter_stands(
    lrs: Lrs, name: str, extra: str
) -> None:
    """XAPI-00150, XAPI-00151."""
    if extra == name:
        return
    [found] = lrs.store(a_statement())
    if name == "voidedStatementId":
        lrs.store(a_void(found))
    given = {extra: PARAMETERS.get(extra, found)}
    refused(lrs.ask("GET", "statements", **{name: found}, **given), 400)


@pytest.mark.parametrize("extra", WITH_SINGLE)
@pytest.mark.parametrize("name", ["statementId", "voidedStatementId"])
def test_with_a_single_statement_its_form_may_be_asked(
    lrs: Lrs, name: str, extra: str
) -> None:
    """XAPI-00150, XAPI-00151."""
    [found] = lrs.store(a_statement())
    if name == "voidedStatementId":
        lrs.store(a_void(found))
    given = {name: found, extra: WITH_SINGLE[extra]}
    assert lrs.ask("GET", "statements", **given).json["id"] == found


def test_nothing_found_is_no_error(lrs: Lrs) -> None:
    """XAPI-00149."""
    assert lrs.find(activity=something()) == []


@pytest.mark.parametrize("ifi", IFIS)
def test_an_agent_is_found_as_actor_and_object(empty_lrs: Lrs, ifi: str) -> None:
    """XAPI-00164, XAPI-00181: by any IFI, and no other Agent."""
    who = {ifi: IFIS[ifi]}
    others = [{name: value} for name, value in IFIS.items() if name != ifi]
    acts, is_object, *_ = empty_lrs.store(
        a_statement(actor=who | {"name": "Lena"}),
        a_statement(actor=someone(), object={"objectType": "Agent", **who}),
        *(a_statement(actor=other) for other in others),
    )
    assert set(empty_lrs.find_ids(agent=who)) == {acts, is_object}
    named = {"objectType": "Agent", "name": "Someone", **who}
    assert set(empty_lrs.find_ids(agent=named)) == {acts, is_object}


def test_an_identified_group_is_found_and_its_members_in_it(lrs: Lrs) -> None:
    """XAPI-00181: whoever is a member of the actor is found by it."""
    member, group = someone(), {"objectType": "Group", **someone()}
    [found] = lrs.store(a_statement(actor={**group, "member": [member]}))
    assert lrs.find_ids(agent=group) == [found]
    assert lrs.find_ids(agent=member) == [found]


# Where an Agent, and where an identified Group, is related to a Statement.
RELATED_AGENT: dict[str, Any] = {
    "instructor": lambda who: {"context": {"instructor": who}},
    "member of the team": lambda who: {
        "context": {"team": {"objectType": "Group", "member": [who]}}
    },
    "actor of a SubStatement": lambda who: {"object": a_substatement(actor=who)},
    "object of a SubStatement": lambda who: {
        "object": a_substatement(object={"objectType": "Agent", **who})
    },
    "instructor of a SubStatement": lambda who: {
        "object": a_substatement(context={"instructor": who})
    },
}
RELATED_GROUP: dict[str, Any] = {
    "team": lambda who: {"context": {"team": who}},
    "team of a SubStatement": lambda who: {
        "object": a_substatement(context={"team": who})
    },
}
RELATED = [
    *((make, {}) for make in RELATED_AGENT.values()),
    *((make, {"objectType": "Group"}) for make in RELATED_GROUP.values()),
]


@pytest.mark.parametrize(
    ("make", "kind"), RELATED, ids=[*RELATED_AGENT, *RELATED_GROUP]
)
def test_related_agents_are_found_when_asked_for(
    lrs: Lrs, make: Any, kind: dict[str, str]
) -> None:
    """XAPI-00176."""
    who = {**kind, **someone()}
    [found] = lrs.store(a_statement(**make(who)))
    assert lrs.find_ids(agent=who) == []
    assert lrs.find_ids(agent=who, related_agents="false") == []
    assert lrs.find_ids(agent=who, related_agents="true") == [found]


def test_an_activity_is_found_as_the_object(lrs: Lrs) -> None:
    """XAPI-00179."""
    activity = something()
    [found] = lrs.store(a_statement(object={"id": activity}))
    assert lrs.find_ids(activity=activity) == [found]
    assert lrs.find_ids(activity=activity + "/") == []


RELATED_ACTIVITY: dict[str, Any] = {
    **{
        key: lambda one, key=key: {"context": {"contextActivities": {key: [one]}}}
        for key in ("parent", "grouping", "category", "other")
    },
    "object of a SubStatement": lambda one: {"object": a_substatement(object=one)},
    "context of a SubStatement": lambda one: {
        "object": a_substatement(context={"contextActivities": {"parent": [one]}})
    },
}


@pytest.mark.parametrize("make", RELATED_ACTIVITY.values(), ids=RELATED_ACTIVITY.keys())
def test_related_activities_are_found_when_asked_for(lrs: Lrs, make: Any) -> None:
    """XAPI-00164."""
    activity = something()
    [found] = lrs.store(a_statement(**make({"id": activity})))
    assert lrs.find_ids(activity=activity) == []
    assert lrs.find_ids(activity=activity, related_activities="false") == []
    assert lrs.find_ids(activity=activity, related_activities="true") == [found]


def test_a_verb_and_a_registration_are_found(lrs: Lrs) -> None:
    """XAPI-00178, XAPI-00180."""
    verb, registration = something(), str(uuid.uuid4())
    one, other = lrs.store(
        a_statement(verb={"id": verb}),
        a_statement(context={"registration": registration}),
    )
    assert lrs.find_ids(verb=verb) == [one]
    assert lrs.find_ids(registration=registration) == [other]
    assert lrs.find_ids(registration=registration.upper()) == [other]
    assert lrs.find_ids(verb=verb, registration=registration) == []


def test_filters_must_all_hold(lrs: Lrs) -> None:
    """XAPI-00164."""
    who, activity = someone(), something()
    both, *_ = lrs.store(
        a_statement(actor=who, object={"id": activity}),
        a_statement(actor=who),
        a_statement(object={"id": activity}),
    )
    assert lrs.find_ids(agent=who, activity=activity) == [both]


def test_since_is_after_and_until_is_up_to(lrs: Lrs) -> None:
    """XAPI-00164, XAPI-00174, XAPI-00175: of ``stored``, since not included."""
    activity = something()
    ids = [lrs.store(a_statement(object={"id": activity}))[0] for _ in range(3)]
    moments = [lrs.read(found)["stored"] for found in ids]
    assert lrs.find_ids(activity=activity, since=moments[0]) == ids[:0:-1]
    assert lrs.find_ids(activity=activity, until=moments[1]) == ids[1::-1]
    between = {"since": moments[0], "until": moments[1]}
    assert lrs.find_ids(activity=activity, **between) == [ids[1]]
    assert lrs.find_ids(activity=activity, until="2001-01-01T00:00:00Z") == []
    elsewhere = datetime.fromisoformat(moments[1]).astimezone(
        timezone(timedelta(hours=5, minutes=30))
    )
    assert lrs.find_ids(activity=activity, since=elsewhere.isoformat()) == [ids[2]]


def test_the_newest_stands_first_unless_ascending(lrs: Lrs) -> None:
    """XAPI-00166."""
    activity = something()
    late = {"timestamp": "2001-01-01T00:00:00Z"}  # what counts is stored
    ids = lrs.store(
        a_statement(object={"id": activity}),
        a_statement(object={"id": activity}, **late),
    )
    ids += lrs.store(a_statement(object={"id": activity}))
    assert lrs.find_ids(activity=activity) == ids[::-1]
    assert lrs.find_ids(activity=activity, ascending="false") == ids[::-1]
    assert lrs.find_ids(activity=activity, ascending="true") == ids


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 0])
def test_limit_is_the_most_that_a_page_has(lrs: Lrs, limit: int) -> None:
    """XAPI-00173: 0 is as many as the server gives."""
    activity = something()
    lrs.store(*(a_statement(object={"id": activity}) for _ in range(3)))
    found = lrs.find(activity=activity, limit=str(limit))
    assert len(found) == min(limit or 3, 3)


def test_a_statement_about_another_is_found_by_what_that_says(lrs: Lrs) -> None:
    """2.1.3 on StatementRefs: through any number of them, and not through a context."""
    who, activity = someone(), something()
    [first] = lrs.store(a_statement(actor=who, object={"id": activity}))
    [second] = lrs.store(_reference(first))
    [third] = lrs.store(_reference(second))
    lrs.store(a_statement(context={"statement": {**REFERENCE, "id": first}}))
    for query in ({"agent": who}, {"activity": activity}):
        assert lrs.find_ids(**query) == [third, second, first]
    moment = lrs.read(second)["stored"]
    assert lrs.find_ids(agent=who, since=moment) == [third]
    assert lrs.find_ids(agent=who, limit="1") == [third]


def test_a_reference_may_come_before_its_target(lrs: Lrs) -> None:
    target = a_statement(actor=someone())
    [early] = lrs.store(_reference(target["id"]))
    lrs.store(target)
    assert lrs.find_ids(agent=target["actor"]) == [target["id"], early]


def test_a_voided_statement_is_in_no_page(lrs: Lrs) -> None:
    """XAPI-00163."""
    who = someone()
    statement = a_statement(actor=who)
    lrs.store(statement)
    [void] = lrs.store(a_void(statement["id"]))
    assert lrs.find_ids(agent=who) == [void]
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


def test_what_is_about_a_voided_statement_is_found_still(lrs: Lrs) -> None:
    """XAPI-00162: with since, until and limit too."""
    who = someone()
    statement = a_statement(actor=who)
    lrs.store(statement)
    [reference] = lrs.store(_reference(statement["id"]))
    [void] = lrs.store(a_void(statement["id"]))
    assert lrs.find_ids(agent=who) == [void, reference]
    between = lrs.read(reference)["stored"]
    assert lrs.find_ids(agent=who, since=between) == [void]
    assert lrs.find_ids(agent=who, until=between) == [reference]
    assert lrs.find_ids(agent=who, limit="1") == [void]
    assert lrs.find_ids(verb=statement["verb"]["id"], agent=who) == [void, reference]
