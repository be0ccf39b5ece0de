"""Showing a past state: who was in a unit, and one person's history, as known then.

Needs no enrichment pass: what the lake's tables do not have yet is read from the
ledger, which is the truth; what they have is the same rows, and read faster. Answers
come from the same .sql as the reports and the history's tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from analytics.enrichment.decision_tables import DecisionRows, NoDecisions
from analytics.enrichment.hr_tables import hr_batches
from analytics.identity import actor_id
from analytics.lake.lake import Lake
from analytics.lake.published import published
from analytics.lake.reading import create_view
from analytics.lake.tables import WORKFORCE
from analytics.moments import moment_text
from analytics.reports.catalogue import folder
from analytics.reports.session import microseconds, moment
from analytics.workforce.anonymity.keeping import Veils
from analytics.workforce.anonymity.veil import HIDDEN, Veil
from analytics.workforce.history.derivation import (
    HERE,
    create,
    derived,
    memory,
)
from analytics.workforce.history.known_rows import KnownRows
from analytics.workforce.history.ledger_rows import (
    KIND,
    GivenRows,
    person_rows,
    rows_that_claim,
)
from analytics.workforce.history.merged import Merged
from analytics.workforce.history.roster_rows import Advance
from analytics.workforce.identifiers import identifier_keys
from analytics.workforce.ledger import END_OF_TIME, Ledger
from lrs.errors import BadRequest, NotFound

_LATEST = datetime(9999, 12, 30, tzinfo=UTC)  # before what is open ends
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_ASKED = """
CREATE TEMP TABLE asked AS
SELECT DISTINCT unit_id FROM unit_closure
WHERE ancestor_id = $unit AND $as_of BETWEEN from_day AND to_day
    AND (depth = 0 OR $below)
"""
_THERE = """
CREATE TEMP TABLE there AS
WITH called AS (
    SELECT h.employee_id, h.org_unit_id, h.from_day, h.to_day,
        coalesce(s.survivor_id, h.employee_id) AS person_id
    FROM hr_rows AS h LEFT JOIN survivors AS s USING (employee_id)
)

SELECT * FROM hr_rows SEMI JOIN (
    SELECT employee_id FROM called SEMI JOIN (
        SELECT person_id FROM called SEMI JOIN asked ON org_unit_id = unit_id
        WHERE $as_of BETWEEN from_day AND to_day
    ) AS one USING (person_id)
) AS own USING (employee_id)
"""
_ANYWHERE = """
CREATE TEMP TABLE asked AS SELECT DISTINCT org_unit_id AS unit_id FROM hr_rows
"""
_OF_PERSON = ("employment_spells", "assignments", "leave_spells", "manager_edges")
_OTHERS = """
SELECT * FROM workforce
WHERE NOT list_contains($people, employee_id) AND list_has_any(identifiers, $listed)
    AND recorded_at <= make_timestamptz($through)
