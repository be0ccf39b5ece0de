"""Demand: which standings of the present were asked for lately, noted beside them.

A file a kind in the tenant's folder; when it was touched last is when somebody asked.
So a worker makes ahead what is read on its host, and nothing where nobody reads.
"""

from __future__ import annotations

import time
from pathlib import Path

DAY, MONTHS = "day", "months"  # as of today; as of the ends of the months before, too
_LATELY = 14 * 86_400  # seconds


def note(folder: Path, kind: str) -> None:
    """Note that it was asked for; in a folder that may not be there."""
    try:
        (folder / f".asked-{kind}").touch(0o600)
    except OSError:
        return  # nothing is kept there either


def is_there(folder: Path, kind: str) -> bool:
    """Tell whether anybody asked for it within two weeks."""
    try:
        return time.time() - (folder / f".asked-{kind}").stat().st_mtime < _LATELY
    except OSError:
        return False
