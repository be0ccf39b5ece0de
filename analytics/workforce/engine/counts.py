"""Counts: what became of the records of a delivery."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """The records of a delivery: ``read`` is the sum of the five behind it.

    Of those taken ``links_set_aside`` were taken without their
    manager, or their unit's parent.

    ``missed`` rows stand for what it lacks; ``terminated`` employments end by it.
    """

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    skipped: int = 0
    links_set_aside: int = 0
    missed: int = 0
    terminated: int = 0
