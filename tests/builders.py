"""Builders: the least valid Statement, with what a test wants to be different."""

from __future__ import annotations

import uuid
from typing import Any

PASSED = "http://adlnet.gov/expapi/verbs/passed"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
ACTIVITY = "https://courses.example.com/fire-safety"


def a_statement(
    *,
    actor: str = "ann@example.com",
    verb: str = PASSED,
    activity: str = ACTIVITY,
    with_id: bool = True,
    **properties: Any,
) -> dict[str, Any]:
    """A valid Statement; ``properties`` are added or replace, None removes."""
    made: dict[str, Any] = {
        "actor": {"mbox": f"mailto:{actor}"},
        "verb": {"id": verb},
        "object": {"id": activity},
    }
    if with_id:
        made["id"] = str(uuid.uuid4())
    made |= properties
    return {name: value for name, value in made.items() if value is not None}


def a_void(target: str, **properties: Any) -> dict[str, Any]:
    """A Statement that voids another."""
    return a_statement(
        verb=VOIDED,
        object={"objectType": "StatementRef", "id": target},
        **properties,
    )


def a_reference(target: str, **properties: Any) -> dict[str, Any]:
    """A Statement about another."""
    made = {"verb": "http://verbs.example.com/mentioned", **properties}
    return a_statement(object={"objectType": "StatementRef", "id": target}, **made)
