"""Activities: the Activities resource (xAPI-Communication 2.5), and whom it answers.

In: a Principal and an Activity id. Out: the Activity with the LRS's own definition of
it (lrs.definitions); one that nobody has defined has none (s43).

Who may ask (4.2): those who read Statements (all/read, statements/read, and
statements/read/mine, which is shown the same definitions by format=canonical), those
who define (define), and content that keeps documents of the Activity (state, profile).
Who only writes Statements reads nothing: definitions hold correct responses.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from lrs.access import Principal, Scope
from lrs.definition_store import DefinitionStore

READERS = (
    *(Scope.ALL_READ, Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE),
    *(Scope.DEFINE, Scope.STATE, Scope.PROFILE),
)


@dataclass(frozen=True, slots=True)
class Activity:
    """The JSON text of an Activity, and when its definition changed (microseconds)."""

    text: bytes
    changed: int | None


class Activities:
    """Answers what an Activity is; one for the whole process."""

    def __init__(self, store: DefinitionStore) -> None:
        self._store = store

    def one(self, principal: Principal, activity: str) -> Activity:
        """Return an Activity, one never heard of too; raises Forbidden.

        Ids are compared character by character (s17).
        """
        principal.require(*READERS)
        kept = self._store.definitions(principal.tenant, [activity]).get(activity)
        members = f'"objectType":"Activity","id":{orjson.dumps(activity).decode()}'
        if kept is not None:
            members += f',"definition":{kept.text}'
        return Activity(f"{{{members}}}".encode(), kept.changed if kept else None)
