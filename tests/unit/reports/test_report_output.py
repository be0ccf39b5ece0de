"""A report on a terminal: as a table where it has room, else row below row."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from analytics.report_output import _print
from analytics.reports.imports import imports_table
from analytics.reports.result import ReportMeta, ReportResult
from analytics.workforce.run_records import RunRecord

NOW = datetime(2026, 11, 20, 8, 30, 15, 123456, tzinfo=UTC)
RUN = RunRecord(
    run="0123456789abcdef0123456789abcdef",
    kind="workforce",
    source="acme",
    mode="full",
    file="people.csv",
    began=NOW,
    seconds=12.3456,
    state="failed",
    why="Refused: " + "many people would leave " * 10,
    counts={"read": 40, "added": 39, "quarantined": 1},
    drift=("The field [b]role is new.",),
    reconciliation={
        "read_back": 39,
        "differing": 0,
        "columns": [["employee_id", 39, 0], ["org_unit_id", 39, 0]],
    },
)


def printed(rows: list[dict[str, object]], width: int) -> list[str]:
    meta = ReportMeta(date(2026, 11, 20), NOW, NOW, None)
    out = io.StringIO()
    result = ReportResult(list(rows[0]), rows, meta)
    _print(Console(file=out, width=width), result)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 100, 200])
def test_a_run_is_read_whole_at_any_width(width: int) -> None:
    (row,) = imports_table([RUN]).to_pylist()
    lines = printed([row], width)
    assert max(map(len, lines)) <= width
    assert len(lines) < 1_500 / width + 10
    said = " ".join(" ".join(lines).split())
    for name, value in row.items():
        # Every name stands beside its value, and what is not known takes no room.
        assert (f"{name} " in said) == (value is not None), name
    assert "file people.csv" in said
    assert "began 2026-11-20T08:30:15.123456Z" in said
    assert f"why {RUN.why}".strip() in said
    assert "drift The field [b]role is new." in said
    assert "column employee_id source_rows 39 differing 0; column org_unit_id" in said


def test_what_has_room_stays_a_table() -> None:
    lines = printed([{"person_id": "E1", "name": "Ann [red]Lee"}], 100)
    assert lines[1].split() == ["\u2503", "person_id", "\u2503", "name", "\u2503"]
    assert "Ann [red]Lee" in lines[3]
