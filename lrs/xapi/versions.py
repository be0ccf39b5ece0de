"""Versions: the xAPI versions spoken, and which one a header asks for.

Spec: xAPI-Communication 3.3, xAPI-Data 2.4.10; IEEE 9274.1.1 (2.0).
In: the text of ``X-Experience-API-Version`` or of a Statement's ``version``.
Out: a ``Version``, or whether the text is allowed.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Version(StrEnum):
    """A version of xAPI, valued as it is sent in the response header."""

    V1_0_3 = "1.0.3"
    V2_0_0 = "2.0.0"


# What answers who names no version: nothing tells which of ours they would read. Both
# 1.0.3 and 2.0 know 0.95 as the last one without a rule about this.
UNSPOKEN = "0.95"

_PATCH = r"(?:\.[0-9][0-9A-Za-z.-]*)?"
_IS_1_0 = re.compile(r"1\.0" + _PATCH).fullmatch
_IS_2_0 = re.compile(r"2\.0" + _PATCH).fullmatch


def negotiate(header: str) -> Version | None:
    """Return the version that answers a request's header, None for none.

    ``1.0`` and every ``1.0.x`` are one data model, so are ``2.0`` and ``2.0.x``.
    """
    text = header.strip(" \t")
    if _IS_1_0(text):
        return Version.V1_0_3
    if _IS_2_0(text):
        return Version.V2_0_0
    return None


def is_statement_version(text: str, version: Version) -> bool:
    """Tell whether a Statement may carry this ``version`` in such a request.

    A Statement of 1.0 is welcome under 2.0, the reverse is not (2.4.10).
    """
    if _IS_1_0(text):
        return True
    return version is Version.V2_0_0 and _IS_2_0(text) is not None


def of_statement(statement: object) -> Version:
    """Return the version whose rules bind a Statement that came without a request.

    It is the line of its own ``version``; 1.0.3 where that is absent or of no line.
    """
    given = statement.get("version") if isinstance(statement, dict) else None
    is_2 = isinstance(given, str) and given.startswith("2.")
    return Version.V2_0_0 if is_2 else Version.V1_0_3
