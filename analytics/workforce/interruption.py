"""Interruption: what stands when somebody ends an import (Ctrl-C, or SIGTERM)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lrs.errors import Interrupted


@contextmanager
def told_of_interruption(
    file: str, applied: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Let a KeyboardInterrupt say what became of the file; asked behind the block."""
    try:
        yield
    except Interrupted:
        raise
    except KeyboardInterrupt:
        if applied():
            said = f"Interrupted when all of {file} had been applied: it stands."
        else:
            said = f"Interrupted: nothing of {file} was applied, all is as before."
        raise Interrupted(said) from None
