"""xAPI-Data 2.4.11: what a Statement says of its attachments.

XAPI-00025 (an array), XAPI-00102 (length), XAPI-00103 (sha2), XAPI-00104 (fileUrl),
XAPI-00105 (contentType), XAPI-00106 (display), XAPI-00107 (usageType).
How their content comes and goes: ``test_communication_1_5_content_types``.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.full_statement import (
    a_statement,
    a_substatement,
    an_attachment,
)

SHA2 = an_attachment()["sha2"]
LISTS: dict[str, tuple[Any, int]] = {
    "none": ([], 200),
    "one": ([an_attachment()], 200),
    "two": ([an_attachment(), an_attachment() | {"sha2": "cd" * 32}], 200),
    "one alone": (an_attachment(), 400),
    "null": (None, 400),
    "text": ("should fail", 400),
    "array of numbers": ([12345], 400),
    "array of text": (["should fail"], 400),
    "array of null": ([None], 400),
    "array in array": ([[an_attachment()]], 400),
    "empty object": ([{}], 400),
    "a good and a bad one": ([an_attachment(), {"sha2": SHA2}], 400),
}
REQUIRED = ("usageType", "display", "contentType", "length", "sha2")
OPTIONAL = ("description",)
CHANGES: dict[str, tuple[dict[str, Any], int]] = {
    "usageType text": ({"usageType": "should fail"}, 400),
    "usageType number": ({"usageType": 1}, 400),
    "display number": ({"display": 12345}, 400),
    "display text": ({"display": "should fail"}, 400),
    "display in no language": ({"display": {"something": "x"}}, 400),
    "display with a number": ({"display": {"en": 1}}, 400),
    "display of several languages": ({"display": {"es": "x", "en-US": "y"}}, 200),
    "description number": ({"description": 12345}, 400),
    "description text": ({"description": "should fail"}, 400),
    "description in no language": ({"description": {"something": "x"}}, 400),
    "description": ({"description": {"es-MX": "x"}}, 200),
    "contentType number": ({"contentType": 12345}, 400),
    "contentType object": ({"contentType": {}}, 400),
    "contentType with parameters": ({"contentType": "text/plain; charset=ascii"}, 200),
    "contentType of no kind": ({"contentType": "plain"}, 400),
    "length text": ({"length": "should fail"}, 400),
    "length of digits": ({"length": "27"}, 400),
    "length with a fraction": ({"length": 27.5}, 400),
    "length below zero": ({"length": -1}, 400),
    "length zero": ({"length": 0}, 200),
    "length null": ({"length": None}, 400),
    "sha2 text": ({"sha2": "should fail"}, 400),
    "sha2 number": ({"sha2": 12345}, 400),
    "sha2 of SHA-1": ({"sha2": "ab" * 20}, 400),
    "sha2 of SHA-224": ({"sha2": "ab" * 28}, 200),
    "sha2 of SHA-384": ({"sha2": "ab" * 48}, 200),
    "sha2 of SHA-512": ({"sha2": "ab" * 64}, 200),
    "sha2 in upper case": ({"sha2": SHA2.upper()}, 200),
    "fileUrl text": ({"fileUrl": "should fail"}, 400),
    "fileUrl number": ({"fileUrl": 1}, 400),
    "fileurl": ({"fileurl": "https://files.example.org/a"}, 400),
    "an unknown property": ({"name": "photo"}, 400),
}


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in an_attachment().items() if key != name}


ROWS = {
    **LISTS,
    **{
        what: ([an_attachment() | changes], status)
        for what, (changes, status) in CHANGES.items()
    },
    **{f"no {name}": ([_without(name)], 400) for name in REQUIRED},
    **{f"no {name}": ([_without(name)], 200) for name in OPTIONAL},
    # Without fileUrl the content has to come, and JSON alone cannot bring it (1.5.1).
    "no fileUrl": ([_without("fileUrl")], 400),
}


@pytest.mark.parametrize(("listed", "status"), ROWS.values(), ids=ROWS.keys())
def test_attachments_are_judged(lrs: Lrs, listed: Any, status: int) -> None:
    lrs.takes(a_statement() | {"attachments": listed}, status)


@pytest.mark.parametrize(("listed", "status"), ROWS.values(), ids=ROWS.keys())
def test_those_of_a_substatement_are_judged_alike(
    lrs: Lrs, listed: Any, status: int
) -> None:
    lrs.takes(a_statement(object=a_substatement() | {"attachments": listed}), status)
