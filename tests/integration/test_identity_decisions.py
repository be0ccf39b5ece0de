"""Links, merges and undos: who may decide what, and which facts it touches."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.identity.decisions import Decisions, Signed
from analytics.identity.rules import WrongRules
from analytics.identity.standing import Decision
from analytics.lake.lake import Lake
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.services import Services
from tests.builders import a_statement
from tests.integration.lakes import (
    content,
    deliver,
    enrichment,
    facts,
    rebuilt,
    record,
    versions,
)

pytestmark = pytest.mark.long

HOME = "mailto:ann@home.example"
FIRE = "https://courses.example.com/fire-safety"
SO = Signed("clerk@example.com", "Ann showed us the address.")


@pytest.fixture
def decisions(services: Services) -> Decisions:
    return services.analytics().decisions


@pytest.fixture
def lake(services: Services) -> Lake:
    return services.analytics().lake


def a_row(employee: str, **given: str) -> dict[str, str]:
    return {
        "employee_id": employee,
        "hire_date": "2025-01-01",
        "org_unit_id": f"UNIT-{employee}",
        "email": f"{employee}@example.com",
        **given,
    }


@pytest.fixture
def company(services: Services, tmp_path: Path) -> None:
    deliver(services, tmp_path, [a_row(who) for who in ("ann", "bob", "cid", "dora")])


def person(lake: Lake, statement: dict[str, Any]) -> list[str | None]:
    """Return whose the Statement was, one after the other."""
    return [row["person_id"] for row in facts(lake, statement["id"])]


def a_count(lake: Lake) -> int:
    return len(content(lake)["facts"])


def test_a_link_and_its_undo_add_rows_to_the_actors_statements_and_to_no_other(
    services: Services,
    lake: Lake,
    company: None,
    decisions: Decisions,
    tmp_path: Path,
) -> None:
    mine = [a_statement(actor="ann@home.example") for _ in range(3)]
    others = [a_statement(actor=f"{who}@example.com") for who in ("ann", "bob", "x")]
    record(services, "default", [*mine, *others])
    passed = enrichment(services, lake)
    passed.run("default")
    link = decisions.link("default", HOME, "ann", SO)
    assert passed.run("default").rows["facts"] == 3
    decisions.undo("default", link.n, SO)
    assert passed.run("default").rows["facts"] == 3
    assert a_count(lake) == 6 + 3 + 3
    for statement in mine:
        assert person(lake, statement) == [None, "ann", None]
        rows = facts(lake, statement["id"])
        assert [row["identity_method"] for row in rows] == [
            "unknown",
            "link",
            "unknown",
        ]
        assert rows[1]["identity_reason"] == f"decision {link.n}"
        assert rows[1]["org_unit_id"] == "UNIT-ann"
    stood = versions(lake)
    passed.run("default")
    assert versions(lake) == stood
    assert content(lake) == rebuilt(services, tmp_path / "anew")


def test_a_merge_counts_for_the_other_and_an_undo_restores(
    services: Services,
    lake: Lake,
    company: None,
    decisions: Decisions,
    tmp_path: Path,
) -> None:
    sent = {
        who: a_statement(actor=f"{who}@example.com") for who in ("ann", "bob", "cid")
    }
    record(services, "default", list(sent.values()))
    passed = enrichment(services, lake)
    passed.run("default")
    merge = decisions.merge("default", "bob", "ann", SO)
    assert passed.run("default").rows["facts"] == 1  # ann's own says what it said
    decisions.undo("default", merge.n, SO)
    passed.run("default")
    assert person(lake, sent["bob"]) == ["bob", "ann", "bob"]
    assert person(lake, sent["ann"]) == ["ann"]
    assert facts(lake, sent["bob"]["id"])[1]["identity_reason"] == "merged from bob"
    assert content(lake) == rebuilt(services, tmp_path / "anew")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_undoing_one_of_several_takes_away_that_one_whatever_the_order(
    services: Services,
    lake: Lake,
    company: None,
    decisions: Decisions,
    tmp_path: Path,
    order: tuple[int, int],
) -> None:
    statement = a_statement(actor="ann@home.example")
    record(services, "default", [statement])
    passed = enrichment(services, lake)
    made = [decisions.link("default", HOME, who, SO) for who in ("bob", "ann")]
    merges = [
        decisions.merge("default", "ann", "cid", SO),
        decisions.merge("default", "cid", "dora", SO),
    ]
    passed.run("default")
    assert person(lake, statement)[-1] == "dora"
    decisions.undo("default", merges[order[0]].n, SO)
    passed.run("default")
    assert person(lake, statement)[-1] == ("ann", "cid")[order[0]]
    decisions.undo("default", merges[order[1]].n, SO)
    decisions.undo("default", made[order[0]].n, SO)
    passed.run("default")
    assert person(lake, statement)[-1] == ("ann", "bob")[order[0] == 1]
    decisions.undo("default", made[order[1]].n, SO)
    passed.run("default")
    assert person(lake, statement)[-1] is None
    assert content(lake) == rebuilt(services, tmp_path / "anew")


def refused(error: type[Exception], says: str, act: Any, *given: object) -> None:
    with pytest.raises(error, match=says):
        act("default", *given, SO)


def test_what_cannot_be_decided_is_refused_with_the_reason(
    services: Services, company: None, decisions: Decisions
) -> None:
    refused(NotFound, "no employee eve", decisions.link, HOME, "eve")
    refused(NotFound, "no employee eve", decisions.merge, "ann", "eve")
    refused(NotFound, "no employee eve", decisions.merge, "eve", "ann")
    refused(BadRequest, "An actor is written", decisions.link, "Ann Lee", "ann")
    refused(BadRequest, "themselves", decisions.merge, "ann", "ann")
    refused(NotFound, "no decision 7", decisions.undo, 7)
    link = decisions.link("default", HOME, "ann", SO)
    refused(
        Conflict,
        f"Decision {link.n} links",
        decisions.link,
        HOME,
        "ann",
    )
    first = decisions.merge("default", "ann", "bob", SO)
    refused(
        Conflict, "ann was merged into bob .*: link to bob", decisions.link, HOME, "ann"
    )
    refused(Conflict, "would be a circle", decisions.merge, "bob", "ann")
    refused(
        Conflict, "merged into bob .*: merge into bob", decisions.merge, "cid", "ann"
    )
    refused(Conflict, "merged into bob already", decisions.merge, "ann", "cid")
    decisions.merge("default", "bob", "cid", SO)
    refused(Conflict, "link to cid", decisions.link, HOME, "ann")
    refused(Conflict, "would be a circle", decisions.merge, "cid", "ann")
    undo = decisions.undo("default", first.n, SO)
    refused(Conflict, f"undone already, by decision {undo.n}", decisions.undo, first.n)
    refused(BadRequest, "is an undo", decisions.undo, undo.n)
    with pytest.raises(BadRequest, match="reason"):
        decisions.link("default", HOME, "bob", Signed("me", "  "))
    made = decisions.all("default")
    assert [item.kind for item in made] == ["link", "merge", "merge", "undo"]
    assert [item.n for item in made] == sorted(item.n for item in made)
    assert made[1].undone_by == undo.n
    assert all((item.by, item.reason) == (SO.by, SO.reason) for item in made)
    assert decisions.all("other") == []


def test_somebody_whose_rows_are_all_retracted_is_unknown(
    services: Services, company: None, decisions: Decisions
) -> None:
    services.database["ledger_rows"].update_one(
        {"key": {"$regex": "^ann"}}, {"$set": {"retracted": True}}
    )
    refused(NotFound, "no employee ann", decisions.link, HOME, "ann")


def test_of_two_merges_at_once_that_make_a_circle_one_is_refused(
    services: Services, company: None, decisions: Decisions
) -> None:
    def at_once() -> list[Decision | Conflict]:
        both = threading.Barrier(2)
        outcomes: list[Decision | Conflict] = []

        def act(who: str, into: str) -> None:
            both.wait()
            try:
                outcomes.append(decisions.merge("default", who, into, SO))
            except Conflict as conflict:
                outcomes.append(conflict)

        pairs = (("ann", "bob"), ("bob", "ann"))
        threads = [threading.Thread(target=act, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    for _ in range(5):
        (made,) = [item for item in at_once() if isinstance(item, Decision)]
        decisions.undo("default", made.n, SO)
    recorded = [item.recorded for item in decisions.all("default")]
    assert recorded == sorted(set(recorded))


def test_a_change_of_the_file_acts_on_what_it_touches_and_from_then_on(
    services: Services, tmp_path: Path, company: None
) -> None:
    file = tmp_path / "identity.toml"
    file.write_text("")
    settings = replace(services.settings, identity_file=file)
    services = replace(services, settings=settings)
    lake = services.analytics().lake
    page = "https://sso.example.com"
    sso = a_statement() | {"actor": {"account": {"homePage": page, "name": "X-ANN"}}}
    other = a_statement(actor="ann+course@example.com")
    record(services, "default", [sso, other])
    passed = enrichment(services, lake)
    before = passed.run("default").through
    assert [row["identity_reason"] for row in facts(lake, sso["id"])] == ["unmapped"]
    file.write_text(
        f'[[account]]\nhome_page = "{page}"\nscheme = "employee_id"\n'
        'lower = true\nprefix = "X-"\n'
    )
    for _ in range(5):  # the file's record is on the timeline as all else is
        passed.run("default")
        if len(facts(lake, sso["id"])) > 1:
            break
    assert person(lake, sso) == [None, "ann"]
    assert facts(lake, sso["id"])[1]["identity_method"] == "account:employee_id"
    assert person(lake, other) == [None]
    file.write_text('plus_tags = "strip"\n')
    for _ in range(5):
        passed.run("default")
        if len(facts(lake, other["id"])) > 1:
            break
    assert person(lake, sso) == [None, "ann", None]
    assert person(lake, other) == [None, "ann"]
    assert content(lake) == rebuilt(services, tmp_path / "anew")
    then = datetime.fromtimestamp(before / 1_000_000, UTC)
    reports = services.analytics().reports
    waiting = reports.run("unresolved_actors", "default", known_at=then).rows
    assert len(waiting) == 2
    assert [item.kind for item in services.analytics().decisions.all("default")] == [
        "rules",
        "rules",
    ]
    file.write_text("plus_tags = 1")
    with pytest.raises(WrongRules, match="plus_tags must be keep or strip"):
        passed.run("default")


def test_one_person_of_two_spells_stands_once_in_a_report(
    services: Services, lake: Lake, decisions: Decisions, tmp_path: Path
) -> None:
    customer = a_row("C1", worker_type="customer", org_unit_id="SHOP")
    employee = a_row("E1", hire_date="2025-06-01", org_unit_id="OPS", manager_id="C1")
    ended = {"effective_date": "2026-02-01", "termination_date": "2026-01-31"}
    over = employee | ended | {"status": "terminated"}
    deliver(
        services,
        tmp_path,
        [customer, employee | {"effective_date": "2025-06-01"}, over],
    )
    record(
        services,
        "default",
        [
            a_statement(
                actor="C1@example.com", activity=FIRE, timestamp="2025-09-01T12:00:00Z"
            )
        ],
    )
    passed = enrichment(services, lake)
    before = passed.run("default").through
    merge = decisions.merge("default", "C1", "E1", SO)
    merged = passed.run("default").through
    decisions.undo("default", merge.n, SO)
    passed.run("default")
    reports = services.analytics().reports

    def standing(known: int, day: date) -> set[tuple[object, object, object]]:
        moment = datetime.fromtimestamp(known / 1_000_000, UTC)
        found = reports.run("compliance_status", "default", as_of=day, known_at=moment)
        return {
            (row["person_id"], row["unit_id"], row["manager_id"]) for row in found.rows
        }

    autumn = date(2025, 10, 1)
    assert standing(before, autumn) == {("E1", "OPS", "C1")}
    assert standing(merged, autumn) == {("E1", "OPS", "E1")}
    moment = datetime.fromtimestamp(merged / 1_000_000, UTC)
    evidence = reports.run("evidence", "default", as_of=autumn, known_at=moment).rows
    assert {row["person_id"] for row in evidence} <= {"E1"}


def test_a_lake_that_a_former_release_derived_otherwise_is_made_anew(
    services: Services,
    lake: Lake,
    company: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    record(services, "default", [a_statement(actor="ann@example.com")])
    passed = enrichment(services, lake)
    with monkeypatch.context() as former:
        former.setattr("analytics.lake.lake.DERIVATION", 1)
        passed.run("default")
    stood = versions(lake)["workforce"]
    record(services, "default", [a_statement(actor="bob@example.com")])
    assert passed.pending("default") == 2
    assert passed.run("default").rows["facts"] == 2
    assert versions(lake)["workforce"] == stood + 1
    assert not any(passed.run("default").rows.values())
    assert content(lake) == rebuilt(services, tmp_path / "anew")
