"""What a speed run found, as tables for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.loads import (
    BESIDE,
    BY_NAME,
    LOADS,
    LONGEST_WAIT,
    MOST_BYTES,
    MOST_SPREAD,
    Load,
)
from tests.bench.speed import Measured, Plan, Sample

OURS = "ours"


def ratios(samples: Sequence[Sample], load: str, other: str) -> list[float]:
    """Return ours by the other's rate, round by round."""
    return _by_round(samples, load, other, lambda item: item.rate)


def processor_ratios(samples: Sequence[Sample], load: str, other: str) -> list[float]:
    """Return the other's processor time for one by ours, round by round.

    Of server and mongod. It is the ratio of the rates where the processor is the limit
    and nobody else uses it, and changes less where somebody does.
    """

    def frugality(item: Sample) -> float:
        spent = item.processor.get("server", 0.0) + item.processor.get("mongod", 0.0)
        return 1 / spent if spent else 0.0

    return _by_round(samples, load, other, frugality)


def _by_round(
    samples: Sequence[Sample],
    load: str,
    other: str,
    figure: Callable[[Sample], float],
) -> list[float]:
    figures = {
        (item.contender, item.round): figure(item) for item in _of(samples, load)
    }
    return [
        value / figures[other, number]
        for (name, number), value in sorted(figures.items())
        if name == OURS and figures.get((other, number))
    ]


def verdicts(found: Measured) -> list[dict[str, Any]]:
    """Return every target that this run can judge, and whether it is met."""
    said: list[dict[str, Any]] = []
    for load in LOADS:
        for other in ("floor", "ralph"):
            target = load.target(other)
            values = ratios(found.samples, load.name, other)
            if values and target is not None:
                middle = statistics.median(values)
                said.append(
                    {
                        "what": f"{load.name}: ours / {other}",
                        "minimum": min(values),
                        "median": middle,
                        "maximum": max(values),
                        "target": f">= {target}",
                        "met": middle >= target,
                        "by_processor": statistics.median(
                            processor_ratios(found.samples, load.name, other) or [0.0]
                        ),
                    }
                )
        spread = [item.p99 / item.p50 for item in _of(found.samples, load.name, OURS)]
        if spread:
            said.append(_at_most(f"{load.name}: p99 / p50", spread, MOST_SPREAD))
    waits = [item.longest * 1e3 for item in _of(found.samples, BESIDE, OURS)]
    if waits:
        said.append(_at_most(f"{BESIDE}: longest, ms", waits, LONGEST_WAIT * 1e3))
    if OURS in found.memory:
        memory = found.memory[OURS]
        said.append(
            _at_most("PSS of our workers, MB", [memory / 1e6], MOST_BYTES / 1e6)
        )
    return said


def show(found: Measured, out: Console) -> None:
    """Print the tables."""
    named = {item.load: None for item in found.samples}
    for name in named:
        load = BY_NAME.get(name)
        out.print(_rates(found.samples, name, load))
    if found.memory:
        told = ", ".join(
            f"{name} {size / 1e6:.0f} MB" for name, size in found.memory.items()
        )
        out.print(f"PSS of the workers together, after the loads: {told}")
    if found.filled:
        told = ", ".join(f"{name} {rate:,.0f}" for name, rate in found.filled.items())
        out.print(f"Filled before, in batches of 500, Statements a second: {told}")
    table = Table(title="Targets", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("", "minimum", "median", "maximum", "target", "met", "by CPU time"):
        table.add_column(column, justify="left" if column == "" else "right")
    for item in verdicts(found):
        figures = [f"{item[key]:.2f}" for key in ("minimum", "median", "maximum")]
        met = "yes" if item["met"] else "NO"
        by = f"{item['by_processor']:.2f}" if "by_processor" in item else ""
        table.add_row(item["what"], *figures, item["target"], met, by)
    if table.row_count:
        out.print(table)


def as_json(found: Measured, plan: Plan) -> dict[str, Any]:
    """Return everything: the plan, the machine, each stretch, the verdicts."""
    return {
        "plan": {**asdict(plan), "loads": [load.name for load in plan.loads]},
        "machine": machine(),
        "filled_per_second": found.filled,
        "workers_pss_bytes": found.memory,
        "targets": verdicts(found),
        "samples": [asdict(item) for item in found.samples],
    }


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "processors": len(os.sched_getaffinity(0)),
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _rates(samples: Sequence[Sample], name: str, load: Load | None) -> Table:
    title = f"{name}: {load.title}" if load else name
    unit = "Statements" if "post" in name.split(" ")[0] else "requests"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for column in (
        f"{unit}/s",
        "min",
        "max",
        "p50 ms",
        "p99 ms",
        "p99/p50",
        "longest",
        "CPU us: server",
        "mongod",
        "generator",
    ):
        table.add_column(column, justify="right", no_wrap=True)
    for contender in dict.fromkeys(item.contender for item in samples):
        some = list(_of(samples, name, contender))
        if not some:
            continue
        rates = [item.rate for item in some]
        table.add_row(
            contender,
            f"{statistics.median(rates):,.0f}",
            f"{min(rates):,.0f}",
            f"{max(rates):,.0f}",
            f"{_middle(item.p50 for item in some) * 1e3:.2f}",
            f"{_middle(item.p99 for item in some) * 1e3:.2f}",
            f"{_middle(item.p99 / item.p50 for item in some):.1f}",
            f"{max(item.longest for item in some) * 1e3:.0f}",
            *(
                f"{_middle(item.processor.get(key, 0.0) for item in some):.0f}"
                for key in ("server", "mongod", "generator")
            ),
        )
    return table


def _at_most(what: str, values: Sequence[float], most: float) -> dict[str, Any]:
    middle = statistics.median(values)
    return {
        "what": what,
        "minimum": min(values),
        "median": middle,
        "maximum": max(values),
        "target": f"<= {most:g}",
        "met": middle <= most,
    }


def _of(
    samples: Sequence[Sample], load: str, contender: str | None = None
) -> Iterable[Sample]:
    return (
        item
        for item in samples
        if item.load == load and contender in (None, item.contender)
    )


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)
