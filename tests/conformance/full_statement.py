"""Statements that use every property there is, and the parts of which they are made.

``full_statements(version)`` are eighteen of them: each kind of Agent and Group stands
once as the actor, and once as the actor of a SubStatement; each kind of object and of
interaction occurs.
"""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

VERB = "http://verbs.example.org/examined"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
HOME = "http://people.example.org"

IFIS: dict[str, Any] = {
    "mbox": "mailto:lena.fuchs@example.org",
    "mbox_sha1sum": "4b9bb80620f03eb3719e0a061c14283d1a6c4d58",
    "openid": "http://lena.people.example.org/",
    "account": {"homePage": HOME, "name": "lena/7"},
}
MEMBERS: list[Json] = [
    {"objectType": "Agent", "name": "Omar", "mbox": "mailto:omar@example.org"},
    {"account": {"homePage": HOME, "name": "9"}},
]

AGENTS: dict[str, Json] = {
    f"Agent by {name}": {"objectType": "Agent", "name": "Lena", name: value}
    for name, value in IFIS.items()
}
IDENTIFIED: dict[str, Json] = {
    f"Group by {name}": {
        "objectType": "Group",
        "name": "Night shift",
        name: value,
        "member": MEMBERS,
    }
    for name, value in IFIS.items()
}
ANONYMOUS: Json = {"objectType": "Group", "name": "Visitors", "member": MEMBERS}
GROUPS: dict[str, Json] = {**IDENTIFIED, "anonymous Group": ANONYMOUS}
ACTORS: dict[str, Json] = {**AGENTS, **GROUPS}
AUTHORITIES: list[Json] = [
    *AGENTS.values(),
    {
        "objectType": "Group",
        "member": [{"account": {"homePage": HOME, "name": "app"}}, *MEMBERS[:1]],
    },
]

_SAID = {"en": "One", "sr-Latn-RS": "Jedan"}


def _components(*names: str) -> list[Json]:
    return [{"id": name, "description": _SAID} for name in names]


# By interactionType: the lists of components it has, and a right answer.
INTERACTIONS: dict[str, Json] = {
    "true-false": {"correctResponsesPattern": ["true"]},
    "choice": {
        "correctResponsesPattern": ["a[,]b"],
        "choices": _components("a", "b", "c"),
    },
    "fill-in": {"correctResponsesPattern": ["{lang=en}oxygen", "O2"]},
    "long-fill-in": {"correctResponsesPattern": ["{case_matters=false}" + "a" * 300]},
    "likert": {
        "correctResponsesPattern": ["l1"],
        "scale": _components("l0", "l1"),
    },
    "matching": {
        "correctResponsesPattern": ["s1[.]t1"],
        "source": _components("s1", "s2"),
        "target": _components("t1"),
    },
    "performance": {
        "correctResponsesPattern": ["p1[.]1:[,]p2[.]x"],
        "steps": _components("p1", "p2"),
    },
    "sequencing": {
        "correctResponsesPattern": ["a[,]b"],
        "choices": _components("a", "b"),
    },
    "numeric": {"correctResponsesPattern": ["4[:]"]},
    "other": {"correctResponsesPattern": ["anything"]},
}

REFERENCE: Json = {"objectType": "StatementRef", "id": str(uuid.uuid4())}


def a_statement(**changes: Any) -> Json:
    """Return a small Statement with an id of its own; a change of None removes."""
    statement = {
        "id": str(uuid.uuid4()),
        "actor": {"mbox": "mailto:lena.fuchs@example.org"},
        "verb": {"id": VERB},
        "object": {"id": "http://lessons.example.org/ladders"},
        **changes,
    }
    kept = {name: value for name, value in statement.items() if value is not None}
    return deepcopy(kept)


def a_substatement(**changes: Any) -> Json:
    """Return a small SubStatement."""
    return {"objectType": "SubStatement", **a_statement(id=None, **changes)}


def a_void(target: str) -> Json:
    """Return a Statement that voids another."""
    return a_statement(verb={"id": VOIDED}, object={**REFERENCE, "id": target})


def someone() -> Json:
    """Return an Agent whom no other test knows."""
    return {"mbox": f"mailto:{uuid.uuid4().hex}@example.org"}


def something() -> str:
    """Return the id of an Activity which no other test knows."""
    return f"http://lessons.example.org/{uuid.uuid4()}"


