"""A second look at what was replaced, a moment later.

In: Activities of which parts were replaced. Out: a call for each, once all who may have
trusted in what stood there before have either stored their Statements or asked again.
Of many replacements at the same place one look does for all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from lrs.xapi.definition import Place

Replaced = Mapping[Place, int]  # when what stands there now was stored
_AGAIN_SECONDS = 1.0  # after a look that failed

_log = structlog.get_logger("lrs.definitions")


@dataclass(slots=True)
class _Waiting:
    due: float
    asked: float
    places: dict[Place, int] = field(default_factory=dict)


class SecondLook:
    """Calls ``look(tenant, {activity: replaced})`` in a thread, when it is time.

    That is ``after`` seconds after it was asked for. A look that fails is repeated.
    """

    def __init__(
        self,
        look: Callable[[str, Mapping[str, Replaced]], None],
        *,
        after: float,
    ) -> None:
        self._look = look
        self._after = after
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._looking = False
        self._closed = False

    def ask(self, tenant: str, replaced: Mapping[str, Replaced]) -> None:
        """Have these looked at."""
        if not replaced:
            return
        now = time.monotonic()
        with self._changed:
            for activity, places in replaced.items():
                waiting = self._waiting.setdefault(
                    (tenant, activity), _Waiting(now + self._after, now)
                )
                waiting.asked = now
                waiting.places.update(places)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._go_on, name="second look", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is left to look at; tell whether it came to that."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._looking, seconds
            )

    def close(self, seconds: float) -> None:
        """Settle, then end."""
        self.settle(seconds)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _go_on(self) -> None:
        while True:
            with self._changed:
                key = self._next()
                if key is None:
                    return
                waiting = self._waiting.pop(key)
                self._looking = True
            try:
                self._look(key[0], {key[1]: waiting.places})
                due = waiting.asked + self._after
            except Exception as error:  # most likely the database is away
                _log.warning("second look failed", error=type(error).__name__)
                due = time.monotonic() + _AGAIN_SECONDS
            with self._changed:
                if due > time.monotonic():
                    again = self._waiting.setdefault(key, _Waiting(due, waiting.asked))
                    again.places = waiting.places | again.places
                self._looking = False
                self._changed.notify_all()

    def _next(self) -> tuple[str, str] | None:
        """Wait for the first that is due; None when it is time to end."""
        while not self._closed:
            first = next(iter(self._waiting), None)
            left = self._waiting[first].due - time.monotonic() if first else None
            if first is not None and left is not None and left <= 0:
                return first
            self._changed.wait(left)
        return None
