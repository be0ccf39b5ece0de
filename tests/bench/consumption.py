"""What processes take of the machine: processor time and memory, from /proc (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Return the processes that this one has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found


def family(pid: int) -> list[int]:
    """Return the process and all that descend from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def processor_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that these have taken since they began."""
    ticks = 0
    for pid in pids:
        # The name in brackets may hold spaces: the numbers begin behind it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


def proportional_bytes(pids: Iterable[int]) -> int:
    """Return the PSS of these: what they share is counted in parts."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) << 10
    return total
