"""The enrichment killed before and after each of its commits, and by a lost lease."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.lake.lake import Lake, LakeConflict
from lrs.services import Services
from lrs.store.leases import Lost
from tests.integration.lakes import (
    DyingLake,
    Killed,
    content,
    enrichment,
    fill,
    rebuilt,
)


@pytest.mark.parametrize("act", ["run", "rebuild"])
def test_killed_between_any_two_commits_the_next_pass_completes_the_tables(
    act: str, services: Services, tmp_path: Path
) -> None:
    fill(services, tmp_path, 0)
    before = tmp_path / "before"
    enrichment(services, Lake(str(before))).run("default")
    fill(services, tmp_path, 1)
    expected = rebuilt(services, tmp_path / "anew")
    killed = 0
    for commits in range(20):
        folder = shutil.copytree(before, tmp_path / f"killed-{commits}")
        lake = DyingLake(str(folder), [commits])
        dying = enrichment(services, lake, chunk=2, batch=2)
        perform: Callable[[str], object] = getattr(dying, act)
        try:
            perform("default")
        except Killed:
            killed += 1
        lake.left[0] = 1000
        enrichment(services, lake, chunk=3, batch=3).run("default")
        assert content(lake) == expected, f"killed after {commits} commits"
        if killed <= commits:
            break
    assert killed == (15 if act == "rebuild" else 19)  # its commits


def test_a_pass_whose_lease_is_lost_commits_nothing(
    services: Services, tmp_path: Path
) -> None:
    fill(services, tmp_path, 0)
    lake = services.analytics().lake
    lost = Lost(until=0)  # long over
    for act in (enrichment(services, lake).run, enrichment(services, lake).rebuild):
        with pytest.raises(LakeConflict):
            act("default", lost=lost)
    assert not any(content(lake).values())
    assert services.analytics().runs.get("default") is None


def test_a_rebuild_of_nothing_makes_empty_tables(
    services: Services, tmp_path: Path
) -> None:
    lake = services.analytics().lake
    passed = enrichment(services, lake)
    passed.rebuild("default")
    assert not any(content(lake).values())
    fill(services, tmp_path, 0)
    passed.run("default")
    assert content(lake) == rebuilt(services, tmp_path / "anew")
