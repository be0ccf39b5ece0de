"""Ways to break one rule of a valid Statement, and the place where it is then broken.

``places`` walks a Statement by its nouns; a Mutation says where it fits, changes the
Statement there and returns the path that a violation must name, written as violations
have it: ``context.contextActivities.parent[0].id``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lrs.xapi.versions import Version
from tests.builders import VOIDED
from tests.strategies.values import Digits

Path = tuple[Any, ...]
Json = dict[str, Any]

# noun: its properties, each with the noun that stands there; * for a list of them.
_COMMON = (
    "actor=actor verb=verb object=object result=result context=context "
    "timestamp=timestamp attachments=*attachment"
)
_WHO = (
    "objectType=kind name=text mbox=mbox mbox_sha1sum=sha1 openid=iri account=account "
    "member=*agent"
)
_NOUNS = {
    "Statement": f"{_COMMON} id=uuid stored=timestamp version=version "
    "authority=authority",
    "SubStatement": f"{_COMMON} objectType=kind",
    **dict.fromkeys(("actor", "agent", "group", "authority"), _WHO),
    "account": "homePage=iri name=text",
    "verb": "id=iri display=language-map",
    "activity": "objectType=kind id=iri definition=definition",
    "definition": "name=language-map description=language-map type=iri moreInfo=iri "
    "extensions=extensions interactionType=kind correctResponsesPattern=*text "
    "choices=*component scale=*component source=*component target=*component "
    "steps=*component",
    "component": "id=text description=language-map",
    "reference": "objectType=kind id=uuid",
    "result": "score=score success=truth completion=truth response=text "
    "duration=duration extensions=extensions",
    "score": "scaled=number raw=number min=number max=number",
    "context": "registration=uuid instructor=actor team=group "
    "contextActivities=context-activities revision=text platform=text "
    "language=language-tag statement=reference extensions=extensions "
    "contextAgents=*context-agent contextGroups=*context-group",
    "context-activities": "parent=*activity grouping=*activity category=*activity "
    "other=*activity",
    "context-agent": "objectType=kind agent=agent relevantTypes=*iri",
    "context-group": "objectType=kind group=group relevantTypes=*iri",
    "attachment": "usageType=iri display=language-map description=language-map "
    "contentType=media-type length=length sha2=sha2 fileUrl=iri",
}
NOUNS = {
    noun: dict(part.split("=") for part in parts.split())
    for noun, parts in _NOUNS.items()
}
_OBJECTS = {
    "Activity": "activity",
    "Agent": "agent",
    "Group": "group",
    "StatementRef": "reference",
    "SubStatement": "SubStatement",
}
_REQUIRED = {
    **dict.fromkeys(("Statement", "SubStatement"), ("actor", "verb", "object")),
    **dict.fromkeys(("verb", "activity", "component"), ("id",)),
    "reference": ("id",),
    "account": ("homePage", "name"),
    "context-agent": ("objectType", "agent"),
    "context-group": ("objectType", "group"),
    "attachment": ("usageType", "display", "contentType", "length", "sha2"),
}
_WRONG: dict[str, tuple[Any, ...]] = {
    "text": (Digits("1"), True, ["x"]),
    "truth": ("true", Digits("0"), []),
    "number": ("1", True, {}),
    "kind": ("Thing", "", Digits("1")),
    "iri": ("no scheme", "/relative", "http://a b/", "http://a/%zz", "", Digits("1")),
    "uuid": ("", "fd41c918", "{fd41c918-b88b-4b20-a0a5-a4c32391aaa0}", Digits("1")),
    "mbox": ("ann@example.com", "mailto:ann", "MAILTO:a@b.example", "mailto:a@b,c@d"),
    "sha1": ("0" * 39, "g" * 40, Digits("0")),
    "sha2": ("0" * 63, "g" * 64, Digits("0")),
    "language-tag": ("", "english_us", "1", "a-DE", Digits("1")),
    "language-map": ({"no tag": "x"}, {"en": Digits("1")}, {"en": None}, "x", []),
    "extensions": ({"no scheme": 1}, {"": 1}, "x", []),
    "timestamp": ("2020-01-01", "2020-01-01T00:00:00", "2020-02-30T00:00:00Z", ""),
    "duration": ("", "P", "PT", "1H", "P1H", "PT1.5M2S", "-PT1S", Digits("1")),
    "version": ("0.9.9", "1.1.0", "", Digits("1.0")),
    "media-type": ("text", "", "text/", Digits("1")),
    "length": (Digits("-1"), Digits("1.5"), "27", True),
}


@dataclass(frozen=True)
class Place:
    """Something in a Statement: its path, what it is, and what it is part of."""

    at: Path
    noun: str
    value: Any
    inside: str = ""


@dataclass(frozen=True)
class Mutation:
    """``change(statement, path)`` breaks a rule and returns the path to be named.

    ``version`` is the one whose rule it is, where the other has no such rule.
    """

    name: str
    fits: Callable[[Place], bool]
    change: Callable[[Json, Path], Path]
    version: Version | None = None

    def broken(self, statement: Json, place: Place) -> tuple[Json, str]:
        """Return the Statement broken there, and the path of the violation."""
        changed = copy.deepcopy(statement)
        return changed, _written(self.change(changed, place.at))


def fitting(statement: Json, version: Version) -> Iterator[tuple[Mutation, Place]]:
    """Yield every way to break a rule of this Statement."""
    for place in places(statement):
        for mutation in MUTATIONS:
            if mutation.version in (None, version) and mutation.fits(place):
                yield mutation, place


def places(
    value: Any, at: Path = (), noun: str = "Statement", inside: str = ""
) -> Iterator[Place]:
    """Yield a noun and everything in it, down to what is the sender's own."""
    if noun == "object":
        noun = _OBJECTS[value.get("objectType", "Activity")]
    yield Place(at, noun, value, inside)
    if noun not in NOUNS:
        return
    for name, part in value.items():
        of, listed = NOUNS[noun][name].removeprefix("*"), isinstance(part, list)
        if listed:
            yield Place((*at, name), "list", part, noun)
        for number, item in enumerate(part if listed else [part]):
            here = (*at, name, number) if listed else (*at, name)
            yield from places(item, here, of, noun)


