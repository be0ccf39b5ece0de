"""Activity: what a Statement is about, its definition and its interaction.

Spec: xAPI-Data 2.4.4.1 (Activity, definition, interactions and their components).
In: the value of an object or of a context Activity. Out: Violations.
Which component list suits which interactionType is not judged: the specification
leaves it open, and a refused Statement is a lost record.
"""

from __future__ import annotations

from lrs.xapi.checks import (
    each,
    extensions,
    iri,
    language_map,
    missing,
    one_of,
    properties,
    text,
)
from lrs.xapi.violations import Violation

_SECTION = "xapi-data:2.4.4.1"

COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")

_INTERACTION_TYPES = frozenset(
    {
        "true-false",
        "choice",
        "fill-in",
        "long-fill-in",
        "matching",
        "performance",
        "sequencing",
        "likert",
        "numeric",
        "other",
    }
)
_OF_INTERACTIONS = ("correctResponsesPattern", *COMPONENT_LISTS)

_component = properties(
    {"id": text(_SECTION), "description": language_map}, _SECTION, required=("id",)
)
_component_list = each(_component, _SECTION)


def _components(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand interaction components whose ids are distinct."""
    _component_list(value, prefix, key, found)
    if not isinstance(value, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            message = "The ids of the components of one list must be distinct."
            found.append(Violation(f"{prefix}{key}[{index}].id", _SECTION, message))
        seen.add(name)


_definition_properties = properties(
    {
        "name": language_map,
        "description": language_map,
        "type": iri(_SECTION),
        "moreInfo": iri(_SECTION),
        "extensions": extensions,
        "interactionType": one_of(_INTERACTION_TYPES, _SECTION),
        "correctResponsesPattern": each(text(_SECTION), _SECTION),
        **dict.fromkeys(COMPONENT_LISTS, _components),
    },
    _SECTION,
)


def definition(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand an Activity Definition; an interaction must name its type."""
    _definition_properties(value, prefix, key, found)
    if (
        isinstance(value, dict)
        and "interactionType" not in value
        and any(name in value for name in _OF_INTERACTIONS)
    ):
        missing(f"{prefix}{key}.interactionType", _SECTION, found)


activity = properties(
    {
        "objectType": one_of(frozenset({"Activity"}), _SECTION),
        "id": iri(_SECTION),
        "definition": definition,
    },
    _SECTION,
    required=("id",),
)
