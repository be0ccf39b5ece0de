"""Salesforce: SOQL over contacts and opportunities; its locators are snapshots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.crm import CLIENT, SECRET, TOKEN, Crm
from tests.fakes.server import Reply, Request

_QUESTION = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: LIMIT (?P<limit>\d+))?\Z"
)
_SINCE = re.compile(r"SystemModstamp >= (\S+Z)")
_FIELDS = {
    "Contact": "Id IsDeleted FirstName LastName Email Title AccountId OwnerId "
    "ReportsToId MailingCountryCode CreatedDate SystemModstamp Learner_Account__c "
    "Regulatory_Classes__c Job_Level__c FTE__c",
    "Opportunity": "Id IsClosed IsWon Amount CloseDate OwnerId",
}
_RELATED = {
    *("Account.Id", "Account.Name", "Account.ParentId", "Account.AccountNumber"),
    "Owner.EmployeeNumber",
}


@dataclass
class Salesforce:
    """One org; ``page`` rows a page. ``forbidden``: fields that the user sees not."""

    crm: Crm
    page: int = 7
    version: str = "v62.0"
    forbidden: tuple[str, ...] = ()
    locators: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seen: Callable[[str], None] = lambda question: None

    def __call__(self, request: Request) -> Reply:
        start = f"/services/data/{self.version}/"
        if request.path == "/services/oauth2/token":
            form = request.form()
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
                return Reply({"error": "invalid_client"}, 400)
            return Reply({"access_token": TOKEN, "token_type": "Bearer"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply([{"errorCode": "INVALID_SESSION_ID"}], 401)
        path = request.path.removeprefix(start)
        if match := re.fullmatch(r"sobjects/(\w+)/describe", path):
            if match[1] not in _FIELDS:
                return Reply([{"errorCode": "NOT_FOUND"}], 404)
            return Reply({"fields": [{"name": name} for name in self._of(match[1])]})
        if path in ("query", "queryAll"):
            return self._asked(request.query["q"], deleted=path == "queryAll")
        if match := re.fullmatch(r"query/(\w+)-(\d+)", path):
            return self._page(match[1], int(match[2]))
        return Reply([{"errorCode": "NOT_FOUND"}], 404)

    def _of(self, name: str) -> list[str]:
        return [one for one in _FIELDS[name].split() if one not in self.forbidden]

    def _asked(self, question: str, *, deleted: bool) -> Reply:
        self.seen(question)
        match = _QUESTION.match(question)
        if match is None or match["object"] not in _FIELDS:
            return Reply([{"errorCode": "MALFORMED_QUERY"}], 400)
        fields = match["fields"].split(", ")
        if not set(fields) <= {*self._of(match["object"]), *_RELATED}:
            return Reply([{"errorCode": "INVALID_FIELD"}], 400)
        where = match["where"] or ""
        rows = (
            self._contacts(where, deleted=deleted)
            if match["object"] == "Contact"
            else self._deals()
        )
        cut = [_cut(row, fields, match["object"]) | self.crm.more for row in rows]
        cut = cut[: int(match["limit"] or len(cut))]
        name = f"01g{len(self.locators)}"
        self.locators[name] = cut
        return self._page(name, 0)

    def _page(self, name: str, at: int) -> Reply:
        rows = self.locators[name]
        after = at + self.page
        answer: dict[str, Any] = {"totalSize": len(rows), "done": after >= len(rows)}
        if not answer["done"]:
            following = f"/services/data/{self.version}/query/{name}-{after}"
            answer["nextRecordsUrl"] = following
        answer["records"] = rows[at:after]
        return Reply(answer, headers=self.crm.dated)

    def _contacts(self, where: str, *, deleted: bool) -> list[dict[str, Any]]:
        since = _SINCE.search(where)
        found = []
        for one in self.crm.contacts.values():
            stamp = one.changed.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
            if one.deleted and not deleted:
                continue
            if since and stamp[:19] + "Z" < since[1]:
                continue
            account = None
            if one.account:
                name = self.crm.accounts[one.account]
                account = {"Id": one.account, "Name": name, "ParentId": None}
                account["attributes"] = {"type": "Account"}
            found.append(
                {
                    "Id": one.id,
                    "IsDeleted": one.deleted,
                    "FirstName": one.first,
                    "LastName": "L",
                    "Email": one.email,
                    "OwnerId": one.owner,
                    "Account": account,
                    "SystemModstamp": stamp,
                    "ReportsToId": self.crm.above.get(one.id),
                    "CreatedDate": one.made.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
                }
            )
        return found

    def _deals(self) -> list[dict[str, Any]]:
        return [
            {
                "Id": deal.id,
                "IsClosed": True,
                "IsWon": deal.won,
                "Amount": None if deal.amount is None else float(deal.amount),
                "CloseDate": deal.day.isoformat(),
                "Owner": {"attributes": {}, "EmployeeNumber": deal.owner},
            }
            for deal in self.crm.deals.values()
        ]


def _cut(row: dict[str, Any], fields: list[str], kind: str) -> dict[str, Any]:
    names = {name.partition(".")[0] for name in fields}
    return {"attributes": {"type": kind}} | {name: row.get(name) for name in names}
