"""People: their names, addresses and the identifiers by which Statements know them."""

from __future__ import annotations

import hashlib
import random
import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from analytics.sample.organisation import Job, Location

HOME_PAGE = "https://lms.example.com"
# Letters that Unicode does not take apart into a base letter and a mark.
_FOLD = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "đ": "d", "Đ": "D",
        "\u0131": "i", "ð": "d", "þ": "th", "Þ": "Th", "æ": "ae", "ḥ": "h",
    }
)  # fmt: skip


@dataclass(slots=True)
class Stint:
    """A row of the canonical file before managers are known: facts from ``start``."""

    start: date
    unit: str
    job: Job
    location: Location
    worker_type: str
    status: str
    hire_date: date
    original_hire_date: date
    family: str
    email: str
    fte: str = "1.0"
    termination_date: date | None = None


@dataclass(slots=True)
class Person:
    """One person: ``style`` is how plain Statements name them.

    It is account, mbox, upper, alias, sha1 or openid. ``alias`` is a second address
    listed under identities; ``login`` is listed there where ``listed``.
    """

    id: str
    given: str
    family: str
    email: str
    login: str
    style: str
    listed: bool
    alias: str
    care: float
    ability: float
    stints: list[Stint] = field(default_factory=list)

    @property
    def identities(self) -> str:
        """Return the identities column of the canonical file."""
        found = [f"account:{HOME_PAGE}|{self.login}"] if self.listed else []
        if self.alias:
            found.append(f"mailto:{self.alias}")
        if self.style == "sha1":
            found.append(f"sha1:{sha1(self.email)}")
        if self.style == "openid":
            found.append(f"openid:{openid(self.login)}")
        return " ".join(found)

    def at(self, day: date) -> Stint | None:
        """Return the row in force on a day, None where not employed on it."""
        found = None
        for stint in self.stints:
            if stint.start > day:
                break
            found = stint
        if found is None:
            return None
        ended = found.termination_date
        return None if ended is not None and day > ended else found


def sha1(email: str) -> str:
    """Return the mbox_sha1sum of an address: SHA-1 of its mailto IRI."""
    return hashlib.sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()


def openid(login: str) -> str:
    """Return the OpenID of a login."""
    return f"https://id.example.com/{login}"


def ascii_of(name: str) -> str:
    """Return a name as the local part of an address: lower case ASCII letters."""
    plain = unicodedata.normalize("NFKD", name.translate(_FOLD))
    return "".join(c for c in plain.lower() if c.isascii() and c.isalnum())


@lru_cache(maxsize=1)
def _cultures() -> dict[str, Any]:
    text = (files("analytics.sample") / "names.toml").read_text("utf-8")
    return tomllib.loads(text)


class Registry:
    """Makes people one after another and keeps addresses unique."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()
        self.count = 0

    def make(self, site: Location, domain: str) -> Person:
        """Return a new person with a name from one of the site's cultures."""
        rng = self.rng
        self.count += 1
        culture = rng.choice(site.cultures if rng.random() < 0.9 else list(_cultures()))
        given, given_roman = self._name(culture, "given")
        family, family_roman = self._name(culture, "family")
        email = self.address(given_roman, family_roman, domain)
        initials = (ascii_of(given_roman)[:1] + ascii_of(family_roman)[:1]) or "xx"
        login = f"{initials}{self.count:05d}"
        weights = (54, 31, 2, 3, 6, 4)
        styles = ("account", "mbox", "upper", "alias", "sha1", "openid")
        style = rng.choices(styles, weights)[0]
        listed = style == "account" or rng.random() < 0.9
        alias = email.replace(domain, f"old.{domain}") if style == "alias" else ""
        return Person(
            id=f"E{self.count:05d}",
            given=given,
            family=family,
            email=email,
            login=login,
            style=style,
            listed=listed,
            alias=alias,
            care=rng.gauss(0, 0.12),
            ability=rng.gauss(0, 2.0),
        )

    def _name(self, culture: str, part: str) -> tuple[str, str]:
        native, _, roman = self.rng.choice(_cultures()[culture][part]).partition("|")
        return native, roman or native

    def another_family(self, site: Location) -> tuple[str, str]:
        """Return a family name to change to: as written, and in Latin letters."""
        return self._name(self.rng.choice(site.cultures), "family")

    def address(self, given: str, family: str, domain: str) -> str:
        """Return an address nobody has had, numbered where the name is taken."""
        stem = f"{ascii_of(given)}.{ascii_of(family)}"
        email, number = f"{stem}@{domain}", 2
        while email in self.taken:
            email, number = f"{stem}{number}@{domain}", number + 1
        self.taken.add(email)
        return email
