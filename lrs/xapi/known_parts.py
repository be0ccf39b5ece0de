"""Known parts: what is kept of a valid actor, verb, Activity and so on.

In: the texts of the parts of Statements, which are learned where they are valid; then
the Pieces of familiar ones (lrs.xapi.familiar). Out: of a valid Statement what
validation and key extraction would give, without either; None where the long way has to
judge. What is learned depends on nothing but its own text: the rules of these parts are
the same in all versions.
"""

from __future__ import annotations

import msgspec

from lrs.xapi import definition
from lrs.xapi.context import PROPERTIES
from lrs.xapi.definition import Definitions
from lrs.xapi.familiar import Memory, Pieces
from lrs.xapi.keys import Keys, add_agent, distinct
from lrs.xapi.statement import RULES
from lrs.xapi.text import parse
from lrs.xapi.verb import VOIDED
from lrs.xapi.versions import Version
from lrs.xapi.violations import Violation

_PLAIN = ("id", "timestamp", "version", "result")  # judged by the rules at each time


class _Agents(msgspec.Struct, frozen=True):
    """An Agent or Group: its IFI keys, with those of its members."""

    keys: tuple[str, ...]


class _Verb(msgspec.Struct, frozen=True):
    id: str


class _Activities(msgspec.Struct, frozen=True):
    """Activities by their ids, and what is defined with them."""

    ids: tuple[str, ...]
    definitions: Definitions


Part = _Agents | _Verb | _Activities


class Judged(msgspec.Struct, frozen=True):
    """What a valid Statement comes to.

    ``statement_id`` is None where the LRS has to make one; ``is_plain`` says that all
    it has to do to the text is to add to its end.
    """

    statement_id: str | None
    keys: Keys
    definitions: Definitions
    has_version: bool
    is_plain: bool


# The rules of what is learned, the same in all versions.
_RULES = {name: RULES[Version.V1_0_3][name] for name in ("actor", "verb", "object")} | {
    f"context.{name}": PROPERTIES[Version.V1_0_3][name]
    for name in ("contextActivities", "instructor", "team")
}


def part_of(name: str, text: bytes) -> Part | None:
    """Return what is kept of the text of a property; None where it is not valid.

    What changes another Statement, or has to be changed itself, is not learned, and
    nothing of cmi5 (``category``): those take the long way each time. Raises NotJson.
    """
    if name == "context.contextActivities" and b'"category"' in text:
        return None
    value = parse(text)
    found: list[Violation] = []
    _RULES[name](value, "", name, found)
    if found:
        return None
    if name == "verb":
        return _Verb(value["id"]) if value["id"] != VOIDED else None
    if name == "object":
        if value.get("objectType", "Activity") != "Activity":
            return None
        said = definition.defined(f'{{"object":{text.decode()}}}')
        return _Activities((value["id"],), said)
    if name == "context.contextActivities":
        if "category" in value or any(isinstance(one, dict) for one in value.values()):
            return None
        around = f'{{"object":{{}},"context":{{"contextActivities":{text.decode()}}}}}'
        ids = [one["id"] for listed in value.values() for one in listed]
        return _Activities(distinct(ids), definition.defined(around))
    keys: list[str] = []
    add_agent(value, keys)
    return _Agents(distinct(keys))


# Of this process: what one request has taught, the next one knows.
MEMORY: Memory[Part] = Memory(part_of)

# Of the others, judged at each time: the rule, and the path that it wants.
_JUDGED = {
    version: {name: (RULES[version][name], "", name) for name in _PLAIN}
    | {
        f"context.{name}": (rule, "context.", name)
        for name, rule in PROPERTIES[version].items()
    }
    for version in Version
}


def judge(pieces: Pieces, version: Version) -> Judged | None:
    """Return what a familiar Statement comes to; None where it may not be valid."""
    learned, values = pieces.learned, pieces.values
    try:
        actor, verb, target = learned["actor"], learned["verb"], learned["object"]
    except KeyError:
        return None
    found: list[Violation] = []
    rules = _JUDGED[version]
    for name, value in values.items():
        rule, prefix, key = rules[name]
        rule(value, prefix, key, found)
    if found:
        return None
    related = actor.keys
    for name in ("context.instructor", "context.team"):
        if name in learned:
            related = distinct(related + learned[name].keys)
    around = learned.get("context.contextActivities")
    activities, definitions = target.ids, target.definitions
    if around is not None:
        activities = distinct(activities + around.ids)
        definitions = _united(around.definitions, definitions)
    registration = values.get("context.registration")
    keys = Keys(
        verb=verb.id,
        agents=actor.keys,
        related_agents=related,
        activities=target.ids,
        related_activities=activities,
        registration=None if registration is None else registration.lower(),
        target=None,
        voiding=False,
    )
    return Judged(
        values.get("id"),
        keys,
        definitions,
        has_version="version" in values,
        is_plain="id" in values and "timestamp" in values,
    )


def _united(around: Definitions, of_object: Definitions) -> Definitions:
    """Return both; what the object says of an Activity comes last."""
    if around.keys().isdisjoint(of_object):
        return {**around, **of_object}
    united = dict(around)
    for activity, said in of_object.items():
        before = united.get(activity, ())
        united[activity] = before + tuple(one for one in said if one not in before)
    return united
