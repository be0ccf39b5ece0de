"""Odd values at every place of a SCIM request: never a fault, always SCIM's answer."""

from __future__ import annotations

import json
import random
import uuid
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lrs.access import Scope, bearer_token
from lrs.services import Services
from tests.contract.provisioning import (
    CORE,
    ENTERPRISE,
    PATCH,
    WORKFORCE,
    Provider,
    read,
    refusal,
)

VALUES = (
    *("null", "true", "0", "-1", "1e999", "1e-400", "9" * 40, '""', '" "', '"x"'),
    *('"\\u0000"', '"\\ud83d\\ude00"', "[]", "{}", "[[]]", "[null]", '{"$gt": ""}'),
    *('{"value": null}', '[{"value": "a"}]', '{"a.b": 1}', '["a", "b"]', '"False"'),
    *('{"value": {"value": 1}}', f'"{"y" * 5000}"', '"2026-01-01"'),
    '[{"value": "a", "primary": true}, {"value": "b", "primary": true}]',
)
PATHS = (
    *("userName", "externalId", "active", "name", "name.givenName", "emails", "title"),
    *("emails.value", 'emails[type eq "work"]', 'emails[type eq "work"].value'),
    *("emails[primary eq true].type", "emails[not (type pr)].value", "emails[", "[]"),
    *("roles", "addresses", "schemas", "id", "meta", "meta.created", "password"),
    *(ENTERPRISE, f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.displayName"),
    *(f"{ENTERPRISE}:employeeNumber", WORKFORCE, f"{WORKFORCE}:fte", CORE),
    *(f"{CORE}:title", "", ".", "x.y.z", "$ref", "not", "urn:", "urn:x:y:z", "groups"),
)
TERMS = (
    *("pr", 'eq "x"', "eq null", 'gt "x"', "lt 5", 'co "x"', "sw true", 'ew ""'),
    *('ge "2026-01-01T00:00:00Z"', "eq true", "eq 1e999", "eq 00", 'eq "\\u0000"'),
    *('gt "0001-01-01T00:00:00+14:00"', 'le "9999-99-99"', 'le "2026-01-01"'),
)
NAMES = ("filter", "startIndex", "count", "attributes", "excludedAttributes", "sortBy")


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_sent_is_answered_in_the_form_of_scim(
    common: Services, app: Flask, seed: int
) -> None:
    pair = common.credentials.add(f"t{uuid.uuid4().hex[:12]}", [Scope.SCIM])
    provider, drawn = Provider(app, bearer_token(*pair)), random.Random(seed)
    user = provider.create("ann", **{ENTERPRISE: {"employeeNumber": "1"}})["id"]

    def named(most: int) -> str:
        some = drawn.sample(PATHS, drawn.randint(1, most))
        return ", ".join(f"{json.dumps(one)}: {value()}" for one in some)

    def value() -> str:
        return drawn.choice(VALUES)

    def patch() -> TestResponse:
        op, path = drawn.choice(("add", "Replace", "REMOVE", "x")), drawn.choice(PATHS)
        body = f'{{"op": "{op}", "path": {json.dumps(path)}, "value": {value()}}}'
        if drawn.random() < 0.3:
            body = f'{{"op": "{op}", "value": {{{named(3)}}}}}'
        body = f'{{"schemas": ["{PATCH}"], "Operations": [{body}]}}'
        return provider.send("PATCH", f"/Users/{user}", body.encode())

    def write() -> TestResponse:
        body = f'{{"userName": "{uuid.uuid4()}", {named(4)}}}'.encode()
        if drawn.random() < 0.5:
            return provider.send("POST", "/Users", body)
        return provider.send("PUT", f"/Users/{user}", body)

    def search() -> TestResponse:
        if drawn.random() < 0.3:
            given = f"{drawn.choice(NAMES)}={quote(drawn.choice((*PATHS, *VALUES)))}"
            return provider.send("GET", f"/Users?{given}")
        terms = [f"{drawn.choice(PATHS)} {drawn.choice(TERMS)}" for _ in range(2)]
        joint = drawn.choice((" or ", " and ", " and not "))
        return provider.searched(joint.join(terms[: drawn.randint(1, 2)]))

    done = 0
    for _ in range(300):
        answer = drawn.choice((patch, write, search))()
        if answer.status_code < 400:
            read(answer)
            done += 1
        else:
            status, keyword = refusal(answer)
            assert status in (400, 409), answer.text
            assert keyword
    assert done > 30
    for one in provider.search()["Resources"]:
        assert provider.get(one["id"]) == one
