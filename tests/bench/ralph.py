"""Ralph (PyPI: ralph-malph) as a contender: set up as its operators would, and better.

One of its two MongoDB backends (``mongo``, or ``async_mongo``, which takes a fifth to a
half more processor time), basic authentication, journaled majority writes. Ralph makes
no indexes; it gets those that its queries filter and sort by (backends/lrs/mongo.py of
5.1: equality of the fields, then ``timestamp`` and ``_id``), for Statements like ours:
the authority is asked for by ``mine``, authority and instructor by ``related_agents``;
it has no way to ask for a registration or a related Activity.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from tests.bench.errors import BenchError

BACKENDS = ("mongo", "async_mongo")
_DATABASE, _COLLECTION = "statements", "statements"
_ORDER = ("_source.timestamp", "_id")
_FILTERS: tuple[tuple[str, ...], ...] = (
    (),
    ("_source.actor.mbox",),
    ("_source.actor.account.name", "_source.actor.account.homePage"),
    ("_source.authority.mbox",),
    ("_source.context.instructor.mbox",),
    (
        "_source.context.instructor.account.name",
        "_source.context.instructor.account.homePage",
    ),
    ("_source.verb.id",),
    ("_source.object.id",),
)

_HASH = (
    "import bcrypt, sys; password = sys.stdin.read().encode(); "
    "print(bcrypt.hashpw(password, bcrypt.gensalt()).decode(), end='')"
)


def create_indexes(client: MongoClient[dict[str, Any]]) -> None:
    """Create what its queries need; those of Agents only have who has such an IFI."""
    statements = client[_DATABASE][_COLLECTION]
    statements.create_index("_source.id")
    for fields in _FILTERS:
        keys = [(name, 1) for name in (*fields, *_ORDER)]
        if fields and fields[0].endswith((".mbox", ".name")):
            having = {fields[0]: {"$exists": True}}
            statements.create_index(keys, partialFilterExpression=having)
        else:
            statements.create_index(keys)


def environment(uri: str, auth: Path, backend: str) -> dict[str, str]:
    """Return its settings; ``backend`` is one of BACKENDS."""
    prefix = "RALPH_BACKENDS__LRS__MONGO__"  # of both
    return {
        "RALPH_RUNSERVER_BACKEND": backend,
        "RALPH_AUTH_FILE": str(auth),
        f"{prefix}CONNECTION_URI": f"{uri}&w=majority&journal=true",
        f"{prefix}DEFAULT_DATABASE": _DATABASE,
        f"{prefix}DEFAULT_COLLECTION": _COLLECTION,
    }


def command(program: Path, port: int, workers: int) -> list[str]:
    """Return how it is served; ``ralph runserver`` is for development only."""
    return [
        *(str(program.with_name("uvicorn")), "ralph.api:app", "--no-access-log"),
        *("--workers", str(workers), "--port", str(port), "--log-level", "warning"),
    ]


def auth_file(program: Path, path: Path, key: str, secret: str) -> Path:
    """Write its file of users; the hash is made by the bcrypt that it brings."""
    made = subprocess.run(
        [str(program.with_name("python")), "-c", _HASH],
        input=secret,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise BenchError(f"Ralph's Python has no bcrypt: {made.stderr.strip()[-300:]}")
    user = {
        "agent": {"mbox": "mailto:bench@lrs.example.com", "name": "bench"},
        "scopes": ["all"],
        "username": key,
        "hash": made.stdout,
    }
    path.write_text(json.dumps([user]))
    return path
