"""What people learn of their own accord: videos, articles, quizzes, classes, courses.

No requirement names these; they are the larger rest that reports must tell apart.
"""

from __future__ import annotations

import random

from analytics.sample.courses import ARTICLES, BASE, ELECTIVE, VIDEO_TYPE, VIDEOS
from analytics.sample.moments import MINUTE, duration, local, utc
from analytics.sample.statements import VERBS, Json, Made, good_share, new_id, score

_TIME = "https://w3id.org/xapi/video/extensions/time"
_LENGTH = "https://w3id.org/xapi/video/extensions/length"
_VIDEO_SESSION = "https://w3id.org/xapi/video/extensions/session-id"
_VIDEO_PROFILE = {"id": "https://w3id.org/xapi/video"}


def elective(
    actor: Json, zone: str, at: int, room: int, rng: random.Random
) -> list[Made]:
    """Return at most ``room`` Statements of one sitting that begins at ``at``."""
    kinds = (_video, _article, _quiz, _class, _course)
    kind = rng.choices(kinds, (30, 25, 15, 8, 22))[0]
    made = kind(actor, at, rng)[:room]
    for one in made:
        one.statement["timestamp"] = local(one.at, zone) if zone else utc(one.at)
    return made


def _made(
    actor: Json, at: int, verb: str, obj: Json, rng: random.Random, **more: Json
) -> Made:
    statement: Json = {
        "id": new_id(rng),
        "actor": actor,
        "verb": VERBS[verb],
        "object": obj,
        **more,
    }
    return Made(at, verb, statement, voidable=True)


def _video(actor: Json, at: int, rng: random.Random) -> list[Made]:
    slug, name, length = rng.choice(VIDEOS)
    obj = {
        "objectType": "Activity",
        "id": f"{BASE}videos/{slug}",
        "definition": {"type": VIDEO_TYPE, "name": {"en": name}},
    }
    context: Json = {
        "registration": new_id(rng),
        "contextActivities": {"category": [_VIDEO_PROFILE]},
        "extensions": {_VIDEO_SESSION: new_id(rng), _LENGTH: length},
    }
    made = [_made(actor, at, "initialized", obj, rng, context=context)]
    position = 0
    for _ in range(rng.randrange(1, 3)):
        result: Json = {"extensions": {_TIME: position}}
        here = at + position * 1000 + 2_000
        made.append(
            _made(actor, here, "played", obj, rng, result=result, context=context)
        )
        position = rng.randrange(position + 5, length - 5)
        result = {"extensions": {_TIME: position}}
        here = at + position * 1000 + 3_000
        made.append(
            _made(actor, here, "paused", obj, rng, result=result, context=context)
        )
        if position > length - 40:
            break
    if rng.random() < 0.6:
        result = {"completion": True, "extensions": {_TIME: length}}
        here = at + length * 1000 + MINUTE
        made.append(
            _made(actor, here, "completed", obj, rng, result=result, context=context)
        )
    return made


def _article(actor: Json, at: int, rng: random.Random) -> list[Made]:
    slug, name = rng.choice(ARTICLES)
    obj = {"id": f"{BASE}articles/{slug}", "definition": {"name": {"en-GB": name}}}
    context: Json = {"language": "en-GB", "revision": f"r{rng.randrange(1, 9)}"}
    made = [_made(actor, at, "experienced", obj, rng, context=context)]
    if rng.random() < 0.06:
        said: Json = {
            "response": rng.choice(("Helpful.", "Très clair !", "分かりやすい"))
        }
        made.append(_made(actor, at + 4 * MINUTE, "commented", obj, rng, result=said))
    return made


def _quiz(actor: Json, at: int, rng: random.Random) -> list[Made]:
    parent = rng.choice(ELECTIVE)
    context: Json = {"contextActivities": {"parent": [parent.object]}}
    made = []
    for number in range(rng.randrange(2, 6)):
        right = rng.random() < 0.75
        obj = {
            "objectType": "Activity",
            "id": f"{parent.iri}/questions/{number + 1}",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
                "name": {"en": f"Question {number + 1}"},
                "interactionType": "choice",
                "correctResponsesPattern": ["b"],
                "choices": [
                    {"id": letter, "description": {"en": f"Answer {letter.upper()}"}}
                    for letter in "abc"
                ],
            },
        }
        result: Json = {"success": right, "response": "b" if right else "c"}
        here = at + number * 40_000
        made.append(
            _made(actor, here, "answered", obj, rng, result=result, context=context)
        )
    return made


def _class(actor: Json, at: int, rng: random.Random) -> list[Made]:
    course = rng.choice(ELECTIVE)
    trainer = {"name": "Training", "mbox": "mailto:trainers@training.example"}
    context: Json = {
        "instructor": {"objectType": "Agent", **trainer},
        "team": {
            "objectType": "Group",
            "name": "Class",
            "account": {
                "homePage": "https://rooms.example.com",
                "name": f"room-{rng.randrange(40)}",
            },
        },
        "platform": "Classroom",
    }
    made = []
    if rng.random() < 0.4:
        early = at - 90 * MINUTE
        made.append(_made(actor, early, "registered", course.object, rng))
    result: Json = {"duration": duration(course.minutes * 60)}
    made.append(
        _made(actor, at, "attended", course.object, rng, result=result, context=context)
    )
    return made


def _course(actor: Json, at: int, rng: random.Random) -> list[Made]:
    course = rng.choice(ELECTIVE)
    made = [_made(actor, at, "attempted", course.object, rng)]
    if rng.random() < 0.7:
        result: Json = {
            "score": score(good_share(None, rng)),
            "success": True,
            "completion": True,
            "duration": duration(course.minutes * 60),
        }
        here = at + min(course.minutes, 100) * MINUTE
        made.append(_made(actor, here, "completed", course.object, rng, result=result))
    return made
