"""The worlds of this folder, each enriched once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from analytics.reports.reports import Reports
from tests.sql.world import the_world_of

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Reports]:
    """Give the reports of a folder."""

    @cache
    def find(name: str) -> Reports:
        return the_world_of(HERE / name, tmp_path_factory.mktemp(name))

    return find