def an_activity(interaction: str = "choice") -> Json:
    """Return an Activity with all that its definition may have."""
    return {
        "objectType": "Activity",
        "id": f"http://lessons.example.org/quiz/{interaction}",
        "definition": {
            "name": {"en-US": "Quiz", "de": "Frage"},
            "description": {"zh-Hant": "測驗"},
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "moreInfo": "http://lessons.example.org/quiz/about",
            "extensions": {"http://ext.example.org/a": [None, {"Any": "thing"}]},
            "interactionType": interaction,
            **INTERACTIONS[interaction],
        },
    }


def an_attachment() -> Json:
    """Return the description of an attachment whose content stands elsewhere."""
    return {
        "usageType": "http://usage.example.org/photo",
        "display": {"en": "Photo"},
        "description": {"es-419": "Foto"},
        "contentType": "image/png",
        "length": 4711,
        "sha2": "ab" * 32,
        "fileUrl": "https://files.example.org/photo.png",
    }


def a_result() -> Json:
    """Return a result with every property."""
    return {
        "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
        "success": True,
        "completion": False,
        "response": "a[,]b",
        "duration": "P3Y1M29DT4H35M59.14S",
        "extensions": {"http://ext.example.org/b": {"deep": [{}, ""]}},
    }


def a_context(version: str, at: int, *, activity: bool) -> Json:
    """Return a context with every property of the version; ``at`` picks who is in it.

    ``activity`` says whether the object is one: revision and platform need that.
    """
    context: Json = {
        "registration": str(uuid.uuid4()),
        "instructor": _pick(ACTORS, at + 1),
        "team": _pick(GROUPS, at),
        "contextActivities": {
            "parent": an_activity("likert"),
            "grouping": [an_activity("matching")],
            "category": [an_activity("performance"), an_activity("sequencing")],
            "other": [an_activity(list(INTERACTIONS)[at % len(INTERACTIONS)])],
        },
        "language": "fr-CA",
        "statement": REFERENCE,
        "extensions": {"http://ext.example.org/c": None},
    }
    if activity:
        context |= {"revision": "7b", "platform": "Ladder school"}
    if version == "2.0.0":
        context |= {
            "contextAgents": [
                {
                    "objectType": "contextAgent",
                    "agent": _pick(AGENTS, at),
                    "relevantTypes": ["http://roles.example.org/examiner"],
                }
            ],
            "contextGroups": [
                {
                    "objectType": "contextGroup",
                    "group": _pick(GROUPS, at + 2),
                    "relevantTypes": ["http://roles.example.org/class"],
                }
            ],
        }
    return context


def full_statements(version: str) -> dict[str, Json]:
    """Return valid Statements with every property, by a name of each."""
    made: dict[str, Json] = {}
    groups = [IDENTIFIED["Group by mbox"], IDENTIFIED["Group by account"], ANONYMOUS]
    objects = [an_activity(), *AGENTS.values(), *groups, REFERENCE]
    for at, (name, actor) in enumerate(ACTORS.items()):
        target = objects[at]
        whole = _whole(version, at, actor, target)
        made[f"{name} and {_kind(target)}"] = whole
        target = objects[-1 - at]
        inner = _whole(version, at, actor, target)
        for key in ("id", "stored", "authority", "version"):
            del inner[key]
        inner["objectType"] = "SubStatement"
        made[f"SubStatement with {name} and {_kind(target)}"] = _whole(
            version, at + 1, _pick(ACTORS, at + 3), inner
        )
    return deepcopy(made)


def _whole(version: str, at: int, actor: Json, target: Json) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "actor": actor,
        "verb": {"id": VERB, "display": {"en": "examined", "cmn": "檢查"}},
        "object": target,
        "result": a_result(),
        "context": a_context(version, at, activity=_kind(target) == "Activity"),
        "timestamp": "2024-02-29T23:59:59.123456+02:00",
        "stored": "2024-03-01T00:00:00Z",
        "authority": AUTHORITIES[at % len(AUTHORITIES)],
        "version": version,
        "attachments": [an_attachment()],
    }


def _kind(target: Json) -> str:
    return str(target.get("objectType", "Activity"))


def _pick(found: dict[str, Json], at: int) -> Json:
    return list(found.values())[at % len(found)]
