"""Reading one requirement file: from TOML to a Requirement, or a refusal."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from analytics.requirements.asking import asked_of
from analytics.requirements.keeping import retention_of
from analytics.requirements.keys import MOST_DAYS, Keys, wrong
from analytics.requirements.lines import place_in
from analytics.requirements.model import (
    AUDIENCE_LISTS,
    BASES,
    BY_ITEMS,
    LEAVE_POLICIES,
    RECURRENCES,
    SATISFIED_BY,
    WORKER_TYPES,
    Requirement,
    WrongRequirement,
)
from analytics.toml_files import LARGEST

_CARRY = re.compile(r"carry_if_gap_days\s*=\s*([0-9]{1,5})\Z")
_OWN_KEY = "carry_if_gap_days"
_NO_GAP_LIMIT = 1_000_000
_MOST_VERSIONS = 1_000_000
_MOST_RETURN = 365  # days: who was away for longer has no more time than that
# What a curriculum leaves to its items.
_OF_ITEMS = (
    *("satisfied_by", "min_score", "validity_days"),
    *("recurrence", "early_renewal_days", "calendar_basis"),
)


def read(path: Path) -> Requirement:
    """Return the requirement of one file; raises WrongRequirement."""
    return requirement_of(opened(path))


def opened(path: Path) -> Keys:
    """Return the keys of a file; raises WrongRequirement where it is no TOML."""
    return keys_in(path.name, octets_of(path))


def octets_of(path: Path) -> bytes:
    """Return what stands in a file; raises WrongRequirement where it is too large."""
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except OSError as error:
        raise WrongRequirement(
            f"{path.name}: it cannot be read ({error.strerror})."
        ) from None
    if len(octets) > LARGEST:
        raise WrongRequirement(f"{path.name}: it is over {LARGEST >> 20} MiB.")
    return octets


def keys_in(name: str, octets: bytes) -> Keys:
    """Return the keys of a file of that name; raises WrongRequirement for no TOML."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise wrong(name, line, f"it is not TOML ({error.reason})") from None
    try:
        return Keys(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line, reason = place_in(text, error)
        raise wrong(name, line, f"it is not TOML ({reason})") from None
    except RecursionError:
        raise WrongRequirement(f"{name}: it is nested too deeply.") from None


def requirement_of(keys: Keys) -> Requirement:
    """Return what the keys of a file say; raises WrongRequirement."""
    asked = asked_of(keys)
    basis = keys.one_of("basis", BASES)
    if asked.items:
        _leave_to_items(keys, basis)
    calendar_basis = keys.take("calendar_basis", date, None)
    validity = keys.days("validity_days", None, least=1)
    if basis == "calendar" and (calendar_basis is None or validity is None):
        raise keys.fail("basis", "calendar needs calendar_basis and validity_days")
    recurrence = _recurrence(keys, calendar_basis, validity)
    effective_from = keys.take("effective_from", date)
    audience = keys.below("audience", keys.take("audience", dict, {}))
    requirement = Requirement(
        code=keys.text_of("code"),
        title=keys.text_of("title"),
        activities=asked.activities,
        all_of=asked.all_of,
        any_of=asked.any_of,
        items=asked.items,
        satisfied_by=BY_ITEMS
        if asked.items
        else keys.one_of("satisfied_by", SATISFIED_BY),
        min_score=_min_score(keys),
        basis=basis,
        calendar_basis=calendar_basis,
        initial_days=keys.days("initial_days", 0) or 0,
        validity_days=validity,
        recurrence=recurrence,
        early_renewal_days=_early_renewal(keys, basis, recurrence, validity),
        grace_days=keys.days("grace_days", 0) or 0,
        return_grace_days=keys.days("return_grace_days", 0, most=_MOST_RETURN) or 0,
        look_back_days=keys.days("look_back_days", 0) or 0,
        leave_policy=keys.one_of("leave_policy", LEAVE_POLICIES, "none"),
        carry_gap_days=_rehire(keys),
        effective_from=effective_from,
        effective_to=_effective_to(keys, effective_from),
        **retention_of(keys, is_curriculum=bool(asked.items)),
        version=_version(keys),
        version_from=keys.take("version_from", date, effective_from),
        audience=_audience(audience),
        min_tenure_days=audience.days("min_tenure_days", 0) or 0,
    )
    last = requirement.effective_to
    if last is not None and requirement.version_from > last:
        raise keys.fail("version_from", f"lies after effective_to, {last}")
    if requirement.code in asked.items:
        raise keys.fail("items", "names the curriculum itself")
    keys.done()
    audience.done()
    return requirement


def _leave_to_items(keys: Keys, basis: str) -> None:
    for key in _OF_ITEMS:
        if keys.values.get(key) is not None:
            raise keys.fail(key, "is for the items of a curriculum to say")
    if basis == "calendar":
        raise keys.fail("basis", "of a curriculum must be one of: entry, hire")


def _min_score(keys: Keys) -> float | None:
    score: float | None = keys.take("min_score", float, None)
    if score is None:
        return None
    if not -1 <= score <= 1:
        raise keys.fail("min_score", "is scaled: it must be between -1 and 1")
    if keys.values.get("satisfied_by") == "satisfied":
        raise keys.fail("min_score", "is never met by satisfied, which has no score")
    return score


def _recurrence(
    keys: Keys, calendar_basis: date | None, validity: int | None
) -> str | None:
    """Return how a completion runs out, None where that is left to the basis."""
    found: str | None = keys.take("recurrence", str, None)
    if found is None:
        return None
    if found not in RECURRENCES:
        raise keys.fail("recurrence", f"must be one of: {', '.join(RECURRENCES)}")
    if validity is None:
        raise keys.fail("recurrence", "needs validity_days")
    if found == "calendar" and calendar_basis is None:
        raise keys.fail("recurrence", "calendar needs calendar_basis")
    return found


def _early_renewal(
    keys: Keys, basis: str, recurrence: str | None, validity: int | None
) -> int:
    early = keys.days("early_renewal_days", 0) or 0
    if not early:
        return 0
    if validity is None or (recurrence or basis) == "calendar":
        reason = "needs validity_days, and a recurrence by event"
        raise keys.fail("early_renewal_days", reason)
    if early >= validity:
        raise keys.fail("early_renewal_days", "must be less than validity_days")
    return early


def _effective_to(keys: Keys, effective_from: date) -> date | None:
    last: date | None = keys.take("effective_to", date, None)
    if last is not None and last < effective_from:
        raise keys.fail("effective_to", f"is before effective_from, {effective_from}")
    return last


def _version(keys: Keys) -> int:
    value: int = keys.take("version", int, 1)
    if not 1 <= value <= _MOST_VERSIONS:
        raise keys.fail("version", f"must be between 1 and {_MOST_VERSIONS}")
    return value


def _audience(keys: Keys) -> dict[str, tuple[str, ...]]:
    """Return what is given; a worker type that does not exist would mean nobody."""
    lists = {name: keys.texts(name) for name in AUDIENCE_LISTS}
    if not set(lists["worker_type"]) <= set(WORKER_TYPES):
        raise keys.fail("worker_type", f"must be among: {', '.join(WORKER_TYPES)}")
    return lists


def _rehire(keys: Keys) -> int | None:
    """Return the days of absence a membership survives; None for none.

    ``carry_if_gap_days`` may stand in the text of rehire_policy, in a table there, or
    as a key of its own.
    """
    own = keys.days("carry_if_gap_days", None)
    value = keys.values.get("rehire_policy", "reset" if own is None else _OWN_KEY)
    keys.seen.add("rehire_policy")
    if isinstance(value, dict):  # rehire_policy = { carry_if_gap_days = 90 }
        value = ", ".join(f"{key} = {days}" for key, days in value.items())
    if own is not None:
        if value != _OWN_KEY:
            raise keys.fail("carry_if_gap_days", "contradicts rehire_policy")
        return own
    if value == "reset":
        return None
    if value == "carry_over":
        return _NO_GAP_LIMIT
    match = _CARRY.match(value) if isinstance(value, str) else None
    if match is None or int(match[1]) > MOST_DAYS:
        raise keys.fail(
            "rehire_policy", "must be reset, carry_over or carry_if_gap_days = N"
        )
    return int(match[1])
