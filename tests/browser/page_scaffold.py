"""A small company in memory behind the pages: reports, accounts, a served app.

A scaffold for the behaviour of pages. What reports say is tested against the whole
product elsewhere.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from math import sqrt

from flask import Flask
from werkzeug.serving import make_server

from analytics.effects.estimate import Estimate, GroupMeans
from analytics.web.pages import create_pages
from analytics.web.services import Account, HasLeft, ReportMeta, ReportResult
from lrs.errors import BadRequest, Forbidden, NotFound

TODAY = date(2026, 6, 30)
PASSWORD = "correct horse"
# unit: name, parent, people directly in it
UNITS = {
    "ACME": ("Acme Manufacturing", None, 3),
    "OPS": ("Operations", "ACME", 4),
    "PLANT-N": ("Plant North", "OPS", 46),
    "PLANT-S": ("Plant South", "OPS", 38),
    "LOG": ("Logistics and Warehousing Services", "OPS", 21),
    "SALES": ("Sales", "ACME", 0),
    "SALES-EU": ("Sales Europe", "SALES", 17),
    "SALES-US": ("Sales Americas", "SALES", 12),
    "HR": ("People & <b>Culture</b>", "ACME", 9),
    "IT": ("Information Technology", "ACME", 14),
}
REQUIREMENTS = {
    "FIRE-01": "Fire safety",
    "FORK-02": "Forklift operation",
    "GDPR-01": "Data protection basics",
    "CODE-01": "Code of conduct",
}
STATUSES = {
    "COMPLIANT": 60,
    "EXPIRING": 12,
    "GRACE": 3,
    "IN_PROGRESS": 6,
    "NOT_STARTED": 7,
    "OVERDUE": 8,
    "EXPIRED": 4,
    "ON_LEAVE": 3,
    "EXEMPT": 2,
}
GIVEN = ("Ana", "Ben", "Chloe", "David", "Elif", "Farid", "Grace", "Hana", "Ivo")
FAMILY = ("Adler", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Ito")


def wilson(good: int, n: int) -> tuple[float | None, float | None]:
    if not n:
        return None, None
    z, p = 1.959964, good / n
    middle, reach = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


def below(unit: str) -> set[str]:
    """Return the unit and everything below it; NotFound when there is none such."""
    if unit not in UNITS:
        raise NotFound("No such unit.")
    found = {unit}
    for code, (_, parent, _) in UNITS.items():
        if parent in found:
            found.add(code)
    return found


def a_workforce() -> list[dict[str, object]]:
    """Rows of compliance_status: every person of every unit, each requirement."""
    chance = random.Random(7)
    rows: list[dict[str, object]] = []
    for unit, (name, _, size) in UNITS.items():
        for _ in range(size):
            number = f"E{1000 + len(rows) // len(REQUIREMENTS)}"
            person = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
            for code in REQUIREMENTS:
                (status,) = chance.choices(list(STATUSES), list(STATUSES.values()))
                rows.append(a_status(number, person, unit, name, code, status))
    return rows


def a_status(
    number: str, person: str, unit: str, unit_name: str, code: str, status: str
) -> dict[str, object]:
    late = {"OVERDUE": 40, "EXPIRED": 30, "GRACE": 3}.get(status, -60)
    done = status in {"COMPLIANT", "EXPIRING", "EXPIRED"}
    completed = datetime(2026, 1, 12, 9, 30, tzinfo=UTC) if done else None
    return {
        "person_id": number,
        "name": person,
        "unit_id": unit,
        "unit_name": unit_name,
        "manager_id": "E1000",
        "requirement": code,
        "requirement_version": 1,
        "status": status,
        "due_date": TODAY - timedelta(days=late),
        "completed_at": completed,
        "expires_at": completed.date() + timedelta(days=365) if completed else None,
        "statement_id": f"7f3c{number}-{code}" if done else None,
    }


class Reports:
    """The reports of that company; enforces scope as the product does."""

    def __init__(self) -> None:
        self.rows = a_workforce()
        self.calls: list[dict[str, object]] = []

    def run(
        self,
        name: str,
        tenant: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        unit: str | None = None,
        scope_unit: str | None = None,
        person: str | None = None,
        parameters: Mapping[str, str] | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> ReportResult:
        self.calls.append({"name": name, "scope_unit": scope_unit, "as_of": as_of})
        scope = below(scope_unit) if scope_unit else set(UNITS)
        if unit is not None and unit not in scope:
            below(unit)
            raise Forbidden("Outside the scope.")
        if as_of is not None and as_of > TODAY:
            raise BadRequest("The day is not over yet.")
        inside = below(unit) if unit else scope
        mine = [
            row
            for row in self.rows
            if row["unit_id"] in inside and person in (None, row["person_id"])
        ]
        extra: dict[str, object] = {}
        if name == "compliance_by_unit":
            mine = self.by_unit(unit or "ACME")
            extra["path"] = path(unit or "ACME", scope)
        elif name == "overdue_people":
            mine = [overdue(row) for row in mine if row["status"] == "OVERDUE"]
        elif name == "evidence":
            mine = [proof for row in mine for proof in evidence(row)]
        elif name == "training_effect_by_month":
            mine, extra = months(), an_effect()
        meta = ReportMeta(
            as_of or TODAY,
            datetime(2026, 6, 30, 14, 5, tzinfo=UTC),
            datetime(2026, 6, 30, 14, 2, tzinfo=UTC),
            0.0123,
            {"acme": datetime(2026, 6, 30, 2, 0, tzinfo=UTC)},
        )
        return ReportResult(list(mine[0]) if mine else ["person_id"], mine, meta, extra)

    def by_unit(self, unit: str) -> list[dict[str, object]]:
        children = [code for code in UNITS if UNITS[code][1] == unit]
        return [self.unit_row(code, int(code != unit)) for code in (unit, *children)]

    def unit_row(self, unit: str, level: int) -> dict[str, object]:
        inside = below(unit)
        rows = [row for row in self.rows if row["unit_id"] in inside]
        counts = {
            code.lower(): sum(row["status"] == code for row in rows)
            for code in STATUSES
        }
        people = {row["person_id"] for row in rows}
        fine = {"COMPLIANT", "EXPIRING", "ON_LEAVE", "EXEMPT"}
        lacking = {row["person_id"] for row in rows if row["status"] not in fine}
        good = counts["compliant"] + counts["expiring"]
        n = len(rows) - counts["on_leave"] - counts["exempt"]
        due = n - counts["not_started"] - counts["in_progress"]
        low, high = wilson(good, n)
        return {
            "level": level,
            "unit_id": unit,
            "unit_name": UNITS[unit][0],
            "parent_id": UNITS[unit][1],
            "has_children": len(inside) > 1,
            "people": len(people),
            "pairs": len(rows),
            **counts,
            "strict_rate": good / n if n else None,
            "rate_low": low,
            "rate_high": high,
            "due_rate": good / due if due else None,
            "on_time_rate": good / due if due else None,
            "fully_compliant_people": len(people - lacking),
        }


def path(unit: str, scope: set[str]) -> list[dict[str, object]]:
    name, parent, _ = UNITS[unit]
    above = path(parent, scope) if parent in scope and parent else []
    return [*above, {"unit_id": unit, "unit_name": name}]


def overdue(row: dict[str, object]) -> dict[str, object]:
    kept = ("person_id", "name", "unit_id", "unit_name", "manager_id", "requirement")
    return {
        **{name: row[name] for name in kept},
        "title": REQUIREMENTS[str(row["requirement"])],
        "due_date": row["due_date"],
        "days_overdue": 40,
        "age_band": "31-60",
    }


def evidence(row: dict[str, object]) -> Iterator[dict[str, object]]:
    if row["statement_id"] is None:
        return
    at = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
    activity = f"https://courses.example.com/{str(row['requirement']).lower()}"
    for days, verb, statement in (
        (-2, "failed", f"1a2b{row['person_id']}-{row['requirement']}"),
        (0, "passed", row["statement_id"]),
    ):
        success = verb == "passed"
        yield {
            "requirement": row["requirement"],
            "statement_id": statement,
            "timestamp": at + timedelta(days=days),
            "stored": at + timedelta(days=days, seconds=2),
            "verb": f"http://adlnet.gov/expapi/verbs/{verb}",
            "activity_id": activity,
            "success": success,
            "completion": None,
            "scaled": 0.92 if success else 0.55,
            "counts": success,
        }


def months() -> list[dict[str, object]]:
    chance = random.Random(3)
    return [
        {
            "month": date(2025 + (6 + n) // 12, (6 + n) % 12 + 1, 1),
            "arm": arm,
            "people": 8 if (n, arm) == (0, "trained") else 64 - n,
            "mean_value": 71
            + n * 0.25
            + (4.1 if arm == "trained" and n > 6 else 0)
            + (0.9 if arm == "trained" else 0)
            + chance.uniform(-0.6, 0.6),
        }
        for n in range(12)
        for arm in ("trained", "comparison")
    ]


def an_effect() -> dict[str, object]:
    return {
        "estimate": Estimate(
            estimate=4.12,
            std_error=1.3,
            ci_low=1.49,
            ci_high=6.75,
            p_value=0.0031,
            n=1404,
            n_treated=64,
            n_control=61,
            method="did",
            assumptions=(
                "Parallel trends: without the training, both groups would have changed "
                "by the same amount.",
                "No spill-over: training one group left the other group alone.",
            ),
            warnings=("Caution: 14 clusters; the interval tends to be too narrow.",),
            clusters=14,
            group_means=GroupMeans(72.6, 78.4, 71.7, 73.4),
        ),
        "roll_out": date(2026, 2, 1),
        "outcome": "First-time quality",
        "unit": "points",
    }


class Accounts:
    """Two managers: one of everything, one of Operations."""

    def __init__(self) -> None:
        self.marks = count()
        self.known = {
            "ceo@acme.example": Account(
                "default", "ceo@acme.example", "Ines M.", "ACME"
            ),
            "ops@acme.example": Account(
                "default", "ops@acme.example", "Olaf P.", "OPS"
            ),
        }

    def verify(self, email: str, password: str) -> Account | None:
        return self.known.get(email) if password == PASSWORD else None

    def find(self, tenant: str, email: str) -> Account | None:
        return self.known.get(email)

    def begin_session(self, account: Account) -> str:
        mark = f"session {next(self.marks)}"
        now = self.known[account.email]
        self.known[account.email] = replace(now, sessions=now.sessions | {mark})
        return mark

    def end_session(self, account: Account, mark: str) -> None:
        now = self.known[account.email]
        self.known[account.email] = replace(now, sessions=now.sessions - {mark})


def an_app(
    reports: Reports | None = None,
    accounts: Accounts | None = None,
    has_left: HasLeft = lambda _tenant, _email: False,
) -> Flask:
    app = Flask("scaffold")
    app.secret_key = "only for tests"
    app.register_blueprint(
        create_pages(reports or Reports(), accounts or Accounts(), has_left)
    )
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the app on a free port; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
