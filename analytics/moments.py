"""Moments for people: written so that ``--known-at`` takes them as they stand.

What was recorded at a moment is known from that moment on, to the microsecond: one that
is cut to seconds lies before the very row that it was copied from.
"""

from __future__ import annotations

from datetime import UTC, datetime


def moment_text(when: datetime) -> str:
    """Return a moment in UTC, whole: ``2026-03-31T12:00:00.123456Z``."""
    written = when.astimezone(UTC) if when.tzinfo else when
    return written.replace(tzinfo=None).isoformat() + "Z"
