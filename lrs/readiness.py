"""Readiness: whether the database is there, fit, and raised to this program's schema.

A server starts without its database and becomes ready by itself when that is there;
until then, and whenever it has been gone for longer than an election takes, requests
are refused at once, so that they do not fill the threads with waiting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from lrs.errors import LrsError, SetupError, Unavailable

_AGAIN_SECONDS = 1.0
_log = structlog.get_logger("lrs.database")


class Readiness:
    """Prepares the database, once; knows whether that is done and whether it is there.

    ``prepare`` raises Unavailable where trying again may help, SetupError where
    somebody must mend something; ``away`` tells for how many seconds the database has
    been gone, of which ``patience`` are waited for.
    """

    def __init__(
        self,
        prepare: Callable[[], None],
        away: Callable[[], float],
        *,
        patience: float = 10.0,
    ) -> None:
        self._prepare = prepare
        self._away = away
        self._patience = patience
        self._done = threading.Event()
        self._decided = threading.Event()
        self._stop = threading.Event()
        self._fault: LrsError | None = None

    def now(self, also: Callable[[], None] | None = None) -> None:
        """Prepare the database, then do ``also``; raises Unavailable, SetupError."""
        self._prepare()
        if also:
            also()
        self._fault = None
        self._done.set()

    def begin(self, also: Callable[[], None], *, wait: float) -> None:
        """Prepare it in a thread, again and again until that succeeds.

        Returns when it has, or after ``wait`` seconds. Raises SetupError where it is
        found within these that something must be mended.
        """
        thread = threading.Thread(
            target=self.until_done, args=(also,), name="readiness", daemon=True
        )
        thread.start()
        self._decided.wait(wait)
        if isinstance(self._fault, SetupError):
            self.close()
            raise self._fault

    def until_done(self, also: Callable[[], None] | None = None) -> None:
        """Prepare it again and again; each reason why it fails is logged once."""
        began, said = time.monotonic(), ""
        while not self._stop.is_set():
            try:
                self.now(also)
            except LrsError as error:
                self._fault = error
                if self._stop.is_set():  # what it worked with has been closed
                    return
                if error.message != said:
                    said = error.message
                    _log.warning("database not ready", reason=said)
                if isinstance(error, SetupError):
                    self._decided.set()
                self._stop.wait(_AGAIN_SECONDS)
                continue
            self._decided.set()
            if said:
                seconds = round(time.monotonic() - began, 1)
                _log.info("database ready", after_seconds=seconds)
            return

    def reason(self) -> str | None:
        """Return why a request could not be answered now, None when it could."""
        if not self._done.is_set():
            fault = self._fault
            return fault.message if fault else "MongoDB has not answered yet."
        if (seconds := self._away()) > self._patience:
            return f"The database has not been reached for {seconds:.0f} seconds."
        return None

    def require(self) -> None:
        """Raise Unavailable with the reason where there is one."""
        if reason := self.reason():
            raise Unavailable(
                f"{reason} Nothing of this request was acknowledged: send it again.",
                headers={"Retry-After": "5"},
            )

    def close(self) -> None:
        """End the thread; it may take until its question has timed out."""
        self._stop.set()
