"""Valid Statements to start from: a small one, and one that uses every property."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

ID = "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"
OTHER_ID = "0A77B177-9383-4934-8543-0F91A7A02836"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"

ANNA = {"objectType": "Agent", "name": "Anna", "mbox": "mailto:anna@example.com"}
BEN = {"account": {"homePage": "http://hr.example.com", "name": "4711"}}
TEAM = {
    "objectType": "Group",
    "name": "Team",
    "mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975",
    "member": [ANNA, {"openid": "http://id.example.com/cleo"}],
}

_ACTIVITY = {
    "objectType": "Activity",
    "id": "http://example.com/quiz/1",
    "definition": {
        "name": {"en": "Quiz", "de-CH": "Quiz"},
        "description": {"en": "A quiz"},
        "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
        "moreInfo": "http://example.com/quiz/1/info",
        "interactionType": "choice",
        "correctResponsesPattern": ["a[,]b"],
        "choices": [
            {"id": "a", "description": {"en": "A"}},
            {"id": "b", "description": {"en": "B", "fr": "B"}},
        ],
        "extensions": {"http://example.com/ext": {"free": [None, {"x": 1}]}},
    },
}
_CONTEXT = {
    "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
    "instructor": BEN,
    "team": TEAM,
    "contextActivities": {
        "parent": [{"id": "http://example.com/course"}],
        "grouping": {"objectType": "Activity", "id": "http://example.com/programme"},
        "category": [],
        "other": [{"id": "http://example.com/book"}, {"id": "http://example.com/b2"}],
    },
    "revision": "3",
    "platform": "Example LMS",
    "language": "en-GB",
    "statement": {"objectType": "StatementRef", "id": OTHER_ID},
    "extensions": {"http://example.com/ext": None},
    "contextAgents": [
        {
            "objectType": "contextAgent",
            "agent": {"mbox": "mailto:dora@example.com"},
            "relevantTypes": ["http://example.com/role/tutor"],
        }
    ],
    "contextGroups": [
        {
            "objectType": "contextGroup",
            "group": {"objectType": "Group", "member": [BEN]},
            "relevantTypes": ["http://example.com/role/class"],
        }
    ],
}
_RESULT = {
    "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10.0},
    "success": True,
    "completion": False,
    "response": "a[,]b",
    "duration": "PT4H35M59.14S",
    "extensions": {"http://example.com/ext": []},
}
_VERB = {"id": "http://example.com/verbs/passed", "display": {"en": "passed"}}
_ATTACHMENTS = [
    {
        "usageType": "http://example.com/usage/certificate",
        "display": {"en": "Certificate"},
        "description": {"en": "A certificate"},
        "contentType": "text/plain; charset=ascii",
        "length": 27,
        "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
        "fileUrl": "http://example.com/certificate.txt",
    }
]


def a_statement(**changes: Any) -> dict[str, Any]:
    """Return the smallest Statement, with these properties instead."""
    return deepcopy(
        {
            "actor": {"mbox": "mailto:anna@example.com"},
            "verb": {"id": "http://example.com/verbs/passed"},
            "object": {"id": "http://example.com/quiz/1"},
            **changes,
        }
    )


def a_substatement(**changes: Any) -> dict[str, Any]:
    """Return a small SubStatement, with these properties instead."""
    return {"objectType": "SubStatement", **a_statement(**changes)}


def a_full_statement(**changes: Any) -> dict[str, Any]:
    """Return a Statement of 2.0 that uses every property."""
    return deepcopy(
        {
            "id": ID,
            "actor": ANNA,
            "verb": _VERB,
            "object": _ACTIVITY,
            "result": _RESULT,
            "context": _CONTEXT,
            "timestamp": "2024-02-29T12:00:00.123Z",
            "stored": "2024-02-29T12:00:01+01:00",
            "authority": {
                "objectType": "Group",
                "member": [BEN, {"mbox": "mailto:anna@example.com"}],
            },
            "version": "2.0.0",
            "attachments": _ATTACHMENTS,
            **changes,
        }
    )


def a_full_statement_about_a_substatement() -> dict[str, Any]:
    """Return a Statement whose object is a SubStatement with every property."""
    inner = a_full_statement()
    for name in ("id", "stored", "authority", "version"):
        del inner[name]
    return a_statement(object={"objectType": "SubStatement", **inner})
