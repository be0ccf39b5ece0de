"""The data model of a Statement as a table: a second reading of xAPI-Data 2.2 to 4.6.

Every property has a Kind: of which JSON type it is, which values are wrong though the
type is right, which are right, what it has inside. ``walker`` makes mutations of it.
Where the two versions differ the Kind is made for one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]
Required = Callable[[Json], Collection[str]]


def _nothing(_: Json) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Kind:
    """What a value may be.

    ``types`` names its JSON types; ``properties`` are those of an object, ``required``
    says which of them one object cannot do without; ``free`` are the right and the
    wrong names of an object whose names are free.
    """

    types: Collection[str]
    right: tuple[Any, ...] = ()
    wrong: tuple[Any, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: Required = _nothing
    items: Any = None
    free: tuple[tuple[str, ...], tuple[str, ...]] | None = None


# Where a property is a Kind for each value: which of them is this one?
Choice = Callable[[Any], Kind]


def kind_of(rule: Kind | Choice, value: Any) -> Kind:
    """Return the Kind that binds this value."""
    return rule if isinstance(rule, Kind) else rule(value)


def _always(*names: str) -> Required:
    return lambda _: names


def _string(right: tuple[str, ...], wrong: tuple[str, ...]) -> Kind:
    return Kind({"string"}, right, wrong)


def _word(*words: str) -> Kind:
    """Return the Kind of one of these words, in this letter case."""
    wrong = [w for word in words for w in (word.upper(), word.capitalize(), word + " ")]
    return _string(words, ("", *(w for w in wrong if w not in words)))


def _list(items: Kind | Choice, **more: Any) -> Kind:
    return Kind({"array"}, items=items, **more)


_TEXT = _string(("", "ÄÖ \u4e2d \U0001f600", "x" * 5000), ())
_BOOLEAN = Kind({"boolean"}, (True, False))
_UUID_DIGITS = "0d5f2b1e-76c9-4c3a-9d44-2f6f6f0a8b11"
_UUID = _string(
    (_UUID_DIGITS, _UUID_DIGITS.upper(), "c232ab00-9414-11ec-b3c8-9f68deced846"),
    (
        "",
        "no uuid",
        _UUID_DIGITS[:-1],
        _UUID_DIGITS + "1",
        _UUID_DIGITS.replace("-", ""),
        "g" + _UUID_DIGITS[1:],
        "{" + _UUID_DIGITS + "}",
        "urn:uuid:" + _UUID_DIGITS,
    ),
)
_IRI = _string(
    (
        "https://example.org/",
        "urn:isbn:0451450523",
        "tag:example.org,2013:xapi",
        "http://пример.example/路径?q=%C3%A9#ß",
    ),
    (
        "",
        "no scheme",
        "/path/only",
        "//host/path",
        "example.org/path",
        "1a:b",
        "a=b://c",
        "http://a b.example/",
        "http://x.example/<a>",
    ),
)
_MBOX = _string(
    ("mailto:a.b+c'd@sub.example.co", "mailto:x_1@localhost"),
    ("", "mailto:", "mailto:lena", "lena@example.org", "mailto:a b@example.org"),
)
_SHA1 = _string(("0" * 40, "ABCDEF0123" * 4), ("", "0" * 39, "0" * 41, "g" * 40))
_SHA2 = _string(("0" * 64, "AB" * 32, "c" * 128), ("", "0" * 63, "z" * 64, "0" * 40))
_TAGS = (
    ("en", "de-CH", "zh-Hant", "sr-Latn-RS", "cmn", "es-419", "x-klingon", "sl-rozaj"),
    ("", "something", "a12345678", "en_US", "e", "en-", "-en", "en-x", "english-US-"),
)
LANGUAGE = _string(*_TAGS)
_LANGUAGE_MAP = Kind(
    {"object"}, ({},), ({"en": 1}, {"en": None}, {"en": {}}), free=_TAGS
)
_EXTENSIONS = Kind(
    {"object"},
    ({}, *({"x:y": item} for item in (None, "", {}, [], 0, False, {"": None}))),
    free=(_IRI.right, _IRI.wrong),
)
_DURATION = _string(
    ("PT1H0M0.1S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W", "P1DT0.12567S"),
    ("", "P", "PT", "P1DT", "PA1H0M0S", "P4W1D", "1H", "pt1h", "PT1H2", "P1H", "4"),
)
_MEDIA_TYPE = _string(
    ("text/plain; charset=ascii", "application/vnd.x+json", "a/b"),
    ("", "text", "text/", "/plain", "text plain/x"),
)
_COUNT = Kind({"number"}, (0, 27, 2**40), (-1, 0.5, 1e-9))


def _number(right: tuple[float, ...], wrong: tuple[float, ...]) -> Kind:
    return Kind({"number"}, right, wrong)


# Between the others of full_statement.a_result: min 0, raw 5, max 10, scaled 0.5.
_SCORE = Kind(
    {"object"},
    ({}, {"raw": -1e9}, {"min": 1, "max": 1.0000001}, {"scaled": 0, "raw": 7}),
    properties={
        "scaled": _number((-1, 1, 1.0, 0.6767676, -0.0), (1.0000001, -1.0000001, 50)),
        "raw": _number((0, 10, 9.9999999), (-0.0000001, 10.0000001)),
        "min": _number((5, -1e300, 4.9999999), (5.0000001, 10, 11)),
        "max": _number((5, 1e300), (0, 4.9999999, -1)),
    },
)
_RESULT = Kind(
    {"object"},
    ({},),
    properties={
        "score": _SCORE,
        "success": _BOOLEAN,
        "completion": _BOOLEAN,
        "response": _TEXT,
        "duration": _DURATION,
        "extensions": _EXTENSIONS,
    },
)

IFI_NAMES = ("mbox", "mbox_sha1sum", "openid", "account")
_IFIS = {
    "mbox": _MBOX,
    "mbox_sha1sum": _SHA1,
    "openid": _IRI,
    "account": Kind(
        {"object"},
        wrong=({},),
        properties={"homePage": _IRI, "name": _TEXT},
        required=_always("homePage", "name"),
    ),
}
_AGENT = Kind(
    {"object"},
    wrong=({}, {"name": "nobody"}, {"objectType": "Agent"}),
    properties={"objectType": _word("Agent"), "name": _TEXT, **_IFIS},
    required=_always(*IFI_NAMES),
)
_MEMBERS = _list(_AGENT, wrong=([[]], [{}], [{"objectType": "Group", "member": []}]))


def _of_group(group: Json) -> Collection[str]:
    """Return what a Group cannot lose: an anonymous one its members."""
    identified = any(name in group for name in IFI_NAMES)
    return ("objectType",) if identified else ("objectType", "member")


_GROUP = Kind(
    {"object"},
    wrong=({}, {"objectType": "Group"}, {"objectType": "Group", "member": []}),
    properties={
        "objectType": _word("Group"),
        "name": _TEXT,
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
        "objectType": _word("Group"),
        "name": _TEXT,
        "member": _list(_AGENT, wrong=([], _OF_AUTHORITY[:1], _OF_AUTHORITY)),
    },
    required=_always("objectType", "member"),
)


def _authority(value: Any) -> Kind:
    return _AUTHORITY_GROUP if value.get("objectType") == "Group" else _AGENT


_VERB = Kind(
    {"object"},
    wrong=({},),
    properties={"id": _IRI, "display": _LANGUAGE_MAP},
    required=_always("id"),
)
_COMPONENTS = _list(
    Kind(
        {"object"},
        wrong=({},),
        properties={"id": _TEXT, "description": _LANGUAGE_MAP},
        required=_always("id"),
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
        "name": _LANGUAGE_MAP,
        "description": _LANGUAGE_MAP,
        "type": _IRI,
        "moreInfo": _IRI,
        "extensions": _EXTENSIONS,
        "interactionType": _word(*INTERACTION_TYPES),
        "correctResponsesPattern": _list(_TEXT),
        **dict.fromkeys(OF_INTERACTIONS[1:], _COMPONENTS),
    },
    required=_of_definition,
)
_ACTIVITY = Kind(
    {"object"},
    wrong=({},),
    properties={
        "objectType": _word("Activity"),
        "id": _IRI,
        "definition": _DEFINITION,
    },
    required=_always("id"),
)
_REFERENCE = Kind(
    {"object"},
    wrong=({}, {"objectType": "StatementRef"}),
    properties={"objectType": _word("StatementRef"), "id": _UUID},
    required=_always("objectType", "id"),
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
        "usageType": _IRI,
        "display": _LANGUAGE_MAP,
        "description": _LANGUAGE_MAP,
        "contentType": _MEDIA_TYPE,
        "length": _COUNT,
        "sha2": _SHA2,
        "fileUrl": _IRI,
    },
    required=_always("usageType", "display", "contentType", "length", "sha2"),
)


def _related(kind: str, name: str, who: Kind) -> Kind:
    """Return the Kind of contextAgents or contextGroups (2.0)."""
    one = Kind(
        {"object"},
        wrong=({}, {"objectType": kind}),
        properties={
            "objectType": _word(kind),
            name: who,
            "relevantTypes": _list(_IRI, wrong=([], ["no IRI"])),
        },
        required=_always("objectType", name),
    )
    return _list(one)


def _context(version: str) -> Kind:
    properties = {
        "registration": _UUID,
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
        "revision": _TEXT,
        "platform": _TEXT,
        "language": LANGUAGE,
        "statement": _REFERENCE,
        "extensions": _EXTENSIONS,
    }
    if version == "2.0.0":
        properties["contextAgents"] = _related("contextAgent", "agent", _AGENT)
        properties["contextGroups"] = _related("contextGroup", "group", _GROUP)
    return Kind({"object"}, ({},), properties=properties)


def statement_of(version: str) -> Kind:
    """Return the Kind of a whole Statement of one version."""
    # 2.0 takes the timestamps of RFC 3339, 1.0.3 all of ISO 8601 that has an offset.
    short = ("2024-01-01T12:00:00+01", "2024-01-01T12:00:00+0100")
    timestamp = _string(
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
        "attachments": _list(_ATTACHMENT, right=([],), wrong=([[]], [{}])),
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
            "objectType": _word("SubStatement"),
            "object": lambda value: kinds[value.get("objectType", "Activity")],
        },
        required=_always("objectType", "actor", "verb", "object"),
    )
    newer = ("2.0.0", "2.0", "2.0.1")
    return Kind(
        {"object"},
        properties={
            **common,
            "object": target,
            "id": _UUID,
            "stored": timestamp,
            "authority": _authority,
            "version": _string(
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
        required=_always("actor", "verb", "object"),
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
