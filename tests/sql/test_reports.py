"""Reports over given CSV files say what the expected CSV files say.

A folder is a world, see world.py; each of its questions is a test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sql.world import as_written, expected_rows, questions

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*/questions.toml"))
QUESTIONS = [question for folder in FOLDERS for question in questions(folder)]


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: q["says"].replace(" ", "_"))
def test_report(world: Any, asked: dict[str, Any]) -> None:
    given = {name: asked.get(name) for name in ("unit", "scope_unit", "person")}
    result = world(asked["folder"]).run(
        asked["report"],
        "default",
        as_of=asked["as_of"],
        known_at=asked.get("known_at"),
        parameters=asked.get("parameters", {}),
        **given,
    )
    columns, expected = expected_rows(HERE / asked["folder"] / asked["expected"])
    assert set(columns) <= set(result.columns)
    likes = expected + [{}] * (len(result.rows) - len(expected))
    found = [
        {name: as_written(row[name], like.get(name, "")) for name in columns}
        for row, like in zip(result.rows, likes, strict=False)
    ]
    assert found == expected
