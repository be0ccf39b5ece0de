"""A process that stores Statements which contradict each other on the same Activities.

Started as a Peer (tests.integration.peer).
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lrs.definition_store import Change
from lrs.definitions import Definitions
from lrs.recording import Recording
from lrs.store.definitions import MongoDefinitions
from lrs.store.statement_writes import StatementWrites
from lrs.store.statements import MongoStatements
from lrs.store.tenants import MongoTenants
from lrs.tenants import Cmi5Mode, Tenants
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.builders import a_statement
from tests.integration.peer import WRITER, Other, serve

ACTIVITIES = tuple(f"https://courses.example.com/{number}" for number in range(3))


def a_definition(rng: random.Random) -> dict[str, Any]:
    """One of few, so that two of them are often the same."""
    made: dict[str, Any] = {}
    for tag in rng.sample(["en", "EN", "fr"], rng.choice((0, 1, 2))):
        made.setdefault("name", {})[tag] = rng.choice("abc")
    if rng.random() < 0.3:
        made["type"] = f"http://example.com/{rng.choice('ab')}"
    if rng.random() < 0.3:
        made["extensions"] = {f"http://e.example/{rng.choice('ab')}": rng.choice("ab")}
    if rng.random() < 0.2:
        kind = rng.choice(("numeric", "choice"))
        made |= {"interactionType": kind, "correctResponsesPattern": [kind]}
    return made


def a_defining_statement(rng: random.Random) -> dict[str, Any]:
    target, around = (
        {"id": rng.choice(ACTIVITIES), "definition": a_definition(rng)}
        for _ in range(2)
    )
    statement = a_statement(object=target)
    if rng.random() < 0.3:
        statement["context"] = {"contextActivities": {"other": [around]}}
    return statement


class _Slow(MongoDefinitions):
    """A store in which much can happen between reading and writing."""

    def swap(self, tenant: str, changes: Sequence[Change]) -> None:
        time.sleep(random.choice((0, 0, 0, 0.002, 0.03)))
        super().swap(tenant, changes)


class Definer(Other):
    """The process itself."""

    def __init__(self, uri: str, database: str, lease: float) -> None:
        super().__init__(uri, database, lease)
        self.definitions = Definitions(_Slow(self.database))
        self.recording = Recording(
            StatementWrites(self.database, self.timeline),
            MongoStatements(self.database),
            Tenants(MongoTenants(self.database), cmi5_mode=Cmi5Mode.OFF),
            definitions=self.definitions,
        )

    def send(self, tenant: str, statement: dict[str, Any]) -> int:
        received, _ = text.split(json.dumps(statement).encode())
        writer = replace(WRITER, tenant=tenant)
        return self.recording.record(writer, received, Version.V1_0_3).new

    def settle(self) -> bool:
        """Wait until nothing that was replaced is left to look at."""
        return self.definitions.settle(30)

    def churn(  # type: ignore[override]
        self, tenant: str, seconds: float, threads: int, seed: int
    ) -> dict[str, int]:
        """Store Statements from several threads; answer how many."""
        counts = [0] * threads
        end = time.monotonic() + seconds

        def write(number: int) -> None:
            rng = random.Random(f"{seed}:{number}")
            while time.monotonic() < end:
                batch = [
                    a_defining_statement(rng) for _ in range(rng.choice((1, 1, 4)))
                ]
                received, _ = text.split(json.dumps(batch).encode())
                writer = replace(WRITER, tenant=tenant)
                self.recording.record(writer, received, Version.V1_0_3)
                counts[number] += len(batch)

        running = [
            threading.Thread(target=write, args=(number,)) for number in range(threads)
        ]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return {"stored": sum(counts)}


if __name__ == "__main__":
    serve(Definer)
