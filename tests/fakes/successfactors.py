"""SAP SuccessFactors' OData v2, as far as a connector asks: entities, pages, filters.

In: rows of entities by owner, written at moments of a clock of its own. Out: answers of
``/odata/v2``: ``d.results`` with ``__metadata``, ``__count`` and ``__next``, days as
``/Date(ms)/``, of dated entities today's slice unless all days are asked for. A field
that an entity does not have is a 400. ``drifts``: there are no snapshots, so rows move
between pages.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from tests.fakes.server import Reply, Request

PASSWORD = "factors-word-7"
TOKEN = "factors-token-7"
ASSERTION = "PHNhbWwvPg=="
ROOT = "/odata/v2/"
_ACCEPTS = (
    "Basic TFJTX0FQSUBhY21lOmZhY3RvcnMtd29yZC03",  # LRS_API@acme:factors-word-7
    f"Bearer {TOKEN}",
)
FIELDS = {
    "PerPerson": "personIdExternal perPersonUuid",
    "PerPersonal": "personIdExternal startDate endDate firstName lastName",
    "PerEmail": "personIdExternal emailType emailAddress isPrimary",
    "EmpEmployment": "personIdExternal userId startDate endDate originalStartDate "
    "assignmentClass isContingentWorker",
    "EmpJob": "userId startDate endDate seqNumber emplStatus jobCode jobTitle payGrade "
    "department location costCenter managerId fte hazard customString1",
    "EmpJobRelationships": "userId startDate endDate relationshipType relUserId",
    "FODepartment": "externalCode startDate name parent",
    "FOLocation": "externalCode startDate timezone",
    "PickListValueV2": "PickListV2_id optionId externalCode",
}
DATED = {
    *("PerPersonal", "EmpJob", "EmpJobRelationships", "FODepartment", "FOLocation"),
}
OPTIONS = {"5001": "A", "5002": "U", "5003": "P", "5004": "T", "5005": "X"}
OPTION_OF = {code: option for option, code in OPTIONS.items()}
_EQ = re.compile(r"(\w+) eq '((?:[^']|'')*)'")
_SINCE = re.compile(r"lastModifiedDateTime ge datetimeoffset'([^']+)'\Z")
Row = dict[str, Any]


@dataclass
class Factors:
    """One company; ``rows`` by entity and owner, each with when it was changed."""

    now: datetime.datetime
    rows: dict[str, dict[str, list[tuple[Row, datetime.datetime]]]] = field(
        default_factory=lambda: {name: {} for name in FIELDS}
    )
    cap: int = 1_000
    counts: bool = True
    drifts: bool = False
    renamed: dict[str, str] = field(default_factory=dict)  # fields, by "Entity.field"
    unseen: set[str] = field(default_factory=set)  # owners with silent deletions
    snapshots: dict[str, list[Row]] = field(default_factory=dict)
    forgets: int = 0  # the status of a next page: snapshots end at once

    def __post_init__(self) -> None:
        options = [
            {"PickListV2_id": name, "optionId": option, "externalCode": code}
            for name, codes in (
                ("employee-status", OPTIONS),
                ("ecEmailType", {"6001": "B", "6002": "P"}),
            )
            for option, code in codes.items()
        ]
        self.put("PickListValueV2", "", options)

    def put(self, entity: str, owner: str, rows: Iterable[Row]) -> bool:
        """Write all rows of an owner; what differs from before has changed now."""
        known = self.rows[entity].get(owner, [])
        found = [
            next((kept for kept in known if kept[0] == row), (row, self.now))
            for row in rows
        ]
        if [row for row, _ in known] == [row for row, _ in found]:
            return False
        self.rows[entity][owner] = found
        told = any(kept not in known for kept in found)
        if not told:
            self.unseen.add(owner)
        return told

    # -- HTTP -----------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, dated | reply.headers)

    def _reply(self, request: Request) -> Reply:
        if request.path == "/oauth/token":
            asked = request.form()
            if (asked["assertion"], asked["company_id"]) != (ASSERTION, "acme"):
                return Reply({"error": "invalid_grant"}, 401)
            return Reply({"access_token": TOKEN, "expires_in": "86400"})
        if request.headers.get("authorization") not in _ACCEPTS:
            return Reply(None, 401)
        entity = request.path.removeprefix(ROOT)
        if entity not in FIELDS:
            return Reply({"error": {"code": "NotFound"}}, 404)
        return self._entity(entity, request.query, request.headers["host"])

    def _entity(self, entity: str, query: dict[str, str], host: str) -> Reply:
        known = {
            self.renamed.get(f"{entity}.{name}", name)
            for name in FIELDS[entity].split()
        }
        asked = query["$select"].split(",")
        if not known >= {*asked}:
            return Reply({"error": {"code": "COE_PROPERTY_NOT_FOUND"}}, 400)
        token, _, at = query.get("$skiptoken", "").partition(":")
        start = int(at or "0")
        if token and query.get("paging") == "snapshot" and not self.drifts:
            if self.forgets or token not in self.snapshots:
                return Reply({"error": {"code": "Expired"}}, self.forgets or 400)
            rows = self.snapshots[token]
        else:
            rows = self._matching(entity, query)
            token = str(len(self.snapshots) + 1)
            self.snapshots[token] = rows
        size = min(int(query.get("customPageSize", "100")), self.cap)
        if "$top" in query:
            rows, size = rows[: int(query["$top"])], int(query["$top"])
        page = [self._shown(entity, row, asked) for row in rows[start : start + size]]
        answer: dict[str, Any] = {"results": page}
        if self.counts and query.get("$inlinecount") == "allpages":
            answer["__count"] = str(len(rows))
        if start + size < len(rows):
            following = query | {"$skiptoken": f"{token}:{start + size}"}
            # Behind a gateway it does not know by which name it was called.
            answer["__next"] = f"http://{host}{ROOT}{entity}?{urlencode(following)}"
        return Reply({"d": answer})

    def _matching(self, entity: str, query: dict[str, str]) -> list[Row]:
        asked = query.get("$filter", "")
        since = _SINCE.match(asked)
        values: dict[str, set[str]] = {}
        for name, value in _EQ.findall(asked):
            values.setdefault(name, set()).add(value.replace("''", "'"))
        assert asked in ("", since and since[0]) or values, asked
        found = []
        for kept in self.rows[entity].values():
            for row, changed in kept:
                if since and changed < datetime.datetime.fromisoformat(since[1]):
                    continue
                if all(row.get(name) in some for name, some in values.items()):
                    found.append(row)
        if entity in DATED and "fromDate" not in query:
            today = self.now.date().isoformat()
            found = [row for row in found if row["startDate"] <= today]
        return found

    def _shown(self, entity: str, row: Row, asked: list[str]) -> Row:
        kind = f"SFOData.{entity}"
        found: Row = {"__metadata": {"uri": f"{entity}('?')", "type": kind}}
        for name in FIELDS[entity].split():
            shown = self.renamed.get(f"{entity}.{name}", name)
            if shown in asked:
                value = row.get(name)
                found[shown] = dated(value) if name.endswith("Date") else value
        return found


def dated(day: str | None) -> str | None:
    """A day as OData v2 writes it."""
    if day is None:
        return None
    moment = datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return f"/Date({int(moment.timestamp()) * 1000})/"
