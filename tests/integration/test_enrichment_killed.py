"""The enrichment killed before and after each of its commits, and by a lost lease."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analytics.lake.lake import Lake, LakeConflict
from lrs.services import Services
from lrs.store.leases import Lost
from tests.integration.lakes import content, enrichment, fill, rebuilt

pytestmark = pytest.mark.long


@dataclass(frozen=True, slots=True)
class WatchedLake(Lake):
    """A lake that is copied before each commit: what a kill there would leave."""

    left: list[Path]

    def _write(self, *given: Any, **named: Any) -> None:
        copy = Path(f"{self.url}-killed-{len(self.left)}")
        self.left.append(shutil.copytree(self.url, copy))
        Lake._write(self, *given, **named)


@pytest.mark.parametrize(("act", "commits"), [("run", 19), ("rebuild", 15)])
def test_killed_before_any_commit_the_next_pass_completes_the_tables(
    act: str, commits: int, services: Services, tmp_path: Path
) -> None:
    """The soak ``enrichment`` and its short form kill a process anywhere."""
    fill(services, tmp_path, 0)
    lake = WatchedLake(str(tmp_path / "lake"), [])
    enrichment(services, Lake(lake.url)).run("default")
    (noted,) = services.database["enrichment"].find()
    fill(services, tmp_path, 1)
    expected = rebuilt(services, tmp_path / "anew")
    perform = getattr(enrichment(services, lake, chunk=2, batch=2), act)
    perform("default")
    assert content(lake) == expected
    assert len(lake.left) == commits
    for made, folder in enumerate(lake.left):
        # The end of a pass is noted after its last commit.
        services.database["enrichment"].replace_one({"_id": "default"}, noted)
        left = Lake(str(folder))
        enrichment(services, left, chunk=3, batch=3).run("default")
        assert content(left) == expected, f"killed after {made} commits"


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
