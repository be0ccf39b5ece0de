"""Workday as a customer shows it: a report as a web service, and the REST workers.

In: the rows of workers, written at moments of a clock of its own. Out: ``Report_Entry``
as JSON, without the cells that are empty, and ``/workers`` with its total. ``tell``
makes a worker's rows of a life of tests.oracle.living_company.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from tests.fakes.server import Reply, Request
from tests.oracle.living_company import Company

PASSWORD = "workday-word-7"
TOKEN = "workday-token-7"
REPORT = "/ccx/service/customreport2/acme/ISU_LRS/LRS_Workers"
COMPANIES = "/ccx/service/customreport2/acme/ISU_LRS/LRS_Companies"
WORKERS = "/ccx/api/v1/acme/workers"
PARTS = ("ACME_DE", "ACME_US")
_ACCEPTS = (
    "Basic SVNVX0xSU0BhY21lOndvcmtkYXktd29yZC03",  # ISU_LRS@acme:workday-word-7
    f"Bearer {TOKEN}",
)
Row = dict[str, Any]


@dataclass
class Worker:
    """Somebody there: rows, the part they are in, and when they were changed."""

    rows: list[Row]
    part: str
    changed: datetime.datetime


@dataclass
class Workday:
    """One tenant; ``shown`` may change what a report shows of a row."""

    now: datetime.datetime
    workers: dict[str, Worker] = field(default_factory=dict)
    shown: Callable[[Row], Row] = lambda row: row
    hidden: int = 0  # workers that REST counts, and no report shows
    counts_all: bool = True

    def put(self, one: str, rows: list[Row], part: str = PARTS[0]) -> None:
        """Write a worker; what differs from before has changed now."""
        known = self.workers.get(one)
        if not rows:
            self.workers.pop(one, None)
        elif known is None or (known.rows, known.part) != (rows, part):
            self.workers[one] = Worker(rows, part, self.now)

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, dated | reply.headers)

    def _reply(self, request: Request) -> Reply:
        if request.path == "/ccx/oauth2/acme/token":
            asked = request.form().get("refresh_token")
            if asked != "refresh-7":
                return Reply({"error": "invalid_grant"}, 401)
            return Reply({"access_token": TOKEN, "expires_in": 3600})
        if request.headers.get("authorization") not in _ACCEPTS:
            return Reply(None, 401)
        if request.path == WORKERS:
            return self._rest(request)
        if request.path == COMPANIES:
            entries = [{"Company": part} for part in PARTS]
            return Reply({"Report_Entry": entries})
        if request.path != REPORT:
            return Reply({"error": "no such report"}, 404)
        if request.query.get("format") != "json":
            return Reply(b"<wd:Report_Data/>", headers={"Content-Type": "text/xml"})
        return self._report(request)

    def _rest(self, request: Request) -> Reply:
        limit = min(int(request.query.get("limit", "20")), 100)
        start = int(request.query.get("offset", "0"))
        ids = sorted(self.workers)
        if not self.counts_all:
            ids = [one for one in ids if self._employed(self.workers[one])]
        data = [{"id": one, "descriptor": "?"} for one in ids[start : start + limit]]
        return Reply({"total": len(ids) + self.hidden, "data": data})

    def _employed(self, worker: Worker) -> bool:
        today = self.now.date().isoformat()
        rows = [row for row in worker.rows if row["Effective_Date"] <= today]
        row = rows[-1] if rows else worker.rows[0]
        ended = row.get("Termination_Date") or today
        return row["Hire_Date"] <= today <= ended

    def _report(self, request: Request) -> Reply:
        part, since = request.query.get("Company"), request.query.get("Updated_From")
        entries = []
        for worker in list(self.workers.values()):
            if part is not None and worker.part != part:
                continue
            if since and worker.changed < datetime.datetime.fromisoformat(since):
                continue
            for row in worker.rows:
                said = self.shown(row).items()
                entries.append({name: cell for name, cell in said if cell is not None})
        return Reply({"Report_Entry": entries})


def tell(workday: Workday, company: Company, name: str) -> None:
    """Write somebody of a company into Workday: a row for each staffing event."""
    person = company.people[name]
    rows: list[Row] = []
    for spell in person.spells:
        events = sorted(spell.changes.items())
        for day, stand in events:
            boss = stand.manager
            known = boss in company.people and company.people[boss].spells
            rows.append(
                {
                    "Employee_ID": name,
                    "Worker_WID": f"wid-{name}",
                    "Effective_Date": day.isoformat(),
                    "Sequence": 1,
                    "Legal_Name_First_Name": name,
                    "Legal_Name_Last_Name": person.name.split()[-1],
                    "Email_Work": f"{name.lower()}@example.com",
                    "Hire_Date": spell.hire.isoformat(),
                    "Original_Hire_Date": person.spells[0].hire.isoformat(),
                    "Termination_Date": None,
                    "Worker_Type": "Employee",
                    "Worker_Status": "Active",
                    "On_Leave": "1" if stand.status == "leave" else "0",
                    "Job_Profile_Ref_ID": stand.job,
                    "Business_Title": f"Title {stand.job}",
                    "Supervisory_Org_ID": stand.unit,
                    "Superior_Org_ID": company.parent(stand.unit, day),
                    "Manager_Employee_ID": boss if known else None,
                    "FTE": "1",
                    "Regulatory_Class": [{"Regulatory_Class": "Forklift"}],
                }
            )
        if spell.last:
            ended = {
                "Effective_Date": spell.last.isoformat(),
                "Termination_Date": spell.last.isoformat(),
                "Worker_Status": "Terminated",
                "Sequence": 2,
            }
            rows.append(rows[-1] | ended)
    part = PARTS[sum(map(ord, name)) % 2]
    workday.put(name, rows, part)
