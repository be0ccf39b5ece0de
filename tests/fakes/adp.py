"""ADP as its interface shows it: workers with assignments, a token, a queue of events.

In: workers, changed at moments of a clock of its own; each change is a message. Out:
the answers of ``/auth/oauth/v2/token``, ``/hr/v2/workers`` and the queue. Serve it with
TLS that asks for a certificate of the client. ``head``: the queue shows its first
message until that is deleted, else the next one with each question, and again those
that were not deleted once the last was shown (``visible``).
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

from tests.fakes.server import Reply, Request
from tests.oracle.living_company import Company, Spell

CLIENT, SECRET = "client-7", "adp-secret-7"
_BASIC = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
_WORKERS, _QUEUE = "/hr/v2/workers", "/core/v1/event-notification-messages"
Row = dict[str, Any]


@dataclass
class Adp:
    """One client. ``cap`` is the most workers of a page; ``ends`` how pages end."""

    now: datetime.datetime
    workers: dict[str, Row] = field(default_factory=dict)
    queue: dict[str, Row] = field(default_factory=dict)  # by the message's id
    shown: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)
    head: bool = True
    cap: int = 1_000
    ends: str = "204"  # or "empty"
    tokens: int = 0
    number: int = 0
    shuffle: Callable[[list[Row], int], list[Row]] = lambda rows, page: rows

    def put(self, worker: Row) -> None:
        """Write a worker; what differs from before is told of in the queue."""
        one = worker["associateOID"]
        if self.workers.get(one) != worker:
            name = "worker.change" if one in self.workers else "worker.hire"
            self.workers[one] = worker
            self.tell(one, name)

    def delete(self, one: str) -> None:
        """Take a worker off, and say so."""
        if self.workers.pop(one, None):
            self.tell(one, "worker.rescind")

    def tell(self, one: str | None, name: str) -> None:
        """Put a message into the queue; about nobody where ``one`` is None."""
        self.number += 1
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        worker = {"worker": {"associateOID": one}} if one else {}
        self.queue[f"m-{self.number}"] = {
            "events": [
                {
                    "eventID": f"e-{self.number}",
                    "serviceCategoryCode": {"codeValue": "hr"},
                    "eventNameCode": {"codeValue": name},
                    "eventStatusCode": {"codeValue": "COMPLETED"},
                    "recordDateTime": stamp,
                    "creationDateTime": stamp,
                    "data": {"eventContext": worker, "output": worker},
                }
            ]
        }

    # -- HTTP -----------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, dated | reply.headers)

    def _reply(self, request: Request) -> Reply:
        if request.path == "/auth/oauth/v2/token":
            return self._token(request)
        if request.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return Reply(None, 401)
        if request.path == _WORKERS:
            return self._list(request.query)
        if request.path.startswith(f"{_WORKERS}/"):
            one = unquote(request.path.removeprefix(f"{_WORKERS}/"))
            found = self.workers.get(one)
            return Reply({"workers": [found]} if found else None, 200 if found else 404)
        if request.path == _QUEUE:
            return self._next()
        if request.path.startswith(f"{_QUEUE}/") and request.method == "DELETE":
            message = request.path.removeprefix(f"{_QUEUE}/")
            self.deleted.append(message)
            found = self.queue.pop(message, None)
            return Reply(found, 200 if found else 404)
        return Reply(None, 404)

    def _token(self, request: Request) -> Reply:
        is_ours = request.headers.get("authorization") == _BASIC
        if not is_ours or request.form().get("grant_type") != "client_credentials":
            return Reply({"error": "invalid_client"}, 401)
        self.tokens += 1
        return Reply(
            {
                "access_token": f"token-{self.tokens}",
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "api",
            }
        )

    def _list(self, query: dict[str, str]) -> Reply:
        rows = list(self.workers.values())
        if asked := query.get("$filter"):
            number = asked.split("'")[1]
            rows = [row for row in rows if row["workerID"]["idValue"] == number]
        skip, top = int(query.get("$skip", 0)), int(query.get("$top", 100))
        rows = self.shuffle(rows, skip)
        page = rows[skip : skip + min(top, self.cap)]
        if not page and self.ends == "204":
            return Reply(None, 204)
        return Reply({"workers": page, "meta": {"startSequence": skip}})

    def _next(self) -> Reply:
        waiting = [one for one in self.queue if self.head or one not in self.shown]
        if not waiting:
            self.shown.clear()
            return Reply(None, 204)
        self.shown.add(waiting[0])
        return Reply(self.queue[waiting[0]], headers={"adp-msg-msgid": waiting[0]})


def oid(name: str) -> str:
    """The associateOID of somebody of a company."""
    return f"G3{name}"


def unit_of(unit: str) -> str:
    """What a unit of the company is called after it was taken from ADP."""
    return f"WORKS/{unit}"


def tell(adp: Adp, company: Company, name: str) -> None:
    """Write somebody of a company into ADP, as they stand today."""
    person, today = company.people[name], adp.now.date()
    if not person.spells:
        adp.delete(oid(name))
        return
    assignments = [
        assignment(company, name, number, spell, today)
        for number, spell in enumerate(person.spells)
    ]
    last = person.spells[-1]
    over = last.last is not None and last.last < today
    dates = {
        "originalHireDate": person.spells[0].hire.isoformat(),
        "rehireDate": last.hire.isoformat() if len(person.spells) > 1 else None,
        "terminationDate": last.last.isoformat() if last.last else None,
    }
    adp.put(
        {
            "associateOID": oid(name),
            "workerID": {"idValue": f"00{name}"},
            "person": {
                "birthDate": "1990-01-01",
                "legalName": {
                    "givenName": name,
                    "familyName1": person.name.split()[-1],
                },
            },
            "workerDates": dates,
            "workerStatus": {"statusCode": {"codeValue": "T" if over else "A"}},
            "businessCommunication": {
                "emails": [{"emailUri": f"{name.lower()}@example.com"}]
            },
            "customFieldGroup": {
                "codeFields": [
                    {"nameCode": {"shortName": "Job Level"}, "codeValue": "L2"}
                ]
            },
            "workAssignments": assignments,
        }
    )


def assignment(
    company: Company, name: str, number: int, spell: Spell, today: datetime.date
) -> Row:
    """A work assignment: how an employment stands today, and since when."""
    day = min(max(today, spell.hire), spell.last or datetime.date.max)
    stand = spell.stand(day)
    begun = max(at for at in spell.changes if at <= day)
    boss = stand.manager
    known = boss is not None and bool(company.people[boss].spells)
    over = spell.last is not None and spell.last < today
    status = "L" if stand.status == "leave" else "A"
    return {
        "itemID": f"{name}-{number}",
        "primaryIndicator": True,
        "hireDate": spell.hire.isoformat(),
        "actualStartDate": begun.isoformat(),
        "terminationDate": spell.last.isoformat() if spell.last else None,
        "positionID": f"POS{name}{number}",
        "jobCode": {"codeValue": stand.job, "shortName": f"Job {stand.job}"},
        "jobTitle": f"Works as {stand.job}",
        "workerTypeCode": {"codeValue": "F", "shortName": "Full Time"},
        "assignmentStatus": {
            "statusCode": {"codeValue": "T" if over else status},
            "effectiveDate": begun.isoformat(),
        },
        "fullTimeEquivalenceRatio": 1,
        "homeWorkLocation": {"nameCode": {"codeValue": "NYC"}},
        "homeOrganizationalUnits": [
            _unit("Department", stand.unit),
            _unit("Business Unit", "WORKS"),
        ],
        "assignmentCostCenters": [{"costCenterID": "CC1", "costCenterPercentage": 100}],
        "reportsTo": [reports_to(boss)] if boss and known else [],
    }


def reports_to(name: str, relationship: str | None = None) -> Row:
    """An entry of reportsTo."""
    found: Row = {"associateOID": oid(name), "workerID": {"idValue": f"00{name}"}}
    if relationship:
        found["reportsToRelationshipCode"] = {"codeValue": relationship}
    return found


def _unit(kind: str, code: str) -> Row:
    return {
        "nameCode": {"codeValue": code, "shortName": f"Unit {code}"},
        "typeCode": {"codeValue": kind, "shortName": kind},
    }
