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

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("act", "commits"), [("run", 19), ("rebuild", 15)])
def test_killed_between_commits_the_next_pass_completes_the_tables(
    act: str, commits: int, services: Services, tmp_path: Path
) -> None:
    """Every second place; the soak ``enrichment`` and its short form take any."""
    fill(services, tmp_path, 0)
    before = tmp_path / "before"
    enrichment(services, Lake(str(before))).run("default")
    fill(services, tmp_path, 1)
    expected = rebuilt(services, tmp_path / "anew")
    for made in (*range(0, commits, 2), commits):
        folder = shutil.copytree(before, tmp_path / f"killed-{made}")
        lake = DyingLake(str(folder), [made])
        dying = enrichment(services, lake, chunk=2, batch=2)
        perform: Callable[[str], object] = getattr(dying, act)
        if made < commits:
            with pytest.raises(Killed):
                perform("default")
            lake.left[0] = 1000
            enrichment(services, lake, chunk=3, batch=3).run("default")
        else:
            perform("default")
            assert lake.left[0] == 0
        assert content(lake) == expected, f"killed after {made} commits"


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
