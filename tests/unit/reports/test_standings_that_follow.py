"""Standings made from former ones are those made from nothing, whatever was said."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from analytics.reports.standings import following
from analytics.reports.standings.folder import Entry
from analytics.reports.standings.inputs import (
    KEPT,
    Given,
    inputs_of,
    unknown_sources,
)
from analytics.reports.standings.making import Making
from tests.unit.reports.growing_company import Asked, bits

# More with STANDINGS_CASES=300; the first ones are the same in every run.
CASES = int(os.environ.get("STANDINGS_CASES", "4"))
MOMENTS = 4


def made(given: Given, asked: Asked, former: Entry | None, folder: Path) -> Entry:
    folder.mkdir()
    inputs = inputs_of(given, asked)
    assert former is None or inputs.can_follow(former.inputs)
    share = Making(given, inputs, asked, former, former).write(folder)
    return Entry(inputs, folder, share)


def differences(one: Entry, other: Entry) -> dict[str, list[object]]:
    """Return the rows that are in one of two sets only."""
    found = {}
    with duckdb.connect() as connection:
        for name in KEPT:
            columns = connection.read_parquet(one.file(name)).columns
            chosen = ", ".join(f'"{column}"' for column in columns)
            sides = [
                f"SELECT {chosen} FROM read_parquet('{entry.file(name)}')"
                for entry in (one, other)
            ]
            rows = connection.execute(
                f"({sides[0]} EXCEPT ALL {sides[1]}) UNION ALL "
                f"({sides[1]} EXCEPT ALL {sides[0]})"
            ).fetchall()
            if rows:
                found[name] = rows
    return found


def test_every_table_that_the_models_read_is_an_input() -> None:
    assert not unknown_sources()


@pytest.mark.parametrize("seed", range(CASES))
def test_following_standings_are_those_made_from_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a company of a dozen people a change soon concerns more than half of them.
    monkeypatch.setattr(following, "_MOST", 1.0)
    company = bits(seed, tmp_path, MOMENTS)
    former = None
    for number, asked in enumerate(company.asked):
        given = company.given(asked)
        anew = made(given, asked, None, tmp_path / f"anew-{number}")
        if former is not None:
            follows = made(given, asked, former, tmp_path / f"follows-{number}")
            assert not differences(anew, follows), asked
            assert anew.unresolved == pytest.approx(follows.unresolved)
            anew = follows
        former = anew
