"""``lrs serve``, whose transactions are slow, abort and stop: what the pollers poll.

Between the stamp of a transaction and its commit it now and then takes its time, or
fails; and where a file asks for it, the process stops itself just there (SIGSTOP),
having written its pid and the stamp beside it. The rest is the program as it is.

Environment: POLLING_FOLDER (``stop-PLACE`` is the wish, ``stopped-PID`` the answer) and
POLLING_LEASE (seconds of a writer's silence).
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from lrs.store import timeline
from lrs.store.writers import Slot, Writer, Writers

PLACES = ("stamped", "written", "touched")  # in a transaction, before its commit


def _pause(place: str, stamp: int) -> None:
    """Go on at once, late, or not before somebody wakes this process."""
    chance = random.random()
    if chance < 0.04:
        time.sleep(random.choice((0.02, 0.1, 0.4)))
    elif chance < 0.05 and place == "written":
        raise PyMongoError("given up")
    folder, pid = Path(os.environ["POLLING_FOLDER"]), os.getpid()
    noted = folder / f"taken-{pid}"
    try:
        (folder / f"stop-{place}").rename(noted)  # one process gets it
    except FileNotFoundError:
        return
    noted.write_text(json.dumps({"pid": pid, "stamp": stamp}))
    noted.rename(folder / f"stopped-{pid}")
    os.kill(pid, signal.SIGSTOP)


def slow_down() -> None:
    """Put the pauses in, for this process and those that it forks."""
    stamp, touch = Writer.stamp, Writers.touch

    def stamp_and_pause(self: Writer, now: int, count: int) -> int | None:
        first = stamp(self, now, count)
        if first is not None:
            _pause("stamped", first)
        return first

    def touch_and_pause(self: Writers, slot: Slot, last: int) -> bool:
        _pause("written", last)
        touched = touch(self, slot, last)
        _pause("touched", last)
        return touched

    Writer.stamp = stamp_and_pause  # type: ignore[method-assign]
    Writers.touch = touch_and_pause  # type: ignore[method-assign]
    defaults: dict[str, Any] = timeline.MongoTimeline.__init__.__kwdefaults__
    defaults["lease"] = float(os.environ["POLLING_LEASE"])


if __name__ == "__main__":
    slow_down()
    from lrs.cli import main

    sys.argv[0] = "lrs"
    main()
