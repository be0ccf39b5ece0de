"""Formats: Statements as ``format=ids`` and ``format=canonical`` return them.

Spec: xAPI-Communication 2.1.3 (format, language filtering), xAPI-Data 2.4.6.2;
IEEE 9274.1.1 s8. In: a valid Statement. Out: a new one; the input stays as it is,
parts that do not change (extensions, for one) are shared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrs.xapi.activity import COMPONENT_LISTS
from lrs.xapi.actor import IFIS

_Json = Mapping[str, Any]
_Shape = Callable[[_Json], dict[str, Any]]


def ids(statement: _Json) -> dict[str, Any]:
    """Return the Statement with no more than what identifies its parts."""
    shapes = _Shapes(activity=_id, verb=_id, agent=_identity, attachment=dict)
    return shapes.apply(statement)


def canonical(
    statement: _Json,
    languages: Sequence[str],
    definitions: Mapping[str, _Json] | None = None,
) -> dict[str, Any]:
    """Return the Statement with one language in each language map.

    ``languages`` are the ranges of Accept-Language, the preferred one first.
    ``definitions`` are the LRS's own Activity Definitions by Activity id; an
    Activity that is not among them keeps the one of the Statement.
    """
    merged = definitions or {}

    def activity(found: _Json) -> dict[str, Any]:
        shaped = dict(found)
        definition = merged.get(found["id"], found.get("definition"))
        if definition is not None:
            shaped["definition"] = _definition(definition, languages)
        return shaped

    def described(found: _Json) -> dict[str, Any]:
        return _in_one_language(found, ("display", "description"), languages)

    shapes = _Shapes(
        activity=activity, verb=described, agent=dict, attachment=described
    )
    return shapes.apply(statement)


def choose(tags: Sequence[str], languages: Sequence[str]) -> str | None:
    """Return the tag that fits the ranges best, None only for no tags at all.

    A range fits a tag that equals it or goes on after a hyphen (RFC 2616 14.4). Each
    range is shortened from its end until it fits (RFC 4647 3.4) before the next one is
    tried: de-AT finds de or de-DE before English. Where none fits, the first tag is
    taken.
    """
    if not tags:
        return None
    for wanted in languages:
        shorter = wanted
        while shorter:
            for tag in tags:
                if shorter == "*" or _fits(tag, shorter):
                    return tag
            shorter = shorter.rpartition("-")[0]
    return tags[0]


def _fits(tag: str, wanted: str) -> bool:
    return f"{tag.lower()}-".startswith(f"{wanted.lower()}-")


def _in_one_language(
    value: _Json, names: Sequence[str], languages: Sequence[str]
) -> dict[str, Any]:
    shaped = dict(value)
    for name in names:
        found = shaped.get(name)
        tag = choose(list(found), languages) if found else None
        if found and tag is not None:
            shaped[name] = {tag: found[tag]}
    return shaped


def _definition(definition: _Json, languages: Sequence[str]) -> dict[str, Any]:
    shaped = _in_one_language(definition, ("name", "description"), languages)
    for name in COMPONENT_LISTS:
        if name in shaped:
            shaped[name] = [
                _in_one_language(component, ("description",), languages)
                for component in shaped[name]
            ]
    return shaped


def _id(part: _Json) -> dict[str, Any]:
    return {"id": part["id"]}


def _identity(agent: _Json) -> dict[str, Any]:
    """Return an Agent or Group reduced to its IFI; to its members if anonymous."""
    shaped = {name: agent[name] for name in IFIS if name in agent}
    if agent.get("objectType") != "Group":
        return shaped
    if not shaped:
        shaped["member"] = [_identity(member) for member in agent["member"]]
    return {"objectType": "Group", **shaped}


@dataclass(frozen=True, slots=True)
class _Shapes:
    """A shape for every kind of part, and the walk that applies them."""

    activity: _Shape
    verb: _Shape
    agent: _Shape
    attachment: _Shape

    def apply(self, statement: _Json) -> dict[str, Any]:
        """Return a Statement or SubStatement with all its parts in shape."""
        shaped = dict(statement)
        for name in ("actor", "authority"):
            if name in shaped:
                shaped[name] = self.agent(shaped[name])
        shaped["verb"] = self.verb(shaped["verb"])
        shaped["object"] = self._object(shaped["object"])
        if "context" in shaped:
            shaped["context"] = self._context(shaped["context"])
        if "attachments" in shaped:
            shaped["attachments"] = [self.attachment(a) for a in shaped["attachments"]]
        return shaped

    def _object(self, target: _Json) -> dict[str, Any]:
        kind = target.get("objectType", "Activity")
        if kind == "Activity":
            return self.activity(target)
        if kind == "SubStatement":
            return self.apply(target)
        if kind == "StatementRef":
            return dict(target)
        # An object that is an Agent would turn into an Activity without its type.
        return {"objectType": kind, **self.agent(target)}

    def _context(self, context: _Json) -> dict[str, Any]:
        shaped = dict(context)
        for name in ("instructor", "team"):
            if name in shaped:
                shaped[name] = self.agent(shaped[name])
        for name, who in (("contextAgents", "agent"), ("contextGroups", "group")):
            if name in shaped:
                shaped[name] = [
                    {**item, who: self.agent(item[who])} for item in shaped[name]
                ]
        if "contextActivities" in shaped:
            shaped["contextActivities"] = {
                name: [self.activity(a) for a in as_array(listed)]
                for name, listed in shaped["contextActivities"].items()
            }
        return shaped


def as_array(listed: _Json | list[_Json]) -> list[_Json]:
    """Return context Activities as the array that 2.4.6.2 wants returned."""
    return listed if isinstance(listed, list) else [listed]
