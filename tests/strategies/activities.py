"""Strategies of Activities, with definitions of every interaction (2.4.4.1)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies.values import (
    extensions,
    iris,
    language_maps,
    optional,
    pooled,
    texts,
)

ACTIVITIES = [f"https://activities.example.com/{name}" for name in ("a", "A", "b", "c")]
activity_ids = pooled(ACTIVITIES, iris)

_components = st.lists(
    optional({"id": texts}, description=language_maps),
    max_size=3,
    unique_by=lambda component: component["id"],
)
# Which of the lists an interaction of each type usually has; the specification leaves
# open whether it may have others.
INTERACTIONS: dict[str, tuple[str, ...]] = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
_PLAIN: dict[str, Any] = {
    "name": language_maps,
    "description": language_maps,
    "type": iris,
    "moreInfo": iris,
    "extensions": extensions,
}
_interactions = st.sampled_from(sorted(INTERACTIONS)).flatmap(
    lambda kind: optional(
        {"interactionType": st.just(kind)},
        **_PLAIN,
        correctResponsesPattern=st.lists(texts, max_size=2),
        **dict.fromkeys(INTERACTIONS[kind], _components),
    )
)
definitions = st.one_of(optional({}, **_PLAIN), _interactions)
activities = optional(
    {"id": activity_ids}, objectType=st.just("Activity"), definition=definitions
)
