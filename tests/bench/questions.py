"""The queries whose cost must not grow, and questions of each kind.

The same Agents, verbs and Activities are asked for in a small and in a large store, and
those have a full page in both. What a store has its own of, ids, registrations, times,
is drawn from all that it holds.
"""

from __future__ import annotations

import collections
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lrs.access import Principal
from lrs.retrieval import StatementQuery
from lrs.xapi.keys import ifi_key
from tests.bench.bulk import Writers, stored_at
from tests.bench.statements import (
    BLOCK,
    COURSES,
    VERB_IDS,
    Generated,
    Statements,
    activity_id,
    agent,
)

PAGE, SOME = 100, 50
_INSTRUCTORS = 50


@dataclass(frozen=True, slots=True)
class Question:
    """One question: a Statement's id, or a query; ``pages`` to follow ``more``."""

    principal: Principal
    query: StatementQuery = field(default_factory=StatementQuery)
    statement_id: str | None = None
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store of so many blocks holds, from ``begin`` (microseconds) on."""

    statements: Statements
    blocks: int
    begin: int
    writers: Writers


class Common:
    """What the first Statements, which every store has, have enough of."""

    def __init__(self, statements: Statements, count: int) -> None:
        pairs: collections.Counter[tuple[int, int]] = collections.Counter()
        actors: collections.Counter[int] = collections.Counter()
        lessons: collections.Counter[int] = collections.Counter()
        verbs: collections.Counter[int] = collections.Counter()
        for item in statements.first(count):
            pairs[item.actor, item.verb] += 1
            actors[item.actor] += 1
            lessons[item.activity] += 1
            verbs[item.verb] += 1
        self.pairs = _enough(pairs, SOME)
        self.actors = _enough(actors, SOME)
        self.lessons = _enough(lessons, PAGE)
        self.verbs = _enough(verbs, PAGE)


def kinds(common: Common, contents: Contents, count: int) -> dict[str, list[Question]]:
    """Return ``count`` questions of every kind, for one store."""
    drawn = random.Random(6)
    some = _samples(contents, drawn, count)
    main, rare, early = (
        contents.writers.main,
        contents.writers.rare,
        contents.writers.early,
    )

    def asked(
        make: Callable[[int], StatementQuery], who: Principal = main
    ) -> list[Question]:
        return [Question(who, make(at)) for at in range(count)]

    def one_of(values: Sequence[int], at: int) -> int:
        return values[at % len(values)]

    def actor(at: int) -> str | None:
        return ifi_key(agent(one_of(common.actors, at)))

    def lesson(at: int) -> str:
        return activity_id(one_of(common.lessons, at))

    def pair(at: int) -> tuple[str | None, str]:
        who, verb = common.pairs[at % len(common.pairs)]
        return ifi_key(agent(who)), VERB_IDS[verb]

    def moment() -> int:
        # Not so near the end that the page would not be full.
        block = int(drawn.random() * (contents.blocks - 1))
        return stored_at(contents.begin, block, int(drawn.random() * BLOCK))

    ids = [item.statement_id for item in some if item.statement_id]
    registrations = [item.registration for item in some if item.registration]
    return {
        "by_id": [
            Question(main, statement_id=ids[at % len(ids)]) for at in range(count)
        ],
        "page, following more": [
            Question(main, StatementQuery(limit=PAGE), pages=10)
            for _ in range(max(count // 10, 1))
        ],
        "agent + verb": asked(
            lambda at: StatementQuery(agent=pair(at)[0], verb=pair(at)[1], limit=SOME)
        ),
        "agent": asked(lambda at: StatementQuery(agent=actor(at), limit=SOME)),
        "verb": asked(
            lambda at: StatementQuery(verb=VERB_IDS[one_of(common.verbs, at)])
        ),
        "activity": asked(lambda at: StatementQuery(activity=lesson(at))),
        "registration": asked(
            lambda at: StatementQuery(
                registration=registrations[at % len(registrations)]
            )
        ),
        "since, ascending": asked(
            lambda at: StatementQuery(since=moment(), ascending=True)
        ),
        "until": asked(lambda at: StatementQuery(until=moment())),
        "since + until": asked(lambda at: _window(moment())),
        "related_agents, actor": asked(
            lambda at: StatementQuery(agent=actor(at), related_agents=True, limit=SOME)
        ),
        "related_agents, instructor": asked(
            lambda at: StatementQuery(
                agent=ifi_key(agent(at % _INSTRUCTORS)), related_agents=True
            )
        ),
        "related_agents, authority": asked(
            lambda at: StatementQuery(
                agent=ifi_key(main.authority), related_agents=True
            )
        ),
        "related_activities, object": asked(
            lambda at: StatementQuery(activity=lesson(at), related_activities=True)
        ),
        "related_activities, parent": asked(
            lambda at: StatementQuery(
                activity=activity_id(at % COURSES), related_activities=True
            )
        ),
        "mine, of all": asked(lambda at: StatementQuery(), main),
        "mine, 1 of 100": asked(lambda at: StatementQuery(), rare),
        "mine, 200 old ones": asked(lambda at: StatementQuery(), early),
    }


def beyond(common: Common, contents: Contents, count: int) -> dict[str, list[Question]]:
    """Return kinds that nobody has promised: what one index alone does not narrow."""
    main = contents.writers.main
    busiest = common.actors[: max(count // 4, 1)]
    return {
        "busy agent + rare verb": [
            Question(
                main,
                StatementQuery(
                    agent=ifi_key(agent(busiest[at % len(busiest)])),
                    verb=VERB_IDS[-1],
                    limit=SOME,
                ),
            )
            for at in range(count)
        ],
        "activity + rare verb": [
            Question(
                main,
                StatementQuery(
                    activity=activity_id(common.lessons[at % len(common.lessons)]),
                    verb=VERB_IDS[-1],
                    limit=SOME,
                ),
            )
            for at in range(count)
        ],
    }


def _window(since: int) -> StatementQuery:
    """Return a window that holds a block's Statements, ten pages."""
    return StatementQuery(since=since, until=stored_at(since, 1))


def _samples(contents: Contents, drawn: random.Random, count: int) -> list[Generated]:
    blocks = [drawn.randrange(contents.blocks) for _ in range(max(count // 4, 1))]
    return [
        item
        for number in blocks
        for item in drawn.sample(contents.statements.block(number), 8)
    ]


def _enough(counted: collections.Counter, least: int) -> list:  # type: ignore[type-arg]
    """Return what there is enough of, the most frequent first; at least the first."""
    frequent = counted.most_common()
    return [one for one, hits in frequent if hits >= least] or [frequent[0][0]]
