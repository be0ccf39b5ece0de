"""However much is wrong, it is told in bounded time and memory."""

from __future__ import annotations

from typing import Any

import pytest

from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from lrs.xapi.violations import MOST_FOUND, Enough, Found, Violation
from tests.unit.xapi.samples import a_statement

MANY = 300_000  # with work that grows by the square the test would not end

WRONG: dict[str, dict[str, Any]] = {
    "unknown properties": {f"x{number}": 1 for number in range(MANY)},
    "members of a Group": {"actor": {"objectType": "Group", "member": [0] * MANY}},
    "language tags": {
        "verb": {
            "id": "http://x.example/v",
            "display": {f"no_tag_{number}": "x" for number in range(MANY)},
        }
    },
    "texts under right tags": {
        "verb": {
            "id": "http://x.example/v",
            "display": {f"en-x-a{number}": 0 for number in range(MANY)},
        }
    },
    "extensions": {
        "result": {"extensions": {f"no iri {number}": 0 for number in range(MANY)}}
    },
    "a SubStatement": {
        "object": {
            "objectType": "SubStatement",
            **a_statement(),
            **{f"x{number}": 1 for number in range(MANY)},
        }
    },
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("version", [*Version])
def test_of_very_many_violations_the_first_are_found(
    name: str, version: Version
) -> None:
    found = validate(a_statement(**WRONG[name]), version)
    assert len(found) == MOST_FOUND


def test_the_last_violation_that_is_taken_says_that_it_is_enough() -> None:
    found = Found()
    for _ in range(MOST_FOUND - 1):
        found.append(Violation("", "", ""))
    with pytest.raises(Enough):
        found.append(Violation("last", "", ""))
    assert found[-1].path == "last"
