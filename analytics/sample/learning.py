"""All the Statements of the sample, unordered: mandatory courses, then electives.

In: workforce, window and how many to make. Out: exactly that many Made, where the
mandatory ones leave room; where they do not, episodes are dropped at random, never
those that carry the known true effect.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from analytics.sample.actors import actor_of, strangers
from analytics.sample.behaviour import Episode, mandatory, rollout
from analytics.sample.cmi5_sessions import sessions
from analytics.sample.courses import COURSES
from analytics.sample.electives import elective
from analytics.sample.history import Workforce
from analytics.sample.moments import Window, instant, on_workday
from analytics.sample.needs import needs, requirements
from analytics.sample.plain import attempt_starts, plain
from analytics.sample.statements import Made

UNKNOWN_SHARE = 0.015


@dataclass(slots=True)
class Learning:
    """What was learnt: bundles in which order matters, and whom the effect reaches."""

    bundles: list[list[Made]]
    trained: list[str]


def learn(
    force: Workforce,
    span: Window,
    count: int,
    seed: int,
    progress: Callable[[int], None],
) -> Learning:
    """Return ``count`` Statements in bundles; progress is told how many stand."""
    rng = random.Random(f"{seed}:learning")
    fixed = list(rollout(force, span, rng))
    found = list(mandatory(needs(force, requirements(), span.end), force, span, rng))
    rng.shuffle(found)
    bundles: list[list[Made]] = []
    made = 0
    for episode in fixed + found:
        bundle = _taken(episode, span, rng)
        if made + len(bundle) > count - 1:
            if episode.fixed:
                raise ValueError(f"{count} Statements are too few for the people.")
            continue
        bundles.append(bundle)
        made += len(bundle)
        progress(made)
    guests = strangers(max(3, len(force.people) // 50), rng)
    unknown = round(count * UNKNOWN_SHARE)
    while made < count:
        room = count - made
        if unknown > 0:
            bundle = _by_stranger(guests, span, min(room, unknown), rng)
            unknown -= len(bundle)
        else:
            bundle = _by_choice(force, span, room, rng)
        bundles.append(bundle)
        made += len(bundle)
        progress(made)
    return Learning(bundles, sorted({e.person.id for e in fixed}))


def _taken(episode: Episode, span: Window, rng: random.Random) -> list[Made]:
    course = COURSES[episode.activity]
    stint = episode.person.at(episode.day) or episode.person.stints[0]
    moment = instant(episode.day, stint.location.zone, rng, span.limit)
    starts = attempt_starts(episode, moment, course, rng)
    # cmi5 names people by account; where HR does not list it, nobody would be found.
    tracked = episode.person.listed and episode.outcome != "low"
    if tracked and rng.random() < course.cmi5:
        return sessions(episode, course, starts, rng)
    return plain(episode, course, starts, rng)


def _by_choice(
    force: Workforce, span: Window, room: int, rng: random.Random
) -> list[Made]:
    while True:
        person = rng.choice(force.people)
        day = span.start + timedelta(days=rng.randrange(span.days))
        day = on_workday(day, span.end - timedelta(days=1))
        stint = person.at(day)
        if stint is None or stint.status != "active":
            continue
        zone = stint.location.zone
        at = instant(day, zone, rng, span.limit)
        shown = zone if rng.random() < 0.5 else ""
        return elective(actor_of(person, day, rng), shown, at, room, rng)


def _by_stranger(
    guests: list[dict[str, object]], span: Window, room: int, rng: random.Random
) -> list[Made]:
    day = span.start + timedelta(days=rng.randrange(span.days))
    at = instant(day, "UTC", rng, span.limit)
    made = elective(rng.choice(guests), "", at, room, rng)
    for one in made:
        one.actor_known = False
    return made
