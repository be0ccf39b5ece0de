"""Strategies of whole Statements and what they consist of (xAPI-Data 2.4)."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lrs.xapi.versions import Version
from tests.builders import VOIDED
from tests.strategies.activities import activities
from tests.strategies.actors import (
    actors,
    agent_objects,
    agents,
    authorities,
    groups,
)
from tests.strategies.values import (
    Digits,
    durations,
    extensions,
    iris,
    language_maps,
    language_tags,
    numbers,
    optional,
    pooled,
    texts,
    timestamps,
    uuids,
)

Json = dict[str, Any]

VERBS = [f"https://verbs.example.com/{name}" for name in ("did", "Did", "saw")]
STATEMENT_IDS = [str(uuid.UUID(int=at + (15 << 64))) for at in range(20)]
REGISTRATIONS = [str(uuid.UUID(int=at + (14 << 64))) for at in range(3)]

verbs = optional({"id": pooled(VERBS, iris)}, display=language_maps)
_referred = st.builds(
    lambda name, change: change(name),
    pooled(STATEMENT_IDS, uuids, known=8),
    st.sampled_from([str.lower, str.lower, str.upper]),
)
references = st.fixed_dictionaries(
    {"objectType": st.just("StatementRef"), "id": _referred}
)


@st.composite
def _scores(draw: st.DrawFn) -> Json:
    three = sorted(draw(st.lists(numbers, min_size=3, max_size=3)), key=_value)
    made = dict(zip(("min", "raw", "max"), three, strict=True))
    if made["min"].value >= made["max"].value:
        del made["max"]
    scaled = draw(st.sampled_from(["1", "-1.0", "0", "-1e0", "0.5", f"0.{'3' * 40}"]))
    made["scaled"] = Digits(scaled)
    return {name: made[name] for name in made if draw(st.booleans())}


def _value(number: Digits) -> Any:
    return number.value


results = optional(
    {},
    score=_scores(),
    success=st.booleans(),
    completion=st.booleans(),
    response=texts,
    duration=durations(),
    extensions=extensions,
)
_lists = st.one_of(st.lists(activities, max_size=2), activities)  # one alone, as 0.95
_context_activities = optional(
    {}, parent=_lists, grouping=_lists, category=_lists, other=_lists
)
_roles = st.lists(iris, min_size=1, max_size=2)
_attachments = st.lists(
    optional(
        {
            "usageType": iris,
            "display": language_maps,
            "contentType": st.sampled_from(
                ["text/plain", "application/vnd.x+json; charset=utf-8", "image/png"]
            ),
            "length": st.one_of(st.integers(0, 2**63), st.just(27)).map(
                lambda length: Digits(str(length))
            ),
            "sha2": st.binary(min_size=32, max_size=32).map(bytes.hex),
            "fileUrl": iris,
        },
        description=language_maps,
    ),
    max_size=2,
)


@cache
def _contexts(version: Version, *, of_activity: bool) -> SearchStrategy[Json]:
    parts: dict[str, Any] = {
        "registration": pooled(REGISTRATIONS, uuids),
        "instructor": actors,
        "team": groups,
        "contextActivities": _context_activities,
        "language": language_tags,
        "statement": references,
        "extensions": extensions,
    }
    if of_activity:
        parts |= {"revision": texts, "platform": texts}
    if version is Version.V2_0_0:
        agent = {"objectType": st.just("contextAgent"), "agent": agents}
        group = {"objectType": st.just("contextGroup"), "group": groups}
        parts["contextAgents"] = st.lists(
            optional(agent, relevantTypes=_roles), max_size=2
        )
        parts["contextGroups"] = st.lists(
            optional(group, relevantTypes=_roles), max_size=2
        )
    return optional({}, **parts)


@st.composite
def _parts(draw: st.DrawFn, version: Version, *, inner: bool) -> Json:
    """Make what Statements and SubStatements have in common."""
    kinds = ["Activity", "Activity", "Activity", "Agent", "Group", "StatementRef"]
    kind = draw(st.sampled_from(kinds if inner else [*kinds, "SubStatement"]))
    objects = {
        "Activity": activities,
        "Agent": agent_objects,
        "Group": groups,
        "StatementRef": references,
    }
    if kind == "SubStatement":
        target = {"objectType": kind, **draw(_parts(version, inner=True))}
    else:
        target = draw(objects[kind])
    verb = draw(verbs)
    if kind == "StatementRef" and draw(st.integers(0, 2)) == 0:
        verb = verb | {"id": VOIDED}
    others = optional(
        {},
        result=results,
        context=_contexts(version, of_activity=kind == "Activity"),
        timestamp=timestamps(version),
        attachments=_attachments,
    )
    return {"actor": draw(actors), "verb": verb, "object": target, **draw(others)}


@st.composite
def statements(draw: st.DrawFn, version: Version = Version.V2_0_0) -> Json:
    """Make valid Statements without id, with all optional parts of this version."""
    versions = ["1.0", "1.0.0", "1.0.3"]
    if version is Version.V2_0_0:
        versions += ["2.0.0", "2.0"]
    set_by_lrs = optional(
        {},
        stored=timestamps(version),
        authority=authorities,
        version=st.sampled_from(versions),
    )
    return {**draw(_parts(version, inner=False)), **draw(set_by_lrs)}
