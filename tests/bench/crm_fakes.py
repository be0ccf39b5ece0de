"""Large CRMs of the fakes: contacts of some thousand accounts."""

from __future__ import annotations

import datetime
from random import Random
from typing import Any

from tests.fakes.crm import CLIENT, SECRET, TOKEN, Crm
from tests.fakes.dynamics import Dynamics
from tests.fakes.hubspot import HubSpot
from tests.fakes.salesforce import Salesforce
from tests.fakes.server import Reply, Request

_NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
_EACH = 50  # contacts of an account
SECRETS = {"client_secret": SECRET, "token": TOKEN}
CLIENTS = ("the consumer key of the connected app", "the application's id")


class LargeCrm:
    """A system over so many contacts."""

    def __init__(self, fake: Any) -> None:
        self.fake: Any = fake
        self.crm: Crm = fake.crm

    def __call__(self, request: Request) -> Reply:
        reply: Reply = self.fake(request)
        return reply

    def change(self, number: int) -> None:
        """Let the first contacts go to another account, an hour later."""
        self.crm.now += datetime.timedelta(hours=1)
        for one in list(self.crm.contacts)[:number]:
            self.crm.change(one, account="00A0000")


def _crm(people: int) -> Crm:
    crm = Crm(_NOW, Random(1))
    for _ in range(max(people // _EACH, 1)):
        crm.add_account()
    for _ in range(people):
        crm.add()
    return crm


def salesforce(people: int) -> LargeCrm:
    """Return Salesforce, which gives 2,000 rows a page."""
    return LargeCrm(Salesforce(_crm(people), page=2_000))


def hubspot(people: int) -> LargeCrm:
    """Return HubSpot, which gives 10,000 results of a search."""
    return LargeCrm(HubSpot(_crm(people), most=10_000))


def dynamics(people: int) -> LargeCrm:
    """Return Dynamics 365; its links are relative, so that it needs no address."""
    return LargeCrm(Dynamics(_crm(people), page=500))


def mapped(text: str) -> str:
    """Return a shipped mapping as these fakes want it."""
    for client in CLIENTS:
        text = text.replace(client, CLIENT)
    return text
