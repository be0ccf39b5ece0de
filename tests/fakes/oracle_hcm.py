"""Oracle HCM as its interface shows it: workers as of a day, and Atom feeds.

In: workers with work relationships and all rows of their assignments, changed at
moments of a clock of its own. Out: of ``workers`` what holds on ``effectiveDate``; of
the feeds the entries that have come into effect. ``xml``: feeds are XML, else JSON.
``counts``: answers tell totalResults. ``tell`` makes a worker of a life of
tests.oracle.living_company.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from tests.fakes.server import Reply, Request
from tests.oracle.living_company import ONE, Company, Spell

USER, PASSWORD = "workforce.lrs", "oracle-pass-7"
_BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_WORKERS = "/hcmRestApi/resources/11.13.18.05/workers"
_FEEDS = "/hcmRestApi/atomservlet/"
FAR = "4712-12-31"
Row = dict[str, Any]


@dataclass
class OracleHcm:
    """One environment. ``cap`` is the most workers of a page."""

    now: datetime.datetime
    workers: dict[str, Row] = field(default_factory=dict)  # by PersonId
    entries: dict[str, list[Row]] = field(default_factory=dict)  # by feed
    xml: bool = True
    counts: bool = True
    cap: int = 500
    shuffle: Callable[[list[Row], int], list[Row]] = lambda rows, at: rows

    def put(self, worker: Row) -> None:
        """Write a worker; what differs from before is told of in the feeds.

        What is to come is told of when it takes effect.
        """
        one = worker["PersonId"]
        before = self.workers.get(one)
        if before == worker:
            return
        self.workers[one] = worker
        today = self.now.date().isoformat()
        feed = "empassignment" if before else "newhire"
        self.publish(feed, worker, today)
        for relationship in worker["workRelationships"]["items"]:
            ended = relationship["TerminationDate"]
            if ended and ended > today:
                self.publish("termination", worker, ended)
            for row in relationship["assignments"]["items"]:
                if row["EffectiveStartDate"] > today:
                    self.publish("empassignment", worker, row["EffectiveStartDate"])

    def cancel(self, one: str) -> None:
        """Let a worker's only work relationship never have been."""
        if worker := self.workers.pop(one, None):
            for relationship in worker["workRelationships"]["items"]:
                started = relationship["StartDate"]
                self.publish("cancelworkrelship", worker, None, started)

    def publish(
        self, feed: str, worker: Row, effective: str | None, start: str | None = None
    ) -> None:
        """Put an entry into a feed, visible from the day on which it takes effect."""
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if effective and effective > stamp[:10]:
            stamp = f"{effective}T00:00:00.000Z"
        context = {
            "PersonId": str(worker["PersonId"]),
            "PersonNumber": worker["PersonNumber"],
            "EffectiveDate": start or effective,
            "EffectiveStartDate": start or effective,
            "WorkerType": "EMP",
            "DMLOperation": "UPDATE",
        }
        self.entries.setdefault(f"employee/{feed}", []).append(
            {"updated": stamp, "content": {"Context": [context]}}
        )

    def restructure(self, feed: str) -> None:
        """Tell of a change of work structures."""
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        told = {"Context": [{"OrganizationId": "1", "EffectiveDate": stamp[:10]}]}
        entry = {"updated": stamp, "content": told}
        self.entries.setdefault(f"workstructures/{feed}", []).append(entry)

    def all(self, day: str) -> list[Row]:
        """All workers as of a day."""
        return [seen for one in self.workers.values() if (seen := as_of(one, day))]

    # -- HTTP -----------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, dated | reply.headers)

    def _reply(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _BASIC:
            return Reply(None, 401)
        if request.path == _WORKERS:
            if request.headers.get("rest-framework-version") != "4":
                return Reply({"title": "Bad Request"}, 400)
            return self._list(request.query)
        if request.path.startswith(_FEEDS):
            return self._feed(request.path.removeprefix(_FEEDS), request.query)
        return Reply(None, 404)

    def _list(self, query: dict[str, str]) -> Reply:
        day = query.get("effectiveDate", self.now.date().isoformat())
        asked = query.get("q", "")
        if asked.startswith("PersonId="):
            known = self.workers.get(asked.removeprefix("PersonId="))
            found = [seen for one in [known] if one and (seen := as_of(one, day))]
        else:
            found = self.all(day)
        if asked and not asked.startswith("PersonId="):
            number = asked.split("'")[1]
            found = [
                worker
                for worker in found
                if any(
                    row["AssignmentNumber"] == number
                    for relationship in worker["workRelationships"]["items"]
                    for row in relationship["assignments"]["items"]
                )
            ]
        at, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
        limit = min(limit, self.cap)
        found = self.shuffle(found, at)
        page = found[at : at + limit]
        answer = {
            "items": page,
            "count": len(page),
            "hasMore": at + limit < len(found),
            "limit": limit,
            "offset": at,
            "links": [{"rel": "self", "href": "https://pod.example/workers"}],
        }
        if self.counts and query.get("totalResults") == "true":
            answer["totalResults"] = len(found)
        return Reply(answer)

    def _feed(self, feed: str, query: dict[str, str]) -> Reply:
        since, now = query["updated-min"], self.now.strftime("%Y-%m-%dT%H:%M:%S.999Z")
        found = [
            entry
            for entry in self.entries.get(feed, [])
            if since < entry["updated"] <= now
        ]
        found.sort(key=lambda entry: entry["updated"], reverse=True)
        size, page = int(query.get("page-size", 25)), int(query.get("page", 1))
        found = found[(page - 1) * size : page * size]
        if not self.xml:
            entries = [
                entry | {"content": json.dumps(entry["content"])} for entry in found
            ]
            return Reply({"feed": {"title": feed, "entries": entries}})
        told = "".join(
            f"<entry><title type='text'>Changed</title><updated>{entry['updated']}"
            f"</updated><link href='https://pod.example/x' rel='related'/>"
            f"<content type='text'>{escape(json.dumps(entry['content']))}</content>"
            "</entry>"
            for entry in found
        )
        body = (
            "<?xml version='1.0' encoding='UTF-8'?><feed "
            "xmlns='http://www.w3.org/2005/Atom'><title type='text'>"
            f"{feed}</title>{told}</feed>"
        )
        return Reply(body.encode(), headers={"Content-Type": "application/atom+xml"})


def as_of(worker: Row, day: str) -> Row | None:
    """A worker as the interface shows them on a day: rows that hold, no others."""
    relationships = []
    for relationship in worker["workRelationships"]["items"]:
        if relationship["StartDate"] > day:
            continue
        rows = [
            row
            for row in relationship["assignments"]["items"]
            if row["EffectiveStartDate"] <= day <= row["EffectiveEndDate"]
        ]
        relationships.append(relationship | {"assignments": {"items": rows}})
    if not relationships:
        return None
    return worker | {"workRelationships": {"items": relationships}}


def number_of(name: str) -> str:
    """The PersonNumber of somebody of a company."""
    return f"N{name}"


def person_id(name: str) -> str:
    """The PersonId: H3 is 300003, P3 is 301003."""
    return str(300_000 + int(name[1:]) + (1_000 if name.startswith("P") else 0))


def unit_of(unit: str) -> str:
    """What a unit of the company is called after it was taken from Oracle."""
    return f"Works / {unit}"


def tell(oracle: OracleHcm, company: Company, name: str) -> None:
    """Write somebody of a company into Oracle, with all that is known of them."""
    person = company.people[name]
    if not person.spells:
        oracle.cancel(person_id(name))
        return
    relationships = [
        relationship(company, name, number, spell)
        for number, spell in enumerate(person.spells)
    ]
    relationships[-1]["PrimaryFlag"] = True
    before = oracle.workers.get(person_id(name))
    gone = before["workRelationships"]["items"][len(relationships) :] if before else []
    worker = {
        "PersonId": person_id(name),
        "PersonNumber": number_of(name),
        "DateOfBirth": "1990-01-01",
        "names": {"items": [{"FirstName": name, "LastName": person.name.split()[-1]}]},
        "emails": {
            "items": [
                {
                    "EmailType": "W1",
                    "EmailAddress": f"{name.lower()}@example.com",
                    "PrimaryFlag": True,
                }
            ]
        },
        "workRelationships": {"items": relationships},
    }
    oracle.put(deepcopy(worker))
    for item in gone:
        oracle.publish("cancelworkrelship", worker, None, item["StartDate"])


def relationship(company: Company, name: str, number: int, spell: Spell) -> Row:
    """A work relationship with its only assignment, row by row."""
    days = sorted(spell.changes)
    rows = []
    for day, following in zip(days, [*days[1:], None], strict=True):
        ends = (following - ONE).isoformat() if following else FAR
        if spell.last and (not following or following > spell.last):
            ends = spell.last.isoformat()
        rows.append(assignment(company, name, number, spell, day, ends))
    if spell.last:
        day = spell.last + ONE
        gone = assignment(company, name, number, spell, spell.last, FAR)
        gone |= {
            "EffectiveStartDate": day.isoformat(),
            "AssignmentStatusTypeCode": "INACTIVE_PROCESS",
        }
        rows.append(gone)
    return {
        "PeriodOfServiceId": int(person_id(name)) * 100 + number,
        "LegalEmployerName": "Works Inc",
        "WorkerType": "E",
        "PrimaryFlag": False,
        "StartDate": spell.hire.isoformat(),
        "TerminationDate": spell.last.isoformat() if spell.last else None,
        "assignments": {"items": rows},
    }


def assignment(
    company: Company,
    name: str,
    number: int,
    spell: Spell,
    day: datetime.date,
    ends: str,
) -> Row:
    """A row of an assignment, as it holds from a day on."""
    stand = spell.stand(day)
    boss = stand.manager
    spells = company.people[boss].spells if boss else []
    leading = [
        {
            "ManagerAssignmentNumber": number_of_assignment(boss, len(spells) - 1),
            "ManagerType": "LINE_MANAGER",
        }
        for _ in spells[:1]
        if boss
    ]
    leave = stand.status == "leave"
    return {
        "AssignmentId": int(person_id(name)) * 100 + number,
        "AssignmentNumber": number_of_assignment(name, number),
        "AssignmentName": f"Works as {stand.job}",
        "EffectiveStartDate": day.isoformat(),
        "EffectiveEndDate": ends,
        "EffectiveSequence": 1,
        "EffectiveLatestChange": "Y",
        "AssignmentStatusTypeCode": "SUSPEND_PROCESS" if leave else "ACTIVE_PROCESS",
        "PrimaryAssignmentFlag": True,
        "JobCode": stand.job,
        "GradeCode": "G7",
        "DepartmentName": stand.unit,
        "BusinessUnitName": "Works",
        "LocationCode": "NYC",
        "managers": {"items": leading},
        "workMeasures": {"items": [{"Unit": "FTE", "Value": 1}]},
    }


def number_of_assignment(name: str, number: int) -> str:
    """The number of an assignment; it tells nothing of the person's."""
    return f"E{person_id(name)}-{number}"
