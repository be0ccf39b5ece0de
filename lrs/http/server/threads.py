"""The threads that answer, and room for some more where a client makes one wait.

A thread that has to wait for a client in the middle of a long body or answer steps
aside: another takes its place, so that as many as before are there for all others. How
many can do so is bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Threads:
    """So many threads that do the same, and up to so many more that wait."""

    def __init__(self, serve: Callable[[], None], *, number: int, aside: int) -> None:
        """``serve`` is what each does; it returns when the thread is to end."""
        self._serve = serve
        self._number = number
        self._most_aside = aside
        self._aside = self._running = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start them all."""
        with self._lock:
            while self._running < self._number:
                self._add()

    def step_aside(self) -> bool:
        """Let another thread take the caller's place; False where too many have."""
        with self._lock:
            if self._aside >= self._most_aside:
                return False
            self._aside += 1
            if self._running < self._number + self._aside:
                self._add()
            return True

    def step_back(self) -> bool:
        """Come back from aside; True where the caller's place is taken: it ends."""
        with self._lock:
            self._aside -= 1
            if self._running <= self._number + self._aside:
                return False
            self._running -= 1
            return True

    def _add(self) -> None:
        # Of a request that outlasts the grace time the process does not wait at exit.
        threading.Thread(target=self._serve, daemon=True).start()
        self._running += 1
