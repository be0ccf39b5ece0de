"""HubSpot: the search over contacts and deals, of which it gives ``most`` at most."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.crm import TOKEN, Crm
from tests.fakes.server import Reply, Request

_PROPERTIES = {
    "contacts": "firstname lastname email jobtitle company country createdate "
    "lastmodifieddate associatedcompanyid learner_account regulatory_classes "
    "hs_timezone hubspot_owner_id hs_object_id learner_until reports_to_contact "
    "seniority cost_center fte",
    "deals": "closedate amount hs_is_closed hs_is_closed_won hubspot_owner_id "
    "createdate hs_lastmodifieddate hs_object_id",
}


@dataclass
class HubSpot:
    """One account."""

    crm: Crm
    most: int = 40
    _made: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply({"category": "INVALID_AUTHENTICATION"}, 401)
        parts = request.path.strip("/").split("/")
        if parts[:3] == ["crm", "v3", "properties"] and parts[3] in _PROPERTIES:
            names = _PROPERTIES[parts[3]].split()
            return Reply({"results": [{"name": name} for name in names]})
        if parts[:3] != ["crm", "v3", "objects"] or parts[4:] != ["search"]:
            return Reply({"category": "OBJECT_NOT_FOUND"}, 404)
        if request.method != "POST" or parts[3] not in _PROPERTIES:
            return Reply({"category": "METHOD_NOT_ALLOWED"}, 405)
        return self._search(request.json(), parts[3])

    def _search(self, asked: dict[str, Any], kind: str) -> Reply:
        rows = self._sorted(kind, asked["sorts"][0]["propertyName"])
        for group in asked.get("filterGroups", []):
            for one in group["filters"]:
                rows = _those(rows, one, asked["sorts"][0]["propertyName"])
        at, size = int(asked.get("after", 0)), asked["limit"]
        if at + size > self.most:
            return Reply({"category": "VALIDATION_ERROR"}, 400)
        page = [
            {
                "id": row["id"],
                "archived": False,
                "createdAt": row["createdAt"],
                "updatedAt": row["updatedAt"],
                "properties": self.crm.more
                | {
                    name: row["properties"].get(name)
                    for name in (*asked["properties"], "hs_object_id")
                },
            }
            for row in rows[at : at + size]
        ]
        answer: dict[str, Any] = {"total": len(rows), "results": page}
        if at + size < len(rows):
            answer["paging"] = {"next": {"after": str(at + size)}}
        return Reply(answer, headers=self.crm.dated)

    def _sorted(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Return all rows in order; made once as long as nothing happens."""
        state = self.crm.now, len(self.crm.contacts), len(self.crm.deals)
        if self._made.get((kind, name), (None, []))[0] != state:
            rows = self._contacts() if kind == "contacts" else self._deals()
            rows.sort(key=lambda row: _value(row, name))
            self._made[kind, name] = state, rows
        return self._made[kind, name][1]

    def _above(self, one: str) -> str | None:
        above = self.crm.above.get(one)
        return str(int(above.removeprefix("003")) + 1) if above else None

    def _contacts(self) -> list[dict[str, Any]]:
        return [
            _object(
                one.id.removeprefix("003"),
                *(one.made, one.changed, "lastmodifieddate"),
                {
                    "firstname": one.first,
                    "lastname": "L",
                    "email": one.email,
                    "associatedcompanyid": one.account,
                    "company": self.crm.accounts[one.account] if one.account else None,
                    "hubspot_owner_id": one.owner,
                    "reports_to_contact": self._above(one.id),
                },
            )
            for one in self.crm.living()
        ]

    def _deals(self) -> list[dict[str, Any]]:
        now = self.crm.now
        return [
            _object(
                deal.id.removeprefix("006"),
                *(now, now, "hs_lastmodifieddate"),
                {
                    "closedate": f"{deal.day}T10:00:00Z",
                    "amount": None if deal.amount is None else str(deal.amount),
                    "hs_is_closed": "true",
                    "hs_is_closed_won": "true" if deal.won else "false",
                    "hubspot_owner_id": deal.owner,
                },
            )
            for deal in self.crm.deals.values()
        ]


def _object(
    one: str,
    made: datetime.datetime,
    changed: datetime.datetime,
    name: str,
    properties: dict[str, Any],
) -> dict[str, Any]:
    first, last = (when.strftime("%Y-%m-%dT%H:%M:%S.000Z") for when in (made, changed))
    its = {"createdate": first, name: last, "hs_object_id": str(int(one) + 1)}
    return {"id": str(int(one) + 1), "createdAt": first, "updatedAt": last} | {
        "properties": properties | its
    }


def _value(row: dict[str, Any], name: str) -> Any:
    """Return what is compared: of moments milliseconds, of ids numbers."""
    value = row["properties"].get(name)
    if name.endswith("lastmodifieddate"):
        return round(datetime.datetime.fromisoformat(value).timestamp() * 1000)
    return int(value) if name == "hs_object_id" else str(value or "")


def _those(
    rows: list[dict[str, Any]], one: dict[str, str], order: str
) -> list[dict[str, Any]]:
    """Return the rows for which a filter holds."""
    name, wanted = one["propertyName"], one["value"]
    if name.endswith("lastmodifieddate") or name == "hs_object_id":
        wanted = int(wanted)  # type: ignore[assignment]
    if one["operator"] == "GTE" and name == order:
        return rows[bisect_left(rows, wanted, key=lambda row: _value(row, name)) :]
    compared = {
        "EQ": lambda value: value == wanted,
        "GTE": lambda value: value >= wanted,
        "GT": lambda value: value > wanted,
    }[one["operator"]]
    return [row for row in rows if compared(_value(row, name))]
