"""xAPI-Data 2.2 and the tables of 2.4: every property, everywhere, broken in every way.

``data_model`` says what is right, ``full_statement`` has every property, ``walker``
breaks one rule at a time: missing, null, wrong JSON type, wrong letter case of a key,
unknown key, wrong value. Covers all that a table of properties can say; what ties one
property to another stands in the files named after its section.

XAPI-00001 (null), XAPI-00003, XAPI-00004, XAPI-00005 (actor, verb, object), XAPI-00006
(types), XAPI-00007 (formats), XAPI-00008, XAPI-00010 (case of keys), XAPI-00009 (case
of values).
"""

from __future__ import annotations

import functools
import uuid
from copy import deepcopy
from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, violations
from tests.conformance.data_model import statement_of
from tests.conformance.full_statement import full_statements
from tests.conformance.walker import Place, mutations, new_places, nulls

NAMES = list(full_statements("1.0.3"))


@functools.cache
def statements_of(version: str) -> dict[str, Any]:
    return full_statements(version)


@functools.cache
def places_of(version: str) -> dict[str, list[Place]]:
    return new_places(statements_of(version), statement_of(version))


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_with_every_property_is_valid(name: str, version: str) -> None:
    assert violations(statements_of(version)[name], version) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_mutation_is_judged_by_its_own_rule(name: str, version: str) -> None:
    statement, places = statements_of(version)[name], places_of(version)[name]
    wrong, valid = [], 0
    for mutation in mutations(statement, places):
        found = violations(mutation.statement, version)
        valid += mutation.valid
        if bool(found) == mutation.valid:
            wrong.append(f"{mutation.what}: should be valid: {mutation.valid}")
        elif found and not any(item.path.startswith(mutation.holder) for item in found):
            wrong.append(f"{mutation.what}: told at {[item.path for item in found]}")
    assert wrong == []
    assert valid > 20  # a walk that visits nothing finds nothing wrong


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_with_every_property_is_stored_and_read_unchanged(
    lrs: Lrs, name: str
) -> None:
    statement = deepcopy(statements_of(lrs.version)[name])
    statement["id"] = str(uuid.uuid4())
    lrs.store(statement)
    read = lrs.read(statement["id"])
    for key in ("stored", "authority"):
        del read[key], statement[key]
    for one in (statement, statement["object"]):
        if "context" in one:  # a lone Activity is returned in an array (2.4.6.2)
            lists = one["context"]["contextActivities"]
            lists["parent"] = [lists["parent"]]
    assert read == statement


@pytest.mark.parametrize("name", NAMES)
def test_null_at_any_place_is_refused_over_http(lrs: Lrs, name: str) -> None:
    """A thin sample of the walk through the door, where the place must be told too."""
    broken = nulls(statements_of(lrs.version)[name], statement_of(lrs.version))
    for path, statement in list(broken.items())[:: len(broken) // 10]:
        problem = refused(lrs.ask("POST", "statements", statement), 400)
        assert path in [item["path"] for item in problem["violations"]], path
