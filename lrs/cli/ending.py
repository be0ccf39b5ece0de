"""Ending: what SIGINT and SIGTERM do to a command that does not mind them itself.

Both let it clear up behind itself, as an exception in its midst; then they are told in
a sentence, and by the exit status: 130 and 143, as shells and scripts know them. The
second signal ends the clearing up, too.
"""

from __future__ import annotations

import signal
import sys

import click

_status = 128 + signal.SIGINT


def mind_sigterm() -> None:
    """Let SIGTERM end a command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _terminated)


def end_interrupted(cause: BaseException | None) -> None:
    """Exit; ``cause`` may say what stands."""
    click.echo(f"{cause or ''}" or "Interrupted.", err=True)
    sys.exit(_status)


def _terminated(number: int, _frame: object) -> None:
    global _status  # of the whole process, as the signal is
    _status = 128 + number
    raise KeyboardInterrupt
