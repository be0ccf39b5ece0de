"""A CRM's content, over time: accounts, contacts and deals that live.

It knows what is there now, and when each was made, last changed and deleted; how a
system shows that, its own fake says (salesforce, hubspot, dynamics).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from decimal import Decimal
from email.utils import format_datetime
from random import Random

TOKEN, CLIENT, SECRET = "crm-token-1", "lrs-client", "crm-secret"
SECOND = datetime.timedelta(seconds=1)


@dataclass(frozen=True)
class Contact:
    """A contact as it is."""

    id: str
    first: str
    email: str
    account: str | None
    owner: str
    made: datetime.datetime
    changed: datetime.datetime
    deleted: bool = False


@dataclass(frozen=True)
class Deal:
    """A deal that is closed."""

    id: str
    owner: str
    day: datetime.date
    amount: Decimal | None
    won: bool


@dataclass
class Crm:
    """All of it; ``now`` is its clock."""

    now: datetime.datetime
    random: Random
    accounts: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)  # to which contact one reports
    more: dict[str, str] = field(default_factory=dict)  # fields that nobody asked for

    def tick(self) -> datetime.datetime:
        self.now += SECOND
        return self.now

    @property
    def dated(self) -> dict[str, str]:
        """The header by which a client learns its clock."""
        return {"Date": format_datetime(self.now, usegmt=True)}

    def add_account(self) -> str:
        one = f"00A{len(self.accounts):04}"
        self.accounts[one] = f"Account {len(self.accounts)}"
        return one

    def add(self) -> Contact:
        number, moment = len(self.contacts), self.tick()
        account = self._some_account()
        made = Contact(
            *(f"003{number:05}", f"First{number}", f"c{number}@customer.example"),
            *(account, "OWNER-1", moment, moment),
        )
        self.contacts[made.id] = made
        return made

    def _some_account(self) -> str | None:
        at = self.random.randrange(-1, len(self.accounts))
        return None if at < 0 else f"00A{at:04}"

    def change(self, one: str, **given: object) -> None:
        """Change a contact, now."""
        contact = self.contacts[one]
        self.contacts[one] = replace(contact, changed=self.tick(), **given)  # type: ignore[arg-type]

    def living(self) -> list[Contact]:
        return [one for one in self.contacts.values() if not one.deleted]

    def live(self) -> None:
        """Let something happen."""
        random, there = self.random, self.living()
        what = random.random()
        if what < 0.35 or len(there) < 5:
            self.add()
        elif what < 0.45:
            self.add_account()
        elif what < 0.75:
            account = self._some_account()
            self.change(random.choice(there).id, account=account)
        elif what < 0.85:
            self.change(random.choice(there).id, owner=f"OWNER-{random.randrange(9)}")
        elif what < 0.93:
            self.change(random.choice(there).id, first=f"Now{random.randrange(999)}")
        else:
            self.change(random.choice(there).id, deleted=True)

    def sell(self, number: int) -> None:
        """Close so many deals."""
        for _ in range(number):
            one = f"006{len(self.deals):05}"
            day = self.now.date() - datetime.timedelta(days=self.random.randrange(200))
            amount = Decimal(self.random.randrange(1_000_000)) / 100
            self.deals[one] = Deal(
                *(one, f"E{self.random.randrange(12)}", day),
                *(self.random.choice([amount, None]), self.random.random() < 0.6),
            )

    def sold(self) -> dict[tuple[str, str], Decimal]:
        """What each has sold in each month in which they closed anything."""
        found: dict[tuple[str, str], Decimal] = {}
        for deal in self.deals.values():
            key = deal.owner, deal.day.replace(day=1).isoformat()
            won = (deal.amount or Decimal(0)) if deal.won else Decimal(0)
            found[key] = found.get(key, Decimal(0)) + won
        return found


def moment(when: datetime.datetime) -> str:
    """A moment as most interfaces write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
