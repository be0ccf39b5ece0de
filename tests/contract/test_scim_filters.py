"""Filters, order and attributes: whom a query finds, and what of them it shows."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from flask import Flask
from scim2_models import ScimFilter

from analytics.workforce.scim.schema import POLICY, User
from lrs.access import Scope, bearer_token
from lrs.services import Services
from tests.contract.provisioning import ENTERPRISE, Provider, read, refusal

TERMS = (
    'userName eq "ANN"',
    'userName ne "ann"',
    'userName sw "b"',
    'userName co "N"',
    'userName ew "y" ',
    'userName gt "b"',
    'externalId eq "x1"',
    'externalId eq "X1"',
    "externalId pr",
    "active eq true",
    'active eq "False"',
    "title pr",
    'title eq "Clerk"',
    'emails eq "ann@acme.example"',
    'emails.value eq "BEN@acme.example"',
    'emails[type eq "work"]',
    'emails[type eq "work"].value eq "ann@acme.example"',
    'emails[type eq "work" and value co "acme"]',
    'emails[not (type eq "work")]',
    'emails.type eq "home"',
    f'{ENTERPRISE}:employeeNumber eq "17"',
    f'{ENTERPRISE}:department eq "labs"',
    f"{ENTERPRISE}:manager.value pr",
    'meta.lastModified gt "{moment}"',
    'meta.lastModified ge "{moment}"',
    'meta.lastModified lt "{moment}"',
    'meta.lastModified le "{moment}"',
    'meta.created lt "{late}"',
    'meta.lastModified gt "2026-01-01T00:00:00.1234567Z"',
    'meta.created gt "0001-01-01T00:00:00+14:00"',
    'not (meta.created gt "9999-12-31T23:59:59-14:00")',
    'meta.created le "9999-12-31T23:59:59.9999Z"',
    'id eq "{id}"',
    'meta.resourceType eq "User"',
)


@pytest.fixture(scope="module")
def company(common: Services, app: Flask) -> tuple[Provider, list[dict[str, Any]]]:
    """A provider with some people, and these as they are shown."""
    pair = common.credentials.add(f"t{uuid.uuid4().hex[:12]}", [Scope.SCIM])
    provider = Provider(app, bearer_token(*pair))
    people = []
    for number, name in enumerate(("ann", "ben", "Cy", "bob", "Ömer")):
        mails = [{"type": "work", "value": f"{name}@acme.example"}]
        mails += [{"type": "home", "value": f"{name}@home.example"}] * (number % 2)
        extension = {"employeeNumber": str(15 + number), "department": "Labs"}
        extension |= {"manager": people[0]["id"]} if number > 2 else {}
        more: dict[str, Any] = {"emails": mails, ENTERPRISE: extension}
        more |= {"externalId": f"x{number}"} if number < 3 else {}
        more |= {"title": "Clerk"} if number % 2 else {}
        people.append(provider.create(name, active=number != 1, **more))
    return provider, people


def filled(company: tuple[Provider, list[dict[str, Any]]], written: str) -> str:
    _, people = company
    told = {"{id}": people[2]["id"], "{moment}": people[2]["meta"]["lastModified"]}
    told |= {"{late}": people[3]["meta"]["created"].replace("Z", "499Z")}
    for name, value in told.items():
        written = written.replace(name, value)
    return written


def meant(people: list[dict[str, Any]], written: str) -> list[str]:
    """Return whom a filter means, each held against it alone."""
    wanted = ScimFilter[User](written)
    return [
        one["userName"]
        for one in people
        if wanted.match(User.model_validate(one, scim_policy=POLICY))
    ]


@pytest.mark.parametrize("written", TERMS)
def test_a_comparison_finds_whom_it_means(
    company: tuple[Provider, list[dict[str, Any]]], written: str
) -> None:
    provider, people = company
    written = filled(company, written)
    assert provider.names(written) == meant(people, written)


def test_comparisons_put_together_at_random_find_whom_they_mean(
    company: tuple[Provider, list[dict[str, Any]]],
) -> None:
    provider, people = company
    drawn = random.Random(7)

    def some(deep: int) -> str:
        if deep == 0 or drawn.random() < 0.2:
            return drawn.choice(TERMS)
        if drawn.random() < 0.25:
            return f"not ({some(deep - 1)})"
        joint = drawn.choice((" and ", " or ", " AND "))
        parts = (some(deep - 1) for _ in range(drawn.randint(2, 3)))
        return f"({joint.join(parts)})"

    found = set()
    for _ in range(150):
        written = filled(company, some(3))
        if len(written) > 2000:
            continue
        names = provider.names(written)
        assert names == meant(people, written), written
        found.add(len(names))
    assert found == {0, 1, 2, 3, 4, 5}


def test_pages_of_a_filter_add_up_to_it(
    company: tuple[Provider, list[dict[str, Any]]],
) -> None:
    provider, _ = company
    for written in ("userName pr", 'emails[type eq "work"]', None):
        whole = provider.names(written)
        pages: list[str] = []
        for start in range(1, 8, 2):
            page = provider.search(written, startIndex=start, count=2)
            assert page["totalResults"] == len(whole)
            pages += [user["userName"] for user in page["Resources"]]
        assert pages == whole


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("userName", ["ann", "ben", "bob", "Cy", "Ömer"]),
        ("meta.created", ["ann", "ben", "Cy", "bob", "Ömer"]),
        ("meta.lastModified", ["ann", "ben", "Cy", "bob", "Ömer"]),
    ],
)
def test_users_come_in_the_order_that_is_asked_for(
    company: tuple[Provider, list[dict[str, Any]]], by: str, expected: list[str]
) -> None:
    provider, _ = company
    assert provider.names(sortBy=by) == expected
    assert (
        provider.names("userName pr", sortBy=by, sortOrder="descending")
        == (expected[::-1])
    )


def test_attributes_are_shown_as_asked(
    company: tuple[Provider, list[dict[str, Any]]],
) -> None:
    provider, people = company
    path = f"/Users/{people[3]['id']}"
    one = read(provider.send("GET", f"{path}?attributes=userName,emails.type"))
    assert set(one) == {"schemas", "id", "userName", "emails"}
    assert one["emails"] == [{"type": "work"}, {"type": "home"}]
    one = read(provider.send("GET", f"{path}?excludedAttributes=emails,meta"))
    assert "emails" not in one
    assert "meta" not in one
    assert one[ENTERPRISE]["department"] == "Labs"
    one = read(provider.send("GET", f"{path}?attributes={ENTERPRISE}:department"))
    assert one[ENTERPRISE] == {"department": "Labs"}
    listed = provider.search(attributes="userName", count=1)["Resources"]
    assert set(listed[0]) == {"schemas", "id", "userName"}
    both = provider.send("GET", f"{path}?attributes=userName&excludedAttributes=title")
    assert refusal(both) == (400, "invalidValue")


@pytest.mark.parametrize(
    "written",
    [
        "userName",
        'userName eq "ann',
        'userName is "ann"',
        "nothing eq 1",
        "userName eq 5",
        'active gt "true"',
        'active eq "perhaps"',
        'meta.lastModified gt "yesterday"',
        "(" * 500,
        "not (" * 40 + "userName pr" + ")" * 40,
        " and ".join(["userName pr"] * 300),
        'userName eq "\ud7ff\x00"',
        "userName eq \x00",
        f"{'a' * 1900} pr",
        'userName.value eq "x"',
        "\u2028",
        '$where eq "1"',
        'emails[type eq "work"',
        "emails[emails[type pr]]",
    ],
)
def test_what_is_no_filter_is_refused_as_such(
    company: tuple[Provider, list[dict[str, Any]]], written: str
) -> None:
    provider, _ = company
    answer = provider.searched(written)
    assert refusal(answer) == (400, "invalidFilter"), answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("startIndex", "one"),
        ("count", "1.5"),
        ("count", "9" * 30),
        ("sortBy", "emails[type eq 1]"),
        ("sortBy", "title"),
        ("sortBy", "nothing"),
        ("sortOrder", "sideways"),
        ("attributes", "a" * 3000),
        ("attributes", "(("),
        ("count", "²"),
    ],
)
def test_a_wrong_parameter_is_refused(
    company: tuple[Provider, list[dict[str, Any]]], name: str, value: str
) -> None:
    provider, _ = company
    status, keyword = refusal(provider.searched(**{name: value}))
    assert status == 400
    assert keyword in ("invalidValue", "invalidPath")


def test_a_filter_that_would_look_at_too_many_is_refused(
    company: tuple[Provider, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, _ = company
    monkeypatch.setattr("analytics.workforce.scim.service.MOST_LOOKED_AT", 3)
    assert refusal(provider.searched("title pr")) == (400, "tooMany")
    assert provider.names('title pr and userName eq "ben"') == ["ben"]
