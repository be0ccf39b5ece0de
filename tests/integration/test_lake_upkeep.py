"""Manifest, compaction and vacuum: what reports see stays whole, and files stay few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from analytics.lake.compaction import compact, crowded_since
from analytics.lake.lake import Lake, LakeConflict
from analytics.lake.manifest import read_manifest
from analytics.lake.pass_tables import PassTables
from analytics.lake.published import Published, published
from analytics.lake.reading import create_view
from analytics.lake.tables import TABLES, VOIDS
from analytics.lake.vacuuming import is_due, vacuum

BASE = 1_790_000_000_000_000  # microseconds
KEEP = timedelta(days=7)


def voids(first: int, count: int) -> pa.Table:
    """Rows recorded at BASE + first and each microsecond after, the last id first."""
    numbers = range(first + count - 1, first - 1, -1)
    return pa.table(
        {
            "statement_id": [f"{number:06}" for number in numbers],
            "voided_by": ["x"] * count,
            "recorded_at": [BASE + number for number in numbers],
        },
        schema=VOIDS,
    )


def append(tables: PassTables, count: int = 1) -> None:
    """One pass' rows: recorded a second after those before."""
    before = tables.position("voids")
    first = 1 if not before else before - BASE + 1_000_000
    end = BASE + first + count - 1
    tables.append("voids", voids(first, count), before=before, position=end)


def seen(tables: Published, name: str = "voids") -> list[str]:
    with duckdb.connect() as connection:
        create_view(connection, name, tables.rows(name), TABLES[name])
        found = connection.sql("SELECT statement_id FROM voids ORDER BY 1").fetchall()
    return [row[0] for row in found]


def numbers(lake: Lake) -> list[str]:
    return seen(published(lake, "t"))


def file_count(lake: Lake, name: str = "voids") -> int:
    opened = lake.open("t", name)
    return len(opened.file_uris()) if opened else 0


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path))


def test_what_no_manifest_names_is_not_read(lake: Lake) -> None:
    tables = PassTables(lake, "t")
    append(tables)
    assert tables.publish()
    first = numbers(lake)
    begun = published(lake, "t")
    append(tables)
    assert numbers(lake) == first  # killed before the manifest
    other = PassTables(lake, "t")
    assert other.publish()
    assert len(numbers(lake)) == 2
    assert seen(begun) == first  # whoever began before sees the old ones whole
    assert not other.publish()  # nothing new


def test_a_lake_without_a_manifest_is_read_as_it_stands(lake: Lake) -> None:
    append(PassTables(lake, "t"))
    assert read_manifest(lake, "t") is None
    assert len(numbers(lake)) == 1


def test_who_was_overtaken_does_not_set_the_manifest_back(lake: Lake) -> None:
    append(tables := PassTables(lake, "t"))
    tables.publish()
    slow = PassTables(lake, "t")
    slow.position("voids")
    append(tables)
    tables.publish()
    assert not slow.publish()
    with pytest.raises(LakeConflict):
        slow.publish(vacuumed=1)
    assert len(numbers(lake)) == 2


def test_many_small_files_become_one_that_is_sorted(lake: Lake) -> None:
    tables = PassTables(lake, "t")
    for _ in range(7):
        append(tables, 3)
    tables.publish()
    before, begun = numbers(lake), published(lake, "t")
    position = tables.position("voids")
    assert compact(tables, few=7) == []  # not many yet
    assert compact(tables, few=6) == ["voids"]
    tables.publish()
    assert file_count(lake) == 1
    assert numbers(lake) == before == seen(begun)
    assert lake.position("t", "voids") == position
    assert not lake.is_outdated("t", "voids")
    opened = lake.open("t", "voids")
    assert opened
    (file,) = opened.file_uris()
    with duckdb.connect() as connection:
        stood = connection.execute(
            "SELECT statement_id FROM read_parquet(?)", [file]
        ).fetchall()
    assert [row[0] for row in stood] == before
    append(tables)  # and a pass goes on from it
    tables.publish()
    assert len(numbers(lake)) == 22


def test_a_large_file_before_them_stays_as_it_is(lake: Lake) -> None:
    tables = PassTables(lake, "t")
    append(tables, 12_000)
    opened = lake.open("t", "voids")
    assert opened
    (large,) = opened.file_uris()
    for _ in range(5):
        append(tables)
    compact(tables, few=4)
    after = lake.open("t", "voids")
    assert after
    assert large in after.file_uris()
    assert len(after.file_uris()) == 2


def test_files_that_share_a_millisecond_are_counted_once(lake: Lake) -> None:
    tables = PassTables(lake, "t")
    append(tables, 11_000)
    for number in range(11_001, 11_030):
        at = BASE + number
        before = tables.position("voids")
        tables.append("voids", voids(number, 1), before=before, position=at)
    tables.publish()
    before = numbers(lake)
    compact(tables, few=4)
    tables.publish()
    assert numbers(lake) == before
    assert len(set(before)) == len(before) == 11_029


def test_the_cost_of_compaction_is_bounded_by_sizes(lake: Lake) -> None:
    """Rows written anew stay below three times those there are, whatever the passes."""
    tables = PassTables(lake, "t")
    written = 0
    for _ in range(120):
        append(tables, 700)
        opened = tables.opened("voids")
        since = opened and crowded_since(opened, 4)
        if since is None:
            continue
        first = (since - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        rows = lake.open("t", "voids")
        assert rows
        column = rows.to_pyarrow_table().column("recorded_at").cast(pa.int64())
        written += sum(at >= first for at in column.to_pylist())
        compact(tables, few=4)
    assert file_count(lake) < 15
    assert written < 6 * 120 * 700
    tables.publish()
    assert len(numbers(lake)) == 120 * 700


def test_vacuum_leaves_what_a_manifest_names_until_its_time_is_over(lake: Lake) -> None:
    tables = PassTables(lake, "t")
    for _ in range(6):
        append(tables)
    tables.publish()
    begun = published(lake, "t")
    begun.rows("voids")
    # A pass that was killed before its manifest: the former one stays in force.
    compact(tables, few=3)
    now = datetime.now(UTC)
    vacuum(tables, KEEP, now=now)
    assert len(seen(begun)) == 6
    assert len(numbers(lake)) == 6
    files = list(Path(lake.path("t", "voids")).glob("*.parquet"))
    assert len(files) == 7
    assert not is_due(PassTables(lake, "t"), now + timedelta(hours=23))
    assert is_due(PassTables(lake, "t"), now + timedelta(days=1))
    vacuum(PassTables(lake, "t"), timedelta(0), now=now + timedelta(days=30))
    assert len(list(Path(lake.path("t", "voids")).glob("*.parquet"))) == 1
    assert len(numbers(lake)) == 6


def test_every_table_has_the_statistics_that_upkeep_needs(lake: Lake) -> None:
    for name, schema in TABLES.items():
        if "recorded_at" not in schema.names:
            continue
        rows = pa.table(
            {
                field.name: pa.array([BASE], pa.int64()).cast(field.type)
                if field.name == "recorded_at"
                else pa.nulls(1, field.type)
                for field in schema
            },
            schema=schema,
        )
        lake.append("t", name, rows, before=0, position=BASE)
        opened = lake.open("t", name)
        assert opened
        assert (
            "min.recorded_at"
            in pa.table(opened.get_add_actions(flatten=True)).column_names
        ), name
