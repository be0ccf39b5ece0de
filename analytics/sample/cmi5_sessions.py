"""Whole cmi5 sessions: launched first, then the AU's Statements, terminated last.

One Episode becomes one registration: failed, suspended, or abandoned sessions before
the one that meets moveOn, then satisfied. Rule numbers: cmi5 sections 9.3 to 9.6.
"""

from __future__ import annotations

import random
from typing import Any

from analytics.sample.actors import account_of
from analytics.sample.behaviour import Episode
from analytics.sample.courses import AU_TYPE, Course
from analytics.sample.moments import HOUR, MINUTE, duration, utc
from analytics.sample.statements import (
    VERBS,
    Json,
    Made,
    bad_share,
    good_share,
    new_id,
    score,
)

_CONTEXT = "https://w3id.org/xapi/cmi5/context/"
_RESULT = "https://w3id.org/xapi/cmi5/result/extensions/"
CMI5 = {"id": f"{_CONTEXT}categories/cmi5"}
MOVEON = {"id": f"{_CONTEXT}categories/moveon"}
SESSION = f"{_CONTEXT}extensions/sessionid"
_MOVE_ON = {
    "completed": "Completed",
    "passed": "Passed",
    "completed_or_passed": "CompletedOrPassed",
    "completed_and_passed": "CompletedAndPassed",
}


