"""Circles: what a record loses that closes one, so that the rest of it can be taken.

A circle may be closed by a row of somebody else, of long ago or by mistake: that must
not cost anybody the unit, the job and the duties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analytics.workforce.engine.expelling import Why
from analytics.workforce.staged_rows import CIRCLE_OF_MANAGERS, CIRCLE_OF_UNITS

_PARENT, _MANAGER = "org_parent_id", "manager_id"
_TAKEN = "the record was taken without"
_OF_UNITS = Why(_PARENT, f"{CIRCLE_OF_UNITS}: {_TAKEN} it", (_PARENT,))
_OF_MANAGERS = Why(_MANAGER, f"{CIRCLE_OF_MANAGERS}: {_TAKEN} it", (_MANAGER,))
_OF_BOTH = Why(
    _PARENT,
    f"{CIRCLE_OF_UNITS}, and {_MANAGER} {CIRCLE_OF_MANAGERS}: {_TAKEN} both",
    (_PARENT, _MANAGER),
)


def closing(
    of_units: Iterable[str], of_managers: Iterable[str]
) -> Iterator[tuple[Why, list[str]]]:
    """Yield the keys of records that close circles, by what each of them loses."""
    units, managers = dict.fromkeys(of_units), dict.fromkeys(of_managers)
    yield _OF_UNITS, [key for key in units if key not in managers]
    yield _OF_MANAGERS, [key for key in managers if key not in units]
    yield _OF_BOTH, [key for key in units if key in managers]
