"""What the text of a query reads, as DuckDB's own parser understands it.

In: the text of a .sql file: one query, or statements that create macros. Out: the
tables it reads (not its own common table expressions, each where it is known), those
given by name to table functions, and the functions it calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

_MACRO = re.compile(
    r"CREATE (?:OR REPLACE )?(?:TEMP )?MACRO ([a-z_]+)\([^)]*\)\s+AS\s+(TABLE\b)?"
)


@dataclass
class Read:
    """Names: of tables, of texts given to table functions, of functions."""

    tables: set[str] = field(default_factory=set)
    given: set[tuple[str, str]] = field(default_factory=set)  # function, text
    functions: set[str] = field(default_factory=set)


def read_by(sql: str) -> Read:
    """Return what a query reads, or what the bodies of macros read."""
    found = Read()
    with duckdb.connect() as connection:
        for query in _queries(sql):
            asked = "SELECT json_serialize_sql($sql::VARCHAR)"
            ((answer,),) = connection.execute(asked, {"sql": query}).fetchall()
            tree = json.loads(answer)
            assert not tree["error"], tree
            _walk(tree["statements"], frozenset(), found)
    return found


def macros_of(sql: str) -> set[str]:
    """Return the names of the macros that a text creates."""
    return {match[1] for match in _MACRO.finditer(sql)}


def _queries(sql: str) -> Iterator[str]:
    for statement in duckdb.extract_statements(sql):
        text = re.sub(r"--[^\n]*", "", statement.query).strip()
        macro = _MACRO.match(text)
        if macro is None:
            yield text
        else:
            yield ("" if macro[2] else "SELECT ") + text[macro.end() :]


def _walk(node: Any, known: frozenset[str], found: Read) -> None:
    """Go through a part of the tree, in which these expressions have a name."""
    if isinstance(node, list):
        for item in node:
            _walk(item, known, found)
        return
    if not isinstance(node, dict):
        return
    if node.get("type") == "BASE_TABLE" and node["table_name"] not in known:
        found.tables.add(node["table_name"])
    if node.get("class") == "FUNCTION":
        found.functions.add(node["function_name"])
    if node.get("type") == "TABLE_FUNCTION":
        function = node["function"]
        texts = [one["expression"].get("literal", {}) for one in function["arguments"]]
        found.given |= {
            (function["function_name"], text["text"])
            for text in texts
            if text.get("kind") == "STRING" and text["text"] not in known
        }
    if node.get("type") == "RECURSIVE_CTE_NODE":
        known |= {node["cte_name"]}
    for one in node.get("cte_map", {}).get("map", []):
        _walk(one["value"], known, found)
        known |= {one["key"]}
    for key, value in node.items():
        if key != "cte_map":
            _walk(value, known, found)
