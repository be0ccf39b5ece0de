"""The data model of a Statement as a table: a second reading of xAPI-Data 2.4.

Every property has a Kind (``value_kinds``): its JSON type, which values are right and
which wrong, what it has inside. ``walker`` makes mutations of it. Where the versions
differ the Kind is made for one of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.conformance.value_kinds import (
    BOOLEAN,
    COUNT,
    DURATION,
    EXTENSIONS,
    IRI,
    LANGUAGE,
    LANGUAGE_MAP,
    MBOX,
    MEDIA_TYPE,
    SHA1,
    SHA2,
    TEXT,
    UUID,
    Json,
    Kind,
    a_list,
    a_number,
    a_string,
    a_word,
    always,
)

# Between the others of full_statement.a_result: min 0, raw 5, max 10, scaled 0.5.
_SCORE = Kind(
    {"object"},
    ({}, {"raw": -1e9}, {"min": 1, "max": 1.0000001}, {"scaled": 0, "raw": 7}),
    properties={
        "scaled": a_number((-1, 1, 1.0, 0.6767676, -0.0), (1.0000001, -1.0000001, 50)),
        "raw": a_number((0, 10, 9.9999999), (-0.0000001, 10.0000001)),
        "min": a_number((5, -1e300, 4.9999999), (5.0000001, 10, 11)),
        "max": a_number((5, 1e300), (0, 4.9999999, -1)),
    },
)
_RESULT = Kind(
    {"object"},
    ({},),
    properties={
        "score": _SCORE,
        "success": BOOLEAN,
        "completion": BOOLEAN,
        "response": TEXT,
        "duration": DURATION,
        "extensions": EXTENSIONS,
    },
)


IFI_NAMES = ("mbox", "mbox_sha1sum", "openid", "account")
_IFIS = {
    "mbox": MBOX,
    "mbox_sha1sum": SHA1,
    "openid": IRI,
    "account": Kind(
        {"object"},
        wrong=({},),
        properties={"homePage": IRI, "name": TEXT},
        required=always("homePage", "name"),
    ),
}
_AGENT = Kind(
    {"object"},
    wrong=({}, {"name": "nobody"}, {"objectType": "Agent"}),
    properties={"objectType": a_word("Agent"), "name": TEXT, **_IFIS},
    required=always(*IFI_NAMES),
)
_MEMBERS = a_list(_AGENT, wrong=([[]], [{}], [{"objectType": "Group", "member": []}]))


def _of_group(group: Json) -> Collection[str]:
    """Return what a Group cannot lose: an anonymous one its members."""
    identified = any(name in group for name in IFI_NAMES)
    return ("objectType",) if identified else ("objectType", "member")


_GROUP = Kind(
    {"object"},
    wrong=({}, {"objectType": "Group"}, {"objectType": "Group", "member": []}),
    properties={
        "objectType": a_word("Group"),
        "name": TEXT,
        "member": _MEMBERS,
        **_IFIS,
    },
    required=_of_group,
)


def _actor(value: Any) -> Kind:
    return _GROUP if value.get("objectType") == "Group" else _AGENT


_OF_AUTHORITY = [{"mbox": f"mailto:{name}@example.org"} for name in "abc"]
_AUTHORITY_GROUP = Kind(
    {"object"},
    wrong=({"objectType": "Group", "mbox": "mailto:g@example.org"},),
    properties={
        "objectType": a_word("Group"),
        "name": TEXT,
        "member": a_list(_AGENT, wrong=([], _OF_AUTHORITY[:1], _OF_AUTHORITY)),
    },
    required=always("objectType", "member"),
)


def _authority(value: Any) -> Kind:
    return _AUTHORITY_GROUP if value.get("objectType") == "Group" else _AGENT


_VERB = Kind(
    {"object"},
    wrong=({},),
    properties={"id": IRI, "display": LANGUAGE_MAP},
    required=always("id"),
)
_COMPONENTS = a_list(
    Kind(
        {"object"},
        wrong=({},),
        properties={"id": TEXT, "description": LANGUAGE_MAP},
        required=always("id"),
    ),
    wrong=([{"id": "same"}, {"id": "same"}], ["a"]),
)
INTERACTION_TYPES = (
    *("true-false", "choice", "fill-in", "long-fill-in", "matching", "performance"),
    *("sequencing", "likert", "numeric", "other"),
)
OF_INTERACTIONS = (
    *("correctResponsesPattern", "choices", "scale", "source", "target", "steps"),
)


def _of_definition(definition: Json) -> Collection[str]:
    interacts = any(name in definition for name in OF_INTERACTIONS)
    return ("interactionType",) if interacts else ()


_DEFINITION = Kind(
    {"object"},
    ({}, {"interactionType": "other"}),
    properties={
        "name": LANGUAGE_MAP,
        "description": LANGUAGE_MAP,
        "type": IRI,
        "moreInfo": IRI,
        "extensions": EXTENSIONS,
        "interactionType": a_word(*INTERACTION_TYPES),
        "correctResponsesPattern": a_list(TEXT),
        **dict.fromkeys(OF_INTERACTIONS[1:], _COMPONENTS),
    },
    required=_of_definition,
)
_ACTIVITY = Kind(
    {"object"},
    wrong=({},),
    properties={
        "objectType": a_word("Activity"),
        "id": IRI,
        "definition": _DEFINITION,
    },
    required=always("id"),
)
_REFERENCE = Kind(
    {"object"},
    wrong=({}, {"objectType": "StatementRef"}),
    properties={"objectType": a_word("StatementRef"), "id": UUID},
    required=always("objectType", "id"),
)
_ACTIVITIES = Kind(
    {"array", "object"}, ([], {"id": "x:y"}), ({}, [{}]), items=_ACTIVITY
)


def _activities(value: Any) -> Kind:
    """Return the Kind of a list in contextActivities: one alone may stand there."""
    return _ACTIVITIES if isinstance(value, list) else _ACTIVITY_ALONE


_ACTIVITY_ALONE = Kind(
    {"array", "object"},
    ([], [{"id": "x:y"}]),
    ({}, [[]]),
    properties=_ACTIVITY.properties,
    required=_ACTIVITY.required,
)
_ATTACHMENT = Kind(
    {"object"},
    wrong=({},),
    properties={
        "usageType": IRI,
        "display": LANGUAGE_MAP,
        "description": LANGUAGE_MAP,
        "contentType": MEDIA_TYPE,
        "length": COUNT,
        "sha2": SHA2,
        "fileUrl": IRI,
    },
    required=always("usageType", "display", "contentType", "length", "sha2"),
)


def _related(kind: str, name: str, who: Kind) -> Kind:
    """Return the Kind of contextAgents or contextGroups (2.0)."""
    one = Kind(
        {"object"},
        wrong=({}, {"objectType": kind}),
        properties={
            "objectType": a_word(kind),
            name: who,
            "relevantTypes": a_list(IRI, wrong=([], ["no IRI"])),
        },
        required=always("objectType", name),
    )
    return a_list(one)


def _context(version: str) -> Kind:
    properties = {
        "registration": UUID,
        "instructor": _actor,
        "team": _GROUP,
        "contextActivities": Kind(
            {"object"},
            ({},),
            ({"parents": []},),
            properties=dict.fromkeys(
                ("parent", "grouping", "category", "other"), _activities
            ),
        ),
        "revision": TEXT,
        "platform": TEXT,
        "language": LANGUAGE,
        "statement": _REFERENCE,
        "extensions": EXTENSIONS,
    }
    if version == "2.0.0":
        properties["contextAgents"] = _related("contextAgent", "agent", _AGENT)
        properties["contextGroups"] = _related("contextGroup", "group", _GROUP)
    return Kind({"object"}, ({},), properties=properties)


def statement_of(version: str) -> Kind:
    """Return the Kind of a whole Statement of one version."""
    # 2.0 takes the timestamps of RFC 3339, 1.0.3 all of ISO 8601 that has an offset.
    short = ("2024-01-01T12:00:00+01", "2024-01-01T12:00:00+0100")
    timestamp = a_string(
        (
            *("2024-01-01T12:00:00Z", "2024-01-01T12:00:00.123456789+14:00"),
            *("2099-12-31T23:59:59-11:30", "2024-02-29T00:00:00.1+00:00"),
            *(short if version == "1.0.3" else ()),
        ),
        (
            *("", "today", "01/011/2015", "2024-01-01", "2024-13-01T00:00:00Z"),
            *("2023-02-29T00:00:00Z", "2024-01-01T12:00:00", "2024-01-01T25:00:00Z"),
            *("2024-01-01T12:00:00-00", "2024-01-01T12:00:00-0000"),
            *("2024-01-01T12:00:00-00:00", "2024-01-01 12:00:00Z"),
            *(short if version == "2.0.0" else ()),
        ),
    )
    context = _context(version)
    common: dict[str, Any] = {
        "actor": _actor,
        "verb": _VERB,
        "result": _RESULT,
        "context": context,
        "timestamp": timestamp,
        "attachments": a_list(_ATTACHMENT, right=([],), wrong=([[]], [{}])),
    }
    plain = {"Agent": _AGENT, "StatementRef": _REFERENCE, "Group": _GROUP}
    # As an object all of these must say what they are.
    kinds = {name: _with_type(kind) for name, kind in plain.items()}
    kinds["Activity"] = _ACTIVITY

    def target(value: Any) -> Kind:
        return kinds[value.get("objectType", "Activity")]

    kinds["SubStatement"] = Kind(
        {"object"},
        wrong=({}, {"objectType": "SubStatement"}),
        properties={
            **common,
            "objectType": a_word("SubStatement"),
            "object": lambda value: kinds[value.get("objectType", "Activity")],
        },
        required=always("objectType", "actor", "verb", "object"),
    )
    newer = ("2.0.0", "2.0", "2.0.1")
    return Kind(
        {"object"},
        properties={
            **common,
            "object": target,
            "id": UUID,
            "stored": timestamp,
            "authority": _authority,
            "version": a_string(
                ("1.0", "1.0.0", "1.0.9", *(newer if version == "2.0.0" else ())),
                (
                    *(
                        "",
                        "1",
                        "0.9.9",
                        "0.95",
                        "1.1.0",
                        "2.1.0",
                        "v1.0",
                        "should fail",
                    ),
                    *(newer if version == "1.0.3" else ()),
                ),
            ),
        },
        required=always("actor", "verb", "object"),
    )


def _with_type(kind: Kind) -> Kind:
    def required(value: Json) -> Collection[str]:
        return {"objectType", *kind.required(value)}

    return Kind(
        kind.types,
        kind.right,
        kind.wrong,
        kind.properties,
        required,
    )
