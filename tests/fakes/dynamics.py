"""Dynamics 365: contacts with tracked changes, accounts, opportunities, as OData.

Pages follow a place in the table as it is then, so that rows may come twice or never.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.crm import CLIENT, SECRET, TOKEN, Contact, Crm, moment
from tests.fakes.server import Reply, Request

_BASE = "/api/data/v9.2/"
_COLUMNS = {
    "contacts": "contactid firstname lastname emailaddress1 jobtitle createdon "
    "modifiedon statecode address1_country _parentcustomerid_value "
    "acme_learneraccount acme_regulatoryclasses acme_learneruntil acme_joblevel "
    "acme_fte _acme_reportsto_value",
    "accounts": "accountid name accountnumber _parentaccountid_value",
    "opportunities": "opportunityid actualclosedate actualvalue_base statecode",
}


@dataclass
class Dynamics:
    """One environment; ``page`` rows a page. Links before ``oldest`` are refused."""

    crm: Crm
    url: str = ""
    page: int = 7
    oldest: int = 0
    versions: list[dict[str, Contact]] = field(default_factory=list)
    _made: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        if request.path == "/TENANT/oauth2/v2.0/token":
            form = request.form()
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
                return Reply({"error": "invalid_client"}, 401)
            return Reply({"access_token": TOKEN, "expires_in": 3599})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(None, 401)
        name = request.path.removeprefix(_BASE)
        if match := re.fullmatch(r"accounts\((\w+)\)", name):
            if match[1] not in self.crm.accounts:
                return Reply({"error": {"code": "0x80040217"}}, 404)
            return Reply(self._account(match[1]))
        if name not in _COLUMNS:
            return Reply({"error": {"code": "0x80060888"}}, 404)
        asked = request.query.get("$select", "")
        if not set(filter(None, asked.split(","))) <= set(_COLUMNS[name].split()):
            return Reply({"error": {"code": "0x0"}}, 400)
        tracked = "track-changes" in request.headers.get("prefer", "")
        if tracked and {"$expand", "$filter", "$top", "$count"} & request.query.keys():
            return Reply({"error": {"code": "0x80060888"}}, 400)
        if "$deltatoken" in request.query:
            return self._changes(int(request.query["$deltatoken"]))
        return self._list(name, request, tracked=tracked)

    def _list(self, name: str, request: Request, *, tracked: bool) -> Reply:
        rows = self._rows(name)
        at = int(request.query.get("$skiptoken", "0"))
        top = int(request.query.get("$top", "0"))
        after = top or at + self.page
        answer: dict[str, Any] = {"value": rows[at:after]}
        if "$count" in request.query:
            answer["@odata.count"] = len(rows)
        if after < len(rows) and not top:
            kept = f"&$count={request.query.get('$count', '')}" * (
                "$count" in request.query
            )
            answer["@odata.nextLink"] = self._link(name, f"$skiptoken={after}{kept}")
        elif tracked:
            answer["@odata.deltaLink"] = self._mark()
        return Reply(answer, headers=self.crm.dated)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Return all rows of a table; made once as long as nothing happens."""
        crm = self.crm
        state = crm.now, len(crm.contacts), len(crm.deals), len(crm.accounts)
        if self._made.get(name, (None, []))[0] != state:
            rows = {
                "contacts": lambda: [self._contact(one) for one in crm.living()],
                "accounts": lambda: list(map(self._account, crm.accounts)),
                "opportunities": self._deals,
            }[name]()
            self._made[name] = state, rows
        found: list[dict[str, Any]] = self._made[name][1]
        return found

    def _mark(self) -> str:
        self.versions.append(dict(self.crm.contacts))
        return self._link("contacts", f"$deltatoken={len(self.versions) - 1}")

    def _link(self, name: str, query: str) -> str:
        return f"{self.url}{_BASE}{name}?{query}"

    def _changes(self, version: int) -> Reply:
        if version < self.oldest:
            return Reply({"error": {"code": "0x80060888"}}, 410)
        before = self.versions[version]
        rows: list[dict[str, Any]] = []
        for one in self.crm.contacts.values():
            if before.get(one.id) == one:
                continue
            if not one.deleted:
                rows.append(self._contact(one))
            elif one.id in before and not before[one.id].deleted:
                rows.append({"id": one.id, "reason": "deleted"})
        answer = {"value": rows, "@odata.deltaLink": self._mark()}
        return Reply(answer, headers=self.crm.dated)

    def _contact(self, one: Contact) -> dict[str, Any]:
        above = {"_acme_reportsto_value": self.crm.above.get(one.id)}
        return _shown(one) | above | self.crm.more

    def _account(self, one: str) -> dict[str, Any]:
        name = self.crm.accounts[one]
        return {"accountid": one, "name": name, "_parentaccountid_value": None}

    def _deals(self) -> list[dict[str, Any]]:
        return [
            {
                "opportunityid": deal.id,
                "statecode": 1 if deal.won else 2,
                "actualclosedate": deal.day.isoformat(),
                "actualvalue_base": None if deal.amount is None else float(deal.amount),
                "owninguser": {"employeeid": deal.owner},
            }
            for deal in self.crm.deals.values()
        ]


def _shown(one: Contact) -> dict[str, Any]:
    return {
        "contactid": one.id,
        "firstname": one.first,
        "lastname": "L",
        "emailaddress1": one.email,
        "_parentcustomerid_value": one.account,
        "createdon": moment(one.made),
        "modifiedon": moment(one.changed),
        "statecode": 0,
        "_ownerid_value": one.owner,
    }
