"""The mappings of config/hris for systems that are asked: whole, and usable as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.workforce.connectors.source import ConnectorSource
from analytics.workforce.engine.syncing import configured
from analytics.workforce.model import WORKFORCE

FOLDER = Path(__file__).parents[3] / "config" / "hris"
SHIPPED = ("workday", "successfactors")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_mapping_fills_every_column_and_is_on_no_schedule(name: str) -> None:
    mapping, source, _ = configured(FOLDER, name, lambda _: {"password": "p"})
    filled = {item.column.name for item in mapping.fields}
    assert {column.name for column in WORKFORCE.columns} <= filled
    assert isinstance(source, ConnectorSource)
    assert source.system.reach.address.split("/")[2].endswith(".example")
    assert mapping.schedule is None
