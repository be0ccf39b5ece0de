"""The company's fixed parts: locations, jobs, and the tree of units four deep.

The root is ACME, below it two divisions, then departments, then the operational
teams. Only the number of teams depends on the size of the sample.
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A site: its IANA time zone and the cultures its people's names come from."""

    id: str
    city: str
    zone: str
    cultures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A job: ``family`` is the department whose people hold it, or ``head``."""

    code: str
    title: str
    level: int
    family: str
    classes: str = ""


@dataclass(slots=True)
class Unit:
    """A unit of the tree.

    ``arm`` is treated or comparison for operational teams, else empty; ``diligence``
    is the share of trainings that its people do on time.
    """

    id: str
    name: str
    parent: str
    depth: int
    location: str
    family: str
    arm: str = ""
    diligence: float = 0.6
    weight: float = 0.0


LOCATIONS = (
    Location("NYC", "New York", "America/New_York", ("american", "spanish")),
    Location("CHI", "Chicago", "America/Chicago", ("american", "polish", "indian")),
    Location("MEX", "Mexico City", "America/Mexico_City", ("spanish",)),
    Location("SAO", "São Paulo", "America/Sao_Paulo", ("portuguese", "japanese")),
    Location("BER", "Berlin", "Europe/Berlin", ("german", "turkish", "arabic")),
    Location("WAW", "Warsaw", "Europe/Warsaw", ("polish", "nordic")),
    Location("IST", "Istanbul", "Europe/Istanbul", ("turkish", "bulgarian")),
    Location("LAG", "Lagos", "Africa/Lagos", ("nigerian", "arabic")),
    Location("BLR", "Bengaluru", "Asia/Kolkata", ("indian",)),
    Location("SGN", "Ho Chi Minh City", "Asia/Ho_Chi_Minh", ("vietnamese",)),
    Location("TYO", "Tokyo", "Asia/Tokyo", ("japanese",)),
    Location("AKL", "Auckland", "Pacific/Auckland", ("english", "maori")),
)
SITES = {site.id: site for site in LOCATIONS}

JOBS = (
    Job("CEO", "Chief Executive", 9, "head"),
    Job("DIR", "Division Director", 8, "head"),
    Job("DMG", "Department Manager", 7, "head"),
    Job("TLD", "Team Lead", 6, "head"),
    Job("CC1", "Customer Care Agent", 2, "OPS-CARE", "personal-data"),
    Job("CC2", "Senior Customer Care Agent", 3, "OPS-CARE", "personal-data"),
    Job("CCQ", "Quality Coach", 4, "OPS-CARE", "personal-data"),
    Job("CCW", "Workforce Planner", 4, "OPS-CARE"),
    Job("TS1", "Support Engineer", 3, "OPS-TECH"),
    Job("TS2", "Senior Support Engineer", 4, "OPS-TECH"),
    Job("TS3", "Support Specialist", 5, "OPS-TECH"),
    Job("TSK", "Knowledge Editor", 4, "OPS-TECH"),
    Job("FS1", "Service Technician", 2, "OPS-FIELD", "driver"),
    Job("FS2", "Senior Service Technician", 3, "OPS-FIELD", "driver;hazmat"),
    Job("FSI", "Installer", 2, "OPS-FIELD", "hazmat"),
    Job("FSD", "Delivery Driver", 2, "OPS-FIELD", "driver"),
    Job("FSN", "Device Nurse", 4, "OPS-FIELD", "bloodborne;personal-data"),
    Job("OD1", "Order Clerk", 2, "OPS-ORDER"),
    Job("OD2", "Senior Order Clerk", 3, "OPS-ORDER"),
    Job("WH1", "Warehouse Operative", 1, "OPS-ORDER", "hazmat"),
    Job("WH2", "Forklift Operator", 2, "OPS-ORDER", "forklift;hazmat"),
    Job("WHS", "Shift Planner", 4, "OPS-ORDER"),
    Job("HR1", "People Partner", 4, "COR-PEOPLE", "personal-data"),
    Job("HR2", "Training Administrator", 3, "COR-PEOPLE", "personal-data"),
    Job("REC", "Recruiter", 3, "COR-PEOPLE", "personal-data"),
    Job("FI1", "Accountant", 3, "COR-FIN"),
    Job("FI2", "Controller", 5, "COR-FIN"),
    Job("BUY", "Buyer", 4, "COR-FIN"),
    Job("LB1", "Laboratory Technician", 3, "COR-LAB", "bloodborne;hazmat"),
    Job("LB2", "Scientist", 5, "COR-LAB", "bloodborne;hazmat"),
)
JOB_BY_CODE = {job.code: job for job in JOBS}
HEAD_JOBS = {1: "CEO", 2: "DIR", 3: "DMG", 4: "TLD"}

_UPPER = (
    ("ACME", "Acme Group", "", 1, "BER"),
    ("OPS", "Operations", "ACME", 2, "CHI"),
    ("COR", "Corporate", "ACME", 2, "BER"),
    ("OPS-CARE", "Customer Care", "OPS", 3, "NYC"),
    ("OPS-TECH", "Technical Support", "OPS", 3, "BLR"),
    ("OPS-FIELD", "Field Service", "OPS", 3, "WAW"),
    ("OPS-ORDER", "Orders and Warehouse", "OPS", 3, "SAO"),
    ("COR-PEOPLE", "People", "COR", 3, "BER"),
    ("COR-FIN", "Finance and Purchasing", "COR", 3, "NYC"),
    ("COR-LAB", "Laboratory", "COR", 3, "TYO"),
)
OPERATIONAL = ("OPS-CARE", "OPS-TECH", "OPS-FIELD", "OPS-ORDER")


def build_units(people: int, rng: random.Random) -> dict[str, Unit]:
    """Return the units by id, parents before children: 40 from 300 people on.

    Half of each department's teams are treated, so that the two arms hold the same
    kinds of work and differ only in the level drawn for them in performance.py.
    """
    units: dict[str, Unit] = {}
    for key, name, parent, depth, place in _UPPER:
        units[key] = Unit(key, name, parent, depth, place, key)
        units[key].weight = 2.4 if key.startswith("COR-") else 0.02
    teams = max(8, min(30, people // 15 * 2))
    extra = 0
    for index, parent in enumerate(OPERATIONAL):
        size = teams // 4 + (index < teams % 4)
        treated = size // 2 + (size % 2 and extra % 2)
        extra += size % 2
        arms = ["treated"] * treated + ["comparison"] * (size - treated)
        rng.shuffle(arms)
        for number, arm in enumerate(arms):
            site = LOCATIONS[(index * 3 + number * 5) % len(LOCATIONS)]
            key = f"{parent}-{number + 1:02d}"
            name = f"{units[parent].name} {site.city}"
            unit = Unit(key, name, parent, 4, site.id, parent, arm)
            unit.weight = rng.uniform(0.85, 1.2)
            units[key] = unit
    for unit in units.values():
        unit.diligence = min(0.96, max(0.15, rng.gauss(0.59, 0.21)))
    return units


def ancestors(units: dict[str, Unit], unit: str) -> tuple[str, ...]:
    """Return a unit and everything above it, the root last."""
    line = []
    while unit:
        line.append(unit)
        unit = units[unit].parent
    return tuple(line)
