"""Generated Statements: the load of the benchmarks, the same for every contender.

Plain xAPI (xAPI-Data 2.4), about 1.2 kB each: 5,000 Agents of whom the first are more
active, 200 Activities with definitions, 12 verbs with a dominant few, results with
scores, registrations of about ten Statements, parent and grouping, instructors. Three
quarters have the compact text of JavaScript clients, a quarter that of Python's json.

In: a seed and a block's number. Out: the block's Statements, always the same. So any
process can make any part, and nothing of it has to be kept.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

BLOCK = 1000  # Statements
ACTORS, ACTIVITIES, COURSES, PROGRAMMES = 5_000, 200, 20, 5
_ENROLMENTS = 100  # registrations of a block
_INSTRUCTORS = 50  # the first of the Agents
_WITHOUT_ID = 0.1  # of all: these leave the id to the LRS
_WITHOUT_TIMESTAMP = 0.05
_WITHOUT_REGISTRATION = 0.1
_AS_PYTHON = 0.25
_WITH_RESULT, _WITH_INSTRUCTOR = 0.7, 0.3
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_BETWEEN = timedelta(seconds=6)  # from one Statement to the next: a year has 5 million

# The verbs and how many of 1,000 Statements have them; the last is a rare one.
VERBS = {
    "http://adlnet.gov/expapi/verbs/experienced": 300,
    "http://adlnet.gov/expapi/verbs/answered": 220,
    "http://adlnet.gov/expapi/verbs/completed": 120,
    "http://adlnet.gov/expapi/verbs/initialized": 100,
    "http://adlnet.gov/expapi/verbs/terminated": 80,
    "http://adlnet.gov/expapi/verbs/passed": 60,
    "http://adlnet.gov/expapi/verbs/progressed": 52,
    "http://adlnet.gov/expapi/verbs/failed": 30,
    "http://adlnet.gov/expapi/verbs/attempted": 20,
    "http://adlnet.gov/expapi/verbs/launched": 10,
    "http://adlnet.gov/expapi/verbs/scored": 6,
    "http://adlnet.gov/expapi/verbs/registered": 2,
}
VERB_IDS = tuple(VERBS)


class Generated(NamedTuple):
    """A Statement's text, its id ("" where the LRS makes one), and what it is of.

    ``actor``, ``verb`` and ``activity`` are numbers for ``agent``, ``VERB_IDS`` and
    ``activity_id``.
    """

    text: str
    statement_id: str
    actor: int
    verb: int
    activity: int
    registration: str


def agent(number: int) -> dict[str, Any]:
    """Return one of the 5,000: every second with an account, else with an mbox."""
    if number % 2:
        homepage = "https://people.example.com/directory"
        return {"account": {"homePage": homepage, "name": f"emp-{number:06d}"}}
    return {"mbox": f"mailto:person.{number:05d}@staff.example.com"}


def activity_id(number: int) -> str:
    """Return the id of an Activity; the first 20 are courses, parents of the others."""
    kind = "courses" if number < COURSES else "lessons"
    return f"https://learning.example.com/{kind}/{number:04d}/safety-at-work"


class Statements:
    """The endless row of Statements of one seed."""

    def __init__(self, seed: int = 4) -> None:
        self._seed = seed
        self._styles = (_Style(python=False), _Style(python=True))
        self._shares = list(itertools.accumulate(VERBS.values()))

    def block(self, number: int) -> list[Generated]:
        """Return the Statements ``number * BLOCK`` up to the next block."""
        # Not all of it is random.Random's own: its methods cost more than the rest.
        drawn = random.Random(self._seed * 1_000_003 + number)
        rnd, bits = drawn.random, drawn.getrandbits
        enrolments = [
            (int(ACTORS * rnd() ** 2), int(COURSES * rnd()), _uuid(bits(128)))
            for _ in range(_ENROLMENTS)
        ]
        verbs = drawn.choices(range(len(VERBS)), cum_weights=self._shares, k=BLOCK)
        start = _BEGIN + number * BLOCK * _BETWEEN
        made = []
        for at, verb in enumerate(verbs):
            actor, course, registration = enrolments[int(_ENROLMENTS * rnd())]
            lesson = COURSES + int((ACTIVITIES - COURSES) * rnd())
            statement_id = "" if rnd() < _WITHOUT_ID else _uuid(bits(128))
            if rnd() < _WITHOUT_REGISTRATION:
                registration = ""
            text = self._styles[rnd() < _AS_PYTHON].text(
                statement_id=statement_id,
                actor=actor,
                verb=verb,
                activity=lesson,
                score=int(1000 * rnd()) if rnd() < _WITH_RESULT else None,
                registration=registration,
                course=course,
                instructor=int(_INSTRUCTORS * rnd())
                if rnd() < _WITH_INSTRUCTOR
                else None,
                timestamp=""
                if rnd() < _WITHOUT_TIMESTAMP
                else _moment(start + at * _BETWEEN),
            )
            made.append(
                Generated(text, statement_id, actor, verb, lesson, registration)
            )
        return made

    def first(self, count: int) -> Iterator[Generated]:
        """Yield the first ``count`` Statements."""
        blocks = itertools.chain.from_iterable(map(self.block, itertools.count()))
        return itertools.islice(blocks, count)


class _Style:
    """Writes Statements as one kind of client does, from parts written once."""

    def __init__(self, *, python: bool) -> None:
        self._comma, self._colon = (", ", ": ") if python else (",", ":")
        self._python = python
        self._actors = [
            self._json({"objectType": "Agent", "name": _name(at), **agent(at)})
            for at in range(ACTORS)
        ]
        self._verbs = [
            self._json({"id": verb, "display": {"en-US": verb.rpartition("/")[2]}})
            for verb in VERBS
        ]
        self._objects = [self._json(_activity(at)) for at in range(ACTIVITIES)]
        self._around = [
            self._json(
                {
                    "parent": [{"id": activity_id(at), "objectType": "Activity"}],
                    "grouping": [
                        {
                            "id": "https://learning.example.com/programmes/"
                            f"{at % PROGRAMMES}",
                            "objectType": "Activity",
                            "definition": {"name": {"en-US": "Programme"}},
                        }
                    ],
                }
            )
            for at in range(COURSES)
        ]
        self._extensions = self._json(
            {
                "https://learning.example.com/xapi/extensions/browser-info": {
                    "code_name": "Mozilla",
                    "name": "Firefox",
                    "version": "5.0",
                }
            }
        )
        # The separators stand in the templates once and for all.
        self._result = self._json(
            {
                "score": {"scaled": "@s", "raw": "@r", "min": 0, "max": 100},
                "success": "@t",
                "completion": True,
                "duration": "PT@mM@nS",
            }
        )

    def text(
        self,
        *,
        statement_id: str,
        actor: int,
        verb: int,
        activity: int,
        score: int | None,
        registration: str,
        course: int,
        instructor: int | None,
        timestamp: str,
    ) -> str:
        """Return one Statement."""
        c, k = self._comma, self._colon
        context = f'"contextActivities"{k}{self._around[course]}'
        if registration:
            context = f'"registration"{k}"{registration}"{c}{context}'
        if instructor is not None:
            context += f'{c}"instructor"{k}{self._actors[instructor]}'
        head = f'"id"{k}"{statement_id}"{c}' if statement_id else ""
        tail = f'{c}"timestamp"{k}"{timestamp}"' if timestamp else ""
        if score is not None:
            tail = f'{c}"result"{k}{self._scored(score)}{tail}'
        return (
            f'{{{head}"actor"{k}{self._actors[actor]}{c}"verb"{k}{self._verbs[verb]}'
            f'{c}"object"{k}{self._objects[activity]}{c}"context"{k}{{{context}{c}'
            f'"platform"{k}"Example LMS 4.1"{c}"language"{k}"en-US"{c}"extensions"'
            f"{k}{self._extensions}}}{tail}}}"
        )

    def _scored(self, score: int) -> str:
        return (
            self._result.replace('"@s"', f"{score / 1000}")
            .replace('"@r"', f"{score / 10}")
            .replace('"@t"', "true" if score > 300 else "false")
            .replace("@m", str(score // 60))
            .replace("@n", str(score % 60))
        )

    def _json(self, value: Any) -> str:
        # Python's json escapes what is not ASCII, JavaScript does not.
        separators = (self._comma, self._colon)
        return json.dumps(value, ensure_ascii=self._python, separators=separators)


def _name(number: int) -> str:
    first = ("Ann", "José", "Mei", "Olu", "Zoë", "Ivan", "Sara", "Tom")[number % 8]
    return f"{first} Müller-{number:05d}"


def _activity(number: int) -> dict[str, Any]:
    kind = "course" if number < COURSES else "lesson"
    return {
        "id": activity_id(number),
        "objectType": "Activity",
        "definition": {
            "name": {
                "en-US": f"Safety at work, {kind} {number}",
                "de-DE": f"Sicherheit für alle, {kind} {number}",
            },
            "description": {
                "en-US": "What to do before, during and after work at heights."
            },
            "type": f"http://adlnet.gov/expapi/activities/{kind}",
        },
    }


def _uuid(drawn: int) -> str:
    text = f"{drawn:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"
