"""Requirements: mandatory training as written in config/requirements/*.toml.

A file is read at every call, so that a changed requirement acts at once. What is
wrong in a file is refused with the file, the key and the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analytics.toml_files import NotToml, read_toml
from lrs.errors import BadRequest

SATISFIED_BY = ("completed", "passed", "completed_or_passed", "completed_and_passed")
BASES = ("entry", "hire", "calendar")
LEAVE_POLICIES = ("none", "shift")
WORKER_TYPES = ("employee", "contractor", "customer", "partner")
AUDIENCE_LISTS = ("org_unit", "job_code", "location", "worker_type", "regulatory_class")
_CARRY = re.compile(r"carry_if_gap_days\s*=\s*([0-9]{1,5})\Z")
_OWN_KEY = "carry_if_gap_days"
_NO_GAP_LIMIT = 1_000_000
_MOST_DAYS = 36_500
_MOST_VERSIONS = 1_000_000


class WrongRequirement(BadRequest):
    """A requirement file cannot be used; names file, key and reason."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One version of a requirement; days are whole days, scores scaled.

    ``carry_gap_days``: a rehire after at most so many days keeps the membership of
    before; None for ``reset``.
    """

    code: str
    title: str
    activities: tuple[str, ...]
    all_of: bool
    satisfied_by: str
    min_score: float | None
    basis: str
    calendar_basis: date | None
    initial_days: int
    validity_days: int | None
    grace_days: int
    look_back_days: int
    leave_policy: str
    carry_gap_days: int | None
    effective_from: date
    version: int
    version_from: date
    audience: Mapping[str, tuple[str, ...]]
    min_tenure_days: int


@dataclass
class _Reader:
    """Takes the keys of one file; what is left over at the end is unknown."""

    file: str
    values: dict[str, Any]
    section: str = ""
    seen: set[str] = field(default_factory=set)

    def fail(self, key: str, reason: str) -> WrongRequirement:
        return WrongRequirement(f"{self.file}: {self.section}{key} {reason}.")

    def take(self, key: str, kind: type, default: Any = ...) -> Any:
        self.seen.add(key)
        value = self.values.get(key)
        if value is None:
            if default is ...:
                raise self.fail(key, "is missing")
            return default
        exact = type(value) is kind or (kind is float and type(value) is int)
        if not exact:
            raise self.fail(key, f"must be of type {kind.__name__}")
        return value

    def days(self, key: str, default: int | None, *, least: int = 0) -> int | None:
        value: int | None = self.take(key, int, default)
        if value is not None and not least <= value <= _MOST_DAYS:
            raise self.fail(key, f"must be between {least} and {_MOST_DAYS}")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: Any = ...) -> str:
        value: str = self.take(key, str, default)
        if value not in choices:
            raise self.fail(key, f"must be one of: {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.fail(key, "must be a list of texts")
        return tuple(values)

    def text(self, key: str) -> str:
        value: str = self.take(key, str)
        if not value.strip():
            raise self.fail(key, "is empty")
        return value

    def done(self) -> None:
        unknown = sorted(set(self.values) - self.seen)
        if unknown:
            raise self.fail(unknown[0], "is not a key of a requirement")


def load(folder: Path) -> list[Requirement]:
    """Return every version in the folder, by code and version.

    Raises WrongRequirement for a file that cannot be used, for a version that stands
    twice and for versions that disagree on effective_from.
    """
    if not folder.is_dir():
        raise WrongRequirement(
            f"{folder}: there is no such folder of requirements (LRS_REQUIREMENTS_DIR)."
        )
    found: dict[tuple[str, int], Requirement] = {}
    began: dict[str, date] = {}
    for path in sorted(folder.glob("*.toml")):
        item = read(path)
        if (item.code, item.version) in found:
            raise WrongRequirement(
                f"{path.name}: version {item.version} of {item.code} stands twice."
            )
        found[item.code, item.version] = item
        began.setdefault(item.code, item.effective_from)
        if item.effective_from != began[item.code]:
            raise WrongRequirement(
                f"{path.name}: effective_from is {item.effective_from}, and "
                f"{began[item.code]} in another version of {item.code}."
            )
    return [found[key] for key in sorted(found)]


def read(path: Path) -> Requirement:
    """Return the requirement of one file; raises WrongRequirement."""
    try:
        values, _ = read_toml(path)
    except NotToml as error:
        raise WrongRequirement(f"{path.name}: it {error}.") from None
    except OSError as error:
        raise WrongRequirement(
            f"{path.name}: it cannot be read ({error.strerror})."
        ) from None
    reader = _Reader(path.name, values)
    activities, all_of = reader.texts("activities"), reader.texts("all_of")
    if bool(activities) == bool(all_of):
        raise reader.fail("activities", "or all_of must be given, one of the two")
    basis = reader.one_of("basis", BASES)
    calendar_basis = reader.take("calendar_basis", date, None)
    validity = reader.days("validity_days", None, least=1)
    if basis == "calendar" and (calendar_basis is None or validity is None):
        raise reader.fail("basis", "calendar needs calendar_basis and validity_days")
    min_score = reader.take("min_score", float, None)
    if min_score is not None and not -1 <= min_score <= 1:
        raise reader.fail("min_score", "is scaled: it must be between -1 and 1")
    effective_from = reader.take("effective_from", date)
    audience = _Reader(path.name, reader.take("audience", dict, {}), "audience.")
    requirement = Requirement(
        code=reader.text("code"),
        title=reader.text("title"),
        activities=activities or all_of,
        all_of=bool(all_of),
        satisfied_by=reader.one_of("satisfied_by", SATISFIED_BY),
        min_score=min_score,
        basis=basis,
        calendar_basis=calendar_basis,
        initial_days=reader.days("initial_days", 0) or 0,
        validity_days=validity,
        grace_days=reader.days("grace_days", 0) or 0,
        look_back_days=reader.days("look_back_days", 0) or 0,
        leave_policy=reader.one_of("leave_policy", LEAVE_POLICIES, "none"),
        carry_gap_days=_rehire(reader),
        effective_from=effective_from,
        version=_version(reader),
        version_from=reader.take("version_from", date, effective_from),
        audience=_audience(audience),
        min_tenure_days=audience.days("min_tenure_days", 0) or 0,
    )
    reader.done()
    audience.done()
    return requirement


def _version(reader: _Reader) -> int:
    value: int = reader.take("version", int, 1)
    if not 1 <= value <= _MOST_VERSIONS:
        raise reader.fail("version", f"must be between 1 and {_MOST_VERSIONS}")
    return value


def _audience(reader: _Reader) -> dict[str, tuple[str, ...]]:
    """Return what is given; a worker type that does not exist would mean nobody."""
    lists = {name: reader.texts(name) for name in AUDIENCE_LISTS}
    if not set(lists["worker_type"]) <= set(WORKER_TYPES):
        raise reader.fail("worker_type", f"must be among: {', '.join(WORKER_TYPES)}")
    return lists


def _rehire(reader: _Reader) -> int | None:
    """Return the days of absence a membership survives; None for none.

    ``carry_if_gap_days`` may stand in the text of rehire_policy, in a table there, or
    as a key of its own.
    """
    own = reader.days("carry_if_gap_days", None)
    value = reader.values.get("rehire_policy", "reset" if own is None else _OWN_KEY)
    reader.seen.add("rehire_policy")
    if isinstance(value, dict):  # rehire_policy = { carry_if_gap_days = 90 }
        value = ", ".join(f"{key} = {days}" for key, days in value.items())
    if own is not None:
        if value != _OWN_KEY:
            raise reader.fail("carry_if_gap_days", "contradicts rehire_policy")
        return own
    if value == "reset":
        return None
    if value == "carry_over":
        return _NO_GAP_LIMIT
    match = _CARRY.match(value) if isinstance(value, str) else None
    if match is None or int(match[1]) > _MOST_DAYS:
        raise reader.fail(
            "rehire_policy", "must be reset, carry_over or carry_if_gap_days = N"
        )
    return int(match[1])