class Registration:
    """One person's registration for one AU; makes its sessions in order of time."""

    def __init__(self, episode: Episode, course: Course, rng: random.Random) -> None:
        self.rng = rng
        self.course = course
        self.rule = episode.rule
        self.mastery = episode.mastery
        self.actor = account_of(episode.person)
        self.id = new_id(rng)
        self.language = "de" if episode.person.stints[0].location.id == "BER" else "en"
        self.publisher = {"id": f"https://publisher.example.com/au/{course.slug}"}
        self.completed = False
        self.made: list[Made] = []
        self.begin()

    def begin(self) -> None:
        """Draw the id of the next session (9.6.3.1)."""
        self.session = new_id(self.rng)

    def add(
        self,
        at: int,
        verb: str,
        result: Json | None = None,
        extensions: Json | None = None,
        obj: Json | None = None,
        defined: bool = True,
    ) -> None:
        """Append one Statement of the present session, UTC, categories by 9.6.2."""
        activities: dict[str, Any] = {"grouping": [self.publisher]}
        if defined:
            judged = result and ("success" in result or "completion" in result)
            activities["category"] = [CMI5, MOVEON] if judged else [CMI5]
        statement: Json = {
            "id": new_id(self.rng),
            "actor": self.actor,
            "verb": VERBS[verb],
            "object": obj or self._au(),
            "context": {
                "registration": self.id,
                "contextActivities": activities,
                "extensions": {SESSION: self.session, **(extensions or {})},
                "language": self.language,
            },
            "timestamp": utc(at),
        }
        if result:
            statement["result"] = result
        self.made.append(Made(at, verb, statement))

    def _au(self) -> Json:
        names = self.course.names
        definition = {"type": AU_TYPE, "name": names}
        return {
            "objectType": "Activity",
            "id": self.course.iri,
            "definition": definition,
        }

    def launch(self, at: int, mode: str = "Normal") -> int:
        """Add launched and initialized (9.3.1, 9.3.2); return when it began."""
        extensions: Json = {
            f"{_CONTEXT}extensions/launchmode": mode,
            f"{_CONTEXT}extensions/launchurl": f"{self.course.iri}/index.html",
            f"{_CONTEXT}extensions/moveon": _MOVE_ON[self.rule],
        }
        if self.mastery is not None:
            extensions[f"{_CONTEXT}extensions/masteryscore"] = self.mastery
        self.add(at, "launched", extensions=extensions)
        start = at + self.rng.randrange(3_000, 40_000)
        self.add(start, "initialized")
        return start

    def _judged(self, at: int, start: int, passed: bool) -> None:
        share = (good_share if passed else bad_share)(self.mastery, self.rng)
        echo = None
        if self.mastery is not None:
            echo = {f"{_CONTEXT}extensions/masteryscore": self.mastery}
        result = {
            "score": score(share),
            "success": passed,
            "duration": duration((at - start) // 1000),
        }
        self.add(at, "passed" if passed else "failed", result, echo)

    def _complete(self, at: int, start: int) -> None:
        spent = duration((at - start) // 1000)
        self.add(at, "completed", {"completion": True, "duration": spent})
        self.completed = True

    def _end(self, at: int, start: int) -> None:
        self.add(at, "terminated", {"duration": duration((at - start) // 1000)})

    def fail(self, at: int) -> None:
        """Add a session that ends below the mastery score, or suspended halfway."""
        start = self.launch(at)
        spent = self._spent()
        if self.rule == "completed":
            progress = {f"{_RESULT}progress": self.rng.randrange(10, 90)}
            self.add(
                start + spent // 2,
                "experienced",
                {"extensions": progress},
                defined=False,
            )
        else:
            both = self.rule == "completed_and_passed"
            if both and not self.completed and self.rng.random() < 0.6:
                self._complete(start + spent - 20_000, start)
            self._judged(start + spent, start, passed=False)
        self._end(start + spent + 30_000, start)
        self.begin()

    def abandon(self, at: int) -> None:
        """Add a session that never ended: the LMS abandons it (9.3.6)."""
        start = self.launch(at)
        spent = self._spent() // 3
        self.add(start + spent, "abandoned", {"duration": duration(spent // 1000)})
        self.begin()

    def meet(self, at: int) -> None:
        """Add the session that meets moveOn, with satisfied before terminated."""
        start = self.launch(at)
        spent = self._spent()
        if self.rng.random() < 0.15:
            self.add(start + spent // 2, "experienced", defined=False)
        now = start + spent
        either = self.rule == "completed_or_passed"
        if not self.completed and self.rule in ("completed", "completed_and_passed"):
            self._complete(now, start)
        elif either and self.rng.random() < 0.5:
            self._complete(now, start)
            either = False
        if either or self.rule in ("passed", "completed_and_passed"):
            now += self.rng.randrange(500, 15_000)
            self._judged(now, start, passed=True)
        self._satisfied(now + 800)
        self._end(now + self.rng.randrange(2_000, 60_000), start)
        self.begin()

    def review(self, at: int) -> None:
        """Add a look back: in Review only initialized and terminated (10.2.2)."""
        start = self.launch(at, "Review")
        self._end(start + 4 * MINUTE, start)
        self.begin()

    def waive(self, at: int) -> None:
        """Add waived in a session of its own, and satisfied with it (9.3.7)."""
        reason = self.rng.choice(("Equivalent", "Tested Out", "Administrative"))
        result = {
            "success": True,
            "completion": True,
            "extensions": {f"{_RESULT}reason": reason},
        }
        self.add(at, "waived", result)
        self._satisfied(at + 500)

    def _satisfied(self, at: int) -> None:
        whole = {
            "objectType": "Activity",
            "id": f"https://publisher.example.com/course/{self.course.slug}",
            "definition": {
                "type": "https://w3id.org/xapi/cmi5/activitytype/course",
                "name": self.course.names,
            },
        }
        self.add(at, "satisfied", obj=whole)

    def _spent(self) -> int:
        return int(self.course.minutes * MINUTE * self.rng.uniform(0.5, 1.1))


def sessions(
    episode: Episode, course: Course, starts: list[int], rng: random.Random
) -> list[Made]:
    """Return the Statements of an Episode whose attempts begin at ``starts``."""
    one = Registration(episode, course, rng)
    for at in starts[:-1]:
        one.fail(at)
    last = starts[-1]
    chance = rng.random()
    if episode.outcome != "met":
        (one.fail if episode.failures else one.abandon)(last)
    elif chance < 0.004 and episode.mastery is None:
        one.waive(last)
    else:
        if chance > 0.97 and len(starts) == 1:
            one.abandon(last - 5 * HOUR)
        one.meet(last)
    return one.made
