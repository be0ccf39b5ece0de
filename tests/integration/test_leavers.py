"""Whose access ends: HR lists their address, and they work here no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.identity.decisions import Signed
from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.mapping import load_mapping
from lrs.services import Services

TODAY = datetime.now(UTC).date()
HEADER = (
    "employee_id,effective_date,hire_date,termination_date,status,org_unit_id,email,"
    "worker_type,rescinded"
)
MAPPING = """
name = "acme"
[fields]
employee_id = "employee_id"
effective_date = "effective_date"
hire_date = "hire_date"
termination_date = "termination_date"
status = "status"
org_unit_id = "org_unit_id"
email = "email"
worker_type = "worker_type"
rescinded = "rescinded"
"""
HasLeft = Callable[[str], bool]


def a_row(
    person: str,
    email: str,
    last: int | None = None,
    *,
    hired: int = -900,
    of: str = "employee",
    rescinded: str = "",
) -> str:
    """A row; days are counted from today."""
    end = "" if last is None else (TODAY + timedelta(days=last)).isoformat()
    hire = (TODAY + timedelta(days=hired)).isoformat()
    return f"{person},{hire},{hire},{end},active,OPS,{email},{of},{rescinded}"


@pytest.fixture
def deliver(services: Services, tmp_path: Path) -> Callable[..., None]:
    def taken(*rows: str) -> None:
        path, mapping = tmp_path / "people.csv", tmp_path / "acme.toml"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        mapping.write_text(MAPPING)
        ledger = services.analytics().ledger
        terms = Terms(accepted=True)
        loaded = load_mapping(mapping)
        import_file(ledger, "default", "workforce", path, loaded, terms=terms)

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


def test_a_hire_that_was_taken_back_gives_no_access(
    deliver: Callable[..., None], has_left: HasLeft
) -> None:
    deliver(a_row("NEVER", "never@acme.example", hired=-3))
    assert not has_left("never@acme.example")
    deliver(a_row("NEVER", "never@acme.example", hired=-3, rescinded="yes"))
    assert has_left("never@acme.example")


def test_who_stays_a_customer_has_left_all_the_same(
    deliver: Callable[..., None], has_left: HasLeft
) -> None:
    deliver(
        a_row("WORKED", "ann@acme.example", -10),
        a_row("BUYS", "ann@acme.example", of="customer"),
        a_row("ONLY-BUYS", "bob@acme.example", of="customer"),
    )
    assert has_left("ann@acme.example")
    assert not has_left("bob@acme.example")


def test_an_address_that_was_listed_by_mistake_keeps_nobody_in(
    deliver: Callable[..., None], has_left: HasLeft
) -> None:
    deliver(a_row("GONE", "ann@acme.example", -10), a_row("OTHER", "ann@acme.example"))
    assert not has_left("ann@acme.example")
    deliver(a_row("OTHER", "other@acme.example"))
    assert has_left("ann@acme.example")


def test_who_is_made_anonymous_has_no_account_any_more(
    services: Services, deliver: Callable[..., None]
) -> None:
    deliver(a_row("GONE", "Gone@acme.example", -10), a_row("HERE", "here@acme.example"))
    for name in ("gone", "here"):
        services.accounts.put("default", f"{name}@acme.example", name, "OPS")
    signed = Signed("dpo@acme.example", "asked for it")
    removed = services.analytics().anonymizing.remove(
        "default", ["GONE"], signed, employed=False
    )
    assert removed.counts["accounts for the pages"] == 1
    assert services.accounts.find("default", "gone@acme.example") is None
    assert services.accounts.find("default", "here@acme.example") is not None
