"""Steps: what a mapping may do to one text, in one fixed order.

extract, case, strip_zeros, pad, values or yes_no, decimal and divide_by, date_format,
prefix and suffix. A text that ``values``, ``other`` or ``yes_no`` translates is final:
the later steps are for what they leave alone. Patterns are RE2's: it takes linear time
for any pattern and text, so a mapping cannot stall an import. Goes in: text, never
empty. Comes out: text, empty where it means nothing; ValueError says what is wrong, a
phrase that reads on after the field's name and never quotes the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Mappable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import re2

from analytics.workforce.mapping.days import AS_WRITTEN, day_of
from analytics.workforce.values import LONGEST_TEXT, number

LONGEST_PATTERN = 500  # characters
_YES = "true t yes y on 1 1.0 x ja j wahr oui o vrai si sí s verdadero"
_NO = "false f no n off 0 0.0 nein falsch non faux falso"
SPELLINGS = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)
_GROUPED = "[0-9]{1,3}(?:[%s'\u2019 \u00a0\u202f][0-9]{3})+"  # thousands apart
_NUMBER = {
    mark: re.compile(
        rf"([+-]?)({_GROUPED % other}|[0-9]{{1,30}})(?:[{mark}]([0-9]{{1,30}}))?\Z"
    )
    for mark, other in ((",", "."), (".", ","))
}


@lru_cache(maxsize=256)
def pattern(written: str) -> Any:
    """Return the compiled pattern; raises ValueError where it is not RE2's."""
    if len(written) > LONGEST_PATTERN:
        raise ValueError(f"is a pattern of over {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(written, options)
    except (re2.error, UnicodeEncodeError):
        raise ValueError(
            "is not a pattern of RE2 (it has no look-around and no back-references)"
        ) from None


def matches(written: str, cell: str) -> Any:
    """Return the first match of a pattern in a text, or None."""
    try:
        return pattern(written).search(cell)
    except UnicodeEncodeError:
        raise ValueError("has half a character: it was cut or decoded wrong") from None


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done to a text. All absent: it stays as it is.

    ``values`` translates whole texts (to an empty one: absent), ``other`` is for all
    texts that it does not list, which ``refuse_other`` refuses. ``yes_no`` is what a
    yes and a no become. ``date_format`` lists formats, ``time_zone`` tells the day of
    moments, days from ``absent_from`` on mean that there is none.
    """

    extract: str | None = None
    unmatched: Literal["refuse", "absent", "keep"] = "refuse"
    case: Literal["lower", "upper"] | None = None
    strip_zeros: bool = False
    pad: int = 0
    values: Mappable[str, str] = field(default_factory=dict)
    other: str | None = None
    refuse_other: bool = False
    yes_no: tuple[str, str] | None = None
    decimal: str | None = None
    divide_by: float | None = None
    date_format: tuple[str, ...] = ()
    time_zone: str = AS_WRITTEN
    absent_from: str | None = None
    prefix: str = ""
    suffix: str = ""

    def apply(self, cell: str, location: str | None = None) -> str:
        """Return what becomes of a text; ``location`` is the row's time zone."""
        if len(cell) > LONGEST_TEXT:
            raise ValueError(
                f"has {len(cell):,} characters; at most {LONGEST_TEXT:,} are kept"
            )
        cell = self._shaped(cell)
        if not cell:
            return ""
        if cell in self.values:
            return self.values[cell]
        if self.refuse_other:
            raise ValueError("is none of the values that the mapping lists")
        if self.other is not None:
            return self.other
        if self.yes_no:
            meant = SPELLINGS.get(cell.casefold())
            if meant is None:
                raise ValueError("is neither a yes nor a no")
            return self.yes_no[0] if meant else self.yes_no[1]
        if self.decimal or self.divide_by:
            cell = self._number(cell)
        if self.date_format:
            cell = day_of(cell, self.date_format, self.time_zone, location)
        if self.absent_from and cell >= self.absent_from:  # ISO days sort as text
            return ""
        return f"{self.prefix}{cell}{self.suffix}"

    def _shaped(self, cell: str) -> str:
        if self.extract is not None:
            found = matches(self.extract, cell)
            if found is not None:
                cell = (found.group(1) or "").strip()
            elif self.unmatched == "absent":
                return ""
            elif self.unmatched == "refuse":
                raise ValueError("is not written as the mapping's pattern says")
        if self.case is not None:
            cell = cell.lower() if self.case == "lower" else cell.upper()
        if self.strip_zeros and cell:
            cell = cell.lstrip("0") or "0"
        return cell.rjust(self.pad, "0") if self.pad and cell else cell

    def _number(self, cell: str) -> str:
        if self.decimal:
            found = _NUMBER[self.decimal].match(cell)
            if not found:
                raise ValueError(f"is not a number written like 12{self.decimal}5")
            sign, whole, part = found.groups()
            cell = sign + re.sub("[^0-9]", "", whole) + (f".{part}" if part else "")
        if self.divide_by:
            cell = repr(round(number(cell) / self.divide_by, 12))
        return cell


UNTOUCHED = Steps()
