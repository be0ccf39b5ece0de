"""The ``[source]`` of SuccessFactors, read: what is asked for, and the rules of joins.

In: the keys as ``successfactors`` lists them, and the fields that are mapped: of each
entity only those are selected, beside what the joins need. Out: the settings of the
connector; BadRequest with the name of the key where one is wrong.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.workforce.connectors.connector import Setup
from analytics.workforce.connectors.successfactors_history import Rules

PERSON, USER, CODE = "personIdExternal", "userId", "externalCode"
EMPLOYMENT, JOB, RELATION = "EmpEmployment", "EmpJob", "EmpJobRelationships"
EMAIL = "PerEmail"
_CONDITION = re.compile(r"\[([^=\]]+)=")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_KEYS = (
    *("page_size", "paging", "ids_per_question", "most_single", "every_minutes"),
    *("overlap_minutes", "ended", "assignment_classes", "main", "no_manager"),
    *("joins", "picklists"),
)
_JOINS = {"department": "FODepartment", "location": "FOLocation"}
_PICKLISTS = {
    "EmpJob.emplStatus": "employee-status",
    "PerEmail.emailType": "ecEmailType",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity set: whose its rows are, which of theirs, and what is selected.

    ``dated``: its rows hold from a day on, and all days must be asked for.
    """

    name: str
    key: str
    parts: tuple[str, ...]
    fields: tuple[str, ...]
    dated: bool


@dataclass(frozen=True, slots=True)
class Picklists:
    """Where options are, and of which fields: by entity, field and picklist."""

    entity: str
    filter: str
    option: str
    code: str
    fields: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Tables:
    """What a ``[source]`` says. ``objects`` are those of ``rules.joins``, by name."""

    people: tuple[Entity, ...]
    objects: Mapping[str, Entity]
    picklists: Picklists
    rules: Rules
    page_size: int
    paging: str
    ids_per_question: int
    most_single: int
    every: datetime.timedelta
    overlap: datetime.timedelta

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Return all that is read, those of people first."""
        return (*self.people, *self.objects.values())

    def entity(self, name: str) -> Entity:
        """Return an entity of people."""
        return next(found for found in self.people if found.name == name)


def read_tables(setup: Setup) -> Tables:
    """Return what a ``[source]`` says; raises BadRequest."""
    setup.only(*_KEYS)
    read = setup.read
    joins = read.pairs("joins") if read.has("joins") else _JOINS
    joins = {field: name for field, name in joins.items() if _mapped(setup, name)}
    mapped = [path.split(".")[0].split("[")[0] for path in setup.fields]
    people = [
        _entity(setup, EMPLOYMENT, PERSON, (USER,), _EMPLOYED),
        # Behind it: of whom an employment came meanwhile the job has come too.
        _entity(
            setup,
            JOB,
            USER,
            ("startDate", "seqNumber"),
            ("emplStatus", "managerId", *joins),
            dated=True,
        ),
        _entity(setup, "PerPersonal", PERSON, ("startDate",), (), dated=True),
        _entity(setup, EMAIL, PERSON, ("emailType",), ()),
        _entity(setup, "PerPerson", PERSON, (), ()),
        _entity(setup, RELATION, USER, _RELATED, (), dated=True),
    ]
    people = [one for one in people if one.name in (EMPLOYMENT, JOB, *mapped)]
    return Tables(
        people=tuple(people),
        objects={
            name: _entity(setup, name, CODE, ("startDate",), (), dated=True)
            for name in sorted({*joins.values()})
        },
        picklists=_picklists(setup, {one.name for one in people}),
        rules=Rules(
            ended=read.texts("ended", ("T", "R", "O")),
            classes=read.texts("assignment_classes", ("ST", "GA")),
            latest=read.choice("main", ("first", "latest"), "first") == "latest",
            no_manager=read.texts("no_manager", ("NO_MANAGER",)),
            joins=joins,
        ),
        page_size=read.number("page_size", 1_000, 1, 1_000),
        paging=read.choice("paging", ("snapshot", "cursor"), "snapshot"),
        ids_per_question=read.number("ids_per_question", 40, 1, 1_000),
        most_single=read.number("most_single", 1_000, 0, 100_000),
        every=datetime.timedelta(minutes=read.number("every_minutes", 60.0, 0.0, 1e5)),
        overlap=datetime.timedelta(
            minutes=read.number("overlap_minutes", 10.0, 0.0, 1e5)
        ),
    )


_EMPLOYED = ("startDate", "endDate", "originalStartDate", "assignmentClass")
_RELATED = ("startDate", "relationshipType", "relUserId")


def _entity(
    setup: Setup,
    name: str,
    key: str,
    parts: tuple[str, ...],
    needed: tuple[str, ...],
    *,
    dated: bool = False,
) -> Entity:
    # What the connector itself adds is no field of the system.
    own = {"personId"} if name == RELATION else set()
    fields = {key, *parts, *needed, *_mapped(setup, name)} - own
    return Entity(name, key, parts, tuple(sorted(fields)), dated)


def _mapped(setup: Setup, entity: str) -> set[str]:
    """Return the mapped fields of an entity: of PerEmail[isPrimary=true].x both."""
    found: set[str] = set()
    for path in setup.fields:
        if path.startswith((f"{entity}.", f"{entity}[")):
            rest = path.removeprefix(entity)
            found.update(_CONDITION.findall(rest))
            found.add(_BRACKETS.sub("", rest).strip(".").split(".")[0])
    return found - {""}


def _picklists(setup: Setup, asked_for: set[str]) -> Picklists:
    table = setup.read.part("picklists")
    table.only({"entity", "filter", "option", "code", "fields"})
    named = table.pairs("fields") if table.has("fields") else _PICKLISTS
    fields: dict[tuple[str, str], str] = {}
    for written, picklist in named.items():
        entity, dot, field = written.partition(".")
        if not dot or not entity or not field:
            raise table.wrong(f"fields.{written}", "is not ENTITY.field")
        if entity in asked_for:
            fields[entity, field] = picklist
    asked = table.text("filter", "PickListV2_id eq '{picklist}'")
    if "{picklist}" not in asked:
        raise table.wrong("filter", "has no {picklist}")
    return Picklists(
        table.text("entity", "PickListValueV2"),
        asked,
        table.text("option", "optionId"),
        table.text("code", "externalCode"),
        fields,
    )