def _get(statement: Any, at: Path) -> Any:
    for name in at:
        statement = statement[name]
    return statement


def _written(at: Path) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in at]
    return "".join(steps).removeprefix(".")


def _put(becomes: Any, *names: Any) -> Callable[[Json, Path], Path]:
    """Put another value there; ``names`` lead from there to the violation."""

    def change(statement: Json, at: Path) -> Path:
        _get(statement, at[:-1])[at[-1]] = copy.deepcopy(becomes)
        return (*at, *names)

    return change


def _add(name: str, value: Any, *names: Any) -> Callable[[Json, Path], Path]:
    """Give the object there a property."""

    def change(statement: Json, at: Path) -> Path:
        _get(statement, at)[name] = copy.deepcopy(value)
        return (*at, *names)

    return change


def _remove(name: str) -> Callable[[Json, Path], Path]:
    def change(statement: Json, at: Path) -> Path:
        del _get(statement, at)[name]
        return (*at, name)

    return change


def _two_ifis(statement: Json, at: Path) -> Path:
    agent = _get(statement, at)
    another = "openid" if "openid" not in agent else "mbox"
    agent[another] = "mailto:x@example.com"  # an IRI, too
    return at


def _revise(statement: Json, at: Path) -> Path:
    _get(statement, at)["context"]["revision"] = "1"
    return (*at, "context", "revision")


def _unidentify(statement: Json, at: Path) -> Path:
    agent = _get(statement, at)
    for name in _ifis(agent):
        del agent[name]
    return at


def _respell(statement: Json, at: Path) -> Path:
    holder = _get(statement, at[:-1])
    holder[at[-1].swapcase()] = holder.pop(at[-1])
    return at[:-1]


def _repeat_component(statement: Json, at: Path) -> Path:
    components = _get(statement, at)
    components.append(copy.deepcopy(components[0]))
    return (*at, len(components) - 1, "id")


def _ifis(agent: Json) -> set[str]:
    return {"mbox", "mbox_sha1sum", "openid", "account"} & agent.keys()


def _is(*nouns: str) -> Callable[[Place], bool]:
    return lambda place: place.noun in nouns


def _has(name: str, *nouns: str) -> Callable[[Place], bool]:
    return lambda place: place.noun in nouns and name in place.value


def _agent(place: Place) -> bool:
    who = place.noun in ("actor", "agent", "authority")
    return who and place.value.get("objectType") != "Group"


def _not_about_an_activity(place: Place) -> bool:
    target = place.value.get("object") if "Statement" in place.noun else None
    kind = target.get("objectType", "Activity") if target else "Activity"
    return kind != "Activity" and "context" in place.value


def _named(place: Place) -> bool:
    return bool(place.at) and isinstance(place.at[-1], str)


def _about(kind: str) -> Callable[[Place], bool]:
    return lambda place: (
        "Statement" in place.noun
        and place.value["object"].get("objectType", "Activity") == kind
    )


_ANY_AGENT = {"objectType": "Agent", "openid": "https://id.example.com/x"}
_ANY_GROUP = {"objectType": "Group", "member": [_ANY_AGENT]}
_SUB = {"actor": _ANY_AGENT, "verb": {"id": "a:b"}, "object": {"id": "a:b"}}

