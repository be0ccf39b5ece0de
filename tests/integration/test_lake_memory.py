"""What DuckDB spills is gone after it, also where its process was killed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from analytics.lake.memory import in_memory

SPILLING = """
import time
from analytics.lake.memory import in_memory

with in_memory("60MB") as connection:
    connection.execute("SET threads = 1")
    # What DuckDB shows of itself after two seconds, where it sees no script.
    connection.execute("SET enable_progress_bar = false")
    rows = "SELECT hash(i)::VARCHAR AS a FROM range({}) r(i)"
    connection.execute("CREATE TABLE t AS " + rows)
    print("spilled", flush=True)
    time.sleep(600)
"""
ROWS = 5_000_000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def spilling(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", SPILLING.format(ROWS)], stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"spilled\n"
    return process


def test_nobody_else_can_look_into_the_folder_and_it_is_gone_in_the_end(
    folder: Path,
) -> None:
    with in_memory("100MB"):
        (made,) = folder.iterdir()
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(folder: Path) -> None:
    killed, living = spilling(folder), spilling(folder)
    try:
        left, used = sorted(folder.iterdir(), key=lambda path: path.stat().st_ctime_ns)
        assert any(left.iterdir())
        killed.kill()
        killed.wait()
        assert left.exists()
        with in_memory("100MB"):
            assert not left.exists()
            assert any(used.iterdir())
    finally:
        for process in (killed, living):
            process.kill()
            process.wait()
            assert process.stdout
            process.stdout.close()


def test_many_at_once_take_nothing_from_each_other(folder: Path) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                with in_memory("50MB") as connection:
                    own = connection.sql("SELECT current_setting('temp_directory')")
                    assert os.path.isdir(own.fetchall()[0][0])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert list(folder.iterdir()) == []


def test_an_interrupted_query_is_an_interruption_like_any_other(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt), in_memory("50MB"):
        raise RuntimeError("Query interrupted")  # what DuckDB makes of Ctrl-C
    with pytest.raises(RuntimeError), in_memory("50MB"):
        raise RuntimeError("Anything else")
    assert list(folder.iterdir()) == []


def test_what_one_made_the_next_does_not_see(folder: Path) -> None:
    before = seen("50MB")
    for _ in range(4):
        with in_memory("60MB") as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS a")
            connection.execute("CREATE TEMP TABLE u AS SELECT 1 AS a")
            connection.execute("CREATE MACRO m(a) AS a + 1")
            connection.sql("SELECT 1 AS a").create_view("v")
            connection.execute("SET VARIABLE after = 1")
            connection.execute("SET threads = 1")
            connection.execute("SET TimeZone = 'Asia/Tokyo'")
            assert len(list(folder.iterdir())) == 1
    assert seen("50MB") == before
    assert list(folder.iterdir()) == []


def seen(limit: str) -> list[object]:
    """Return what may be told of a session, but where it spills."""
    with in_memory(limit) as connection:
        return [
            connection.execute(asked).fetchall()
            for asked in (
                "SELECT name, value FROM duckdb_settings() "
                "WHERE name <> 'temp_directory' ORDER BY ALL",
                "SELECT database_name, table_name FROM duckdb_tables()",
                "SELECT view_name FROM duckdb_views() WHERE NOT internal",
                "SELECT function_name FROM duckdb_functions() WHERE NOT internal",
                "SELECT name FROM duckdb_variables()",
                "SELECT database_name FROM duckdb_databases() ORDER BY ALL",
            )
        ]


def test_one_that_spilled_or_failed_stands_in_nobodys_way(folder: Path) -> None:
    with in_memory("60MB") as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT hash(i)::VARCHAR AS a FROM range(4000000) r(i)"
        )
        (own,) = folder.iterdir()
        assert any(own.iterdir())
    assert list(folder.iterdir()) == []
    for failure in (ZeroDivisionError, KeyboardInterrupt, duckdb.OutOfMemoryException):
        with pytest.raises(failure):
            end_with(failure)
    for _ in range(3):
        with in_memory("60MB") as connection:
            assert connection.execute("SELECT 1").fetchall() == [(1,)]


def end_with(failure: type[BaseException]) -> None:
    with in_memory("60MB") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        if failure is duckdb.OutOfMemoryException:
            connection.execute("SET temp_directory = ''")
            connection.execute("SELECT list(i) FROM range(60000000) r(i)")
        raise failure


def test_a_fork_uses_none_of_its_parents(folder: Path) -> None:
    with in_memory("60MB"):
        pass
    script = (
        "import os\n"
        "from analytics.lake.memory import in_memory\n"
        "with in_memory('60MB') as one: one.execute('FROM range(9)').fetchall()\n"
        "if not os.fork():\n"
        "    with in_memory('60MB') as one:\n"
        "        one.execute('SET threads = 2')\n"
        "        one.execute('SELECT sum(range) FROM range(3000000)').fetchall()\n"
        "    os._exit(7)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "7\n"


def test_a_parquet_file_that_was_written_anew_is_read_anew(folder: Path) -> None:
    # What is known of a file is kept from one use to the next, as long as it is it.
    path, part = folder / "a.parquet", folder / "part"
    for number in range(5):
        rows = f"SELECT {number} AS n FROM range(2000)"
        duckdb.sql(f"COPY ({rows}) TO '{part}' (FORMAT parquet)")
        part.rename(path)
        with in_memory("100MB") as connection:
            kept = "SELECT current_setting('parquet_metadata_cache')"
            assert connection.execute(kept).fetchone() == (True,)
            found = f"SELECT count(*) FROM read_parquet('{path}') WHERE n = {number}"
            assert connection.execute(found).fetchone() == (2000,)
