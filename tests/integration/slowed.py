"""``lrs serve``, whose writes are slow, abort and stop: what the pollers poll.

Between the stamp of a write and its commit it now and then takes its time, or fails;
and where a file asks for it, the process stops itself just there (SIGSTOP), having
written its pid and the stamp to another. The rest is the program as it is.

Environment: POLLING_FOLDER (``stop-PLACE`` is the wish, ``stopped-PID`` the answer) and
POLLING_LEASE (seconds of a writer's silence).
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from lrs.store import timeline
from lrs.store.statement_writes import StatementWrites
from lrs.store.writers import Writer

PLACES = ("stamped", "committing", "inserting")
_now = threading.local()  # the stamp of this thread's write


def _pause(place: str) -> None:
    """Go on at once, late, or not before somebody wakes this process."""
    chance = random.random()
    if chance < 0.04:
        time.sleep(random.choice((0.02, 0.1, 0.4)))
    elif chance < 0.043 and place != "stamped":
        raise PyMongoError("given up")
    folder, pid = Path(os.environ["POLLING_FOLDER"]), os.getpid()
    noted = folder / f"taken-{pid}"
    try:
        (folder / f"stop-{place}").rename(noted)  # one process gets it
    except FileNotFoundError:
        return
    noted.write_text(json.dumps({"pid": pid, "stamp": _now.stamp}))
    noted.rename(folder / f"stopped-{pid}")
    os.kill(pid, signal.SIGSTOP)


def slow_down() -> None:
    """Put the pauses in, for this process and those that it forks."""
    stamp = Writer.stamp
    insert = StatementWrites._refused
    commit = ClientSession.commit_transaction

    def stamp_and_pause(self: Writer, now: int, count: int) -> int | None:
        first = stamp(self, now, count)
        if first is not None:
            _now.stamp = first
            _pause("stamped")
        return first

    def pause_and_insert(self: Any, documents: Sequence[Any]) -> Any:
        if documents:
            _pause("inserting")
        return insert(self, documents)

    def pause_and_commit(self: ClientSession) -> None:
        if getattr(_now, "stamp", None) is not None:
            _pause("committing")
        commit(self)

    Writer.stamp = stamp_and_pause  # type: ignore[method-assign]
    StatementWrites._refused = pause_and_insert  # type: ignore[method-assign]
    ClientSession.commit_transaction = pause_and_commit  # type: ignore[method-assign]
    defaults: dict[str, Any] = timeline.MongoTimeline.__init__.__kwdefaults__
    defaults["lease"] = float(os.environ["POLLING_LEASE"])


if __name__ == "__main__":
    slow_down()
    from lrs.cli import main

    sys.argv[0] = "lrs"
    main()
