"""A person made anonymous: nothing leads to them, and every count stays."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from analytics.identity.decisions import Signed
from analytics.workforce.history.showing import History
from config import settings as configuration
from config.settings import Settings
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.services import opened
from tests.integration import twins
from tests.integration.anonymous_company import (
    ACTORS,
    Company,
    ann,
    fill,
    others,
    row,
    settings_of,
    told,
    traces,
)
from tests.integration.lakes import content, facts, rebuilt

pytestmark = pytest.mark.long

SO = Signed("dpo@example.com", "Retention is over")


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Iterator[Company]:
    folder = tmp_path / "company"
    folder.mkdir()
    with opened(settings_of(settings, folder)) as services:
        yield Company(services, folder)


@dataclass(frozen=True)
class Filled:
    """A company that was filled, and moments at which something was known of it."""

    settings: Settings
    moments: list[datetime]


@pytest.fixture(scope="module")
def once(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    folder = tmp_path_factory.mktemp("filled")
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(folder / "data"),
        "LRS_SECRET_KEY": "a key for tests",
    }
    settings = settings_of(configuration.load(environment), folder)
    with opened(settings) as services:
        moments = fill(Company(services, folder))
    yield Filled(settings, moments)
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(settings.database)


@pytest.fixture
def filled(once: Filled, settings: Settings, tmp_path: Path) -> Iterator[Company]:
    """Give a copy of it."""
    folder = tmp_path / "company"
    folder.mkdir()
    own = settings_of(settings, folder)
    twins.copy(once.settings, own)
    with opened(own) as services:
        yield Company(services, folder)


def anonymize(company: Company, *ids: str, employed: bool = False) -> Any:
    parts = company.services.analytics()
    removed = parts.anonymizing.remove("default", ids, SO, employed=employed)
    if removed.people:
        parts.enrichment.forget("default")
        parts.decisions.veils.finish("default", removed.people)
    return removed


def surrogates(company: Company) -> dict[str, str]:
    """Return her two surrogates by number: they keep the order of the numbers."""
    record = company.services.analytics().decisions.veils.record("default")
    return dict(
        zip(("W4711", "X2048"), sorted(one.surrogate for one in record), strict=True)
    )


def substituted(value: Any, names: dict[str, str]) -> Any:
    """Return what reports said, with her numbers and names replaced."""
    if isinstance(value, dict):
        return {key: substituted(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((substituted(item, names) for item in value), key=repr)
    if isinstance(value, str) and "Winterbottom" in value:
        return ""
    return names.get(value, value) if isinstance(value, str) else value


def test_nothing_leads_to_her_and_reports_say_what_they_said(
    filled: Company, once: Filled, tmp_path: Path
) -> None:
    moments = once.moments
    services = filled.services
    before = told(services, moments)
    assert any("W4711" in str(rows) for rows in before.values())
    assert len(traces(services)) > 100  # who looks finds them where they are
    lake = services.analytics().lake
    had = {name: len(rows) for name, rows in content(lake).items()}
    kept = services.database["quarantine"]
    expelled = {"reason": {"$regex": "^(contradicts|puts)"}}
    assert kept.count_documents(expelled | {"cells": {"$regex": "W4711"}}) == 6
    anonymize(filled, "W4711")
    assert traces(services) == []
    # Those whom she manages lose that alone.
    assert kept.count_documents(expelled | {"cells": {"$exists": True}}) == 4
    after = told(services, moments)
    names = surrogates(filled)
    for name, rows in before.items():
        assert substituted(after[name], {}) == substituted(rows, names), name
    assert {name: len(rows) for name, rows in content(lake).items()} == had
    assert rebuilt(services, tmp_path / "anew") == content(lake)


def test_new_statements_of_hers_are_the_surrogates(
    filled: Company, tmp_path: Path
) -> None:
    lake = filled.services.analytics().lake
    known = filled.send(*ACTORS)
    filled.enrich()
    before = [facts(lake, one)[-1] for one in known]
    anonymize(filled, "W4711")
    sent = filled.send(*ACTORS)
    filled.enrich()
    after = [facts(lake, one)[-1] for one in sent]
    names = surrogates(filled)
    told_before = [names.get(one["person_id"]) for one in before]
    assert [one["person_id"] for one in after] == told_before
    assert sum(one is not None for one in told_before) == len(ACTORS) - 1
    methods = [one["identity_method"] for one in before]
    assert [one["identity_method"] for one in after] == methods
    assert traces(filled.services) == []
    assert content(lake) == rebuilt(filled.services, tmp_path / "anew")


def test_later_deliveries_do_not_bring_her_back(filled: Company) -> None:
    anonymize(filled, "W4711")
    back = ann("2026-01-01", email="annw@old.example")
    broken = row("W4711", "2024-13-01", email="annw@old.example")
    result = filled.deliver("later.csv", "workforce", [back, broken, *others(fte="1")])
    assert (result.changed, result.set_aside) == (1, 2)
    assert "anonymised" in [problem.reason for problem in result.quarantined]
    figure = {"metric": "tickets", "period_start": "2025-02-01", "value": "7"}
    result = filled.deliver("f.csv", "kpi", [figure | {"employee_id": "W4711"}])
    assert (result.added, result.set_aside) == (0, 1)
    (surrogate,) = filled.services.database["ledger_rows"].distinct(
        "values.manager_id", {"values.employee_id": "E18"}
    )
    assert surrogate == surrogates(filled)["W4711"]
    copied = row(surrogate, "2026-01-01", given_name="Ann Winterbottom")
    assert filled.deliver("copied.csv", "workforce", [copied]).set_aside == 1
    kept = filled.services.database["quarantine"].find({"reason": "anonymised"})
    assert [(one["values"], "cells" in one) for one in kept] == [({}, False)] * 3
    filled.enrich()
    assert traces(filled.services) == []


def test_a_full_delivery_neither_ends_nor_misses_the_surrogate(
    company: Company,
) -> None:
    company.deliver_all("all.csv", [ann("2024-02-01", email="a@b.c"), *others()])
    anonymize(company, "W4711", employed=True)
    rows = company.services.database["ledger_rows"]
    stands = list(rows.find())
    for everybody in (others(), [ann("2024-02-01", email="a@b.c"), *others()]):
        result = company.deliver_all("again.csv", everybody)
        assert (result.missed, result.terminated) == (0, 0)
    assert list(rows.find()) == stands
    assert company.deliver_all("one.csv", others()[:1]).terminated == 1  # another is


def test_who_is_unknown_or_works_here_is_refused_and_twice_changes_nothing(
    filled: Company,
) -> None:
    with pytest.raises(NotFound, match="no employee E99"):
        anonymize(filled, "W4711", "E99")
    with pytest.raises(Conflict, match="still open"):
        anonymize(filled, "E18")
    naming = Signed("dpo@example.com", "Ann Winterbottom asked for it")
    act = filled.services.analytics().anonymizing
    with pytest.raises(BadRequest, match="names the person"):
        act.remove("default", ["W4711"], naming, employed=False)
    stands = state(filled)
    preview = act.preview("default", ["W4711"], employed=False)
    assert state(filled) == stands
    removed = anonymize(filled, "W4711")
    assert preview.counts == removed.counts
    assert all(removed.counts.values())
    stands = state(filled)
    again = anonymize(filled, "X2048")  # one person: one number says it
    assert (again.already, again.people) == (1, [])
    assert {k: v for k, v in state(filled).items() if k != "ledger_locks"} == {
        k: v for k, v in stands.items() if k != "ledger_locks"
    }


def state(filled: Company) -> dict[str, list[Any]]:
    database = filled.services.database
    return {
        name: list(database[name].find().sort("_id"))
        for name in database.list_collection_names()
        if name.startswith(("ledger", "identity", "anonym", "quarantine", "accounts"))
    }


def test_nothing_is_decided_of_a_surrogate(filled: Company) -> None:
    anonymize(filled, "W4711")
    decisions = filled.services.analytics().decisions
    surrogate = surrogates(filled)["W4711"]
    with pytest.raises(Conflict, match="anonymous"):
        decisions.link("default", "mailto:new@example.com", surrogate, SO)
    with pytest.raises(NotFound):
        decisions.link("default", "mailto:new@example.com", "W4711", SO)
    decisions.link("default", "mailto:annw@old.example", "E18", SO)
    filled.enrich()
    assert traces(filled.services) == []


def test_rules_that_come_later_lead_to_the_surrogate_and_to_nobody_known(
    filled: Company, tmp_path: Path
) -> None:
    account = {"homePage": "https://new.example", "name": "hr-W4711"}
    (waiting,) = filled.send({"account": account})
    filled.enrich()
    anonymize(filled, "W4711")
    lake = filled.services.analytics().lake
    assert facts(lake, waiting)[-1]["person_id"] is None
    rules = filled.services.settings.identity_file
    mapped = """
        [[account]]
        home_page = "https://new.example"
        scheme = "employee_id"
        prefix = "hr-"
    """
    rules.write_text(rules.read_text() + mapped)
    filled.enrich()
    assert facts(lake, waiting)[-1]["person_id"] == surrogates(filled)["W4711"]
    assert traces(filled.services) == []
    assert content(lake) == rebuilt(filled.services, tmp_path / "anew")


def test_the_surrogates_history_can_be_shown(filled: Company) -> None:
    parts = filled.services.analytics()
    history = History(parts.ledger, parts.lake)
    before = history.person("default", "W4711")
    anonymize(filled, "W4711")
    with pytest.raises(NotFound):
        history.person("default", "W4711")
    after = history.person("default", surrogates(filled)["W4711"])
    counts = {name: len(rows) for name, rows in before.items()}
    assert {name: len(rows) for name, rows in after.items()} == counts
    assert all(
        row["identifier"].startswith("anonymous ")
        for row in after["person_identifiers"]
    )
    assert history.person("default", "E18")["manager_edges"]


def test_of_two_who_describe_a_unit_differently_the_same_one_holds_afterwards(
    company: Company,
) -> None:
    # X9 comes after W4711, and before every surrogate.
    works = {"org_unit_name": "Works", "org_parent_id": "EAST"}
    hall = {"org_unit_name": "Hall", "org_parent_id": "WEST"}
    rows = [ann("2024-02-01", **works), row("X9", "2024-02-01", **hall)]
    company.deliver("people.csv", "workforce", rows)
    services = company.services

    def described() -> tuple[Any, ...]:
        parts = services.analytics()
        history = History(parts.ledger, parts.lake, parts.decisions)
        shown = [history.roster("default")]
        company.enrich()
        shown.append(history.roster("default"))
        units = content(parts.lake)
        names = {name for table in shown for name in table["unit_name"].to_pylist()}
        below = history.roster("default", unit="WEST").num_rows
        return names, below, units["org_units"], units["org_unit_closure"]

    before = described()
    assert (before[0], len(before[2])) == ({"Works"}, 1)
    anonymize(company, "W4711", employed=True)
    assert described() == before


def test_no_number_of_a_decision_is_left_out_when_somebody_is_made_anonymous(
    filled: Company,
) -> None:
    decisions = filled.services.analytics().decisions
    before = len(decisions.all("default"))
    assert before > 1
    anonymize(filled, "W4711")
    made = decisions.link("default", "mailto:bobby@home.example", "E18", SO)
    assert made.n == before + 1
    numbers = [one.n for one in decisions.all("default")]
    assert numbers == list(range(1, before + 2))
