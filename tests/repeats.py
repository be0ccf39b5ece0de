"""What may differ when a Statement comes again, what not (xAPI-Data 2.3.1, 4.6).

``BASES`` are Statements that together use every property; ``REPEATS`` are changes of
them: a name, the base, where, what it becomes there (a function of what stands there, a
value, or GONE), and whether it is still the same Statement. All are valid under 2.0.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import Any

from lrs.xapi.versions import Version

ANN = {"objectType": "Agent", "name": "Ann", "mbox": "mailto:Ann@example.com"}
BOB = {"account": {"homePage": "https://hr.example.com", "name": "Bob"}}
CLEO = {"openid": "https://id.example.com/Cleo"}
DORA = {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"}
TEAM = {"objectType": "Group", "name": "Team", "member": [ANN, BOB, CLEO]}
REF = {"objectType": "StatementRef", "id": "0a77b177-9383-4934-8543-0f91a7a02836"}
QUIZ = {
    "objectType": "Activity",
    "id": "https://activities.example.com/Quiz",
    "definition": {
        "name": {"en": "Quiz"},
        "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
        "interactionType": "choice",
        "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
        "extensions": {"https://ext.example.com/": [1]},
    },
}
INFO = {"moreInfo": "https://activities.example.com/Course/info"}
CONTEXT: dict[str, Any] = {
    "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
    "instructor": ANN,
    "team": TEAM,
    "contextActivities": {
        "parent": [{"id": "https://activities.example.com/Course", "definition": INFO}],
        "other": [QUIZ, {"id": "https://activities.example.com/Book"}],
    },
    "revision": "Three",
    "platform": "Platform",
    "language": "en-gb",
    "statement": REF,
    "extensions": {"https://ext.example.com/": {"a": [1, {"b": None}], "c": "C"}},
    "contextAgents": [
        {
            "objectType": "contextAgent",
            "agent": CLEO,
            "relevantTypes": ["https://roles.example.com/Tutor"],
        }
    ],
    "contextGroups": [{"objectType": "contextGroup", "group": TEAM}],
}
RESULT: dict[str, Any] = {
    "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
    "success": True,
    "completion": False,
    "response": "Yes",
    "duration": "PT1M30.12S",
    "extensions": {"https://ext.example.com/": [1, 2]},
}
CERTIFICATE = {
    "usageType": "https://usage.example.com/certificate",
    "display": {"en": "Certificate"},
    "contentType": "text/plain",
    "length": 27,
    "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
    "fileUrl": "https://files.example.com/certificate",
}
WHOLE: dict[str, Any] = {
    "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
    "actor": ANN,
    "verb": {"id": "https://verbs.example.com/Passed", "display": {"en": "passed"}},
    "object": QUIZ,
    "result": RESULT,
    "context": CONTEXT,
    "timestamp": "2024-02-29T12:00:00.5Z",
    "stored": "2024-02-29T12:00:01Z",
    "authority": BOB,
    "version": "1.0.0",
    "attachments": [CERTIFICATE],
}
_WITHOUT_ACTIVITY = {
    name: CONTEXT[name] for name in CONTEXT if name not in ("revision", "platform")
}
_INNER = {
    name: WHOLE[name]
    for name in ("actor", "verb", "object", "result", "context", "timestamp")
}
_BASES = {
    "whole": WHOLE,
    "least": {name: WHOLE[name] for name in ("id", "verb")}
    | {"actor": BOB, "object": {"id": QUIZ["id"]}},
    "team": WHOLE
    | {"actor": TEAM | DORA, "object": TEAM, "context": _WITHOUT_ACTIVITY},
    "agent": WHOLE | {"actor": DORA, "object": ANN, "context": _WITHOUT_ACTIVITY},
    "reference": WHOLE | {"object": REF, "context": _WITHOUT_ACTIVITY},
    "inner": WHOLE
    | {
        "object": {"objectType": "SubStatement", **_INNER, "attachments": []},
        "context": _WITHOUT_ACTIVITY,
    },
}
# Written and read: a part that stands in two places is two, and changed alone.
BASES: dict[str, dict[str, Any]] = json.loads(json.dumps(_BASES))
GONE = object()


def bases(version: Version) -> list[dict[str, Any]]:
    """Return copies of the bases as requests of this version take them."""
    copies = copy.deepcopy(list(BASES.values()))
    for part in [*copies, *(base["object"] for base in copies)]:
        for name in ("contextAgents", "contextGroups"):
            if version is Version.V1_0_3:
                part.get("context", {}).pop(name, None)
    return copies


@dataclass(frozen=True)
class Repeat:
    """One change of a base; ``path`` has its steps between slashes, a slash as ~."""

    name: str
    base: str
    path: str
    becomes: Any
    same: bool

    def statements(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the Statement as it came first, and as it comes again."""
        first = copy.deepcopy(BASES[self.base])
        again = copy.deepcopy(first)
        *names, last = [
            int(part) if part.isdigit() else part.replace("~", "/")
            for part in self.path.split("/")
        ]
        place: Any = again
        for name in names:
            place = place[name]
        if self.becomes is GONE:
            del place[last]
        elif callable(self.becomes):
            place[last] = self.becomes(place[last])
        else:
            place[last] = copy.deepcopy(self.becomes)
        return first, again


