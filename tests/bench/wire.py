"""Questions of the growth benchmark as requests: one connection, one at a time."""

from __future__ import annotations

import json
import select
import statistics
import time
from collections.abc import Sequence

from lrs.xapi.values import isoformat
from tests.bench.connection import Connection
from tests.bench.contenders import Server
from tests.bench.errors import BenchError
from tests.bench.questions import Question
from tests.bench.sources import Head

_PATIENCE = 60_000  # milliseconds
_WARM_UP = 5  # requests


def ask_over_http(
    servers: Sequence[Server], lists: Sequence[Sequence[Question]]
) -> list[float]:
    """Ask the servers in turns; return the median seconds of each."""
    heads = [Head(server.port, server.path, server.headers) for server in servers]
    connections = [Connection(server.port) for server in servers]
    taken: list[list[float]] = [[] for _ in servers]
    try:
        rounds = list(zip(*lists, strict=True))
        for at, questions in enumerate([*rounds[:_WARM_UP], *rounds]):
            for number, question in enumerate(questions):
                request = _request(heads[number], question)
                seconds = _ask(connections[number], request)
                if at >= _WARM_UP:
                    taken[number].append(seconds)
    finally:
        for connection in connections:
            connection.close()
    return [statistics.median(some) for some in taken]


def _request(head: Head, question: Question) -> bytes:
    if question.statement_id:
        return head.query(statementId=question.statement_id)
    query = question.query
    given: dict[str, object] = {"limit": query.limit}
    if query.agent:
        given["agent"] = json.dumps(_agent(query.agent))
    for name in ("verb", "activity", "registration"):
        if value := getattr(query, name):
            given[name] = value
    for name in ("related_agents", "related_activities", "ascending"):
        if getattr(query, name):
            given[name] = "true"
    for name in ("since", "until"):
        if (moment := getattr(query, name)) is not None:
            given[name] = isoformat(moment)
    return head.query(**given)


def _agent(key: str) -> dict[str, object]:
    """Return the Agent of a key (lrs.xapi.keys.ifi_key): account or mbox."""
    kind, _, rest = key.partition(" ")
    if kind == "mbox":
        return {"mbox": rest}
    homepage, _, name = rest.partition(" ")
    return {"account": {"homePage": homepage, "name": name}}


def _ask(connection: Connection, request: bytes) -> float:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    began = time.perf_counter()
    connection.send(request)
    while True:
        if not poll.poll(_PATIENCE):
            raise BenchError("The server did not answer for a minute.")
        if connection.receive():
            break
    seconds = time.perf_counter() - began
    if connection.status != 200:
        told = connection.body[:300].decode(errors="replace")
        raise BenchError(f"The server answered {connection.status}: {told}")
    return seconds
