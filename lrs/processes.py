"""Processes that end with the one that started them, even where that was killed."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here, before any fork; Linux has it, elsewhere there is nothing like it.
_prctl = getattr(ctypes.CDLL(None), "prctl", None)


def ends_with(parent: int) -> Callable[[], None]:
    """Return a ``preexec_fn``: the child gets SIGTERM when its parent is gone.

    ``parent`` is the process id of the caller. To be called from the main thread,
    since the kernel watches the thread that forks.
    """

    def act() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        # The parent may have been killed before that: nobody would tell us then.
        if os.getppid() != parent:
            os._exit(1)

    return act
