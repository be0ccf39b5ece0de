"""What a provider told, day by day, is what the workforce holds (issue 7)."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.scim import users
from lrs.access import Scope, bearer_token
from lrs.app import create_app
from lrs.services import Services
from tests.conftest import ROOT
from tests.contract.provisioning import Provider
from tests.fakes.syncing import Hris
from tests.integration.provisioned import Company

MAPPING = (ROOT / "config" / "hris" / "scim.toml").read_text()
# Here so many get another number that the valve would stop it, as it should.
MAPPING += "\n[valves]\nalways_allowed = 1000\n"
SHOWN = ("family_name", "email", "org_unit_id", "job_title", "hire_date")
SHOWN += ("manager_id", "status", "termination_date")
Begin = Callable[[int], Company]


@pytest.fixture
def begin(services: Services, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begin a company whose day is the server's."""
    pair = services.credentials.add("default", [Scope.SCIM])
    made: list[Company] = []
    monkeypatch.setattr(users, "_now", lambda: made[0].now)

    def begun(seed: int) -> Company:
        provider = Provider(create_app(services), bearer_token(*pair))
        made.append(Company(provider, random.Random(seed)))
        return made[0]

    return begun


@pytest.fixture
def hris(services: Services, tmp_path: Path) -> Hris:
    found = Hris(services, tmp_path / "hris", "scim")
    found.write(MAPPING)
    return found


def shown(hris: Hris) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        key: {name: row[name] for name in SHOWN} for key, row in hris.rows().items()
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_history_becomes_the_same_workforce(
    begin: Begin, hris: Hris, seed: int
) -> None:
    company = begin(seed)
    for step in range(250):
        company.step()
        if company.drawn.random() < 0.06:
            hris.sync(take_all=company.drawn.random() < 0.2)
            assert shown(hris) == company.rows(), step
    hris.sync()
    expected = company.rows()
    assert shown(hris) == expected
    assert len(expected) > 100
    hris.sync(take_all=True)
    assert shown(hris) == expected
    for one in company.live():
        user = company.provider.get(one.id)
        assert user["meta"]["version"] == one.version
        assert user["active"] == one.state["active"]
        assert user["userName"] == one.state["name"]
    listed = company.provider.search(count=0)
    assert listed["totalResults"] == len(company.live())
    assert hris.cursor is not None
    assert hris.cursor.cursor == str(company.changes)
