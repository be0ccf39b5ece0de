"""What finds the tables that a query reads takes none of its own for one of them."""

from __future__ import annotations

import pytest

from tests.sql_reads import read_by


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1 FROM a, b", {"a", "b"}),
        ("SELECT (SELECT max(x) FROM a) FROM b JOIN c USING (x)", {"a", "b", "c"}),
        ("WITH own AS (FROM a) FROM own, b", {"a", "b"}),
        ("WITH a AS (FROM a) FROM a", {"a"}),  # the one outside
        ("WITH RECURSIVE r AS (FROM a UNION ALL FROM r) FROM r", {"a"}),
        ("SELECT x FROM b WHERE x IN (WITH own AS (FROM a) FROM own)", {"a", "b"}),
        ("FROM (WITH own AS (FROM a) FROM own), own", {"a", "own"}),
        ("CREATE TEMP MACRO m(x) AS TABLE SELECT * FROM a, query_table(x)", {"a"}),
        ("CREATE MACRO n(x) AS x + (SELECT max(y) FROM a)", {"a"}),
        ("-- FROM b\nSELECT 'FROM c' FROM a", {"a"}),
    ],
)
def test_what_a_query_reads_is_found_wherever_it_stands(
    sql: str, tables: set[str]
) -> None:
    assert read_by(sql).tables == tables


def test_what_is_given_by_name_is_found_unless_it_is_the_querys_own() -> None:
    sql = "WITH own AS (FROM a) SELECT low(x) FROM rates('own'), rates('b')"
    found = read_by(sql)
    assert found.given == {("rates", "b")}
    assert {"rates", "low"} <= found.functions
