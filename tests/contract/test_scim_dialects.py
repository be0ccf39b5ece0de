"""SCIM as Microsoft Entra and Okta send it, request by request (issue 7)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from lrs.access import Scope, bearer_token
from lrs.services import Services
from tests.contract.provisioning import (
    CORE,
    ENTERPRISE,
    LIST,
    PATCH,
    Provider,
    read,
    refusal,
)


@pytest.fixture
def name() -> Callable[[str], str]:
    drawn = uuid.uuid4().hex[:8]
    return lambda first: f"{first}.{drawn}@acme.example"


Named = Callable[[str], str]

# -- Microsoft Entra ----------------------------------------------------------------


def of_entra(name: str) -> dict[str, object]:
    """What Entra posts with its default mapping."""
    return {
        "schemas": [CORE, ENTERPRISE],
        "externalId": name.partition("@")[0],
        "userName": name,
        "active": True,
        "displayName": "Ada Byron",
        "emails": [{"primary": True, "type": "work", "value": name}],
        "meta": {"resourceType": "User"},
        "name": {
            "formatted": "Ada Byron",
            "familyName": "Byron",
            "givenName": "Ada",
        },
        "phoneNumbers": [{"type": "work", "value": "+44 20 7946 0000"}],
        "roles": [],
        "title": "Engineer",
        ENTERPRISE: {"department": "R&D", "employeeNumber": "17"},
    }


def test_entra_tests_the_connection_with_a_user_that_nobody_is(
    provider: Provider,
) -> None:
    found = provider.search(f'userName eq "{uuid.uuid4()}"')
    assert found == {
        "schemas": [LIST],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }


def test_entra_creates_finds_changes_deactivates_and_deletes(
    provider: Provider, name: Named
) -> None:
    ann = name("ann")
    assert provider.search(f'externalId eq "{ann}"')["totalResults"] == 0
    answer = provider.send("POST", "/Users", of_entra(ann))
    assert answer.status_code == 201
    made = read(answer)
    assert made["meta"]["resourceType"] == "User"
    assert answer.headers["Location"] == made["meta"]["location"]
    assert made["meta"]["location"].endswith(f"/scim/v2/Users/{made['id']}")
    assert "phoneNumbers" not in made  # and no schema says that it is kept
    for written in (
        f'userName eq "{ann.upper()}"',
        f'externalId eq "{ann.partition("@")[0]}"',
        f'emails[type eq "work"].value eq "{ann}"',
        f'userName eq "{ann}" and active eq true',
        f'id eq "{made["id"]}"',
    ):
        assert [one["id"] for one in provider.search(written)["Resources"]] == [
            made["id"]
        ], written
    changed = provider.patch(
        made["id"],
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "n@a.b"},
        {"op": "Replace", "path": "name.familyName", "value": "King"},
        {"op": "Add", "path": f"{ENTERPRISE}:costCenter", "value": "CC1"},
    )
    assert changed.status_code == 200
    now = read(changed)
    assert now["emails"] == [{"primary": True, "type": "work", "value": "n@a.b"}]
    assert now["name"]["familyName"] == "King"
    assert now[ENTERPRISE] == {
        "department": "R&D",
        "employeeNumber": "17",
        "costCenter": "CC1",
    }
    assert now["meta"]["version"] != made["meta"]["version"]
    gone = provider.patch(
        made["id"], {"op": "Replace", "path": "active", "value": "False"}
    )
    assert read(gone)["active"] is False
    assert provider.send("DELETE", f"/Users/{made['id']}").status_code == 204
    assert refusal(provider.send("GET", f"/Users/{made['id']}")) == (404, None)
    assert refusal(provider.send("DELETE", f"/Users/{made['id']}")) == (404, None)
    assert provider.search(f'userName eq "{ann}"')["totalResults"] == 0


def test_entra_names_several_targets_in_one_value_without_a_path(
    provider: Provider, name: Named
) -> None:
    user = provider.create(name("eve"), emails=[{"type": "work", "value": "o@a.b"}])
    answer = provider.patch(
        user["id"],
        {
            "op": "Add",
            "value": {
                "displayName": "Eve",
                "name.givenName": "Eve",
                'emails[type eq "work"].value': "new@a.b",
                f"{ENTERPRISE}:department": "Sales",
                'phoneNumbers[type eq "mobile"].value': "1",
            },
        },
    )
    now = read(answer)
    assert (now["displayName"], now["name"]) == ("Eve", {"givenName": "Eve"})
    assert now["emails"] == [{"type": "work", "value": "new@a.b"}]
    assert now[ENTERPRISE] == {"department": "Sales"}


@pytest.mark.parametrize(
    "value",
    ["{id}", {"value": "{id}"}, [{"value": "{id}"}], [{"$ref": None, "value": "{id}"}]],
    ids=["bare", "object", "list", "list-with-ref"],
)
def test_entra_gives_a_manager_in_many_forms_and_takes_it_away(
    provider: Provider, name: Named, value: object
) -> None:
    chief = provider.create(name("chief"))
    user = provider.create(name("ben"))

    def filled(form: object) -> object:
        if isinstance(form, str):
            return form.replace("{id}", chief["id"])
        if isinstance(form, list):
            return [filled(one) for one in form]
        if isinstance(form, dict):
            return {key: filled(one) for key, one in form.items()}
        return form

    path = f"{ENTERPRISE}:manager"
    given = provider.patch(
        user["id"], {"op": "Add", "path": path, "value": filled(value)}
    )
    assert read(given)[ENTERPRISE]["manager"]["value"] == chief["id"]
    taken = provider.patch(user["id"], {"op": "Remove", "path": path})
    assert ENTERPRISE not in read(taken)


def test_entra_adds_an_address_that_its_filter_describes(
    provider: Provider, name: Named
) -> None:
    user = provider.create(name("may"))
    path = 'emails[type eq "work"].value'
    answer = provider.patch(user["id"], {"op": "Add", "path": path, "value": "m@a.b"})
    assert read(answer)["emails"] == [{"type": "work", "value": "m@a.b"}]
    path = 'roles[primary eq "True"].value'
    answer = provider.patch(user["id"], {"op": "Add", "path": path, "value": "boss"})
    assert read(answer)["roles"] == [{"primary": True, "value": "boss"}]


@pytest.mark.parametrize("value", [False, "False", "false", [{"value": "False"}]])
def test_active_comes_as_a_boolean_and_as_a_word(
    provider: Provider, name: Named, value: object
) -> None:
    user = provider.create(name("tom"))
    answer = provider.patch(
        user["id"], {"op": "replace", "path": "active", "value": value}
    )
    assert read(answer)["active"] is False
    back = provider.patch(user["id"], {"op": "REPLACE", "value": {"active": "True"}})
    assert read(back)["active"] is True


# -- Okta ---------------------------------------------------------------------------


def of_okta(name: str) -> dict[str, object]:
    """What Okta posts for a new assignment."""
    return {
        "schemas": [CORE],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": f"00u{name}",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }


def test_okta_creates_replaces_and_deactivates(provider: Provider, name: Named) -> None:
    ann = name("okta")
    assert provider.names(f'userName eq "{ann}"', startIndex=1, count=100) == []
    answer = provider.send("POST", "/Users", of_okta(ann))
    assert answer.status_code == 201
    made = read(answer)
    assert "password" not in answer.text
    assert made["active"] is True
    whole = provider.get(made["id"])
    assert whole == made
    whole["name"] = {"givenName": "Another", "familyName": "User"}
    del whole["locale"]
    put = provider.send("PUT", f"/Users/{made['id']}", {**whole, "groups": []})
    assert put.status_code == 200
    now = read(put)
    assert now["name"]["givenName"] == "Another"
    assert "locale" not in now
    assert now["id"] == made["id"]
    assert now["meta"]["created"] == made["meta"]["created"]
    gone = provider.send(
        "PATCH",
        f"/Users/{made['id']}",
        {
            "schemas": [PATCH],
            "Operations": [{"op": "replace", "value": {"active": False}}],
        },
    )
    assert read(gone)["active"] is False
    assert provider.get(made["id"])["active"] is False


def test_okta_pages_through_everybody(common: Services, app: Flask) -> None:
    pair = common.credentials.add(f"t{uuid.uuid4().hex[:12]}", [Scope.SCIM])
    okta = Provider(app, bearer_token(*pair))
    for number in range(7):
        okta.create(f"user{number}")
    got: list[str] = []
    for start in (1, 4, 7, 10):
        page = okta.search(startIndex=start, count=3)
        assert (page["totalResults"], page["startIndex"]) == (7, start)
        assert page["itemsPerPage"] == len(page["Resources"])
        got += [user["userName"] for user in page["Resources"]]
    assert got == [f"user{number}" for number in range(7)]
    assert okta.search(count=0)["totalResults"] == 7
    assert okta.search(count=-5, startIndex=-3)["startIndex"] == 1


def test_a_second_user_of_a_name_is_refused_in_any_case(
    provider: Provider, name: Named
) -> None:
    ann = name("twice")
    first = provider.create(ann, externalId=ann)
    for again in (
        {"userName": ann.upper()},
        {"userName": name("other"), "externalId": ann},
    ):
        body = {"schemas": [CORE], **again}
        assert refusal(provider.send("POST", "/Users", body)) == (409, "uniqueness")
    other = provider.create(name("third"))
    change = {"op": "replace", "path": "userName", "value": ann}
    assert refusal(provider.patch(other["id"], change)) == (409, "uniqueness")
    assert provider.send("DELETE", f"/Users/{first['id']}").status_code == 204
    assert provider.create(ann, externalId=ann)["id"] != first["id"]
