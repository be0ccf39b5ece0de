"""Builders of cmi5: a valid Statement for each verb, broken at one place, a session."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from lrs.cmi5 import vocabulary as words

Json = dict[str, Any]

VERBS = {name: iri for iri, name in words.VERBS.items()}
AU = "https://lms.example.com/au/1"
PUBLISHER_ID = "https://publisher.example.com/au/fire-safety"
LAUNCH: Json = {
    words.LAUNCH_MODE: "Normal",
    words.LAUNCH_URL: "https://content.example.com/fire/index.html",
    words.MOVE_ON: "CompletedAndPassed",
    words.MASTERY_SCORE: 0,
    words.LAUNCH_PARAMETERS: "",
}
SCORE: Json = {"scaled": 0, "raw": 0, "min": 0, "max": 100}
RESULTS: dict[str, Json] = {
    "completed": {"completion": True, "duration": "PT10M"},
    "passed": {"success": True, "duration": "PT10M", "score": SCORE},
    "failed": {"success": False, "duration": "PT10M", "score": SCORE},
    "terminated": {"duration": "PT11M"},
    "abandoned": {"duration": "PT11M"},
    "waived": {
        "success": True,
        "completion": True,
        "extensions": {words.REASON: "Tested Out"},
    },
}
ABSENT = object()


def a_cmi5_statement(verb: str, changes: Json | None = None) -> Json:
    """A valid cmi5-defined Statement; ``changes`` go by path, ABSENT removes.

    ``{"result/success": False}`` sets one property, what is missing above it is made.
    An IRI as a name stands in brackets: ``context/extensions/[https://...]``.
    """
    category = [{"id": words.DEFINED}]
    if "success" in RESULTS.get(verb, {}) or "completion" in RESULTS.get(verb, {}):
        category.append({"id": words.MOVE_ON_CATEGORY})
    made: Json = {
        "id": str(uuid.uuid4()),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": "https://lms.example.com", "name": "1625378"},
        },
        "verb": {"id": VERBS[verb]},
        "object": {"id": AU, "objectType": "Activity"},
        "context": {
            "registration": "9c5a3a5e-33d3-4d4c-9d1e-0a8a0a9d7a01",
            "contextActivities": {
                "category": category,
                "grouping": [{"id": PUBLISHER_ID}],
            },
            "extensions": {
                words.SESSION_ID: "session-1",
                **(LAUNCH if verb == "launched" else {}),
            },
        },
        "timestamp": "2026-03-02T09:00:00Z",
    }
    if verb in RESULTS:
        made["result"] = copy.deepcopy(RESULTS[verb])
    if verb == "satisfied":
        made["object"] = {
            "id": "https://lms.example.com/course/1",
            "definition": {"type": words.COURSE},
        }
    for path, value in (changes or {}).items():
        _change(made, path, value)
    return made


def extension(holder: str, name: str) -> str:
    """The path of an extension, for ``changes``."""
    return f"{holder}/extensions/[{name}]"


def a_session() -> list[Json]:
    """A whole valid session: all verbs of an AU that passes, and one allowed."""
    return [
        a_cmi5_statement("launched"),
        a_cmi5_statement("initialized"),
        an_allowed_statement(),
        a_cmi5_statement("completed"),
        a_cmi5_statement("passed"),
        a_cmi5_statement("satisfied"),
        a_cmi5_statement("terminated"),
    ]


def an_allowed_statement(changes: Json | None = None) -> Json:
    """A Statement of a session that cmi5 does not define: nothing of it is judged."""
    made = a_cmi5_statement("passed", {"context/contextActivities/category": ABSENT})
    for path, value in (changes or {}).items():
        _change(made, path, value)
    return made


def _change(made: Json, path: str, value: object) -> None:
    plain, bracket, name = path.partition("/[")
    *above, last = plain.split("/") + ([name[:-1]] if bracket else [])
    holder = made
    for step in above:
        holder = holder.setdefault(step, {})
    if value is ABSENT:
        del holder[last]
    else:
        holder[last] = value
