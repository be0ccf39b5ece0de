"""A random history of a company in an identity provider, and a plain model of it.

The provider sends what Entra and Okta send, through the real application, day by day;
the model keeps lists. In the end both must say the same: of every user, and, once it
was synced, of every row of the workforce.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.provisioning import CORE, ENTERPRISE, Provider, read

BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)
DEPARTMENTS = ("Sales", "Labs", "R&D", None)


@dataclass
class Account:
    """A user of the model: the state now, and all states with their days."""

    index: int
    id: str
    state: dict[str, Any]
    states: list[tuple[int, datetime, dict[str, Any]]] = field(default_factory=list)
    live: bool = True
    version: str = ""

    @property
    def number(self) -> str | None:
        """The employeeNumber now, or the last there was."""
        told = [state["number"] for *_, state in self.states if state["number"]]
        return told[-1] if told else None


@dataclass
class Company:
    """A provider at work, and the model of what it has said."""

    provider: Provider
    drawn: random.Random
    now: datetime = BEGIN
    accounts: list[Account] = field(default_factory=list)
    changes: int = 0
    people: int = 0

    def live(self) -> list[Account]:
        return [one for one in self.accounts if one.live]

    def step(self) -> None:
        """Do something that a provider does."""
        self.now += timedelta(minutes=self.drawn.choice((1, 1, 30, 600, 1500)))
        live = self.live()
        if len(live) < 3 or self.drawn.random() < 0.15:
            self.create()
            return
        account = self.drawn.choice(live)
        act = self.drawn.choice(
            (*(self.patch,) * 8, *(self.put,) * 2, self.delete, self.again, self.twice)
        )
        act(account)

    def create(self, index: int | None = None) -> None:
        """A new person, or a former one anew."""
        if index is None:
            self.people += 1
            index = self.people
        name = f"P{index}.{len(self.accounts)}@acme.example"
        state = self.drawn_state(index, name)
        answer = self.provider.send("POST", "/Users", _body(state))
        assert answer.status_code == 201, answer.text
        account = Account(index, read(answer)["id"], state)
        self.accounts.append(account)
        self.note(account)

    def again(self, account: Account) -> None:
        """Delete somebody and create them anew, under the same number."""
        self.delete(account)
        self.create(account.index)

    def twice(self, account: Account) -> None:
        """Send the same once more: no change."""
        same = {"op": "Replace", "path": "userName", "value": account.state["name"]}
        answer = read(self.provider.patch(account.id, same))
        assert answer["meta"]["version"] == account.version

    def put(self, account: Account) -> None:
        state = self.drawn_state(account.index, account.state["name"])
        body = _body(state)
        if self.drawn.random() < 0.5:
            del body["active"]
            state["active"] = account.state["active"]
        answer = self.provider.send("PUT", f"/Users/{account.id}", body)
        assert answer.status_code == 200, answer.text
        self.turn(account, state)

    def patch(self, account: Account) -> None:
        """One to three operations, in either dialect."""
        state = dict(account.state)
        fresh = self.drawn_state(account.index, state["name"])
        names = ("department", "title", "manager", "active", "mail", "number", "family")
        operations = []
        for name in self.drawn.sample(names, self.drawn.randint(1, 3)):
            if name == "mail" and not fresh["mail"]:
                continue
            state[name] = fresh[name]
            operations.append(self.operation(name, fresh[name]))
        if not operations:
            return
        answer = self.provider.patch(account.id, *operations)
        assert answer.status_code == 200, answer.text
        self.turn(account, state)

    def operation(self, name: str, value: Any) -> dict[str, Any]:
        path = PATHS[name]
        if value is None:
            return {"op": self.drawn.choice(("remove", "Remove")), "path": path}
        if name == "active":
            value = self.drawn.choice((value, str(value), str(value).lower()))
        if name == "manager":
            value = self.drawn.choice((value, {"value": value}))
        op = self.drawn.choice(("Replace", "replace", "Add", "add"))
        if self.drawn.random() < 0.3:
            return {"op": op, "value": {path: value}}
        return {"op": op, "path": path, "value": value}

    def delete(self, account: Account) -> None:
        answer = self.provider.send("DELETE", f"/Users/{account.id}")
        assert answer.status_code == 204
        account.live = False
        self.note(account)

    def turn(self, account: Account, state: dict[str, Any]) -> None:
        if state != account.state:
            account.state = state
            self.note(account)

    def note(self, account: Account) -> None:
        self.changes += 1
        account.states.append((self.changes, self.now, dict(account.state)))
        if account.live:
            account.version = f'W/"{self.changes}"'

    def drawn_state(self, index: int, name: str) -> dict[str, Any]:
        draw = self.drawn.random
        return {
            "name": name,
            "family": self.drawn.choice(("King", "Byron", "Noether", None)),
            "mail": f"p{index}.{self.drawn.randint(1, 3)}@acme.example"
            if draw() < 0.9
            else None,
            "department": self.drawn.choice(DEPARTMENTS),
            "title": self.drawn.choice(("Engineer", "Clerk", None)),
            "active": draw() < 0.8,
            # Somebody is told late what number they have, or a wrong one.
            "number": self.drawn.choice((f"E{index}", f"E{index}", f"X{index}", None)),
            "manager": self.some_manager(index),
        }

    def some_manager(self, index: int) -> str | None:
        """Name somebody who came before: so nobody stands above themselves."""
        above = [one for one in self.accounts if one.index < index]
        if not above or self.drawn.random() < 0.3:
            return self.drawn.choice((None, "nobody"))
        one = self.drawn.choice(above)
        forms = (one.id, one.id, one.state["name"].upper(), f"E{one.index}")
        return self.drawn.choice(forms)

    # -- what must be ------------------------------------------------------------------

    def named(self, value: str | None) -> Account | None:
        """Return whom a manager's value means, as all is known now."""
        if value is None:
            return None
        low = value.lower()
        ranked = []
        for one in self.accounts:
            state = one.state
            numbers = {s["number"].lower() for *_, s in one.states if s["number"]}
            if one.id == value:
                kind = 0
            elif (one.number or "").lower() == low:
                kind = 2
            elif state["name"].lower() == low:
                kind = 3
            elif low in numbers:
                kind = 4
            else:
                continue
            ranked.append(((kind, not one.live, -one.states[0][0]), one))
        return min(ranked, key=lambda pair: pair[0])[1] if ranked else None

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return every row that the workforce must have, by person and day."""
        last: dict[tuple[str, str], tuple[int, Account, dict[str, Any]]] = {}
        for one in self.accounts:
            if one.number is None:
                continue
            for change, at, state in one.states:
                key = one.number, at.date().isoformat()
                last[key] = max(last.get(key, (0,)), (change, one, state), key=_first)
        return {key: self.row(key[0], *of[1:]) for key, of in last.items()}

    def row(self, number: str, account: Account, state: dict[str, Any]) -> Any:
        sharing = [one for one in self.accounts if one.number == number]
        first = min(one.states[0][1] for one in sharing)
        manager = self.named(state["manager"])
        return {
            "family_name": state["family"],
            "email": state["mail"],
            "org_unit_id": state["department"] or "unassigned",
            "job_title": state["title"],
            "hire_date": first.date().isoformat(),
            "manager_id": manager and manager.number,
            "status": "active",
            "termination_date": None,
        }


PATHS = {
    "department": f"{ENTERPRISE}:department",
    "manager": f"{ENTERPRISE}:manager",
    "number": f"{ENTERPRISE}:employeeNumber",
    "title": "title",
    "active": "active",
    "family": "name.familyName",
    "mail": 'emails[type eq "work"].value',
}


def _first(item: tuple[Any, ...]) -> int:
    return int(item[0])


def _body(state: dict[str, Any]) -> dict[str, Any]:
    extension = {
        "department": state["department"],
        "employeeNumber": state["number"],
        "manager": {"value": state["manager"]} if state["manager"] else None,
    }
    body = {
        "schemas": [CORE, ENTERPRISE],
        "userName": state["name"],
        "name": {"familyName": state["family"]} if state["family"] else None,
        "title": state["title"],
        "active": state["active"],
        "emails": None,
        ENTERPRISE: {name: one for name, one in extension.items() if one},
    }
    if state["mail"]:
        body["emails"] = [{"type": "work", "value": state["mail"], "primary": True}]
    return {name: one for name, one in body.items() if one not in (None, {})}
