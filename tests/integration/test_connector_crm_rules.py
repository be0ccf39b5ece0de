"""Salesforce, HubSpot, Dynamics: figures, rules by name, and wrong answers."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from analytics.workforce.connectors import hubspot
from analytics.workforce.connectors.connector import Finding
from analytics.workforce.engine.importing import import_file
from lrs.errors import BadRequest, SetupError, Unavailable
from lrs.services import Services
from tests.builders import a_statement
from tests.fakes.crm_world import SYSTEMS, a_world, mapping
from tests.fakes.dynamics import Dynamics
from tests.fakes.hubspot import HubSpot
from tests.fakes.server import Reply, Request
from tests.fakes.syncing import Hris
from tests.integration.lakes import facts, record

pytestmark = pytest.mark.long


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_was_sold_is_summed_up_by_owner_and_month(
    system: str, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubspot, "_MOST", 10_000)
    with a_world(system, services, tmp_path) as world:
        if isinstance(world.server.fake, HubSpot):
            world.server.fake.most = 10_000
        world.crm.sell(120)
        hris = Hris(services, tmp_path / "hris", f"{system}_kpi", world.hris.secrets)
        text = mapping(f"{system}_kpi", world.server.url)
        text = text.replace('"71230001" = "E17", "71230002" = "E18"', "")
        hris.write(text.replace("values = {  }\nrefuse_other = true", ""))
        hris.sync()
        assert _figures(services) == world.crm.sold()
        world.crm.sell(30)
        lost = next(iter(world.crm.deals))
        del world.crm.deals[lost]
        hris.sync()
        for key, value in world.crm.sold().items():
            assert _figures(services)[key] == value


def _figures(services: Services) -> dict[tuple[str, str], Decimal]:
    found = {}
    for batch in services.analytics().ledger.rows("default", "kpi"):
        for row in batch:
            assert (row["metric"], row["unit"]) == ("sales_won", "EUR")
            value = Decimal(str(row["value"])).quantize(Decimal("0.01"))
            found[row["employee_id"], row["period_start"]] = value
    return found


def test_a_link_to_changes_that_is_too_old_takes_everybody(
    services: Services, tmp_path: Path
) -> None:
    with a_world("dynamics", services, tmp_path) as world:
        for _ in range(9):
            world.crm.add()
        world.hris.sync()
        assert isinstance(world.server.fake, Dynamics)
        world.server.fake.oldest = 99
        world.crm.change(world.crm.living()[0].id, account="00A0001")
        [(_, result)] = world.hris.sync().applied
        assert result.read >= 9


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_was_changed_all_at_one_moment_is_taken_whole(
    system: str, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk import: more of one moment than a search gives."""
    monkeypatch.setattr(hubspot, "_MOST", 40)
    with a_world(system, services, tmp_path) as world:
        for _ in range(150):
            one = world.crm.add()
            if 20 <= int(one.id.removeprefix("003")) < 120:
                world.crm.now -= datetime.timedelta(seconds=1)
        walk = world.hris.sync()
        [(_, result)] = walk.applied
        assert (result.set_aside, result.terminated) == (0, 0)
        tomorrow = world.crm.now.date() + datetime.timedelta(days=1)
        assert world.known(tomorrow) == world.expected()


def test_a_customer_who_is_also_an_employee_is_two_and_the_address_decides(
    services: Services, tmp_path: Path
) -> None:
    """What the company's own domain says is of the employee, whoever else has it."""
    rules = tmp_path / "identity.toml"
    rules.write_text('[[domain]]\nname = "acme.example"\nworker_types = ["employee"]\n')
    own = replace(services, settings=replace(services.settings, identity_file=rules))
    with a_world("salesforce", own, tmp_path) as world:
        people = tmp_path / "people.csv"
        people.write_text(
            "employee_id,hire_date,org_unit_id,email\n"
            "E1,2024-01-01,SALES,ann@acme.example\n"
        )
        ledger = own.analytics().ledger
        import_file(ledger, "default", "workforce", people)
        contact = world.crm.add()
        world.crm.change(contact.id, email="ann@acme.example")
        world.crm.change(world.crm.add().id, email="bob@customer.example")
        world.hris.sync()
        mails = ("ann@acme.example", "bob@customer.example")
        sent = [
            a_statement(actor=mail, timestamp="2026-03-01T10:00:00Z") for mail in mails
        ]
        record(own, "default", sent)
        analytics = own.analytics()
        analytics.enrichment.run("default")
        rows = [facts(analytics.lake, one["id"])[-1] for one in sent]
    found = {row["person_id"]: row["worker_type"] for row in rows}
    assert found == {"E1": "employee", "SF-00300001": "customer"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_check_tells_an_administrator_what_is_missing(
    system: str, services: Services, tmp_path: Path
) -> None:
    with a_world(system, services, tmp_path) as world:
        world.crm.add()

        def found() -> list[Finding]:
            _, source, _ = world.hris.configured()
            with source.asking() as fetch:
                return list(source.system.connector.check(fetch))

        assert all(finding.well for finding in found())
        text = (world.hris.folder / f"{system}.toml").read_text()
        own = {"salesforce": "Title", "hubspot": "jobtitle", "dynamics": "jobtitle"}
        world.hris.write(text.replace(own[system], "nowhere"))
        wrong = [finding.text for finding in found() if finding.well is False]
        assert wrong
        assert any("nowhere" in text for text in wrong)
        world.hris.write(text)
        world.server.always = "403"
        told = " ".join(finding.text for finding in found())
        assert "give it the right" in told
        assert "Ada" not in told


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "answer", [[], {}, {"records": 7, "value": 7, "results": 7}, "text", None]
)
def test_an_answer_of_another_form_is_told_and_nothing_is_taken(
    system: str, answer: object, services: Services, tmp_path: Path
) -> None:
    with a_world(system, services, tmp_path) as world:
        world.crm.add()
        world.hris.sync()
        before, real = world.hris.rows(), world.server.fake

        def odd(request: Request) -> Reply:
            return real(request) if "token" in request.path else Reply(answer)

        world.server.fake = odd
        with pytest.raises((SetupError, Unavailable), match=system):
            world.hris.sync(take_all=True)
        assert world.hris.rows() == before


@pytest.mark.parametrize(
    ("system", "changed", "told"),
    [
        ("salesforce", ('object = "Contact"', 'object = "Contact; DROP"'), "object"),
        ("salesforce", ('"Email"', '"Emails[0]"'), "Emails"),
        ("salesforce", ("[source.login]", "version = 3\n[source.login]"), "version"),
        ("hubspot", ('"contacts"', '"con tacts"'), "object"),
        ("dynamics", ('"contacts"', '"con(tacts"'), "object"),
        ("dynamics", ("[source.login]", "query = {a = 1}\n[source.login]"), "query"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused_with_the_key(
    system: str,
    changed: tuple[str, str],
    told: str,
    services: Services,
    tmp_path: Path,
) -> None:
    with a_world(system, services, tmp_path) as world:
        text = (world.hris.folder / f"{system}.toml").read_text()
        assert changed[0] in text
        world.hris.write(text.replace(*changed, 1))
        with pytest.raises(BadRequest, match=told):
            world.hris.sync()
        assert world.server.number == 0
