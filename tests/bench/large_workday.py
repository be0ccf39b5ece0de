"""A Workday of many workers, each with three rows of a history.

In: how many. Out: a fake that writes its report from numbers when it is asked.
"""

from __future__ import annotations

import datetime
import json

from tests.fakes import workday
from tests.fakes.server import Reply, Request

_SPAN = 200  # workers below one manager
_DAYS = ("2020-01-01", "2022-03-01", "2024-05-01")


class LargeWorkday(workday.Workday):
    """A Workday whose report is written anew each time."""

    def __init__(self, people: int, now: datetime.datetime) -> None:
        super().__init__(now)
        self.people = people
        self.moved = 0

    def change(self, number: int) -> None:
        """Let the first workers move, an hour later."""
        self.now += datetime.timedelta(hours=1)
        self.moved = number

    def _rest(self, request: Request) -> Reply:
        return Reply({"total": self.people, "data": []})

    def _report(self, request: Request) -> Reply:
        people = self.people
        if since := request.query.get("Updated_From"):
            told = datetime.datetime.fromisoformat(since)
            people = self.moved if told <= self.now else 0
        rows = ",\n".join(
            json.dumps(self._row(one, at))
            for one in range(1, people + 1)
            for at in range(len(_DAYS))
        )
        return Reply(b'{"Report_Entry":[' + rows.encode() + b"]}")

    def _row(self, one: int, at: int) -> workday.Row:
        boss = one // _SPAN
        unit = "E" if one <= self.moved else "D"
        row = {
            "Employee_ID": str(one),
            "Worker_WID": f"{one:032x}",
            "Effective_Date": _DAYS[at],
            "Sequence": "1",
            "Legal_Name_First_Name": "Ann",
            "Legal_Name_Last_Name": f"Byron{one}",
            "Email_Work": f"p{one}@example.com",
            "Hire_Date": _DAYS[0],
            "Original_Hire_Date": _DAYS[0],
            "Worker_Type": "Employee",
            "Worker_Status": "Active",
            "On_Leave": "0",
            "Job_Profile_Ref_ID": f"J{(one + at) % 90}",
            "Business_Title": f"Job {(one + at) % 90}",
            "Management_Level": "5",
            "Supervisory_Org_ID": f"{unit}{(one + at) % 400}",
            "Location_ID": "LON",
            "Cost_Center_ID": f"C{one % 100}",
            "FTE": "1",
            "Regulatory_Class": [{"Regulatory_Class": "Forklift"}],
        }
        return row | ({"Manager_Employee_ID": str(boss)} if boss else {})
