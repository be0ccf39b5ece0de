"""Who an actor was, by brute force: the oracle that the as-of join is compared with.

In: plain HR rows, decisions and rules, and one moment `known_at`. Out: the person of a
Statement, how they were found, and the row that says where they stood. Written from
the rules' text, apart from the SQL. No product code.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.oracle.inputs import HrRow
from tests.oracle.workforce import begins_at, last_day_of, zone_of

WORKER_TYPES = ("employee", "contractor", "partner", "customer")
Claims = Callable[[HrRow], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An HR row, or that nothing of its key holds any more."""

    row: HrRow
    retracted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A link (actor, employee), a merge (employee, into) or an undo (undoes)."""

    n: int
    kind: str
    recorded: int
    actor: str = ""
    employee: str = ""
    into: str = ""
    undoes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the file says of a homePage."""

    scheme: str
    same_as: str = ""
    lower: bool = False
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the file said from `recorded` on."""

    recorded: int
    accounts: dict[str, Account]
    strip: bool
    # Whose a domain's addresses are, by worker type.
    domains: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The person of a Statement, how, and their day and unit then."""

    person: str | None
    method: str
    day: date
    unit: str | None


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def untagged(address: str) -> str:
    return re.sub(r"^([^+@]+)\+[^@]*@", r"\1@", address.lower())


def addresses(row: HrRow) -> list[str]:
    listed = [i.removeprefix("mailto:") for i in row.identities if i[:7] == "mailto:"]
    return [*([row.email] if row.email else []), *listed]


class World:
    """Everything that was known at one moment."""

    def __init__(
        self,
        rows: Iterable[Row],
        decisions: Iterable[Decided],
        said: Iterable[Said],
        known_at: int,
    ) -> None:
        latest: dict[tuple[str, date], Row] = {}
        for item in sorted(rows, key=lambda item: item.row.recorded):
            if item.row.recorded <= known_at:
                latest[item.row.employee_id, item.row.effective] = item
        self.rows = [item.row for item in latest.values() if not item.retracted]
        known = [item for item in decisions if item.recorded <= known_at]
        undone = {item.undoes for item in known if item.kind == "undo"}
        self.standing = [item for item in known if item.n not in undone]
        versions = [item for item in said if item.recorded <= known_at]
        self.said = max(versions, key=lambda item: item.recorded, default=None)

    def survivor(self, employee: str) -> str:
        for item in self.standing:
            if item.kind == "merge" and item.employee == employee:
                return self.survivor(item.into)
        return employee

    def find(self, actor: str, moment: datetime) -> Found:
        """Tell who an actor (as written in `identities`, case as sent) was."""
        person, method = self._who(actor, moment)
        row = self._row(person, moment) if person else None
        day = moment.astimezone(zone_of(row)).date()
        return Found(
            person=person,
            method=method,
            day=day,
            unit=row.org_unit_id if row else None,
        )

    def _who(self, actor: str, moment: datetime) -> tuple[str | None, str]:
        same = actor.lower() if actor.startswith("mailto:") else actor
        links = [
            item for item in self.standing if item.kind == "link" and item.actor == same
        ]
        if links:
            return self.survivor(max(links, key=lambda item: item.n).employee), "link"
        for method, claims in self._ways(actor):
            claiming = [row for row in self.rows if claims(row)]
            if claiming:
                if method == "account:employee_id":
                    deciding = claiming
                else:
                    begun = [row for row in claiming if begins_at(row) <= moment]
                    days = [row.effective for row in begun or claiming]
                    of_day = max(days) if begun else min(days)
                    deciding = [
                        row for row in begun or claiming if row.effective == of_day
                    ]
                people = {self.survivor(row.employee_id) for row in deciding}
                if len(people) == 1:
                    return people.pop(), method
                return None, "ambiguous"
        return None, "unknown"

    def _ways(self, actor: str) -> Iterable[tuple[str, Claims]]:
        """Give, in order, how the actor may be found and which rows claim it so."""
        kind, _, value = actor.partition(":")
        if kind == "mailto":
            yield from self._by_address(
                value, ("mbox", "mbox:sha1sum", "mbox:plus_tag")
            )
        elif kind == "sha1":
            yield (
                "mbox_sha1sum",
                lambda row: (
                    actor in row.identities
                    or any(
                        value in (sha1(f"mailto:{one}"), sha1(f"mailto:{one.lower()}"))
                        for one in addresses(row)
                    )
                ),
            )
        elif kind == "openid":
            yield "openid", lambda row: actor in row.identities
        else:
            yield "account:listed", lambda row: actor in row.identities
            page, _, name = value.partition("|")
            rule = self.said.accounts.get(page) if self.said else None
            if rule is not None:
                yield from self._by_rule(rule, name)

    def _by_address(
        self, sent: str, methods: tuple[str, str, str]
    ) -> Iterable[tuple[str, Claims]]:
        hashes = {f"sha1:{sha1(f'mailto:{one}')}" for one in (sent, sent.lower())}
        domains = self.said.domains if self.said else {}
        types = domains.get(sent.lower().rpartition("@")[2], WORKER_TYPES)

        def bound(claims: Claims) -> Claims:
            return lambda row: row.worker_type in types and claims(row)

        yield (
            methods[0],
            bound(lambda row: sent.lower() in [one.lower() for one in addresses(row)]),
        )
        yield (
            methods[1],
            bound(
                lambda row: (
                    any(one in hashes for one in row.identities)
                    or any(
                        f"sha1:{sha1(f'mailto:{form}')}" in hashes
                        for one in addresses(row)
                        for form in (one, one.lower())
                    )
                )
            ),
        )
        if self.said and self.said.strip:
            yield (
                methods[2],
                bound(
                    lambda row: (
                        untagged(sent) in [untagged(one) for one in addresses(row)]
                    )
                ),
            )

    def _by_rule(self, rule: Account, name: str) -> Iterable[tuple[str, Claims]]:
        def cased(text: str) -> str:
            return text.lower() if rule.lower else text

        bare = cased(name).removeprefix(cased(rule.prefix))
        bare = bare.removesuffix(cased(rule.suffix))
        method = f"account:{rule.scheme}"
        if rule.scheme == "employee_id":
            yield method, lambda row: cased(row.employee_id) == bare
        elif rule.scheme == "home_page":
            yield method, lambda row: f"account:{rule.same_as}|{bare}" in row.identities
        else:
            yield from self._by_address(bare.lower(), (method, method, method))

    def _row(self, person: str, moment: datetime) -> HrRow | None:
        """Give the primary of the rows in force of all who are the person."""
        in_force = {}
        for row in sorted(self.rows, key=lambda row: (begins_at(row), row.effective)):
            if begins_at(row) <= moment and self.survivor(row.employee_id) == person:
                in_force[row.employee_id] = row

        def weight(row: HrRow) -> tuple[bool, int, timedelta, str]:
            day = moment.astimezone(zone_of(row)).date()
            last = last_day_of(row)
            employed = row.hire_date <= day and (last is None or day <= last)
            return (
                not employed,
                WORKER_TYPES.index(row.worker_type),
                date.max - row.hire_date,
                row.employee_id,
            )

        return min(in_force.values(), key=weight, default=None)
