"""The feed over MongoDB: ids however they were written, batches in stored order."""

from __future__ import annotations

import json
import uuid

from lrs.services import Services
from lrs.store.feed import MongoFeed
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.builders import a_statement
from tests.integration.peer import WRITER

TENANT = WRITER.tenant


def test_every_spelling_of_an_id_is_read(services: Services) -> None:
    ids = [str(uuid.uuid4()) for _ in range(5)]
    rest = {name: value for name, value in a_statement().items() if name != "id"}
    first, spaced, last, upper, escaped = ids
    written = [
        json.dumps({"id": first, **rest}, separators=(",", ":")),
        json.dumps({"id": spaced, **rest}),
        json.dumps({**rest, "id": last}),
        json.dumps({"id": upper.upper(), **rest}, separators=(",", ":")),
        json.dumps({"id": escaped, **rest}, separators=(",", ":")).replace(
            escaped, f"\\u{ord(escaped[0]):04x}{escaped[1:]}"
        ),
        json.dumps(rest),
    ]
    received, _ = text.split(f"[{','.join(written)}]".encode())
    made = services.recording.record(WRITER, received, Version.V1_0_3).ids
    ids.append(made[-1])
    feed = MongoFeed(services.database, services.timeline, batch=4)
    batches = list(feed.read(TENANT, 0, feed.consistent_through() + 10**9))
    assert [len(batch) for batch in batches] == [4, 2]
    rows = [row for batch in batches for row in batch]
    assert [row.statement_id for row in rows] == ids
    assert [row.stored for row in rows] == sorted(row.stored for row in rows)
    assert list(feed.read(TENANT, rows[-1].stored, rows[-1].stored)) == []
