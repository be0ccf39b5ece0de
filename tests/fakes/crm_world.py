"""A CRM that lives, the system that shows it, and a source that takes it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from lrs.services import Services
from tests.fakes.companies import shown
from tests.fakes.crm import CLIENT, SECRET, TOKEN, Crm
from tests.fakes.dynamics import Dynamics
from tests.fakes.hubspot import HubSpot
from tests.fakes.salesforce import Salesforce
from tests.fakes.server import Server, served
from tests.fakes.syncing import QUICK, Hris

ROOT = Path(__file__).parents[2]
START = datetime.datetime(2025, 1, 7, 9, tzinfo=datetime.UTC)
SYSTEMS = ("salesforce", "hubspot", "dynamics")
NUMBERS: dict[str, Callable[[str], str]] = {
    "salesforce": lambda one: f"SF-{one}",
    "hubspot": lambda one: f"HS-{int(one.removeprefix('003')) + 1}",
    "dynamics": lambda one: f"D365-{one}",
}
BEFORE = {"salesforce": "SF", "hubspot": "HS", "dynamics": "D365"}
ADDRESSES = (
    "https://acme.my.salesforce.example",
    "https://api.hubapi.example",
    "https://acme.dynamics.example",
    "https://login.example",
)
CLIENTS = ("the consumer key of the connected app", "the application's id")


def mapping(name: str, url: str) -> str:
    """The shipped mapping of that name for a fake."""
    text = (ROOT / "config" / "hris" / f"{name}.toml").read_text()
    for address in ADDRESSES:
        text = text.replace(address, url)
    for client in CLIENTS:
        text = text.replace(client, CLIENT)
    text = text.replace("[source]\n", f"[source]\n{QUICK}\n", 1)
    if name in SYSTEMS:
        text += "\n[valves]\nmax_terminated_share = 1.0\nalways_allowed = 1000\n"
    return text


@dataclass
class World:
    """A CRM, the system that shows it, and a source that takes it."""

    system: str
    crm: Crm
    server: Server
    hris: Hris

    def expected(self) -> set[Any]:
        """Who is a customer, of which account, since when."""
        number, before = NUMBERS[self.system], BEFORE[self.system]
        return {
            (
                *(number(one.id), f"{before}-{one.account or 'NONE'}", None, None),
                *("active", one.made.date()),
            )
            for one in self.crm.living()
        }

    def known(self, day: datetime.date) -> set[Any]:
        return shown(self.hris.services, day)

    def compare(self, day: datetime.date, expected: set[Any], untold: set[str]) -> None:
        """Compare who is known on a day; of the ``untold`` nothing can be said."""
        assert {it for it in self.known(day) if it[0] not in untold} == expected, day


@contextmanager
def a_world(system: str, services: Services, folder: Path) -> Iterator[World]:
    crm = Crm(START, Random(11))
    for _ in range(4):
        crm.add_account()
    fakes = {"salesforce": Salesforce, "hubspot": HubSpot, "dynamics": Dynamics}
    fake: Any = fakes[system](crm)
    with served(fake) as server:
        if isinstance(fake, Dynamics):
            fake.url = server.url
        secrets = {"client_secret": SECRET, "token": TOKEN}
        hris = Hris(services, folder / "hris", system, secrets)
        text = mapping(system, server.url)
        if system == "hubspot":
            text = text.replace("[source]\n", "[source]\npage_size = 7\n", 1)
        hris.write(text)
        yield World(system, crm, server, hris)
