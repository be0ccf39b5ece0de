"""xAPI-Data 2.4.1, 4.4: ids are UUIDs in standard form; the LRS gives missing ones.

XAPI-00026 (a missing id), XAPI-00027, XAPI-00030 (RFC 4122), XAPI-00028, XAPI-00029
(a string).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.full_statement import (
    REFERENCE,
    a_statement,
    a_substatement,
    a_void,
)

_UUID = "6f7c1a52-1f2e-4f4e-8d7c-0a9b8c7d6e5f"
IDS: dict[str, tuple[Any, int]] = {
    "lower case": (_UUID, 200),
    "upper case": (_UUID.upper(), 200),
    "version 1": ("c232ab00-9414-11ec-b3c8-9f68deced846", 200),
    "version 7": ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 200),
    "one digit more": (_UUID + "0", 400),
    "one digit less": (_UUID[:-1], 400),
    "letter beyond f": ("m" + _UUID[1:], 400),
    "without hyphens": (_UUID.replace("-", ""), 400),
    "hyphens elsewhere": (_UUID.replace("-", "")[:32][::-1] + "----", 400),
    "braces": (f"{{{_UUID}}}", 400),
    "urn": (f"urn:uuid:{_UUID}", 400),
    "blank before": (f" {_UUID}", 400),
    "line break after": (f"{_UUID}\n", 400),
    "digits of another script": (_UUID.replace("6", "\u0666"), 400),
    "empty": ("", 400),
    "number": (12345, 400),
    "object": ({"id": _UUID}, 400),
    "array": ([_UUID], 400),
    "boolean": (True, 400),
    "null": (None, 400),
}
PLACES = {
    "StatementRef": lambda value: {"object": {**REFERENCE, "id": value}},
    "registration": lambda value: {"context": {"registration": value}},
    "statement of the context": lambda value: {
        "context": {"statement": {**REFERENCE, "id": value}}
    },
    "StatementRef of a SubStatement": lambda value: {
        "object": a_substatement(object={**REFERENCE, "id": value})
    },
    "registration of a SubStatement": lambda value: {
        "object": a_substatement(context={"registration": value})
    },
    "statement of a SubStatement's context": lambda value: {
        "object": a_substatement(context={"statement": {**REFERENCE, "id": value}})
    },
}


@pytest.mark.parametrize(("value", "status"), IDS.values(), ids=IDS.keys())
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_uuid_has_its_standard_form(
    lrs: Lrs, place: Any, value: Any, status: int
) -> None:
    """XAPI-00027, XAPI-00028, XAPI-00029, XAPI-00030."""
    lrs.takes(a_statement(**place(value)), status)


@pytest.mark.parametrize(("value", "status"), IDS.values(), ids=IDS.keys())
def test_the_id_of_a_statement_has_it_too(lrs: Lrs, value: Any, status: int) -> None:
    statement = a_statement(id=None) | {"id": value}
    lrs.takes(statement, status)
    if status == 200:
        assert lrs.read(value)["id"].lower() == value.lower()


def test_the_lrs_gives_an_id_where_none_is(lrs: Lrs) -> None:
    """XAPI-00026."""
    one, other = lrs.store(a_statement(id=None), a_statement(id=None))
    assert one != other
    assert str(uuid.UUID(one)) == one
    assert uuid.UUID(one).variant == uuid.RFC_4122
    assert lrs.read(one)["id"] == one


def test_put_takes_the_id_of_the_address(lrs: Lrs) -> None:
    wanted = str(uuid.uuid4())
    answer = lrs.ask("PUT", "statements", a_statement(id=None), statementId=wanted)
    assert answer.status_code == 204
    assert lrs.read(wanted)["id"] == wanted


def test_an_id_is_the_same_in_either_letter_case(lrs: Lrs) -> None:
    statement = a_statement()
    lrs.store(statement)
    assert lrs.read(statement["id"].upper()) == lrs.read(statement["id"])
    lrs.takes(statement | {"id": statement["id"].upper()}, 200)
    lrs.takes(statement | {"id": statement["id"].upper(), "result": {}}, 409)
    lrs.store(a_void(statement["id"].upper()))
    answer = lrs.ask("GET", "statements", statementId=statement["id"])
    assert answer.status_code == 404
