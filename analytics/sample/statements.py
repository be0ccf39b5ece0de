"""The parts Statements are made of: ids, verbs, scores."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_VERBS = {
    "launched": "http://adlnet.gov/expapi/verbs/launched",
    "initialized": "http://adlnet.gov/expapi/verbs/initialized",
    "completed": "http://adlnet.gov/expapi/verbs/completed",
    "passed": "http://adlnet.gov/expapi/verbs/passed",
    "failed": "http://adlnet.gov/expapi/verbs/failed",
    "terminated": "http://adlnet.gov/expapi/verbs/terminated",
    "abandoned": "https://w3id.org/xapi/adl/verbs/abandoned",
    "waived": "https://w3id.org/xapi/adl/verbs/waived",
    "satisfied": "https://w3id.org/xapi/adl/verbs/satisfied",
    "attempted": "http://adlnet.gov/expapi/verbs/attempted",
    "experienced": "http://adlnet.gov/expapi/verbs/experienced",
    "answered": "http://adlnet.gov/expapi/verbs/answered",
    "attended": "http://adlnet.gov/expapi/verbs/attended",
    "registered": "http://adlnet.gov/expapi/verbs/registered",
    "commented": "http://adlnet.gov/expapi/verbs/commented",
    "voided": "http://adlnet.gov/expapi/verbs/voided",
    "played": "https://w3id.org/xapi/video/verbs/played",
    "paused": "https://w3id.org/xapi/video/verbs/paused",
    "seeked": "https://w3id.org/xapi/video/verbs/seeked",
}
VERBS: dict[str, Json] = {
    word: {"id": iri, "display": {"en": word}} for word, iri in _VERBS.items()
}


@dataclass(slots=True)
class Made:
    """A Statement and the instant it happened; ``voidable`` where nothing hangs on it.

    ``actor_known`` is False where the actor is in no row of the workforce file.
    """

    at: int
    verb: str
    statement: Json
    voidable: bool = False
    actor_known: bool = True


def new_id(rng: random.Random) -> str:
    """Return a version 4 UUID drawn from the seeded generator."""
    bits = rng.getrandbits(128)
    bits = bits & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def score(scaled: float) -> Json:
    """Return a Score of 0 to 100 points from the share that was right."""
    return {"scaled": scaled, "raw": round(scaled * 100), "min": 0, "max": 100}


def good_share(mastery: float | None, rng: random.Random) -> float:
    """Return a scaled score at or above what is asked for."""
    least = 0.7 if mastery is None else mastery
    return round(least + (1 - least) * rng.random(), 2)


def bad_share(mastery: float | None, rng: random.Random) -> float:
    """Return a scaled score below what is asked for."""
    least = 0.7 if mastery is None else mastery
    return round((least - 0.02) * (0.5 + 0.5 * rng.random()), 2)