MUTATIONS = [
    # xapi-data:2.2, types, nulls and names
    Mutation("null", lambda place: bool(place.at), _put(None)),
    Mutation(
        "a text for an object",
        lambda place: place.noun in NOUNS and bool(place.at),
        _put("x"),
    ),
    Mutation("a text for a list", _is("list"), _put("x")),
    Mutation("an unknown name", lambda place: place.noun in NOUNS, _add("nobody", 1)),
    Mutation("an empty name", lambda place: place.noun in NOUNS, _add("", 1)),
    Mutation("a name in another case", _named, _respell),
    *(
        Mutation(f"the {noun} {value!r}", _is(noun), _put(value))
        for noun, values in _WRONG.items()
        for value in values
    ),
    *(
        Mutation(f"no {name} of the {noun}", _has(name, noun), _remove(name), since)
        for noun, names in _REQUIRED.items()
        for name in names
        for since in [Version.V2_0_0 if noun.startswith("context-") else None]
    ),
    Mutation(
        "no objectType of the context's reference",
        lambda place: place.noun == "reference" and place.at[-1] == "statement",
        _remove("objectType"),
    ),
    # 2.4.2 and 2.4.9, who
    Mutation("an Agent with two IFIs", _agent, _two_ifis),
    Mutation("an Agent without IFI", _agent, _unidentify),
    Mutation("an Agent with members", _agent, _add("member", [])),
    Mutation(
        "a Group in a Group",
        lambda place: place.noun == "agent" and place.at[-2:-1] == ("member",),
        _put(_ANY_GROUP, "objectType"),
    ),
    Mutation(
        "an Agent as team",
        lambda place: place.noun == "group" and place.at[-1] != "object",
        _put(_ANY_AGENT, "objectType"),
    ),
    Mutation(
        "an anonymous Group without members",
        _is("actor", "group", "authority"),
        _put({"objectType": "Group", "member": []}, "member"),
    ),
    Mutation(
        "an authority of three",
        _is("authority"),
        _put(_ANY_GROUP | {"member": [_ANY_AGENT] * 3}, "member"),
    ),
    Mutation(
        "an authority with an IFI of its own",
        _is("authority"),
        _put({**_ANY_AGENT, "objectType": "Group"}),
    ),
    # 2.4.4, what about
    Mutation(
        "components with one id",
        lambda place: (
            place.noun == "list"
            and NOUNS["definition"].get(place.at[-1]) == "*component"
            and bool(place.value)
        ),
        _repeat_component,
    ),
    Mutation(
        "an interaction without its type",
        lambda place: (
            place.noun == "definition" and "interactionType" not in place.value
        ),
        _add("choices", [], "interactionType"),
    ),
    Mutation(
        "a SubStatement in a SubStatement",
        _is("SubStatement"),
        _add("object", {**_SUB, "objectType": "SubStatement"}, "object", "objectType"),
    ),
    *(
        Mutation(
            f"the {name} of a SubStatement",
            _is("SubStatement"),
            _add(name, value, name),
        )
        for name, value in {
            "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
            "stored": "2020-01-01T00:00:00Z",
            "version": "1.0.0",
            "authority": _ANY_AGENT,
        }.items()
    ),
    *(
        Mutation(
            f"the void of a {kind}",
            _about(kind),
            _add("verb", {"id": VOIDED}, "object"),
        )
        for kind in ("Activity", "Agent", "Group", "SubStatement")
    ),
    # 2.4.5 and 2.4.6
    Mutation(
        "a scaled score over 1",
        _is("score"),
        _add("scaled", Digits("1.0000001"), "scaled"),
    ),
    Mutation(
        "a scaled score under -1",
        _is("score"),
        _add("scaled", Digits("-1E400"), "scaled"),
    ),
    Mutation(
        "a score between equals",
        _is("score"),
        _put({"min": Digits("1"), "max": Digits("1.0")}, "min"),
    ),
    Mutation(
        "a score under its minimum",
        _is("score"),
        _put({"min": Digits("1"), "raw": Digits("0.9")}, "raw"),
    ),
    Mutation(
        "a score over its maximum",
        _is("score"),
        _put({"max": Digits("1"), "raw": Digits("1E400")}, "raw"),
    ),
    Mutation("no Activity, but a revision", _not_about_an_activity, _revise),
    Mutation(
        "no relevant types",
        lambda place: place.noun == "list" and place.at[-1] == "relevantTypes",
        _put([]),
        Version.V2_0_0,
    ),
    # what the versions differ in
    Mutation(
        "an offset without colon",
        _is("timestamp"),
        _put("2020-01-01T00:00:00+0100"),
        Version.V2_0_0,
    ),
    Mutation("a version of the future", _is("version"), _put("2.0.0"), Version.V1_0_3),
    *(
        Mutation(
            f"a context with {name}", _is("context"), _add(name, []), Version.V1_0_3
        )
        for name in ("contextAgents", "contextGroups")
    ),
]