"""


@dataclass(frozen=True, slots=True)
class History:
    """Answers what was known of the workforce; stateless."""

    ledger: Ledger
    lake: Lake
    decisions: DecisionRows = field(default_factory=NoDecisions)

    def roster(
        self,
        tenant: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        unit: str | None = None,
        below: bool = True,
        advance: Advance | None = None,
    ) -> pa.Table:
        """Return who was in a unit (None: anywhere) on that day, as known then.

        ``below``: in the units below it too; ``advance`` is told how many rows of the
        ledger were read. One row per person, whoever was merged
        being one; columns as in questions/roster.sql. Raises NotFound for a unit nobody
        knew of then, BadRequest for a day or time that cannot be asked for.
        """
        day = _day(as_of)
        through = self._through(known_at)
        with memory() as connection:
            merged = Merged(connection, self.decisions, tenant, through)
            tables = published(self.lake, tenant)  # as one manifest names them
            known = KnownRows(self.ledger, tables, tenant, through, merged)
            known.read(connection, unit, advance)
            create(connection, "hr_rows")
            create(connection, "unit_edges")
            if unit is None:
                connection.execute(_ANYWHERE)
            else:
                self._narrow(connection, unit, day, known_at, below=below)
            known.name(connection, day)
            for step in ("employed", "spells", "placed", "names"):
                create(connection, step)
            (query,) = folder(HERE / "questions")
            return connection.sql(query.sql, params={"as_of": day}).to_arrow_table()

    def unread(self, tenant: str) -> int:
        """Return how many rows of the ledger the lake does not have yet."""
        position = published(self.lake, tenant).position(KIND)
        return self.ledger.count(tenant, KIND, position)

    def person(
        self,
        tenant: str,
        employee_id: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> dict[str, list[dict[str, Any]]]:
        """Return the tables of a person's history as known then, each in time's order.

        Rows have the columns of the history's tables; ``person_identifiers`` has the
        identifier as IFI key. Who was merged from several employee_ids has the rows of
        all of them, each under its own. With ``as_of`` only what held on that day.
        Raises NotFound for somebody nobody knew of then.
        """
        day = None if as_of is None else _day(as_of)
        through = self._through(known_at)
        with memory() as connection:
            merged = Merged(connection, self.decisions, tenant, through)
        people = sorted(merged.ids([employee_id]))
        rows = [
            row
            for one in people
            for row in person_rows(self.ledger, tenant, one, through)
        ]
        if not rows:
            raise NotFound(
                f"There is nobody of this employee_id, {_as_known(known_at)}."
            )
        veil = Veils(self.ledger.database).of(tenant)
        own = _as_lake_has_them(tenant, [rows], veil)
        found = derived(own, _OF_PERSON)
        keys = {actor_id(key): key for row in rows for key in identifier_keys(row)}
        if veil is not None:
            keys |= {veil.veiled(one): key for one, key in keys.items()}
            keys |= {one: f"{HIDDEN} {one}" for one in _hidden_of(rows)}
        others = self._others(tenant, people, keys, through, veil)
        claimed = derived(pa.concat_tables([own, others]), ["person_identifiers"])
        found |= claimed
        at = moment(through) if through < END_OF_TIME else _LATEST
        told = {}
        for name, table in found.items():
            told[name] = [
                {key: value for key, value in row.items() if key != "in_circle"}
                for row in sorted(table.to_pylist(), key=lambda row: row["valid_from"])
                if row["recorded_from"] <= at < row["recorded_to"]
                and row["employee_id"] in people
                and (day is None or row["valid_from"] <= day < row["valid_to"])
            ]
        for row in told["person_identifiers"]:
            row["identifier"] = keys.get(row["identifier"], row["identifier"])
        return told

    # -- what was recorded ----------------------------------------------------------

    def _through(self, known_at: datetime | None) -> int:
        if known_at is None:
            return END_OF_TIME
        if known_at.tzinfo is None:
            raise BadRequest("known_at needs a time zone, for example a Z at its end.")
        # By the truth's clock; this machine's may be wrong.
        if microseconds(known_at) > self.ledger.timeline.consistent_through():
            raise BadRequest("known_at lies in the future; leave it out to ask of now.")
        return microseconds(known_at)

    def _narrow(
        self,
        connection: duckdb.DuckDBPyConnection,
        unit: str,
        day: date,
        known_at: datetime | None,
        *,
        below: bool,
    ) -> None:
        """Leave in ``hr_rows`` who was in the unit that day, with all their rows."""
        create(connection, "unit_closure")
        known = connection.execute(
            "SELECT count(*) FROM unit_closure WHERE unit_id = $unit", {"unit": unit}
        ).fetchall()
        if not known[0][0]:
            raise NotFound(f"There is no such unit, {_as_known(known_at)}.")
        connection.execute(_ASKED, {"unit": unit, "as_of": day, "below": below})
        connection.execute(_THERE, {"as_of": day})
        connection.execute("DROP TABLE hr_rows")
        connection.execute("ALTER TABLE there RENAME TO hr_rows")

    def _others(
        self,
        tenant: str,
        people: list[str],
        keys: dict[str, str],
        through: int,
        veil: Veil | None,
    ) -> pa.Table:
        """Return the rows of others that ever listed one of these identifiers."""
        tables = published(self.lake, tenant)
        position = tables.position("workforce")
        asked = {"people": people, "listed": list(keys)}
        with memory() as connection:
            create_view(connection, "workforce", tables.rows("workforce"), WORKFORCE)
            until = min(position, through)
            known = connection.sql(
                _OTHERS, params=asked | {"through": until}
            ).to_arrow_table()
        runs = self.ledger.runs(tenant, KIND, position, through)
        claiming = rows_that_claim(self.ledger, tenant, runs, keys.values())
        fresh = _as_lake_has_them(
            tenant,
            [[row for row in claiming if row["employee_id"] not in people]],
            veil,
        )
        return pa.concat_tables([known.select(WORKFORCE.names).cast(WORKFORCE), fresh])


def _hidden_of(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return what stands for the identifiers of somebody anonymous."""
    return {one for row in rows for one in row.get("veiled", ())}


def _as_lake_has_them(tenant: str, batches: Any, veil: Veil | None) -> pa.Table:
    made: Iterator[pa.Table] = hr_batches(
        GivenRows(batches), tenant, "workforce", 0, END_OF_TIME, veil
    )
    return pa.concat_tables([WORKFORCE.empty_table(), *made])


def _as_known(known_at: datetime | None) -> str:
    return f"as known at {moment_text(known_at)}" if known_at else "as known now"


def _day(as_of: date | None) -> date:
    if as_of is not None and not _FIRST_DAY <= as_of <= _LAST_DAY:
        raise BadRequest(f"as_of lies between {_FIRST_DAY} and {_LAST_DAY}.")
    return as_of or datetime.now(UTC).date()
