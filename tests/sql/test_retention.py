"""Whose training must still be kept: border days, over the world in ``retention``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.lake.lake import Lake
from analytics.reports.reports import Reports
from analytics.reports.retention.held import Held, held
from lrs.errors import NotFound

BASIS = "29 CFR 1910.1030(h)(2)"
THREE = Held("LEFT", "THREE-01", date(2026, 4, 30), BASIS)
JOB = Held("LEFT", "JOB-01", date(2025, 6, 30), None)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        # Three years after the last Statement that was not voided, an attempt too, by
        # the version that keeps it longest; a year after the last day of employment.
        (date(2025, 6, 30), [JOB, THREE]),
        (date(2025, 7, 1), [THREE]),
        (date(2026, 4, 30), [THREE]),
        (date(2026, 5, 1), []),
    ],
)
def test_evidence_is_kept_through_its_last_day(
    world: Callable[[str], Reports], day: date, found: list[Held]
) -> None:
    assert held(world("retention"), "default", ["LEFT", "NEVER"], day) == found


def test_what_is_kept_for_an_employment_has_no_end_while_that_has_none(
    world: Callable[[str], Reports],
) -> None:
    (found,) = held(world("retention"), "default", ["STAYS"], date(2026, 6, 30))
    assert found == Held("STAYS", "JOB-01", None, None)


def test_a_number_that_was_merged_is_held_by_what_the_person_did(
    world: Callable[[str], Reports],
) -> None:
    (found,) = held(world("retention"), "default", ["ALIAS", "TWICE"])
    assert found.told() == "TWICE: EVER-01 is kept for ever"
    assert THREE.told() == f"LEFT: THREE-01 is kept through 2026-04-30 ({BASIS})"


def test_without_retention_nothing_is_asked_of_the_lake(
    world: Callable[[str], Reports], tmp_path: Path
) -> None:
    empty = Lake(str(tmp_path / "lake"))
    plain, kept = world("company"), world("retention")
    assert held(replace(plain, lake=empty), "default", ["E1"]) == []
    with pytest.raises(NotFound, match="lrs enrich"):
        held(replace(kept, lake=empty, runs=_NoRuns()), "default", ["LEFT"])


class _NoRuns:
    def get(self, tenant: str) -> None:
        return None
