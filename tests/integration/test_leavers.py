"""Whose access ends: HR lists their address, and they work here no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.identity.decisions import Signed
from analytics.workforce.engine.importing import import_file
from lrs.services import Services

TODAY = datetime.now(UTC).date()
HEADER = (
    "employee_id,effective_date,hire_date,termination_date,status,org_unit_id,email"
)
HasLeft = Callable[[str], bool]


def a_row(
    person: str, email: str, last: int | None = None, *, hired: int = -900
) -> str:
    """A row; days are counted from today."""
    end = "" if last is None else (TODAY + timedelta(days=last)).isoformat()
    hire = (TODAY + timedelta(days=hired)).isoformat()
    return f"{person},{hire},{hire},{end},active,OPS,{email}"


@pytest.fixture
def deliver(services: Services, tmp_path: Path) -> Callable[..., None]:
    def taken(*rows: str) -> None:
        path = tmp_path / "people.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        import_file(services.analytics().ledger, "default", "workforce", path)

    return taken


@pytest.fixture
def has_left(services: Services) -> HasLeft:
    return lambda address: services.analytics().leavers.has_left("default", address)


def test_access_ends_on_the_day_after_the_last(
    deliver: Callable[..., None], has_left: HasLeft
) -> None:
    deliver(
        a_row("HERE", "here@acme.example"),
        a_row("LAST-DAY", "last@acme.example", 0),
        a_row("GONE", "Gone@Acme.example", -1),
        a_row("TO-COME", "to-come@acme.example", hired=30),
        a_row("BACK", "back@acme.example", -300),
        a_row("BACK", "back@acme.example", hired=-10),
    )
    told = {
        name: has_left(f"{name}@acme.example")
        for name in ("here", "last", "gone", "to-come", "back", "auditor")
    }
    assert told == {
        "here": False,
        "last": False,
        "gone": True,
        "to-come": False,
        "back": False,
        "auditor": False,
    }
    assert has_left("GONE@acme.EXAMPLE")


def test_an_address_that_changed_hands_is_who_works_here(
    deliver: Callable[..., None], has_left: HasLeft
) -> None:
    deliver(a_row("FIRST", "desk@acme.example", -30))
    assert has_left("desk@acme.example")
    deliver(a_row("SECOND", "desk@acme.example", hired=-5))
    assert not has_left("desk@acme.example")


def test_who_was_merged_is_here_as_long_as_one_of_them(
    services: Services, deliver: Callable[..., None], has_left: HasLeft
) -> None:
    deliver(a_row("OLD", "old@acme.example", -30), a_row("NEW", "new@acme.example"))
    assert has_left("old@acme.example")
    decisions = services.analytics().decisions
    decisions.merge("default", "OLD", "NEW", Signed("ann@acme.example", "one person"))
    assert not has_left("old@acme.example")


def test_another_tenants_people_say_nothing(
    services: Services, deliver: Callable[..., None]
) -> None:
    deliver(a_row("GONE", "gone@acme.example", -1))
    assert not services.analytics().leavers.has_left("other", "gone@acme.example")
