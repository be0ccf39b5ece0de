"""What the oracle reads: plain facts, as the design's interface.md names them.

A `recorded` or `stored` is whole microseconds since 1970-01-01T00:00:00Z. A key is an
IFI key such as `mbox mailto:ann@example.com` or `account https://hr.example.com 7`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HrRow:
    """One row of the canonical workforce file, and when we learned of it.

    Several rows a person are its history. A later-recorded row with the same
    (employee_id, effective_date) replaces the earlier one; a blank effective_date is
    the same as another blank one, and is not the same as the hire_date it stands for.
    """

    employee_id: str
    effective_date: date | None
    given_name: str
    family_name: str
    email: str | None
    identities: tuple[str, ...]
    worker_type: str  # employee | contractor | customer | partner
    status: str  # active | leave | terminated
    hire_date: date
    termination_date: date | None
    job_code: str | None
    org_unit_id: str
    org_parent_id: str | None
    location_id: str | None
    location_time_zone: str | None
    manager_id: str | None
    regulatory_classes: tuple[str, ...]
    recorded: int

    @property
    def effective(self) -> date:
        """The day it holds from: without effective_date it holds from hire_date."""
        return self.effective_date or self.hire_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A person need not do a requirement from `from_` through `to` (None: open).

    Every recorded exemption stands; none replaces another.
    """

    employee_id: str
    requirement: str
    from_: date
    to: date | None
    recorded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who has to do it. An empty tuple, None or 0 is a condition not given."""

    org_unit: tuple[str, ...] = ()
    job_code: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    worker_type: tuple[str, ...] = ()
    regulatory_class: tuple[str, ...] = ()
    min_tenure_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One of several equivalent ways: any of the activities, or every one of all_of."""

    activities: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One version of one requirement: the keys of its TOML file.

    One of `activities` (any of these), `all_of` (every one), `any_of` (any of these
    groups) and `items` (the codes of a curriculum) is given. The file's
    `carry_if_gap_days = N` is rehire_policy "carry_if_gap_days" with carry_gap_days N.
    """

    code: str
    title: str
    activities: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    any_of: tuple[Group, ...] = ()
    items: tuple[str, ...] = ()
    satisfied_by: str = "completed"
    min_score: float | None = None
    basis: str = "entry"  # entry | hire | calendar
    calendar_basis: date | None = None
    initial_days: int = 0
    validity_days: int | None = None
    recurrence: str | None = None  # event | calendar; None: as the basis
    early_renewal_days: int = 0
    grace_days: int = 0
    return_grace_days: int = 0
    look_back_days: int = 0
    leave_policy: str = "none"  # none | shift
    rehire_policy: str = "reset"  # reset | carry_over | carry_if_gap_days
    carry_gap_days: int = 0
    effective_from: date
    effective_to: date | None = None
    version: int = 1
    version_from: date | None = None
    audience: Audience = field(default_factory=Audience)

    def __post_init__(self) -> None:
        given = (self.activities, self.all_of, self.any_of, self.items)
        if sum(map(bool, given)) != 1:
            raise ValueError("give activities, all_of, any_of or items, and one only")
        if self.basis == "calendar" and not (
            self.calendar_basis and self.validity_days
        ):
            raise ValueError("basis calendar needs calendar_basis and validity_days")

    @property
    def groups(self) -> tuple[Group, ...]:
        """The ways to do it, of which one is enough."""
        return self.any_of or (Group(activities=self.activities, all_of=self.all_of),)

    @property
    def is_by_calendar(self) -> bool:
        """Whether a completion runs out by the calendar."""
        return (self.recurrence or self.basis) == "calendar"

    @property
    def in_force_from(self) -> date:
        """The first day of this version."""
        return self.version_from or self.effective_from


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFact:
    """What a stored Statement says that matters here.

    `activity_id` is None unless the Statement's own object is an Activity.
    """

    statement_id: str
    stored: int
    timestamp: datetime
    actor_key: str
    verb: str
    activity_id: str | None
    success: bool | None = None
    completion: bool | None = None
    scaled: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A voiding Statement reached us at `recorded`; its target no longer counts."""

    target_id: str
    recorded: int
