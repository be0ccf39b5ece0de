"""The worked example of config/hris/README.md is a connector that works."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analytics.workforce.connectors import MODULES
from analytics.workforce.connectors.checking import check
from analytics.workforce.connectors.connector import Fetch, Record
from analytics.workforce.engine.dry_run import dry_run
from analytics.workforce.mapping import load_mapping
from analytics.workforce.schedules import Schedules
from lrs.services import Services
from tests.fakes.server import Reply, Request, served
from tests.fakes.syncing import QUICK, Hris

FOLDER = Path(__file__).parents[2] / "config" / "hris"
[CODE] = re.findall(
    r"```python\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.S
)
MAPPING = """
[fields]
no = "employee_id"
since = "hire_date"
team = "org_unit_id"

[source]
type = "punchcard"
address = "{url}"
site = "north"
page_size = 2
{quick}
"""


def clock(request: Request) -> Reply:
    if request.headers.get("authorization") != "Bearer token-7":
        return Reply(None, 401)
    people = [{"no": str(n), "since": "2024-01-01", "team": "OPS"} for n in range(5)]
    if request.path.endswith("/news"):
        changed = [people[1] | {"team": "LAB"}]
        return Reply({"people": changed, "forgotten": request.query["since"] < "2020"})
    size = int(request.query.get("size", "2"))
    start = (int(request.query["page"]) - 1) * size
    return Reply({"count": len(people), "people": people[start : start + size]})


def test_the_worked_example_takes_everybody_and_what_has_changed(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "analytics.workforce.connectors.punchcard"
    module = types.ModuleType(name)
    exec(compile(CODE, "punchcard.py", "exec"), module.__dict__)  # noqa: S102
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(MODULES, "punchcard", "punchcard")
    with served(clock) as server:
        hris = Hris(services, tmp_path / "hris", secrets={"token": "token-7"})
        hris.write(MAPPING.format(url=server.url, quick=QUICK))
        mapping, source, _ = hris.configured()
        assert {found.well for found in check(source, mapping)} == {True}
        [(_, result)] = hris.sync().applied
        assert result.added == 5
        [(_, result)] = hris.sync().applied
        assert (result.read, result.changed) == (1, 1)
        assert hris.rows()["1", "2024-01-01"]["org_unit_id"] == "LAB"


def test_the_mappings_that_are_shipped_are_whole_and_due_to_nobody() -> None:
    asked = [load_mapping(path) for path in sorted(FOLDER.glob("*.toml"))]
    systems = {one.source["type"]: one for one in asked if one.source}
    assert systems.keys() == MODULES.keys()
    for one in systems.values():
        columns = {kept.column.name for kept in one.fields}
        assert columns == {column.name for column in one.table.columns}, one.name
        assert ".example/" in one.source["address"]
    assert not list(Schedules(FOLDER).due({}, None))  # type: ignore[arg-type]


class Queue:
    """A connector whose changes lie in a queue until they are taken out of it."""

    has_delta = True
    people_are_whole = False

    def __init__(self, lying: list[str]) -> None:
        self.lying = lying
        self.applied: Callable[[], int] = lambda: 0
        self.seen: list[tuple[list[str], int]] = []

    def full(self, fetch: Fetch) -> Iterator[Record]:
        fetch.cursor = "begun"
        yield {"no": "1", "since": "2024-01-01", "team": "OPS"}

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        taken = list(self.lying)

        def take_out(_: Fetch) -> None:
            self.seen.append((taken, self.applied()))
            self.lying[:] = [one for one in self.lying if one not in taken]

        fetch.cursor, fetch.afterwards = cursor, take_out
        for team in taken:
            if team:  # others are of no concern here
                yield {"no": "1", "since": "2024-01-01", "team": team}


def test_what_lies_in_a_queue_is_taken_out_when_it_was_applied_and_not_before(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(["LAB"])
    name = "analytics.workforce.connectors.punchcard"
    module = types.ModuleType(name)
    module.connector_of = lambda setup: queue  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(MODULES, "punchcard", "punchcard")
    hris = Hris(services, tmp_path / "hris")
    hris.write(MAPPING.format(url="http://localhost:9", quick=QUICK))
    queue.applied = lambda: services.database["ledger_runs"].count_documents({})
    hris.sync()
    assert (queue.lying, queue.seen) == (["LAB"], [])
    mapping, source, tenant = hris.configured()
    dry_run(services.analytics().ledger, tenant, mapping, source)
    assert queue.lying == ["LAB"]
    hris.sync()
    assert (queue.lying, queue.seen) == ([], [(["LAB"], 2)])
    queue.lying.append("")  # nothing to apply: no run, and out it goes
    assert hris.sync().applied == []
    assert (queue.lying, queue.seen[1:]) == ([], [([""], 2)])
