"""The lake's tables: rows and position in one commit, one writer at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from analytics.lake.lake import Lake, LakeConflict
from analytics.lake.reading import create_view
from analytics.lake.tables import VOIDS


def rows(number: int) -> pa.Table:
    row = {"statement_id": str(number), "voided_by": "x", "recorded_at": number}
    return pa.Table.from_pylist([row], schema=VOIDS)


def standing(lake: Lake) -> list[str]:
    opened = lake.open("t", "voids")
    assert opened
    return sorted(opened.to_pyarrow_table().column("statement_id").to_pylist())


def test_of_several_that_make_a_table_at_once_one_does(tmp_path: Path) -> None:
    for turn in range(5):
        lake, won = Lake(str(tmp_path / str(turn))), []
        all_at_once = threading.Barrier(3)

        def write(
            number: int,
            lake: Lake = lake,
            won: list[str] = won,
            all_at_once: threading.Barrier = all_at_once,
        ) -> None:
            all_at_once.wait()
            try:
                lake.append("t", "voids", rows(number), before=0, position=number)
                won.append(str(number))
            except LakeConflict:
                pass

        threads = [threading.Thread(target=write, args=(at,)) for at in (1, 2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert standing(lake) == won
        assert str(lake.position("t", "voids")) == won[0]


def test_who_starts_from_an_old_position_is_refused(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    lake.append("t", "voids", rows(1), before=0, position=5)
    with pytest.raises(LakeConflict):
        lake.append("t", "voids", rows(2), before=0, position=7)
    assert standing(lake) == ["1"]
    assert lake.position("t", "voids") == 5


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_who_is_overtaken_before_the_commit_is_refused(
    mode: str, tmp_path: Path
) -> None:
    """The others commit when this one has opened the table and reads its rows."""
    lake = Lake(str(tmp_path))
    lake.append("t", "voids", rows(1), before=0, position=1)
    late = lake.open("t", "voids")
    assert late
    lake.append("t", "voids", rows(2), before=1, position=2)
    with pytest.raises(LakeConflict):
        lake._write("voids", late, rows(3), mode, 3)
    assert standing(lake) == ["1", "2"]
    lake.overwrite("t", "voids", iter([rows(4)]), position=4)
    assert standing(lake) == ["4"]
    assert lake.position("t", "voids") == 4


def test_the_position_outlives_a_checkpoint_of_the_log(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    for number in range(1, 105):
        lake.append("t", "voids", rows(number), before=number - 1, position=number)
    assert list(tmp_path.glob("t/voids/_delta_log/*.checkpoint.parquet"))
    assert lake.position("t", "voids") == 104
    assert len(standing(lake)) == 104


def test_a_table_of_an_older_release_is_read_and_goes_on(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    older = pa.schema([field for field in VOIDS if field.name != "voided_by"])
    write_deltalake(lake.path("t", "voids"), rows(1).select(older.names).cast(older))
    for step in range(2):
        with duckdb.connect() as connection:
            create_view(connection, "voids", lake.rows("t", "voids"), VOIDS)
            found = connection.sql(
                "SELECT statement_id, voided_by FROM voids ORDER BY 1"
            ).fetchall()
        assert found == [("1", None), ("2", "x")][: step + 1]
        if not step:
            lake.append("t", "voids", rows(2), before=0, position=2)
