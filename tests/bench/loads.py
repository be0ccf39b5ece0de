"""The loads that can be measured, and what issue 4 asks of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """A load: what is counted, and the least ratios to the floor and to Ralph.

    ``unit`` is what the rate counts a second; ``writes`` says that it leaves something
    for mongod to do, ``reads`` that it needs a filled store.
    """

    name: str
    title: str
    unit: str
    of_floor: float
    of_ralph: float | None = None

    @property
    def writes(self) -> bool:
        """Tell whether it stores Statements."""
        return self.unit == "Statements"

    @property
    def reads(self) -> bool:
        """Tell whether it asks for what is stored."""
        return not self.writes

    def target(self, other: str) -> float | None:
        """Return the least ratio of ours to this contender."""
        return self.of_floor if other == "floor" else self.of_ralph


# Reads first: they are measured on what was filled, the same for every contender.
LOADS = (
    Load("by_id", "GET one by id", "requests", 0.85),
    Load("agent_verb", "GET by agent and verb, 50", "requests", 0.85),
    Load("get100", "GET 100 a page, following more", "requests", 0.85),
    Load("post1", "POST one Statement", "Statements", 0.7, 1.8),
    Load("post50", "POST batches of 50", "Statements", 0.6, 2.0),
    Load("post500", "POST batches of 500", "Statements", 0.6, 1.8),
)
BY_NAME = {load.name: load for load in LOADS}
STARVATION = "starvation"
MOST_SPREAD = 4.0  # p99 by p50, at 8 connections
MOST_BYTES = 200_000_000  # PSS of our two workers together
LONGEST_WAIT = 1.0  # seconds of any request while batches of 500 come in
ALONE, BESIDE, BATCHES = "by_id alone", "by_id beside post500", "post500 beside by_id"
