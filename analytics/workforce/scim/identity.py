"""By what a user is found: the keys of its attributes, as filters compare them.

In: a user as JSON. Out: the fields that stand beside it in the database. userName,
addresses and numbers are compared without regard to case (RFC 7643 4.1.1, 2.4), other
identifiers exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys of who a user is."""

    name: str
    external: str | None
    number: str | None


def without_case(text: str) -> str:
    """Return what a text is compared by where case does not matter."""
    return normalize("NFC", normalize("NFC", text).lower())


def exactly(text: str) -> str:
    """Return what a text is compared by where case matters."""
    return normalize("NFC", text)


def identity(user: dict[str, Any]) -> Identity:
    """Return who a user is."""
    external, number = user.get("externalId"), _extension(user).get("employeeNumber")
    return Identity(
        without_case(user["userName"]),
        exactly(external) if external else None,
        without_case(number) if number else None,
    )


def written(user: dict[str, Any]) -> dict[str, str]:
    """Return who a user is, as it is written; without what it does not say."""
    told = {name: user.get(name) for name in ("userName", "externalId")}
    told["employeeNumber"] = _extension(user).get("employeeNumber")
    return {name: value for name, value in told.items() if value}


def manager(user: dict[str, Any]) -> str | None:
    """Return what a user names the manager by."""
    found = (_extension(user).get("manager") or {}).get("value")
    return str(found) if found else None


def mails(user: dict[str, Any]) -> list[str]:
    """Return the keys of the e-mail addresses."""
    values = (item.get("value") for item in user.get("emails", ()))
    return sorted({without_case(value) for value in values if value})


def addresses(user: dict[str, Any]) -> list[str]:
    """Return the addresses by which the person may sign in, in lower case."""
    given = {user["userName"], *(item.get("value") for item in user.get("emails", ()))}
    return sorted({one.strip().lower() for one in given if one and "@" in one})


def _extension(user: dict[str, Any]) -> dict[str, Any]:
    return user.get(ENTERPRISE) or {}
