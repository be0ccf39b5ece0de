"""Courses reported in plain xAPI, by tools that know nothing of cmi5."""

from __future__ import annotations

import random

from analytics.sample.actors import actor_of
from analytics.sample.behaviour import Episode
from analytics.sample.courses import Course
from analytics.sample.moments import DAY, MINUTE, day_of, duration, local, utc
from analytics.sample.statements import (
    VERBS,
    Json,
    Made,
    bad_share,
    good_share,
    new_id,
    score,
)


def plain(
    episode: Episode, course: Course, starts: list[int], rng: random.Random
) -> list[Made]:
    """Return the Statements of an Episode whose attempts begin at ``starts``."""
    made: list[Made] = []
    actor = actor_of(episode.person, episode.day, rng)
    stint = episode.person.at(episode.day) or episode.person.stints[0]
    zone = stint.location.zone if rng.random() < 0.6 else ""
    context: Json = {"platform": rng.choice(("Campus", "Skillbox", "TeamLearn"))}
    if rng.random() < 0.4:
        context["registration"] = new_id(rng)

    def add(at: int, verb: str, result: Json | None, voidable: bool = False) -> Json:
        statement: Json = {
            "id": new_id(rng),
            "actor": actor,
            "verb": VERBS[verb],
            "object": course.object,
            "context": context,
            "timestamp": local(at, zone) if zone else utc(at),
        }
        if result:
            statement["result"] = result
        made.append(Made(at, verb, statement, voidable and not episode.fixed))
        return statement

    def judged(passed: bool) -> Json:
        least = 0.6 if episode.outcome == "low" else episode.mastery
        share = (good_share if passed else bad_share)(least, rng)
        if episode.outcome == "low":
            share = min(share, round((episode.mastery or 1) - 0.03, 2))
        return {"score": score(share), "success": passed, "duration": spent()}

    def spent() -> str:
        return duration(int(course.minutes * 60 * rng.uniform(0.5, 1.1)))

    for at in starts[:-1]:
        add(at, "failed", judged(False))
    last = starts[-1]
    wordy = rng.random() < 0.45
    if wordy or episode.outcome == "open":
        add(last, "initialized" if rng.random() < 0.5 else "attempted", None)
    end = last + course.minutes * MINUTE
    if episode.outcome == "open":
        if episode.failures:
            add(end, "failed", judged(False))
    elif episode.outcome == "low":
        add(end, "passed", judged(True))
    elif episode.rule == "completed":
        add(end, "completed", {"completion": True, "duration": spent()}, True)
        if rng.random() < 0.08:
            made[-1].statement["attachments"] = [_certificate(episode, rng)]
    elif episode.rule == "passed":
        add(end, "passed", judged(True), True)
    elif episode.rule == "completed_or_passed" and rng.random() < 0.5:
        add(end, "completed", {"completion": True}, True)
    elif rng.random() < 0.4:
        add(end, "completed", {"completion": True, "duration": spent()})
        add(end + 2_000, "passed", judged(True))
    else:
        add(end, "passed", {**judged(True), "completion": True}, True)
    return made


def _certificate(episode: Episode, rng: random.Random) -> Json:
    """Return an attachment that stands elsewhere: only its address and hash."""
    return {
        "usageType": "http://adlnet.gov/expapi/attachments/certificate",
        "display": {"en": "Certificate"},
        "contentType": "application/pdf",
        "length": rng.randrange(40_000, 90_000),
        "sha2": f"{rng.getrandbits(256):064x}",
        "fileUrl": f"https://files.example.com/{episode.person.id}-{new_id(rng)}.pdf",
    }


def attempt_starts(
    episode: Episode, moment: int, course: Course, rng: random.Random
) -> list[int]:
    """Return when the attempts of an Episode begin, the last at ``moment``.

    Earlier ones lie up to two days apart, or on the same day where the person had
    only just come. An attempt is over before the next begins.
    """
    starts = [moment]
    repeats = episode.failures if episode.outcome == "met" else 0
    close = (day_of(moment) - episode.first).days < 5
    for _ in range(repeats):
        least = course.minutes * MINUTE * 2
        gap = least + (rng.randrange(MINUTE * 20) if close else rng.randrange(2 * DAY))
        starts.insert(0, starts[0] - gap)
    return starts