def _upper_domain(mbox: str) -> str:
    return re.sub("@.*", lambda found: found[0].upper(), mbox)


def _backwards(value: Any) -> Any:
    return value[::-1] if isinstance(value, list) else dict([*value.items()][::-1])


_SAME = [
    ("id in capitals", "whole", "id", str.upper),
    ("no timestamp", "whole", "timestamp", GONE),
    (
        "a timestamp of another offset",
        "whole",
        "timestamp",
        "2024-02-29T13:30:00.500+01:30",
    ),
    ("no stored", "whole", "stored", GONE),
    ("another stored", "whole", "stored", "2020-01-01T00:00:00Z"),
    ("a stored", "least", "stored", "2020-01-01T00:00:00Z"),
    ("no authority", "whole", "authority", GONE),
    ("another authority", "whole", "authority", ANN),
    ("an authority", "least", "authority", ANN),
    ("no version", "whole", "version", GONE),
    ("a version", "least", "version", "1.0.0"),
    ("no attachments", "whole", "attachments", GONE),
    ("another attachment", "whole", "attachments/0/display", {"de": "Zeugnis"}),
    ("no display of the verb", "whole", "verb/display", GONE),
    ("another display of the verb", "whole", "verb/display", {"de": "bestanden"}),
    ("a display of the verb", "least", "verb/display", {"de": "bestanden"}),
    ("no definition", "whole", "object/definition", GONE),
    ("another definition", "whole", "object/definition", {"name": {"en": "Test"}}),
    ("a definition", "least", "object/definition", {"name": {"en": "Test"}}),
    (
        "another definition in the context",
        "whole",
        "context/contextActivities/other/0/definition",
        GONE,
    ),
    ("the Activity without its type", "whole", "object/objectType", GONE),
    ("the Agent without its type", "whole", "actor/objectType", GONE),
    ("the domain of a mail address in capitals", "whole", "actor/mbox", _upper_domain),
    ("the digits of a hash in capitals", "agent", "actor/mbox_sha1sum", str.upper),
    ("members in another order", "team", "actor/member", _backwards),
    ("members of the object in another order", "team", "object/member", _backwards),
    ("members of a team in another order", "whole", "context/team/member", _backwards),
    ("the reference in capitals", "reference", "object/id", str.upper),
    ("the context's reference in capitals", "whole", "context/statement/id", str.upper),
    ("the registration in capitals", "whole", "context/registration", str.upper),
    ("the language in another case", "whole", "context/language", "en-GB"),
    (
        "one context Activity without its array",
        "whole",
        "context/contextActivities/parent",
        lambda found: found[0],
    ),
    ("keys in another order", "whole", "context", _backwards),
    (
        "keys of an extension in another order",
        "whole",
        "context/extensions/https:~~ext.example.com~",
        _backwards,
    ),
    ("a number written otherwise", "whole", "result/score/raw", 5.0),
    ("a duration finer than 0.01 s", "whole", "result/duration", "PT1M30.129S"),
    (
        "the SubStatement's verb with another display",
        "inner",
        "object/verb/display",
        {"en": "x"},
    ),
    ("the SubStatement's definition gone", "inner", "object/object/definition", GONE),
    (
        "the SubStatement's timestamp in another offset",
        "inner",
        "object/timestamp",
        "2024-02-29T12:00:00.5+00:00",
    ),
    (
        "the SubStatement's registration in capitals",
        "inner",
        "object/context/registration",
        str.upper,
    ),
    (
        "a duration finer than 0.01 s in the SubStatement",
        "inner",
        "object/result/duration",
        "PT1M30.1201S",
    ),
]
_DIFFERENT = [
    ("another timestamp", "whole", "timestamp", "2024-02-29T12:00:00.500001Z"),
    ("no name of the Agent", "whole", "actor/name", GONE),
    ("another name of the Agent", "whole", "actor/name", "ann"),
    ("a name", "least", "actor/name", "Bob"),
    ("the local part in another case", "whole", "actor/mbox", "mailto:ann@example.com"),
    ("another kind of identifier", "whole", "actor", CLEO),
    ("another hash", "agent", "actor/mbox_sha1sum", "0" * 40),
    ("another homePage", "least", "actor/account/homePage", "https://HR.example.com"),
    ("another account", "least", "actor/account/name", "bob"),
    (
        "another openid",
        "whole",
        "context/contextAgents/0/agent/openid",
        "https://id.example.com/cleo",
    ),
    ("another member", "team", "actor/member/1", CLEO),
    ("one member less", "team", "actor/member", lambda found: found[1:]),
    ("a member twice", "team", "actor/member", lambda found: [*found, found[0]]),
    ("no members", "team", "actor/member", GONE),
    ("another name of the Group", "team", "object/name", "team"),
    ("another verb", "whole", "verb/id", "https://verbs.example.com/passed"),
    ("another Activity", "whole", "object/id", "https://activities.example.com/quiz"),
    ("an Agent in place of an Activity", "least", "object", ANN),
    ("another Agent as object", "agent", "object/mbox", "mailto:bo@example.com"),
    (
        "another reference",
        "reference",
        "object/id",
        "0a77b177-9383-4934-8543-0f91a7a02837",
    ),
    ("no result", "whole", "result", GONE),
    ("an empty result", "least", "result", {}),
    ("another scaled score", "whole", "result/score/scaled", 0.500001),
    ("another raw score", "whole", "result/score/raw", 6),
    ("another least score", "whole", "result/score/min", -1),
    ("another greatest score", "whole", "result/score/max", 11),
    ("no score", "whole", "result/score", GONE),
    ("another success", "whole", "result/success", False),
    ("another completion", "whole", "result/completion", True),
    ("another response", "whole", "result/response", "yes"),
    ("another duration", "whole", "result/duration", "PT1M30.13S"),
    ("the same duration in other units", "whole", "result/duration", "PT90.12S"),
    (
        "an extension's list in another order",
        "whole",
        "result/extensions/https:~~ext.example.com~",
        [2, 1],
    ),
    (
        "a text for a number",
        "whole",
        "result/extensions/https:~~ext.example.com~/0",
        "1",
    ),
    ("true for 1", "whole", "result/extensions/https:~~ext.example.com~/0", True),
    (
        "another extension",
        "whole",
        "result/extensions",
        {"https://ext.example.com": [1, 2]},
    ),
    ("no context", "whole", "context", GONE),
    (
        "another registration",
        "whole",
        "context/registration",
        "ec531277-b57b-4c15-8d91-d292c5b2b8f8",
    ),
    ("another instructor", "whole", "context/instructor", BOB),
    ("another team", "whole", "context/team", TEAM | DORA),
    (
        "another parent",
        "whole",
        "context/contextActivities/parent/0/id",
        "https://activities.example.com/course",
    ),
    (
        "a parent as grouping",
        "whole",
        "context/contextActivities",
        {"grouping": [{"id": "https://activities.example.com/Course"}]},
    ),
    ("one more category", "whole", "context/contextActivities/category", [QUIZ]),
    (
        "context Activities in another order",
        "whole",
        "context/contextActivities/other",
        _backwards,
    ),
    ("another revision", "whole", "context/revision", "three"),
    ("another platform", "whole", "context/platform", "platform"),
    ("another language", "whole", "context/language", "en"),
    (
        "another statement of the context",
        "whole",
        "context/statement/id",
        "0a77b177-9383-4934-8543-0f91a7a02837",
    ),
    (
        "another value deep in an extension",
        "whole",
        "context/extensions/https:~~ext.example.com~/a/1/b",
        False,
    ),
    (
        "a null gone from an extension",
        "whole",
        "context/extensions/https:~~ext.example.com~/a/1/b",
        GONE,
    ),
    ("another context Agent", "whole", "context/contextAgents/0/agent", ANN),
    (
        "another relevant type",
        "whole",
        "context/contextAgents/0/relevantTypes",
        ["https://roles.example.com/tutor"],
    ),
    ("no relevant types", "whole", "context/contextAgents/0/relevantTypes", GONE),
    ("another context Group", "whole", "context/contextGroups/0/group/name", "team"),
    ("another actor of the SubStatement", "inner", "object/actor", CLEO),
    (
        "another verb of the SubStatement",
        "inner",
        "object/verb/id",
        "https://verbs.example.com/passed",
    ),
    (
        "another Activity of the SubStatement",
        "inner",
        "object/object/id",
        "https://activities.example.com/quiz",
    ),
    ("another result of the SubStatement", "inner", "object/result/success", False),
    (
        "another context of the SubStatement",
        "inner",
        "object/context/platform",
        "platform",
    ),
    ("no timestamp of the SubStatement", "inner", "object/timestamp", GONE),
    (
        "another timestamp of the SubStatement",
        "inner",
        "object/timestamp",
        "2024-02-29T12:00:01Z",
    ),
]
REPEATS = [
    Repeat(name, base, path, becomes, same)
    for same, changes in ((True, _SAME), (False, _DIFFERENT))
    for name, base, path, becomes in changes
]
