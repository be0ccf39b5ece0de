"""A page made of the people on it alone has the rows that stand there in the whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from analytics.reports import paging
from analytics.reports.reports import Reports

DAYS = {
    "company": date(2026, 6, 30),
    "scope": date(2026, 6, 30),
    "merged_people": date(2026, 3, 15),
}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("company", {}),
    ("company", {"unit": "SOUTH"}),
    ("company", {"parameters": {"status": "OVERDUE"}}),
    ("company", {"parameters": {"location": "LNZ", "job": "WK"}}),
    ("company", {"parameters": {"manager": "M1"}}),
    ("company", {"parameters": {"requirement": "HAZ-01"}}),
    ("company", {"person": "E2"}),
    ("scope", {"scope_unit": "OPS", "unit": "SOUTH"}),
    ("merged_people", {}),
    ("merged_people", {"parameters": {"worker_type": "employee"}}),
]


@pytest.fixture
def narrowed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note of how many people each narrowed page was made."""
    noted: list[int] = []
    share = paging.share

    def noting(*given: Any) -> Any:
        found = share(*given)
        noted.append(len(found.people))
        return found

    monkeypatch.setattr(paging, "share", noting)
    return noted


@pytest.mark.parametrize(
    ("name", "of", "given"),
    [
        (name, of, given)
        for name in ("evidence", "transcript")
        for of, given in ASKED
        if name == "evidence" or "status" not in given.get("parameters", {})
    ],
)
def test_small_pages_are_pieces_of_the_whole(
    world: Callable[[str], Reports],
    narrowed: list[int],
    name: str,
    of: str,
    given: dict[str, Any],
) -> None:
    reports = world(of)

    def ask(**more: Any) -> Any:
        return reports.run(name, "default", as_of=DAYS[of], **given, **more)

    whole = ask()
    assert whole.rows
    assert not narrowed
    found, after = [], None
    while len(found) < len(whole.rows):
        page = ask(limit=3, after=after)
        assert page.total == len(whole.rows)
        found += page.rows
        after = page.after
    assert after is None
    assert found == whole.rows
    # Of a requirement the transcript's rows are not counted person by person.
    by_person = name == "evidence" or "requirement" not in given.get("parameters", {})
    assert bool(narrowed) == by_person
    assert max(narrowed, default=0) <= 4
