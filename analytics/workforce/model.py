"""The canonical files: which columns a delivery has, and what each may hold.

One Table a kind of file: ``workforce`` (one row per person and effective date; a row
holds until the person's next), ``kpi`` (performance figures) and ``exemptions``. A
canonical row is a dict of column name to Value without the absent ones; days are
``YYYY-MM-DD``.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.workforce.identifiers import identities
from analytics.workforce.values import (
    Parser,
    Value,
    address,
    day,
    names,
    number,
    one_of,
    share_of_full_time,
    text,
    time_zone,
)
from lrs.errors import BadRequest

Row = dict[str, Value]
SEPARATOR = "\x1f"  # between the parts of a key; no text may contain it


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a canonical file.

    Where a cell is empty, ``default`` stands, or else the value of the column named
    by ``default_from``. ``required``: a row without it goes to quarantine.
    ``personal``: it names or addresses somebody, so it stays out of the lake.
    ``joined_by`` makes one cell of the list of text that JSON may hold here.
    """

    name: str
    parse: Parser
    required: bool = False
    default: str | None = None
    default_from: str | None = None
    personal: bool = False
    joined_by: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of file: its columns, and the columns that tell one row from another."""

    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return next((item for item in self.columns if item.name == name), None)

    def key_of(self, row: Row) -> str:
        """Return what two versions of the same fact have in common."""
        return SEPARATOR.join(str(row[name]) for name in self.key)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one record was set aside. ``line`` is the record's number in JSON.

    ``field`` is empty where the whole record is meant; ``reason`` reads on after it
    and never holds a value.
    """

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}, record at {self.line}"
        return f"{place}: {self.field or 'it'} {self.reason}."


WORKFORCE = Table(
    kind="workforce",
    key=("employee_id", "effective_date"),
    columns=(
        Column("employee_id", text, required=True),
        Column("effective_date", day, default_from="hire_date"),
        Column("given_name", text, personal=True),
        Column("family_name", text, personal=True),
        Column("email", address, personal=True),
        Column("identities", identities, personal=True, joined_by=" "),
        Column(
            "worker_type",
            one_of("employee", "contractor", "customer", "partner"),
            default="employee",
        ),
        Column("status", one_of("active", "leave", "terminated"), default="active"),
        Column("hire_date", day, required=True),
        Column("original_hire_date", day),
        Column("termination_date", day),
        Column("job_code", text),
        Column("job_title", text),
        Column("job_level", text),
        Column("org_unit_id", text, required=True),
        Column("org_unit_name", text),
        Column("org_parent_id", text),
        Column("location_id", text),
        Column("location_time_zone", time_zone),
        Column("manager_id", text),
        Column("cost_center_id", text),
        Column("fte", share_of_full_time),
        Column("regulatory_classes", names, joined_by=";"),
    ),
)

KPI = Table(
    kind="kpi",
    key=("employee_id", "metric", "period_start"),
    columns=(
        Column("employee_id", text, required=True),
        Column("metric", text, required=True),
        Column("period_start", day, required=True),
        Column("period_end", day),
        Column("value", number, required=True),
        Column("unit", text),
    ),
)

EXEMPTIONS = Table(
    kind="exemptions",
    key=("employee_id", "requirement", "from"),
    columns=(
        Column("employee_id", text, required=True),
        Column("requirement", text, required=True),
        Column("from", day, required=True),
        Column("to", day),  # absent: until further notice
        Column("reason", text),
        Column("approver", text),
    ),
)

TABLES = {table.kind: table for table in (WORKFORCE, KPI, EXEMPTIONS)}


def table_of(kind: str) -> Table:
    """Return the Table of that kind, or raise BadRequest with the known ones."""
    try:
        return TABLES[kind]
    except KeyError:
        known = ", ".join(TABLES)
        raise BadRequest(
            f"There is no kind of file of that name; known: {known}."
        ) from None
