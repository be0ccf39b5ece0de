"""``check`` of UKG Pro, ADP and Oracle HCM: what may be read, what is missing."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.workforce.connectors.checking import check
from lrs.services import Services
from tests.fakes import adp, oracle_hcm, ukg
from tests.fakes.certificates import PASSPHRASE, certificates
from tests.fakes.living import BEGAN, VALVES, Living, Present
from tests.fakes.server import Reply, Request, served
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import START

pytestmark = pytest.mark.long

FOLDER = Path(__file__).parents[2] / "config" / "hris"
SYSTEMS: dict[str, tuple[Any, Any, dict[str, str]]] = {
    "ukg": (ukg.Ukg, ukg.tell, ukg.SECRETS),
    "adp": (
        adp.Adp,
        adp.tell,
        {"client_secret": adp.SECRET, "passphrase": PASSPHRASE},
    ),
    "oracle_hcm": (
        oracle_hcm.OracleHcm,
        oracle_hcm.tell,
        {"password": oracle_hcm.PASSWORD},
    ),
}
FORBIDDEN = {
    "ukg": ("/personnel/v1/person-details", "The list of people cannot be read"),
    "adp": ("/core/v1/event-notification-messages", "The queue of events cannot"),
    "oracle_hcm": (
        "/hcmRestApi/atomservlet/employee/cancelworkrelship",
        "The feed employee/cancelworkrelship cannot be read",
    ),
}


@pytest.fixture(params=SYSTEMS)
def world(
    request: pytest.FixtureRequest, services: Services, tmp_path: Path
) -> Iterator[Living]:
    """The nine heads of a company's beginning, in the fake of each system."""
    name: str = request.param
    make, tell, secrets = SYSTEMS[name]
    folder = tmp_path / "hris"
    folder.mkdir()
    certificates(folder)
    with served(make(BEGAN)) as server:
        text = (FOLDER / f"{name}.toml").read_text()
        for there, here in (
            (
                f'"https://{name.replace("_", "-")}.example/"',
                f'"{server.url}"\n{QUICK}',
            ),
            ("https://adp.example", server.url),
            ("11111111-2222-3333-4444-555555555555", adp.CLIENT),
            ("adp.pem", "client.pem"),
            ("adp.key", "client.key"),
        ):
            text = text.replace(there, here)
        hris = Hris(services, folder, name, dict(secrets))
        hris.write(text + VALVES)
        company = Present.founded(Random(7))
        made = Living(company, server.fake, server, hris, tell)
        made.live(START + datetime.timedelta(days=30), 0)
        yield made


def found(world: Living) -> list[Any]:
    mapping, source, _ = world.hris.configured()
    return list(check(source, mapping))


def test_a_source_that_is_set_up_well_is_well(world: Living) -> None:
    findings = found(world)
    assert False not in {one.well for one in findings}, findings
    assert "records can be taken" in findings[-1].text
    assert world.hris.rows() == {}
    assert world.hris.cursor is None


def test_what_may_not_be_read_is_said_with_its_name(world: Living) -> None:
    path, told = FORBIDDEN[world.hris.name]
    fake = world.server.fake

    def refusing(request: Request) -> Reply:
        return Reply(None, 403) if request.path == path else fake(request)

    world.server.fake = refusing
    wrong = [one.text for one in found(world) if one.well is False]
    assert len(wrong) == 1
    assert wrong[0].startswith(told)
    assert "give it the right in the system" in wrong[0]


def test_a_wrong_secret_is_said_and_never_shown(world: Living) -> None:
    shown = "hunter2-hunter2"
    for name in ("password", "client_secret"):
        if name in world.hris.secrets:
            world.hris.secrets[name] = shown
    wrong = [one.text for one in found(world) if one.well is False]
    assert any("refuses the log-in" in text for text in wrong)
    assert not any(shown in text for text in wrong)


def test_fields_that_are_renamed_are_named(world: Living) -> None:
    fake = world.server.fake
    fields = {
        "ukg": (b'"lastHireDate"', b'"originalHireDate"', b'"orgLevel3Code"'),
        "adp": (b'"hireDate"', b'"originalHireDate"', b'"rehireDate"'),
        "oracle_hcm": (b'"StartDate"', b'"PeriodStart"'),
    }[world.hris.name]

    def renamed(request: Request) -> Reply:
        reply = fake(request)
        if reply.content is None or isinstance(reply.content, bytes):
            return reply
        body = json.dumps(reply.content).encode()
        for name in fields:
            body = body.replace(name, b'"x' + name[1:])
        return Reply(body, reply.status, reply.headers)

    world.server.fake = renamed
    wrong = " ".join(one.text for one in found(world) if one.well is False)
    assert "hireDate" in wrong
